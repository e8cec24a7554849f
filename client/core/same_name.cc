#include "client/core/same_name.h"

#include <string>

#include "client/core/text_fold.h"

namespace renkei::client {
namespace {

std::u32string Letters(std::string_view name) {
  std::u32string out;
  if (const auto words = FoldWords(name); words.ok()) {
    for (const std::u32string& word : *words) {
      out += word;
    }
  }
  return out;
}

}  // namespace

bool SameName(std::string_view one, std::string_view other) {
  const std::u32string letters = Letters(one);
  return !letters.empty() && letters == Letters(other);
}

}  // namespace renkei::client
