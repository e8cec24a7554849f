// What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput.
#ifndef RENKEI_TESTS_FUZZ_FUZZ_H_
#define RENKEI_TESTS_FUZZ_FUZZ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/wire/codec.h"

// What libFuzzer calls, and replay_main.cc in its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace renkei::fuzz {

// What decodes must encode to the bytes it came from: there is one encoding for each value.
template <typename T>
void DecodeEncodeIsIdentity(ByteView input) {
  const Result<T> value = wire::Parse<T>(input);
  if (value.ok()) {
    const Bytes again = wire::Serialize(*value);
    RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  }
}

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_FUZZ_H_
