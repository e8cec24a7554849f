// Complete, valid forms made from the descriptors, and every place in them, so that each rule in
// the .proto files can be broken one by one.
#ifndef RENKEI_TESTS_CLIENT_DOCUMENTS_SAMPLE_H_
#define RENKEI_TESTS_CLIENT_DOCUMENTS_SAMPLE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "client/documents/form.h"
#include "client/documents/json.h"
#include "client/documents/rules.h"

namespace renkei::documents::testing {

// 2026-04-01 12:00 in Japan.
inline constexpr Millis kNow{1775012400000};
FormContext Now();

// Kinds that come from files.
const std::vector<Kind>& FormKinds();

// Every field of the form filled, lists with one element.
JsonValue Sample(Kind kind);

// One field of the sample: where it stands and what it is.
struct Spot {
  Kind kind = Kind::kNote;
  const Field* field = nullptr;
  std::string path;                // "vitals.rr"; of a list "drugs", not "drugs[0]"
  std::vector<std::string> steps;  // keys from the top; lists are entered at their first element
};
// All of them, of all kinds.
std::vector<Spot> AllSpots();

// The value at the spot, to be changed. `list`: the list itself instead of its first element.
JsonValue& At(JsonValue& form, const Spot& spot, bool list = false);
void Remove(JsonValue& form, const Spot& spot);
// The sample with the value at the spot replaced.
std::string With(const Spot& spot, const JsonValue& value);
std::string Text(const JsonValue& form);

// "a problem at this path whose Japanese message holds this"
bool Names(const FormOutcome& outcome, std::string_view path, std::string_view words);
// All problems, for a failing test's message.
std::string Say(const FormOutcome& outcome);

// deploy/examples/NAME, and a file of the shared test data; empty: not there.
std::string Example(const std::string& name);
std::string SharedData(const std::string& name);

}  // namespace renkei::documents::testing

#endif  // RENKEI_TESTS_CLIENT_DOCUMENTS_SAMPLE_H_
