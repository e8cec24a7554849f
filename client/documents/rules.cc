#include "client/documents/rules.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>

#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

const care::v1::ValueRule& ValueRuleOf(const google::protobuf::EnumValueDescriptor& value) {
  return value.options().GetExtension(care::v1::value);
}

std::string ShortestNumber(double value) {
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

std::string BytesText(const Field& field, const std::string& raw) {
  const ByteView bytes = AsBytes(raw);
  if (RuleOf(field).format() == care::v1::FORMAT_UUID) {
    const auto array = ToArray<16>(bytes);
    if (array.ok()) {
      std::string hex = ToHex(*array);
      for (const std::size_t at : {20U, 16U, 12U, 8U}) {
        hex.insert(at, "-");
      }
      return hex;
    }
  }
  return ToHex(bytes);
}

}  // namespace

const care::v1::Rule& RuleOf(const Field& field) {
  return field.options().GetExtension(care::v1::rule);
}

const care::v1::FormRule& FormRuleOf(const Descriptor& type) {
  return type.options().GetExtension(care::v1::form);
}

std::string KeyOf(const Field& field) {
  const std::string& key = RuleOf(field).key();
  return key.empty() ? field.name() : key;
}

const Field* FindByKey(const Descriptor& type, std::string_view key) {
  for (const Field* field : FieldsOf(type)) {
    const auto& rule = RuleOf(*field);
    const bool alias =
        std::find(rule.alias().begin(), rule.alias().end(), key) != rule.alias().end();
    if (!rule.internal() && (alias || KeyOf(*field) == key)) {
      return field;
    }
  }
  return nullptr;
}

const Field* PrimaryOf(const Descriptor& type) {
  return type.FindFieldByName(FormRuleOf(type).primary());
}

const Field* InlineOf(const Descriptor& type) {
  return type.FindFieldByName(FormRuleOf(type).inline_field());
}

const Field& BodyField(Kind kind) {
  const Field* field = care::v1::Content::descriptor()->FindFieldByNumber(static_cast<int>(kind));
  RENKEI_CHECK(field != nullptr);
  return *field;
}

std::string ValueText(const EnumDescriptor& list, int number) {
  const auto* value = list.FindValueByNumber(number);
  return value == nullptr ? "?" + std::to_string(number) : ValueRuleOf(*value).text();
}

std::string ValueLabel(const EnumDescriptor& list, int number) {
  const auto* value = list.FindValueByNumber(number);
  if (value == nullptr || ValueRuleOf(*value).label().empty()) {
    return ValueText(list, number);
  }
  return ValueRuleOf(*value).label();
}

std::optional<int> FindValue(const EnumDescriptor& list, std::string_view text) {
  const std::string wanted = FoldForList(text);
  for (int i = 0; i < list.value_count(); ++i) {
    const auto& rule = ValueRuleOf(*list.value(i));
    if (list.value(i)->number() == 0) {
      continue;
    }
    const bool alias = std::any_of(rule.alias().begin(), rule.alias().end(),
                                   [&](const auto& a) { return FoldForList(a) == wanted; });
    if (alias || FoldForList(rule.text()) == wanted) {
      return list.value(i)->number();
    }
  }
  return std::nullopt;
}

std::string ListText(const EnumDescriptor& list) {
  std::string out;
  for (int i = 0; i < list.value_count(); ++i) {
    if (list.value(i)->number() != 0) {
      out += (out.empty() ? "" : ", ") + ValueRuleOf(*list.value(i)).text();
    }
  }
  return out;
}

bool IsPresent(const Message& message, const Field& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) {
    return reflection->FieldSize(message, &field) > 0;
  }
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return !reflection->GetString(message, &field).empty();
    case Field::CPPTYPE_ENUM:
      return reflection->GetEnumValue(message, &field) != 0;
    case Field::CPPTYPE_MESSAGE:
      return reflection->HasField(message, &field) &&
             reflection->GetMessage(message, &field).ByteSizeLong() > 0;
    default:
      return !field.has_presence() || reflection->HasField(message, &field);
  }
}

std::string ScalarText(const Message& message, const Field& field, int index) {
  const auto* reflection = message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING: {
      const std::string text = one ? reflection->GetString(message, &field)
                                   : reflection->GetRepeatedString(message, &field, index);
      return field.type() == Field::TYPE_BYTES ? BytesText(field, text) : text;
    }
    case Field::CPPTYPE_ENUM:
      return ValueText(*field.enum_type(),
                       one ? reflection->GetEnumValue(message, &field)
                           : reflection->GetRepeatedEnumValue(message, &field, index));
    case Field::CPPTYPE_INT32:
      return std::to_string(one ? reflection->GetInt32(message, &field)
                                : reflection->GetRepeatedInt32(message, &field, index));
    case Field::CPPTYPE_UINT64:
      return std::to_string(reflection->GetUInt64(message, &field));
    case Field::CPPTYPE_DOUBLE:
      return ShortestNumber(one ? reflection->GetDouble(message, &field)
                                : reflection->GetRepeatedDouble(message, &field, index));
    default:
      RENKEI_CHECK(false && "a field type that no form uses");
      return "";
  }
}

std::size_t MaxChars(const Field& field) {
  const auto& rule = RuleOf(field);
  if (rule.max_chars() > 0) {
    return rule.max_chars();
  }
  return rule.multiline() ? kMaxTextChars : kMaxLineChars;
}

std::size_t MaxItems(const Field& field) {
  const auto& rule = RuleOf(field);
  return rule.max_items() > 0 ? rule.max_items() : kMaxListItems;
}

std::vector<const Field*> FieldsOf(const Descriptor& type) {
  std::vector<const Field*> fields;
  fields.reserve(static_cast<std::size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) {
    fields.push_back(type.field(i));
  }
  return fields;
}

std::string JoinPath(std::string_view path, const Field& field, int index) {
  std::string out(path);
  out += (path.empty() ? "" : ".") + KeyOf(field);
  return index < 0 ? out : out + "[" + std::to_string(index) + "]";
}

}  // namespace renkei::documents
