#include "crypto/pki/chain.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "crypto/pki/openssl_util.h"

namespace renkei::pki {

struct ChainVerifier::Store {
  Certificate root;
  Owned<X509_STORE, X509_STORE_free> trusted;
};

namespace {

// One code and one text for every reason.
Error Refused() {
  return Error(Code::kAuthFailed, "authentication failed");
}

// Whether the table lets `issuer` stand above `child`, and both speak of the same region or
// institution. Name constraints say the latter too; this does not depend on them.
bool MayIssue(const Certificate& issuer, const Certificate& child) {
  if (child.role() == CertRole::kRegionRoot || child.profile().issuer != issuer.role()) {
    return false;
  }
  switch (child.profile().uri) {
    case UriForm::kRegion:
    case UriForm::kRelay:
      return child.ids().region == issuer.ids().region;
    case UriForm::kInstitution:
      return true;
    case UriForm::kInstitutionArchive:
    case UriForm::kPersonArchive:
    case UriForm::kDevice:
      return child.ids().institution == issuer.ids().institution;
  }
  return false;
}

bool GoodAt(const Certificate& certificate, Millis at, const RevocationSet* revoked) {
  return certificate.ValidAt(at) && (revoked == nullptr || !revoked->IsRevoked(certificate, at));
}

// Leaf first, root last, every intermediate used; empty if they do not form one path. Signatures
// are not looked at.
std::vector<Certificate> ArrangePath(const Certificate& leaf,
                                     std::span<const Certificate> intermediates,
                                     const Certificate& root) {
  std::vector<Certificate> path = {leaf};
  std::vector<Certificate> rest(intermediates.begin(), intermediates.end());
  while (!rest.empty()) {
    const auto next = std::find_if(rest.begin(), rest.end(), [&](const Certificate& candidate) {
      return MayIssue(candidate, path.back());
    });
    if (next == rest.end()) {
      return {};
    }
    path.push_back(*next);
    rest.erase(next);
  }
  if (!MayIssue(root, path.back())) {
    return {};
  }
  path.push_back(root);
  return path;
}

using StackPtr = std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)>;

void FreeStack(STACK_OF(X509) * stack) {
  sk_X509_pop_free(stack, X509_free);
}

void SetParameters(X509_STORE_CTX* context, Millis at) {
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  RENKEI_CHECK(X509_VERIFY_PARAM_set_flags(
                   parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE) == 1);
  RENKEI_CHECK(X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY) == 1);
  X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(kMaxIntermediates));
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(at.value / 1000));
}

// path: as ArrangePath returns it.
bool OpenSslAccepts(X509_STORE* trusted, const std::vector<Certificate>& path, Millis at) {
  const ErrorQueueScope errors;
  const auto leaf = DecodeX509(path.front().der());
  const StackPtr untrusted(sk_X509_new_null(), FreeStack);
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  RENKEI_CHECK(untrusted != nullptr && context != nullptr);
  for (std::size_t i = 1; i + 1 < path.size(); ++i) {
    auto intermediate = DecodeX509(path[i].der());
    if (!intermediate.ok()) {
      return false;
    }
    RENKEI_CHECK(sk_X509_push(untrusted.get(), intermediate->release()) > 0);
  }
  if (!leaf.ok() ||
      X509_STORE_CTX_init(context.get(), trusted, leaf->get(), untrusted.get()) != 1) {
    return false;
  }
  SetParameters(context.get(), at);
  return X509_verify_cert(context.get()) == 1;
}

VerifiedIdentity IdentityOf(const Certificate& leaf, const std::vector<Certificate>& path) {
  VerifiedIdentity out;
  out.role = leaf.role();
  out.region = path.back().ids().region;
  out.institution = leaf.ids().institution;
  out.person = leaf.ids().person;
  out.device = leaf.ids().device;
  out.archive_version = leaf.ids().archive_version;
  out.name = leaf.name();
  out.profession = leaf.profession();
  out.public_key = leaf.public_key();
  out.fingerprint = leaf.fingerprint();
  const auto is_institution = [](const Certificate& c) {
    return c.role() == CertRole::kInstitution;
  };
  const auto above = std::find_if(path.begin(), path.end(), is_institution);
  const Certificate* institution = is_institution(leaf)  ? &leaf
                                   : above != path.end() ? &*above
                                                         : nullptr;
  if (institution != nullptr) {
    out.institution_name = institution->name();
    out.institution_kind = institution->institution_kind();
    out.institution_key = institution->public_key();
  }
  return out;
}

}  // namespace

Result<VerifiedIdentity> VerifiedIssuer::Verify(const Certificate& leaf, Millis at,
                                                CertRole expected,
                                                const RevocationSet* revoked) const {
  const auto good = [&](const Certificate& c) { return GoodAt(c, at, revoked); };
  if (leaf.role() != expected || !MayIssue(certificate(), leaf) || !good(leaf) ||
      !std::all_of(path_->begin(), path_->end(), good) || !leaf.SignedBy(certificate())) {
    return Refused();
  }
  return IdentityOf(leaf, *path_);
}

ChainVerifier::ChainVerifier(std::unique_ptr<Store> store) : store_(std::move(store)) {}
ChainVerifier::ChainVerifier(ChainVerifier&&) noexcept = default;
ChainVerifier& ChainVerifier::operator=(ChainVerifier&&) noexcept = default;
ChainVerifier::~ChainVerifier() = default;

Result<ChainVerifier> ChainVerifier::Create(const Certificate& root) {
  if (root.role() != CertRole::kRegionRoot || !root.SignedBy(root)) {
    return Refused();
  }
  const ErrorQueueScope errors;
  RENKEI_ASSIGN(const X509Ptr x509, DecodeX509(root.der()));
  Owned<X509_STORE, X509_STORE_free> trusted(X509_STORE_new());
  RENKEI_CHECK(trusted != nullptr && X509_STORE_add_cert(trusted.get(), x509.get()) == 1);
  return ChainVerifier(std::make_unique<Store>(Store{root, std::move(trusted)}));
}

Result<ChainVerifier> ChainVerifier::Create(ByteView root_der, const Hash32& fingerprint) {
  RENKEI_ASSIGN(const Certificate root, Certificate::Parse(root_der));
  if (!Equal(root.fingerprint(), fingerprint)) {
    return Refused();
  }
  return Create(root);
}

const Certificate& ChainVerifier::root() const {
  return store_->root;
}

Result<std::vector<Certificate>> ChainVerifier::VerifyPath(
    const Certificate& leaf, std::span<const Certificate> intermediates, Millis at,
    const RevocationSet* revoked) const {
  if (intermediates.size() > kMaxIntermediates) {
    return Refused();
  }
  std::vector<Certificate> path = ArrangePath(leaf, intermediates, root());
  const auto good = [&](const Certificate& c) { return GoodAt(c, at, revoked); };
  if (path.empty() || !std::all_of(path.begin(), path.end(), good) ||
      !OpenSslAccepts(store_->trusted.get(), path, at)) {
    return Refused();
  }
  // Again by libsodium, which refuses some signatures that OpenSSL takes: VerifiedIssuer::Verify
  // has only this half, and both ways must give the same answer on every device.
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (!path[i].SignedBy(path[i + 1])) {
      return Refused();
    }
  }
  return path;
}

Result<VerifiedIdentity> ChainVerifier::Verify(const Certificate& leaf,
                                               std::span<const Certificate> intermediates,
                                               Millis at, CertRole expected,
                                               const RevocationSet* revoked) const {
  if (leaf.role() != expected) {
    return Refused();
  }
  RENKEI_ASSIGN(const auto path, VerifyPath(leaf, intermediates, at, revoked));
  return IdentityOf(leaf, path);
}

Result<VerifiedIssuer> ChainVerifier::VerifyIssuer(const Certificate& issuer,
                                                   std::span<const Certificate> intermediates,
                                                   Millis at, const RevocationSet* revoked) const {
  if (!issuer.profile().is_ca()) {
    return Refused();
  }
  if (issuer == root() && intermediates.empty() && issuer.ValidAt(at)) {
    return VerifiedIssuer({issuer});
  }
  RENKEI_ASSIGN(auto path, VerifyPath(issuer, intermediates, at, revoked));
  return VerifiedIssuer(std::move(path));
}

Result<VerifiedIdentity> VerifyChain(const Certificate& leaf,
                                     std::span<const Certificate> intermediates,
                                     const Certificate& root, Millis at, CertRole expected,
                                     const RevocationSet* revoked) {
  RENKEI_ASSIGN(const ChainVerifier verifier, ChainVerifier::Create(root));
  return verifier.Verify(leaf, intermediates, at, expected, revoked);
}

}  // namespace renkei::pki
