// A form's message as JSON, as text for a screen, as text for the index. Any message, also hostile
// ones: every text from outside goes through Printable(). Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_RENDER_H_
#define RENKEI_CLIENT_DOCUMENTS_RENDER_H_

#include <string>

#include "client/documents/json.h"
#include "client/documents/rules.h"

namespace renkei::documents {

// Keys of the form. A message with nothing but its primary field becomes that field's value.
JsonValue ToJson(const Message& message);
// The members of `message` added to an object.
void AddMembers(const Message& message, JsonValue& object);

// One value with its unit, in words: 18 /分, 2026年3月10日, 黄（注意）. Lines kept if multiline.
std::string ValueForEyes(const Message& message, const Field& field, int index);
// A whole message in one line: 山本 花子（続柄 長女、電話 090-0000-0000）. Line breaks become
// spaces.
std::string OneLine(const Message& message);
// Headed sections, labels, indented values; ends with a line feed.
std::string Sections(const Message& message);
// The fields that the form names for its headline, in one line.
std::string HeadlineOf(const Message& message);
// Every text and every chosen list value, one a line.
void CollectText(const Message& message, std::string& out);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_RENDER_H_
