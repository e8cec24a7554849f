#include <algorithm>

#include "crypto/thread/entry.h"
#include "tests/fuzz/fuzz.h"

// What parses is written again as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto value = thread::ParseEntry(input);
  if (value.ok()) {
    const Bytes again = thread::SerializeEntry(value->View());
    RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  }
  return 0;
}
