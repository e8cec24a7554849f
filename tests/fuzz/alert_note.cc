#include "crypto/thread/alert_note.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

// What parses is written again as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto note = thread::ParseAlertNote(input);
  if (note.ok()) {
    const Bytes again =
        thread::Encode([&](thread::FieldWriter& out) { thread::WriteAlertNote(out, *note); });
    RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  }
  return 0;
}
