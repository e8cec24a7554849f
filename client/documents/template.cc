// `renkei form KIND`: a file with every key, each with a hint that is read as "nothing written
// yet".
#include <google/protobuf/descriptor.h>

#include "client/documents/fill.h"
#include "client/documents/form.h"
#include "client/documents/json.h"
#include "client/documents/rules.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

constexpr std::size_t kMaxDepth = 6;

std::string WhatToWrite(const Field& field) {
  const auto& rule = RuleOf(field);
  if (field.cpp_type() == Field::CPPTYPE_ENUM) {
    return ListText(*field.enum_type());
  }
  std::string what;
  if (rule.has_min() || rule.has_max()) {
    what = "数値 " + RangeText(field);
  } else if (rule.format() == care::v1::FORMAT_DATE) {
    what = "日付";
  } else if (rule.format() == care::v1::FORMAT_DATE_TIME) {
    what = "日時";
  } else if (rule.format() == care::v1::FORMAT_MOMENT) {
    what = "日付か日時";
  } else {
    what = std::to_string(MaxChars(field)) + "文字まで";
  }
  return rule.example().empty() ? what : what + " 例: " + rule.example();
}

JsonValue Hint(const Field& field) {
  const std::string_view lead = RuleOf(field).required() ? kRequiredHint : kOptionalHint;
  return JsonString(std::string(lead) + " " + RuleOf(field).label() + ": " + WhatToWrite(field) +
                    "］");
}

JsonValue Template(const Descriptor& type, std::size_t depth) {
  JsonValue object{JsonValue::Type::kObject, "", {}, {}};
  for (const Field* field : FieldsOf(type)) {
    if (RuleOf(*field).internal()) {
      continue;
    }
    const bool inner = field->message_type() != nullptr;
    if (inner && depth >= kMaxDepth) {
      continue;
    }
    JsonValue value = inner ? Template(*field->message_type(), depth + 1) : Hint(*field);
    if (field->is_repeated()) {
      JsonValue list{JsonValue::Type::kArray, "", {}, {}};
      list.items.push_back(std::move(value));
      value = std::move(list);
    }
    object.members.push_back({KeyOf(*field), std::move(value)});
  }
  return object;
}

}  // namespace

std::string EmptyForm(Kind kind) {
  JsonValue form = Template(*BodyField(kind).message_type(), 1);
  form.members.insert(
      form.members.begin(),
      JsonMember{
          "_comment",
          JsonString(std::string(KindLabel(kind)) +
                     "。［ ］を書き換えてください。［任意 …］のままの項目は空として扱います。")});
  return WriteJson(form, 2) + "\n";
}

}  // namespace renkei::documents
