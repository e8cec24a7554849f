#include "client/core/credential.h"

#include <utility>
#include <variant>

namespace renkei::client {
namespace {

constexpr Error kNotOurs(Code::kAuthFailed, "credential: not acceptable");

// The ids in a credential's own certificate; its chain was verified when it came into the group.
std::optional<pki::SubjectIds> IdsOf(const mls::Credential& credential) {
  const auto* x509 = std::get_if<mls::X509Credential>(&credential.value);
  if (x509 == nullptr || x509->certificates.empty()) {
    return std::nullopt;
  }
  const auto certificate = pki::Certificate::Parse(x509->certificates.front());
  if (!certificate.ok()) {
    return std::nullopt;
  }
  return certificate->ids();
}

}  // namespace

mls::Credential MakeCredential(const Identity& identity) {
  mls::X509Credential x509;
  x509.certificates.push_back(identity.signing_certificate);
  x509.certificates.insert(x509.certificates.end(), identity.chain.begin(), identity.chain.end());
  return {.value = std::move(x509)};
}

mls::OwnLeaf MakeOwnLeaf(const Identity& identity) {
  mls::Capabilities capabilities = mls::DefaultCapabilities();
  capabilities.extensions.push_back(kPolicyExtension);
  return {.signing_key = identity.signing_key.Clone(),
          .credential = MakeCredential(identity),
          .capabilities = std::move(capabilities),
          .extensions = {}};
}

Status CertificatePolicy::Check(const mls::Credential& credential, ByteView signature_key,
                                Millis now) const {
  return CheckAt(credential, signature_key, now, false);
}

Status CertificatePolicy::CheckExisting(const mls::Credential& credential, ByteView signature_key,
                                        Millis now) const {
  return CheckAt(credential, signature_key, now, true);
}

Status CertificatePolicy::CheckAt(const mls::Credential& credential, ByteView signature_key,
                                  Millis now, bool forgive_time) const {
  const auto* x509 = std::get_if<mls::X509Credential>(&credential.value);
  if (x509 == nullptr) {
    return Error(Code::kMalformed, "credential: not x509");
  }
  RENKEI_ASSIGN(const auto identity,
                certificates_.VerifyPresented(x509->certificates, now,
                                              pki::CertRole::kDeviceSigning, forgive_time));
  if (!Equal(identity.public_key, signature_key)) {
    return kNotOurs;
  }
  return Ok();
}

Status CertificatePolicy::CheckSuccessor(const mls::Credential& previous,
                                         const mls::Credential& next) const {
  return SameMember(previous, next) ? Ok() : Status(kNotOurs);
}

Bytes CertificatePolicy::ClientId(const mls::Credential& credential) const {
  const auto ids = IdsOf(credential);
  if (!ids.has_value()) {
    return {};
  }
  Bytes out = ToBytes(ids->institution.view());
  Append(out, ids->person.view());
  Append(out, ids->device.view());
  return out;
}

bool CertificatePolicy::SameMember(const mls::Credential& a, const mls::Credential& b) const {
  const auto first = IdsOf(a);
  return first.has_value() && first == IdsOf(b);
}

}  // namespace renkei::client
