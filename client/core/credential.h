// MLS credentials of ours: the device signing certificate with its chain (RFC 9420 §5.3, x509),
// and what a group asks about those of others. One thread.
#ifndef RENKEI_CLIENT_CORE_CREDENTIAL_H_
#define RENKEI_CLIENT_CORE_CREDENTIAL_H_

#include "client/core/certificates.h"
#include "client/core/identity.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/own_leaf.h"

namespace renkei::client {

// The private GroupContext extension that carries the case policy (crypto/thread/policy.h).
inline constexpr mls::ExtensionType kPolicyExtension{0xF101};

// Signing certificate, institution CA, issuing CA.
mls::Credential MakeCredential(const Identity& identity);
// What this device puts into groups of itself. The signing key is cloned.
mls::OwnLeaf MakeOwnLeaf(const Identity& identity);

// RFC 9420 §5.3.1 through crypto/pki: the chain must lead to the region's root as of the moment
// that is judged (a commit's received_at), the key must be the certificate's, a device keeps its
// person. Revocation is not asked: it makes clients act, not refuse.
class CertificatePolicy final : public mls::CredentialPolicy {
 public:
  // `certificates` outlives this.
  explicit CertificatePolicy(Certificates& certificates) : certificates_(certificates) {}

  // kAuthFailed: not acceptable; kMalformed: not an x509 credential of certificates.
  Status Check(const mls::Credential& credential, ByteView signature_key,
               Millis now) const override;
  Status CheckExisting(const mls::Credential& credential, ByteView signature_key,
                       Millis now) const override;
  Status CheckSuccessor(const mls::Credential& previous,
                        const mls::Credential& next) const override;
  // Institution, person and device: no device gets into a group twice.
  Bytes ClientId(const mls::Credential& credential) const override;
  bool SameMember(const mls::Credential& a, const mls::Credential& b) const override;

 private:
  Status CheckAt(const mls::Credential& credential, ByteView signature_key, Millis now,
                 bool forgive_time) const;

  Certificates& certificates_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CREDENTIAL_H_
