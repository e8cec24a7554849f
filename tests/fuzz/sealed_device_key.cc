// `<vault id>.tpm`, which lies in the user's files: also with its checksum put right, or no input
// would get past it. What is accepted goes to the TPM in two fields of fixed or bounded length.
#include <algorithm>

#include "client/vault/sealed_key.h"
#include "crypto/base/hash.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Check(renkei::ByteView input) {
  const auto key = renkei::client::SealedKey::Parse(input);
  if (key.ok()) {
    RENKEI_CHECK(!key->sealed.empty() &&
                 key->sealed.size() <= renkei::client::SealedKey::kMaxSealedBytes);
    const renkei::Bytes again = key->Encode();
    RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const renkei::ByteView input(data, size);
  Check(input);
  if (size >= renkei::kHashBytes) {
    renkei::Bytes repaired = renkei::ToBytes(input.first(size - renkei::kHashBytes));
    renkei::Append(repaired, renkei::Sha256(repaired));
    Check(repaired);
  }
  return 0;
}
