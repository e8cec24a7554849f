#include "client/documents/fill.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "client/documents/dates.h"
#include "client/documents/suggest.h"
#include "client/documents/text.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

// Keys of the record's header that signature and thread carry, not the file.
constexpr std::array<std::string_view, 9> kProgramKeys = {
    "record_id",  "case_id",     "version",    "supersedes", "author",
    "created_at", "received_at", "visibility", "attachments"};

constexpr std::size_t kShownChars = 40;  // of a value that is quoted in a problem

std::string Quoted(std::string_view text) {
  return "「" + Shorten(Printable(text, false), kShownChars) + "」";
}

bool IsPlain(const JsonValue& value) {
  return value.type == JsonValue::Type::kString || value.type == JsonValue::Type::kNumber ||
         value.type == JsonValue::Type::kBool;
}

bool IsHint(const JsonValue& value) {
  return value.type == JsonValue::Type::kString &&
         (value.text.rfind(kOptionalHint, 0) == 0 || value.text.rfind(kRequiredHint, 0) == 0);
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Digits with at most one point between digits; a bare leading point gets its zero, others lose
// theirs.
std::string CanonicalDecimal(std::string text) {
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - (text.empty() ? 0 : 1)));
  if (!text.empty() && text[0] == '.') {
    text.insert(0, "0");
  }
  const std::size_t point = text.find('.');
  const bool good = point == std::string::npos
                        ? IsDigits(text)
                        : IsDigits(text.substr(0, point)) && IsDigits(text.substr(point + 1));
  return good ? text : "";
}

// The one text that is stored for a value of this format; empty: it is not of this format.
std::string Canonical(care::v1::Format format, const std::string& text) {
  std::string folded = Nfkc(Trim(text));
  switch (format) {
    case care::v1::FORMAT_DATE: {
      const auto date = ReadDate(folded);
      return date ? DateText(*date) : "";
    }
    case care::v1::FORMAT_DATE_TIME:
      return CanonicalDateTime(folded).value_or("");
    case care::v1::FORMAT_MOMENT: {
      const auto date = ReadDate(folded);
      return date ? DateText(*date) : CanonicalDateTime(folded).value_or("");
    }
    case care::v1::FORMAT_DECIMAL:
      return CanonicalDecimal(folded);
    case care::v1::FORMAT_TEXT:
      return UnixLines(text);
    default:
      return folded;  // the characters are checked afterwards
  }
}

const char* FormatHintJa(care::v1::Format format) {
  switch (format) {
    case care::v1::FORMAT_DATE:
      return "日付 (例 2026-03-10、令和8年3月10日) で書いてください";
    case care::v1::FORMAT_DATE_TIME:
      return "日時 (例 2026-03-10T21:40) で書いてください";
    case care::v1::FORMAT_MOMENT:
      return "日付か日時 (例 2026-03-10、2026-03-10T21:40) で書いてください";
    default:
      return "数値 (例 2.5) で書いてください";
  }
}

const char* FormatHintEn(care::v1::Format format) {
  switch (format) {
    case care::v1::FORMAT_DATE:
      return "must be a date such as 2026-03-10";
    case care::v1::FORMAT_DATE_TIME:
      return "must be a date and time such as 2026-03-10T21:40";
    case care::v1::FORMAT_MOMENT:
      return "must be a date or a date and time";
    default:
      return "must be a decimal number such as 2.5";
  }
}

}  // namespace

void Filler::FillForm(Kind kind, const JsonValue& file, Message& header, Message& body) {
  if (file.type != JsonValue::Type::kObject) {
    FillMessage(file, body, "");
    return;
  }
  for (const auto& [key, value] : file.members) {
    const Field* in_header = FindByKey(*header.GetDescriptor(), key);
    if (ProgramKey(kind, key, value) || FillKey(key, value, body, "")) {
      continue;
    }
    if (in_header != nullptr && kind != Kind::kPatient) {
      FillField(value, header, *in_header, key);
    } else {
      UnknownKey(key, *body.GetDescriptor(), "");
    }
  }
}

bool Filler::ProgramKey(Kind kind, const std::string& key, const JsonValue& value) {
  if (key == "_comment" || (key == "entry_language" && value.text == "ja")) {
    return true;
  }
  if (key == "kind") {
    if (KindFromName(value.text) != kind) {
      problems_.Add(key, std::string("この書類の種類は ") + KindName(kind) + " です",
                    std::string("this form is a ") + KindName(kind));
    }
    return true;
  }
  if (std::find(kProgramKeys.begin(), kProgramKeys.end(), key) == kProgramKeys.end()) {
    return false;
  }
  problems_.Add(key, Quoted(key) + " は送信時に自動で付きます。書類から消してください",
                key + " is set when the record is sent: remove it from the file");
  return true;
}

bool Filler::FillKey(const std::string& key, const JsonValue& value, Message& message,
                     const std::string& path) {
  const Descriptor& type = *message.GetDescriptor();
  if (const Field* field = FindByKey(type, key)) {
    FillField(value, message, *field, JoinPath(path, *field, -1));
    return true;
  }
  const Field* inner = InlineOf(type);
  if (inner == nullptr) {
    return false;
  }
  const auto* reflection = message.GetReflection();
  const bool fresh = reflection->FieldSize(message, inner) == 0;
  Message* element = fresh ? reflection->AddMessage(&message, inner)
                           : reflection->MutableRepeatedMessage(&message, inner, 0);
  const bool known = FillKey(key, value, *element, JoinPath(path, *inner, 0));
  if (fresh && element->ByteSizeLong() == 0) {
    reflection->RemoveLast(&message, inner);
  }
  return known;
}

void Filler::FillMessage(const JsonValue& value, Message& message, const std::string& path) {
  const Descriptor& type = *message.GetDescriptor();
  if (value.type == JsonValue::Type::kObject) {
    for (const auto& [key, member] : value.members) {
      if (key != "_comment" && !FillKey(key, member, message, path)) {
        UnknownKey(key, type, path);
      }
    }
    return;
  }
  const Field* primary = PrimaryOf(type);
  if (primary != nullptr && IsPlain(value)) {
    message.Clear();
    FillField(value, message, *primary, path.empty() ? KeyOf(*primary) : path);
    return;
  }
  problems_.Add(path, (path.empty() ? "書類" : path) + " は { } で囲んだ項目の組で書いてください",
                (path.empty() ? "the form" : path) + " must be a JSON object");
}

void Filler::FillField(const JsonValue& value, Message& message, const Field& field,
                       const std::string& path) {
  if (value.type == JsonValue::Type::kNull) {
    message.GetReflection()->ClearField(&message, &field);
  } else if (IsHint(value)) {
    return;
  } else if (field.is_repeated()) {
    FillList(value, message, field, path);
  } else {
    FillOne(value, message, field, path);
  }
}

void Filler::FillList(const JsonValue& value, Message& message, const Field& field,
                      const std::string& path) {
  const auto* reflection = message.GetReflection();
  reflection->ClearField(&message, &field);
  if (value.type != JsonValue::Type::kArray) {
    FillOne(value, message, field, path);
    return;
  }
  if (value.items.size() > MaxItems(field)) {
    const std::string limit = std::to_string(MaxItems(field));
    problems_.Add(path, NameOf(field, path) + " は " + limit + " 件までです",
                  path + " holds at most " + limit + " items");
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const std::string item_path = path + "[" + std::to_string(i) + "]";
    if (value.items[i].type == JsonValue::Type::kNull) {
      WrongType(field, item_path);
    } else if (!IsHint(value.items[i])) {
      FillOne(value.items[i], message, field, item_path);
    }
  }
}

void Filler::FillOne(const JsonValue& value, Message& message, const Field& field,
                     const std::string& path) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    Message* inner = field.is_repeated() ? reflection->AddMessage(&message, &field)
                                         : reflection->MutableMessage(&message, &field);
    FillMessage(value, *inner, path);
    if (inner->ByteSizeLong() == 0) {  // an object without anything in it says nothing
      field.is_repeated() ? reflection->RemoveLast(&message, &field)
                          : reflection->ClearField(&message, &field);
    }
    return;
  }
  const bool number = value.type == JsonValue::Type::kNumber;
  const bool decimal = RuleOf(field).format() == care::v1::FORMAT_DECIMAL;
  const bool fits = field.cpp_type() == Field::CPPTYPE_STRING
                        ? value.type == JsonValue::Type::kString || (number && decimal)
                    : field.cpp_type() == Field::CPPTYPE_ENUM ? IsPlain(value)
                                                              : number;
  if (!fits) {
    WrongType(field, path);
  } else if (field.cpp_type() == Field::CPPTYPE_STRING && !field.is_repeated() &&
             Trim(value.text).empty()) {
    reflection->ClearField(&message, &field);
  } else {
    SetText(message, field, value.text, path);
  }
}

bool Filler::SetText(Message& message, const Field& field, std::string_view text,
                     const std::string& path) {
  if (Trim(text).empty()) {
    return true;
  }
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return SetString(message, field, std::string(text), path);
    case Field::CPPTYPE_ENUM:
      return SetList(message, field, text, path);
    default:
      return SetNumber(message, field, Nfkc(Trim(text)), path);
  }
}

bool Filler::SetString(Message& message, const Field& field, const std::string& text,
                       const std::string& path) {
  if (!IsUtf8(text)) {
    problems_.Add(path, NameOf(field, path) + " に読めない文字があります",
                  path + " holds bytes that are no UTF-8");
    return false;
  }
  const care::v1::Format format = RuleOf(field).format();
  const std::string canonical = Canonical(format, text);
  if (canonical.empty()) {
    problems_.Add(path, NameOf(field, path) + " " + Quoted(text) + " は" + FormatHintJa(format),
                  path + " " + FormatHintEn(format));
    return false;
  }
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    reflection->AddString(&message, &field, canonical);
  } else {
    reflection->SetString(&message, &field, canonical);
  }
  return true;
}

bool Filler::SetList(Message& message, const Field& field, std::string_view text,
                     const std::string& path) {
  const auto value = FindValue(*field.enum_type(), text);
  if (!value) {
    const std::string list = ListText(*field.enum_type());
    problems_.Add(
        path, NameOf(field, path) + " " + Quoted(text) + " は次のどれかで書いてください: " + list,
        path + " must be one of: " + list);
    return false;
  }
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    reflection->AddEnumValue(&message, &field, *value);
  } else {
    reflection->SetEnumValue(&message, &field, *value);
  }
  return true;
}

bool Filler::SetNumber(Message& message, const Field& field, const std::string& text,
                       const std::string& path) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = parsed.ptr == text.data() + text.size();
  const bool whole = field.cpp_type() == Field::CPPTYPE_INT32;
  if (!read) {
    WrongType(field, path);
    return false;
  }
  if (parsed.ec != std::errc() || !std::isfinite(value) || std::abs(value) > 2e9) {
    AddRangeProblem(field, path, Shorten(text, kShownChars), problems_);
    return false;
  }
  if (whole && value != std::floor(value)) {
    problems_.Add(
        path, NameOf(field, path) + " " + Shorten(text, kShownChars) + " は整数で書いてください",
        path + " must be a whole number");
    return false;
  }
  const auto* reflection = message.GetReflection();
  if (whole) {
    reflection->SetInt32(&message, &field, static_cast<std::int32_t>(value));
  } else {
    reflection->SetDouble(&message, &field, value);
  }
  return true;
}

void Filler::WrongType(const Field& field, const std::string& path) {
  const bool message = field.cpp_type() == Field::CPPTYPE_MESSAGE;
  const bool text = field.cpp_type() == Field::CPPTYPE_STRING;
  const bool list = field.cpp_type() == Field::CPPTYPE_ENUM;
  const char* ja = message ? "{ } で囲んだ項目の組"
                   : text  ? "文字 (引用符 \" \" の中)"
                   : list  ? "一覧の言葉 (引用符 \" \" の中)"
                           : "数値 (引用符なし)";
  const char* en = message ? "an object" : text || list ? "a string" : "a number";
  problems_.Add(path, NameOf(field, path) + " は" + ja + "で書いてください",
                path + " must be " + en);
}

void Filler::UnknownKey(const std::string& key, const Descriptor& type, const std::string& path) {
  const std::string shown = Shorten(Printable(key, false), kShownChars);
  const std::string full = path.empty() ? shown : path + "." + shown;
  const std::string meant = SuggestKey(type, key);
  problems_.Add(full,
                "「" + full + "」という項目はありません" +
                    (meant.empty() ? "" : "。「" + meant + "」のことですか"),
                "unknown field " + full + (meant.empty() ? "" : "; did you mean " + meant + "?"));
}

std::string NameOf(const Field& field, std::string_view path) {
  return RuleOf(field).label() + " (" + std::string(path) + ")";
}

std::string RangeText(const Field& field) {
  const auto& rule = RuleOf(field);
  const auto number = [](double value) {
    char buffer[40];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
  };
  return (rule.has_min() ? number(rule.min()) : "") + "〜" +
         (rule.has_max() ? number(rule.max()) : "") +
         (rule.unit().empty() ? "" : " " + rule.unit());
}

void AddRangeProblem(const Field& field, const std::string& path, const std::string& value,
                     Problems& problems) {
  problems.Add(path,
               NameOf(field, path) + " " + value + " は " + RangeText(field) + " の範囲外です",
               path + " " + value + " is outside " + RangeText(field));
}

}  // namespace renkei::documents
