#include "crypto/thread/commit_frame.h"

#include "tests/fuzz/fuzz.h"

// Only the front is read: what follows it changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto frame = thread::ParseCommitFrame(input);
  if (frame.ok()) {
    Bytes longer = ToBytes(input);
    longer.push_back(0);
    const auto again = thread::ParseCommitFrame(longer);
    RENKEI_CHECK(again.ok() && again->group_id == frame->group_id && again->epoch == frame->epoch &&
                 again->sender_leaf == frame->sender_leaf);
  }
  return 0;
}
