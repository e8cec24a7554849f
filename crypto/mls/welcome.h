// What brings a new member in (RFC 9420 §12.4.3.1). One thread at a time for those with secrets.
#ifndef RENKEI_CRYPTO_MLS_WELCOME_H_
#define RENKEI_CRYPTO_MLS_WELCOME_H_

#include <optional>
#include <vector>

#include "crypto/mls/commit.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/psk.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// Secret as a whole; serialize it with SerializeGroupSecrets only.
struct GroupSecrets {
  SecretBytes joiner_secret;
  std::optional<SecretBytes> path_secret;
  std::vector<PreSharedKeyId> psks;
};
void Encode(wire::Writer& out, const GroupSecrets& value);
Status Decode(wire::Reader& in, GroupSecrets& value);  // kTooLarge above kMaxPsks
SecretBytes SerializeGroupSecrets(const GroupSecrets& value);

struct EncryptedGroupSecrets {
  KeyPackageRef new_member;
  HpkeCiphertext encrypted_group_secrets;
  friend bool operator==(const EncryptedGroupSecrets&, const EncryptedGroupSecrets&) = default;
};
void Encode(wire::Writer& out, const EncryptedGroupSecrets& value);
Status Decode(wire::Reader& in, EncryptedGroupSecrets& value);

struct Welcome {
  CipherSuite cipher_suite = CipherSuite::kX25519ChaCha20Sha256Ed25519;
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};
// kTooLarge for more than kMaxLeaves new members.
void Encode(wire::Writer& out, const Welcome& value);
Status Decode(wire::Reader& in, Welcome& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_WELCOME_H_
