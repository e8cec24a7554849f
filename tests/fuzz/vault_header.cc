// vault.header, which lies in the clear beside the vault: also with its checksum put right, or no
// input would get past it.
#include <algorithm>

#include "client/vault/header.h"
#include "crypto/base/hash.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Check(renkei::ByteView input) {
  const auto header = renkei::client::VaultHeader::Parse(input);
  if (header.ok()) {
    const renkei::Bytes again = header->Encode();
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
