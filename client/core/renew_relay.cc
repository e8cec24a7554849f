#include "client/core/renew_relay.h"

#include "client/core/certify.h"
#include "client/core/identity.h"
#include "crypto/pki/pem.h"

namespace renkei::client {

Result<RenewedRelay> RenewRelayTls(const Environment& environment) {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment.vault));
  if (!identity.region_issuer.has_value()) {
    return Error(Code::kDenied, "only the region's operator renews the relay's certificate");
  }
  RENKEI_ASSIGN(const pki::Issuer issuer, OpenIssuer(*identity.region_issuer));
  RENKEI_ASSIGN(const pki::Certificate root, pki::Certificate::Parse(identity.root_der));
  const SigningKey key = SigningKey::Generate(environment.random);
  const pki::Validity wanted = ValidityFrom(environment.clock.Now());
  RENKEI_ASSIGN(
      const pki::Certificate tls,
      issuer.IssueRelay(pki::CertRole::kRelayTls, key.public_key(),
                        issuer.Clip(pki::CertRole::kRelayTls, wanted), environment.random));
  const std::string chain = pki::ToPem(tls) + pki::ToPem(issuer.certificate()) + pki::ToPem(root);
  RenewedRelay out{identity.region, tls.not_after(), {}};
  out.files.push_back({"tls.key.pem", pki::PrivateKeyPem(key)});
  out.files.push_back({"tls.crt.pem", SecretBytes::CopyOf(AsBytes(chain))});
  return out;
}

}  // namespace renkei::client
