// What all members agree on in an epoch (RFC 9420 §8.1). Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_GROUP_CONTEXT_H_
#define RENKEI_CRYPTO_MLS_GROUP_CONTEXT_H_

#include "crypto/mls/extension.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct GroupContext {
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuite cipher_suite = CipherSuite::kX25519ChaCha20Sha256Ed25519;
  Bytes group_id;
  Epoch epoch;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;
  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};
// Other versions and suites decode; who joins refuses them.
void Encode(wire::Writer& out, const GroupContext& value);
Status Decode(wire::Reader& in, GroupContext& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GROUP_CONTEXT_H_
