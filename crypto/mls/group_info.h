// A signed description of an epoch for those who are not in it yet (RFC 9420 §12.4.3). Values; any
// thread.
#ifndef RENKEI_CRYPTO_MLS_GROUP_INFO_H_
#define RENKEI_CRYPTO_MLS_GROUP_INFO_H_

#include "crypto/mls/extension.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct GroupInfo {
  GroupContext group_context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;
  friend bool operator==(const GroupInfo&, const GroupInfo&) = default;
};
void Encode(wire::Writer& out, const GroupInfo& value);
Status Decode(wire::Reader& in, GroupInfo& value);

// The GroupInfoTBS that the signature covers.
Bytes GroupInfoTbs(const GroupInfo& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GROUP_INFO_H_
