#include "crypto/mls/welcome.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  renkei::fuzz::DecodeEncodeIsIdentity<renkei::mls::GroupSecrets>({data, size});
  return 0;
}
