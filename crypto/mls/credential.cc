#include "crypto/mls/credential.h"

#include "crypto/mls/limits.h"

namespace renkei::mls {

CredentialType Credential::type() const {
  return std::holds_alternative<BasicCredential>(value) ? CredentialType::kBasic
                                                        : CredentialType::kX509;
}

void Encode(wire::Writer& out, const Credential& value) {
  wire::Encode(out, value.type());
  if (const auto* basic = std::get_if<BasicCredential>(&value.value)) {
    out.Opaque(basic->identity);
  } else if (const auto* x509 = std::get_if<X509Credential>(&value.value)) {
    wire::EncodeVector(out, x509->certificates);
  }
}

Status Decode(wire::Reader& in, Credential& value) {
  CredentialType type{};
  RENKEI_TRY(wire::Decode(in, type));
  switch (type) {
    case CredentialType::kBasic:
      return in.Opaque(value.value.emplace<BasicCredential>().identity);
    case CredentialType::kX509:
      return wire::DecodeVector(in, value.value.emplace<X509Credential>().certificates,
                                kMaxCertificates);
  }
  return Error(Code::kUnsupported, "mls: credential type");
}

}  // namespace renkei::mls
