// The forms of renkei.care.v1: from a file to checked bytes, and from bytes to JSON, to text for a
// screen, to text for the search index. Bytes here are a serialized renkei.care.v1.Content.
//
// All rules (required, range, unit, list, length, order) stand in proto/renkei/care/v1/*.proto as
// field options and are read from there; this room holds no second table. Everything here is
// personal data: problems and texts go to the user's own screen, never into logs or Error.
// Free functions without state; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_FORM_H_
#define RENKEI_CLIENT_DOCUMENTS_FORM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/result.h"

namespace renkei::documents {

// The numbers are the field numbers of renkei.care.v1.Content.body: never reused.
enum class Kind : std::uint32_t {
  kNote = 10,
  kDischargeSummary = 11,
  kAdmissionInfo = 12,
  kMedicationList = 13,
  kMedicationNote = 14,
  kUrgentReport = 15,
  kPatient = 30,          // the case's patient profile
  kAnswer = 31,           // from here on: about another record
  kAcknowledgement = 32,  // with read-back
  kResponse = 33,
  kReceipt = 34,
};

// "discharge-summary"; the names are the command line's.
const char* KindName(Kind kind);
// 退院時サマリー
const char* KindLabel(Kind kind);
// The forms that `renkei post` takes, in the order in which they are listed to a user.
const std::vector<Kind>& PostableKinds();
// Accepts - and _ alike. Empty: no such kind.
std::optional<Kind> KindFromName(std::string_view name);
std::optional<Kind> KindFromNumber(std::uint32_t number);

// Limits of ours. A form over them is refused in words, never cut.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;    // JSON or JAHIS text
inline constexpr std::size_t kMaxContentBytes = std::size_t{256} * 1024;  // serialized Content
inline constexpr std::size_t kMaxJsonDepth = 12;
inline constexpr std::size_t kMaxProblems = 40;  // more are counted, not listed
inline constexpr std::size_t kMaxTextChars =
    10000;                                         // code points of a multiline field, if its rule
inline constexpr std::size_t kMaxLineChars = 200;  // says nothing else; of a one-line field
inline constexpr std::size_t kMaxListItems = 100;  // of a repeated field, likewise

// One thing that is wrong with a form, in the user's words.
struct FormProblem {
  std::string path;  // "vitals.rr", "drugs[2].dose", "5行目 (201)" in JAHIS text; "": the file
  std::string message_ja;  // "呼吸数 (vitals.rr) 400 は 4〜70 /分 の範囲外です"
  std::string message_en;
};

struct FormOutcome {
  Bytes content;                      // empty unless ok()
  std::vector<FormProblem> problems;  // all of them, up to kMaxProblems
  std::vector<FormProblem> notices;   // accepted, but the user should look
  bool ok() const { return problems.empty(); }
};

struct FormContext {
  Millis now;  // for "not in the future"
  // A correction: Content of the record that is corrected. What the file does not mention stays as
  // it was, null takes a field out, a list replaces the list. Empty: a new record.
  ByteView original;
};

// Reads a file for `kind`: JSON; for kMedicationList also JAHIS medication-notebook text (told
// apart by content). Says so in words when the file is in the wrong character set. The result is
// complete and within all rules, or `problems` says what to change. kAcknowledgement, kResponse and
// kReceipt are made by the program and refused here.
FormOutcome ParseFormFile(Kind kind, ByteView file, const FormContext& context);
// The same for JSON text.
FormOutcome ParseForm(Kind kind, std::string_view json, const FormContext& context);

// Checks bytes that came from elsewhere against the same rules. Empty: in order. Not readable as
// Content at all: one problem with an empty path. Content of another member that breaks a rule is
// still shown (the record is signed and stays); show these problems beside it.
std::vector<FormProblem> CheckContent(ByteView content, Millis now);

// kMalformed: not a Content. kUnsupported: a body that this program does not know (newer version).
// kTooLarge: over kMaxContentBytes. The same three for all functions below that return a Result.
Result<Kind> KindOf(ByteView content);

// JSON with the keys of the form, UTF-8, one line: what ParseForm read comes out again.
Result<std::string> RenderJson(ByteView content);
// The same, indented by two spaces.
Result<std::string> RenderPrettyJson(ByteView content);

// Name, kana and birth date: shown on every form and alert (two identifiers).
struct PatientIdentity {
  std::string name;
  std::string kana;
  std::string birth_date;  // 1943-06-12
  std::string sex;         // 女
};
// From a Content with a Patient. kNotFound: another kind.
Result<PatientIdentity> IdentifyPatient(ByteView patient_content);
// Whether both spell one name: width, spaces, and hiragana or katakana apart; not kanji that differ
// (斉, 斎: two people). False for what has no letter.
bool SameName(std::string_view one, std::string_view other);
// Born on the same day, with the same name or the same kana: variants of a character in a name are
// common (髙, 高), so the kana may speak for it.
bool SamePatient(const PatientIdentity& one, const PatientIdentity& other);
// 架空 花子（カクウ ハナコ） 女 1943年6月12日生（82歳）
std::string IdentityLine(const PatientIdentity& patient, Millis now);

enum class PatientMatch : std::uint8_t { kNotStated, kSame, kDifferent };
// Whether the patient that the file names (its "patient", or JAHIS record 1) is the case's
// (SamePatient). The wrong case is the first hazard: look before sending.
Result<PatientMatch> ComparePatient(ByteView content, ByteView patient_content);

struct TextOptions {
  std::optional<PatientIdentity> patient;  // heads the text
  Millis now;                              // for the age
};
// For a terminal: title, patient, sections with the form's Japanese labels. Control and
// direction-changing characters in what others wrote are replaced, so that a record cannot steer
// the terminal.
Result<std::string> RenderText(ByteView content, const TextOptions& options);
// One line for lists, at most 60 characters: 急変報告 赤: 呼吸困難、SpO2 86%
Result<std::string> Headline(ByteView content);

// Everything a human wrote or chose, one piece a line, for the index. Empty if not readable.
std::string SearchText(ByteView content);

// A JSON template with every key of the form; required values are to be replaced.
std::string EmptyForm(Kind kind);

struct FieldChange {
  std::string path;   // "dis_meds"
  std::string label;  // "医療 > 退院時投薬指示"
  std::string from;   // as RenderText shows it; empty: was not there
  std::string to;
};
// kConflict: the two are not of one kind.
Result<std::vector<FieldChange>> Diff(ByteView original, ByteView corrected);
// One line a change: 退院時投薬指示: 「…」→「…」
Result<std::string> DiffText(ByteView original, ByteView corrected);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_FORM_H_
