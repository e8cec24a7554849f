// A list of the text index. What decodes must come back the same from its own encoding.
#include "client/vault/doc_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = renkei::client::DocSet::Decode({data, size});
  if (set.ok()) {
    RENKEI_CHECK(set->Descending().size() == set->Count());
    const auto again = renkei::client::DocSet::Decode(set->Encode());
    RENKEI_CHECK(again.ok() && *again == *set);
  }
  return 0;
}
