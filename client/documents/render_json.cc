#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "client/documents/render.h"
#include "client/documents/text.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

bool IsNumber(const Field& field) {
  return field.cpp_type() == Field::CPPTYPE_INT32 || field.cpp_type() == Field::CPPTYPE_DOUBLE ||
         field.cpp_type() == Field::CPPTYPE_UINT64;
}

// A JSON number, as FORMAT_DECIMAL stores it: 0, 12, 2.50. Others (a hostile sender's) stay text.
bool IsJsonDecimal(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  const std::string_view whole = text.substr(0, digits);
  const bool whole_good = whole == "0" || (!whole.empty() && whole[0] != '0');
  if (digits == std::string_view::npos || !whole_good) {
    return whole_good;
  }
  const std::string_view rest = text.substr(digits);
  return rest.size() > 1 && rest[0] == '.' &&
         rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

JsonValue OneValue(const Message& message, const Field& field, int index) {
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    const auto* reflection = message.GetReflection();
    return ToJson(index < 0 ? reflection->GetMessage(message, &field)
                            : reflection->GetRepeatedMessage(message, &field, index));
  }
  std::string shown = ScalarText(message, field, index);
  // JSON has no infinity; such a value cannot come from a form, only from a hostile sender.
  const bool finite = shown.find_first_not_of("0123456789.-+e") == std::string::npos;
  const bool number = (IsNumber(field) && finite) ||
                      (RuleOf(field).format() == care::v1::FORMAT_DECIMAL && IsJsonDecimal(shown));
  return number ? JsonNumber(std::move(shown)) : JsonString(shown);
}

}  // namespace

void AddMembers(const Message& message, JsonValue& object) {
  for (const Field* field : FieldsOf(*message.GetDescriptor())) {
    if (!IsPresent(message, *field)) {
      continue;
    }
    if (!field->is_repeated()) {
      object.members.push_back({KeyOf(*field), OneValue(message, *field, -1)});
      continue;
    }
    JsonValue list{JsonValue::Type::kArray, "", {}, {}};
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      list.items.push_back(OneValue(message, *field, i));
    }
    object.members.push_back({KeyOf(*field), std::move(list)});
  }
}

JsonValue ToJson(const Message& message) {
  JsonValue object{JsonValue::Type::kObject, "", {}, {}};
  AddMembers(message, object);
  const Field* primary = PrimaryOf(*message.GetDescriptor());
  if (primary != nullptr && object.members.size() == 1 && IsPresent(message, *primary)) {
    JsonValue alone = std::move(object.members[0].value);
    return alone;
  }
  return object;
}

}  // namespace renkei::documents
