#include "client/documents/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "client/documents/text.h"

namespace renkei::documents {
namespace {

constexpr int kNumberOverflow = 406;  // nlohmann's out_of_range.406

// Builds the tree while nlohmann's parser checks the grammar and the UTF-8. Returning false stops
// the parser, so that a hostile file is not read any further.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, std::size_t max_depth, JsonValue& root)
      : text_(text), max_depth_(max_depth), root_(root) {}

  const JsonFault& fault() const { return fault_; }

  bool null() override { return Add(JsonValue::Type::kNull, ""); }
  bool boolean(bool value) override {
    return Add(JsonValue::Type::kBool, value ? "true" : "false");
  }
  bool number_integer(number_integer_t value) override {
    return Add(JsonValue::Type::kNumber, std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(JsonValue::Type::kNumber, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& written) override {
    return Add(JsonValue::Type::kNumber, written);
  }
  bool string(string_t& value) override { return Add(JsonValue::Type::kString, value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(JsonValue::Type::kObject); }
  bool start_array(std::size_t) override { return Open(JsonValue::Type::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& value) override {
    if (!keys_.back().insert(value).second) {
      fault_ = {JsonFault::What::kDuplicateKey, 0, 0, value};
      return false;
    }
    key_ = value;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string_view before = text_.substr(0, position > 0 ? position - 1 : 0);
    const std::size_t last = before.rfind('\n');
    fault_.what = error.id == kNumberOverflow ? JsonFault::What::kNumber : JsonFault::What::kSyntax;
    fault_.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    fault_.column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
    return false;
  }

 private:
  JsonValue* Place(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    JsonValue& parent = *open_.back();
    if (parent.type == JsonValue::Type::kArray) {
      return &parent.items.emplace_back(std::move(value));
    }
    parent.members.push_back({std::move(key_), std::move(value)});
    return &parent.members.back().value;
  }
  bool Add(JsonValue::Type type, std::string text) {
    Place({type, std::move(text), {}, {}});
    return CountOne();
  }
  bool CountOne() {
    if (++count_ > kMaxJsonValues) {
      fault_.what = JsonFault::What::kTooMany;
      return false;
    }
    return true;
  }
  bool Open(JsonValue::Type type) {
    if (open_.size() >= max_depth_) {
      fault_.what = JsonFault::What::kDepth;
      return false;
    }
    // The pointers in open_ stay good: a container only grows while it is the last one open.
    open_.push_back(Place({type, "", {}, {}}));
    keys_.emplace_back();
    return CountOne();
  }
  bool Close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  std::string_view text_;
  std::size_t max_depth_;
  JsonValue& root_;
  std::vector<JsonValue*> open_;
  std::vector<std::set<std::string>> keys_;
  std::string key_;
  std::size_t count_ = 0;
  JsonFault fault_;
};

void WriteEscape(std::uint32_t c, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    out += kHex[(c >> shift) & 15];
  }
}

// Everything that could steer a terminal is escaped, so that the text may be printed as it is.
void WriteString(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const std::int32_t c = NextChar(text, at);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0) {
      out += "\\ufffd";
    } else if (c <= 0xFFFF && IsForbiddenChar(static_cast<char32_t>(c), false)) {
      WriteEscape(static_cast<std::uint32_t>(c), out);
    } else {
      out += text.substr(from, at - from);
    }
  }
  out += '"';
}

void NewLine(std::size_t indent, std::size_t depth, std::string& out) {
  if (indent > 0) {
    out += '\n';
    out.append(indent * depth, ' ');
  }
}

void Write(const JsonValue& value, std::size_t indent, std::size_t depth, std::string& out) {
  switch (value.type) {
    case JsonValue::Type::kNull:
      out += "null";
      return;
    case JsonValue::Type::kBool:
    case JsonValue::Type::kNumber:
      out += value.text;
      return;
    case JsonValue::Type::kString:
      WriteString(value.text, out);
      return;
    case JsonValue::Type::kArray:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        out += i > 0 ? "," : "";
        NewLine(indent, depth + 1, out);
        Write(value.items[i], indent, depth + 1, out);
      }
      break;
    case JsonValue::Type::kObject:
      out += '{';
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        out += i > 0 ? "," : "";
        NewLine(indent, depth + 1, out);
        WriteString(value.members[i].key, out);
        out += indent > 0 ? ": " : ":";
        Write(value.members[i].value, indent, depth + 1, out);
      }
      break;
  }
  if (!value.items.empty() || !value.members.empty()) {
    NewLine(indent, depth, out);
  }
  out += value.type == JsonValue::Type::kArray ? ']' : '}';
}

}  // namespace

JsonFault ParseJson(std::string_view text, std::size_t max_depth, JsonValue& out) {
  TreeBuilder builder(text, max_depth, out);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return {};
  }
  JsonFault fault = builder.fault();
  if (fault.what == JsonFault::What::kNone) {
    fault.what = JsonFault::What::kSyntax;
  }
  return fault;
}

std::string WriteJson(const JsonValue& value, std::size_t indent) {
  std::string out;
  Write(value, indent, 0, out);
  return out;
}

JsonValue JsonString(std::string_view text) {
  return {JsonValue::Type::kString, std::string(text), {}, {}};
}

JsonValue JsonNumber(std::string text) {
  return {JsonValue::Type::kNumber, std::move(text), {}, {}};
}

}  // namespace renkei::documents
