// From JSON (or plain text) into a form's message: keys, types, shorthands, canonical values. Does
// not check required fields and ranges: check.h does, on what came out. One thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_FILL_H_
#define RENKEI_CLIENT_DOCUMENTS_FILL_H_

#include <string>
#include <string_view>

#include "client/documents/json.h"
#include "client/documents/problems.h"
#include "client/documents/rules.h"

namespace renkei::documents {

// What a template leaves where the user writes nothing; read as "not there".
inline constexpr std::string_view kOptionalHint = "［任意";
inline constexpr std::string_view kRequiredHint = "［必須";

class Filler {
 public:
  explicit Filler(Problems& problems) : problems_(problems) {}

  // A whole file. Keys that the body does not know are looked for in `header`. What the file does
  // not mention stays as it is in the messages; null takes a field out; a list replaces the list.
  void FillForm(Kind kind, const JsonValue& file, Message& header, Message& body);

  // One value from text, as it stands in JAHIS: numbers are read from digits. Blank text leaves the
  // field alone. False: a problem was added under `path`.
  bool SetText(Message& message, const Field& field, std::string_view text,
               const std::string& path);

 private:
  void FillMessage(const JsonValue& value, Message& message, const std::string& path);
  bool FillKey(const std::string& key, const JsonValue& value, Message& message,
               const std::string& path);
  void FillField(const JsonValue& value, Message& message, const Field& field,
                 const std::string& path);
  void FillList(const JsonValue& value, Message& message, const Field& field,
                const std::string& path);
  void FillOne(const JsonValue& value, Message& message, const Field& field,
               const std::string& path);
  bool SetString(Message& message, const Field& field, const std::string& text,
                 const std::string& path);
  bool SetList(Message& message, const Field& field, std::string_view text,
               const std::string& path);
  bool SetNumber(Message& message, const Field& field, const std::string& text,
                 const std::string& path);
  void WrongType(const Field& field, const std::string& path);
  void UnknownKey(const std::string& key, const Descriptor& type, const std::string& path);
  // True for keys of the record's header that the program itself sets: said so, or let pass.
  bool ProgramKey(Kind kind, const std::string& key, const JsonValue& value);

  Problems& problems_;
};

// "呼吸数 (vitals.rr)"
std::string NameOf(const Field& field, std::string_view path);
// "4〜70 /分" as the rule has it.
std::string RangeText(const Field& field);
void AddRangeProblem(const Field& field, const std::string& path, const std::string& value,
                     Problems& problems);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_FILL_H_
