#include "crypto/seal/invitation.h"

#include "tests/fuzz/fuzz.h"

// However it was typed, what it says is written and read again as the same code.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const auto invitation = seal::ParseInvitation(AsText({data, size}));
  if (invitation.ok()) {
    const std::string code = seal::FormatInvitation(*invitation);
    RENKEI_CHECK(seal::FormatInvitation(seal::ParseInvitation(code).value()) == code);
  }
  return 0;
}
