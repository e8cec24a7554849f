#include "crypto/thread/commit_frame.h"

namespace renkei::thread {
namespace {

// RFC 9420 §6: values of the enums that stand in front.
constexpr std::uint64_t kMls10 = 1;
constexpr std::uint64_t kPublicMessage = 1;
constexpr std::uint64_t kSenderMember = 1;
constexpr std::uint64_t kSenderNewMemberCommit = 4;
constexpr std::uint64_t kContentCommit = 3;
constexpr std::size_t kMaxFrameGroupIdBytes = 255;

// crypto/wire's Reader belongs to the rooms above MLS; this one reads forward and remembers that
// it ran over the end.
class Front {
 public:
  explicit Front(ByteView bytes) : rest_(bytes) {}

  ByteView Take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  std::uint64_t Number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : Take(size)) {
      value = (value << 8U) | byte;
    }
    return value;
  }
  // opaque<V> with a minimal length (RFC 9420 §2.1.2).
  ByteView Opaque() {
    const std::uint64_t first = Number(1);
    const unsigned prefix = static_cast<unsigned>(first >> 6U);
    if (prefix == 3) {
      ok_ = false;
      return {};
    }
    const std::size_t more = (std::size_t{1} << prefix) - 1;
    const std::uint64_t size = ((first & 0x3FU) << (8 * more)) | Number(more);
    const bool minimal = prefix == 0 || (prefix == 1 && size >= 64) || size >= 16384;
    ok_ = ok_ && minimal;
    return Take(static_cast<std::size_t>(size));
  }
  bool ok() const { return ok_; }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace

Result<CommitFrame> ParseCommitFrame(ByteView commit) {
  Front in(commit);
  const std::uint64_t version = in.Number(2);
  const std::uint64_t wire_format = in.Number(2);
  if (in.ok() && (version != kMls10 || wire_format != kPublicMessage)) {
    return Error(Code::kUnsupported, "commit: not an MLS 1.0 PublicMessage");
  }
  CommitFrame frame;
  frame.group_id = ToBytes(in.Opaque());
  frame.epoch = in.Number(8);
  const std::uint64_t sender = in.Number(1);
  if (sender == kSenderMember) {
    frame.sender_leaf = static_cast<std::uint32_t>(in.Number(4));
  }
  in.Opaque();  // authenticated_data
  const std::uint64_t content = in.Number(1);
  const bool committer = sender == kSenderMember || sender == kSenderNewMemberCommit;
  if (!in.ok() || !committer || content != kContentCommit ||
      frame.group_id.size() > kMaxFrameGroupIdBytes) {
    return Error(Code::kMalformed, "commit: not the front of a commit");
  }
  return frame;
}

}  // namespace renkei::thread
