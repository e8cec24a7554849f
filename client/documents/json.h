// JSON as forms need it: a small tree that keeps numbers as they were written, strict and bounded.
// Values; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_JSON_H_
#define RENKEI_CLIENT_DOCUMENTS_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::documents {

struct JsonMember;

struct JsonValue {
  enum class Type : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  Type type = Type::kNull;
  std::string text;  // of a string; of a number as written; "true" or "false"
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;  // in the order of the file, keys unique
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

struct JsonFault {
  enum class What : std::uint8_t { kNone, kSyntax, kNumber, kDepth, kDuplicateKey, kTooMany };

  What what = What::kNone;
  std::size_t line = 0;    // of kSyntax and kNumber (larger than any), from 1
  std::size_t column = 0;  // in bytes, from 1
  std::string key;         // of kDuplicateKey
};

inline constexpr std::size_t kMaxJsonValues = 50000;

// Reads one JSON value and nothing after it. Refused: more than `max_depth` levels, a key twice in
// one object, bytes that are no UTF-8, comments, NaN, more than kMaxJsonValues values. The caller
// bounds the size of `text`.
JsonFault ParseJson(std::string_view text, std::size_t max_depth, JsonValue& out);

// UTF-8, one line; with `indent` over several lines.
std::string WriteJson(const JsonValue& value, std::size_t indent);

// For building.
JsonValue JsonString(std::string_view text);
JsonValue JsonNumber(std::string text);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_JSON_H_
