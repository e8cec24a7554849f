// "Pre-Shared Keys" (RFC 9420 §8.4).
#include "crypto/mls/key_schedule.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Verdict RunPskSecret(const Json& test_case) {
  std::vector<mls::PskInput> psks;
  for (const Json& psk : test_case.at("psks")) {
    mls::PskInput& input = psks.emplace_back();
    input.id.value = mls::ExternalPsk{Hex(psk, "psk_id")};
    input.id.psk_nonce = Hex(psk, "psk_nonce");
    input.psk = HexSecret(psk, "psk");
  }
  const auto secret = mls::PskSecret(psks);
  VECTOR_EXPECT(secret.ok() && Same(*secret, Hex(test_case, "psk_secret")));
  return {};
}

}  // namespace renkei::interop
