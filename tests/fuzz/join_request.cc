#include "crypto/seal/join_request.h"

#include "tests/fuzz/fuzz.h"

// Parsing never believes anything; verifying does not succeed without the secret.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto parsed = seal::ParseJoinRequest(input);
  const auto verified = seal::VerifyJoinRequest(input, SecretBytes(seal::kInvitationSecretBytes));
  RENKEI_CHECK(!verified.ok());
  RENKEI_CHECK(parsed.ok() == (verified.error().code() == Code::kAuthFailed));
  return 0;
}
