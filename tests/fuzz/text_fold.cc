// Text of a record, a query, a passphrase: any bytes. Every text has the grams of its own words.
#include "client/core/text_fold.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {
namespace client = renkei::client;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const renkei::ByteView input(data, size);
  const auto words = client::FoldWords(renkei::AsText(input));
  if (words.ok()) {
    const std::string joined = client::JoinWords(*words);
    const auto again = client::SplitWords(joined);
    RENKEI_CHECK(again.ok() && *again == *words);
    const auto all = client::IndexGrams(*words);
    const auto asked = client::QueryGrams(*words);
    RENKEI_CHECK(std::includes(all.begin(), all.end(), asked.begin(), asked.end()));
    for (const auto& word : *words) {
      RENKEI_CHECK(!word.empty() && joined.find(client::JoinWords({word})) != std::string::npos);
    }
  }
  static_cast<void>(client::FoldQuery(renkei::AsText(input)));
  const auto passphrase = client::NormalizePassphrase(input);
  if (passphrase.ok()) {
    RENKEI_CHECK(!passphrase->empty());
  }
  return 0;
}
