// The forms' own description (proto/renkei/care/v1/options.proto), read through the descriptors.
// Immutable; any thread. Everything lives as long as the program.
#ifndef RENKEI_CLIENT_DOCUMENTS_RULES_H_
#define RENKEI_CLIENT_DOCUMENTS_RULES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/documents/form.h"

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class EnumValueDescriptor;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace renkei::care::v1 {
class Content;
class FormRule;
class Rule;
}  // namespace renkei::care::v1

namespace renkei::documents {

using Descriptor = google::protobuf::Descriptor;
using EnumDescriptor = google::protobuf::EnumDescriptor;
using Field = google::protobuf::FieldDescriptor;
using Message = google::protobuf::Message;

const care::v1::Rule& RuleOf(const Field& field);
const care::v1::FormRule& FormRuleOf(const Descriptor& type);

// The field's key in JSON: its name, or what its rule says ("119").
std::string KeyOf(const Field& field);
// By key or alias; null if there is none. Internal fields are not found.
const Field* FindByKey(const Descriptor& type, std::string_view key);
// The field that a plain value stands for; null if the type has no shorthand.
const Field* PrimaryOf(const Descriptor& type);
// The repeated field whose keys may stand one level higher; null if the type has none.
const Field* InlineOf(const Descriptor& type);
// The field of a Content that holds this kind.
const Field& BodyField(Kind kind);

// A coded list: text in JSON, words on screen, and the value for a text (after folding).
std::string ValueText(const EnumDescriptor& list, int number);
std::string ValueLabel(const EnumDescriptor& list, int number);
std::optional<int> FindValue(const EnumDescriptor& list, std::string_view text);
// "自立, J1, J2": what may stand there.
std::string ListText(const EnumDescriptor& list);

// Whether a field says something: text not empty, list value chosen, number set, message with
// anything in it, list with elements.
bool IsPresent(const Message& message, const Field& field);
// One value as JSON shows it: list values as text, bytes as UUID or hexadecimal. `index` of a
// repeated field, else -1.
std::string ScalarText(const Message& message, const Field& field, int index);

// Limits with their defaults.
std::size_t MaxChars(const Field& field);
std::size_t MaxItems(const Field& field);

// All fields of a type by number.
std::vector<const Field*> FieldsOf(const Descriptor& type);

// "vitals" + "rr" -> "vitals.rr"; index -1: none.
std::string JoinPath(std::string_view path, const Field& field, int index);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_RULES_H_
