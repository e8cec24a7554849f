#include "client/core/certificates.h"

#include <algorithm>
#include <utility>

namespace renkei::client {
namespace {

constexpr std::size_t kMaxChain = 1 + pki::kMaxIntermediates;
// Enough for every device of the largest case and then some; the cache only saves time.
constexpr std::size_t kMaxChecked = 4096;

}  // namespace

Certificates::Certificates(pki::ChainVerifier root, const CertificateSource& source)
    : verifier_(std::move(root)), source_(source) {}

Result<pki::VerifiedIdentity> Certificates::Verify(const Hash32& fingerprint, Millis at,
                                                   pki::CertRole role) {
  const auto found = checked_.find(fingerprint);
  if (found != checked_.end() && found->second.identity.role == role &&
      found->second.not_before <= at && at < found->second.not_after) {
    return found->second.identity;
  }
  RENKEI_ASSIGN(const auto known, source_.Find(fingerprint));
  if (!known.has_value()) {
    return Error(Code::kNotFound, "directory: certificate not known here");
  }
  return VerifyKnown(*known, at, role, false);
}

Result<pki::VerifiedIdentity> Certificates::VerifyPresented(const std::vector<Bytes>& chain,
                                                            Millis at, pki::CertRole role,
                                                            bool forgive_time) {
  if (chain.empty() || chain.size() > kMaxChain) {
    return Error(Code::kMalformed, "certificates: no chain of 1 to 3");
  }
  RENKEI_ASSIGN(auto leaf, pki::Certificate::Parse(chain.front()));
  KnownCertificate known{.certificate = std::move(leaf), .issuers = {}};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    RENKEI_ASSIGN(auto issuer, pki::Certificate::Parse(chain[i]));
    known.issuers.push_back(std::move(issuer));
  }
  return VerifyKnown(known, at, role, forgive_time);
}

Result<pki::VerifiedIdentity> Certificates::VerifyKnown(const KnownCertificate& known, Millis at,
                                                        pki::CertRole role, bool forgive_time) {
  Millis not_before = std::max(known.certificate.not_before(), root().not_before());
  Millis not_after = std::min(known.certificate.not_after(), root().not_after());
  for (const pki::Certificate& issuer : known.issuers) {
    not_before = std::max(not_before, issuer.not_before());
    not_after = std::min(not_after, issuer.not_after());
  }
  if (forgive_time) {
    at = std::max(not_before, std::min(at, not_after - Seconds(1)));
  }
  const Hash32& fingerprint = known.certificate.fingerprint();
  const auto found = checked_.find(fingerprint);
  if (found != checked_.end() && found->second.identity.role == role && not_before <= at &&
      at < not_after && found->second.not_before <= at && at < found->second.not_after) {
    return found->second.identity;
  }
  RENKEI_ASSIGN(auto identity, verifier_.Verify(known.certificate, known.issuers, at, role));
  if (checked_.size() >= kMaxChecked) {
    checked_.clear();
  }
  checked_.insert_or_assign(fingerprint, Checked{identity, not_before, not_after});
  return identity;
}

Result<thread::Signer> Certificates::SignerOf(const Hash32& fingerprint, Millis at) {
  RENKEI_ASSIGN(const auto identity, Verify(fingerprint, at, pki::CertRole::kDeviceSigning));
  return ToSigner(identity);
}

thread::Signer ToSigner(const pki::VerifiedIdentity& identity) {
  return {.person = {identity.institution, identity.person},
          .device = identity.device,
          .key = identity.public_key,
          .certificate_hash = identity.fingerprint};
}

}  // namespace renkei::client
