// The few outer bytes of an MLS commit that the relay must understand to judge as the clients do:
// of which group and epoch it is and who sends it (RFC 9420 §6, FramedContent). Nothing here needs
// MLS's keys; a commit whose frame is right may still be garbage inside, which only clients see.
// Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_COMMIT_FRAME_H_
#define RENKEI_CRYPTO_THREAD_COMMIT_FRAME_H_

#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace renkei::thread {

struct CommitFrame {
  Bytes group_id;           // 0..255 bytes
  std::uint64_t epoch = 0;  // the epoch it ends
  // The sending member's leaf; none for an external commit (sender type new_member_commit): a new
  // device, or a device replacing its own leaf.
  std::optional<std::uint32_t> sender_leaf;
};

// `commit`: an MLSMessage. Only the front is read.
//   kMalformed    not the front of an MLSMessage with a commit in a PublicMessage
//   kUnsupported  another version or wire format of MLS
Result<CommitFrame> ParseCommitFrame(ByteView commit);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_COMMIT_FRAME_H_
