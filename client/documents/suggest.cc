#include "client/documents/suggest.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "client/documents/text.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

constexpr std::size_t kMaxKeyBytes = 40;  // longer ones are no slips of the pen

// Levenshtein's distance over bytes.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string Plain(std::string_view key) {
  std::string out;
  for (const char c : FoldForList(key)) {
    if (c != '_' && c != '.') {
      out += c;
    }
  }
  return out;
}

std::string ByLabel(const Descriptor& type, std::string_view key) {
  for (const Field* field : FieldsOf(type)) {
    if (!RuleOf(*field).internal() && FoldForName(RuleOf(*field).label()) == FoldForName(key)) {
      return KeyOf(*field);
    }
  }
  return "";
}

std::string OneLevelDown(const Descriptor& type, std::string_view key) {
  for (const Field* field : FieldsOf(type)) {
    if (field->message_type() != nullptr && FindByKey(*field->message_type(), key) != nullptr) {
      return KeyOf(*field) + "." + std::string(key);
    }
  }
  return "";
}

}  // namespace

std::string SuggestKey(const Descriptor& type, std::string_view key) {
  if (key.size() > kMaxKeyBytes) {
    return "";
  }
  if (std::string found = ByLabel(type, key); !found.empty()) {
    return found;
  }
  if (std::string found = OneLevelDown(type, key); !found.empty()) {
    return found;
  }
  std::string best;
  const std::string wanted = Plain(key);
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const Field* field : FieldsOf(type)) {
    const std::size_t distance = Distance(wanted, Plain(KeyOf(*field)));
    if (!RuleOf(*field).internal() && distance < best_distance) {
      best = KeyOf(*field);
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace renkei::documents
