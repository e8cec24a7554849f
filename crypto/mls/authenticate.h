// Who says it, and may they: the signature over framed content and the rules on senders (RFC 9420
// §6.1, §12.1.8). Used by public_message.h and private_message.h. Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_AUTHENTICATE_H_
#define RENKEI_CRYPTO_MLS_AUTHENTICATE_H_

#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// The ratchet tree, as far as framing needs it.
class MemberKeys {
 public:
  virtual ~MemberKeys() = default;
  // Null if the leaf is blank or outside the tree. Valid until the tree changes.
  virtual const Bytes* SignatureKeyOf(LeafIndex leaf) const = 0;
};

// One epoch as messages see it. Views; whoever made it owns what they point to.
struct FramingEpoch {
  const GroupContext& group_context;
  ByteView encoded_group_context;  // Serialize(group_context), made once per epoch
  const MemberKeys& members;
  const SecretBytes& membership_key;
  const SecretBytes& sender_data_secret;
  std::optional<LeafIndex> own{};  // whose private messages are not for us to open
};

// kUnsupported: another group. kStaleEpoch, kFutureEpoch: not this epoch.
Status CheckAddressed(ByteView group_id, Epoch epoch, const GroupContext& group_context);

// Which sender may send which content (§6.1, §12.1.8). kMalformed.
Status CheckSenderMaySend(const FramedContent& content);

// The key that must have signed `content` (§6.1), found by the sender's type. kMalformed: blank
// leaf, no such external sender, or nothing in the content to take the key from.
Result<Bytes> SignatureKeyFor(const FramedContent& content, const FramingEpoch& epoch);

// Signs FramedContentTBS. A commit's confirmation tag is the caller's to fill in afterwards, since
// it depends on this signature. `encoded_group_context` may be empty for the senders external and
// new_member_proposal.
AuthenticatedContent SignFramedContent(WireFormat wire_format, FramedContent content,
                                       const SigningKey& key, ByteView encoded_group_context);
// kAuthFailed, or kMalformed for lengths no key or signature can have.
Status VerifyFramedContent(const AuthenticatedContent& content, ByteView signature_key,
                           ByteView encoded_group_context);

// FramedContentTBS (§6.1) written to `out`.
void EncodeFramedContentTbs(wire::Writer& out, WireFormat wire_format, const FramedContent& content,
                            ByteView encoded_group_context);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_AUTHENTICATE_H_
