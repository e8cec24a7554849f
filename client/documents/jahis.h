// The text of the electronic medication notebook (JAHIS 電子版お薬手帳データフォーマット, JAHISTC01
// to JAHISTC08 = Ver 1.0 to 2.6): Shift_JIS (CP932), CRLF, comma-separated records, as pharmacies
// print it in QR codes. To and from a Content with a MedicationList. Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_JAHIS_H_
#define RENKEI_CLIENT_DOCUMENTS_JAHIS_H_

#include <vector>

#include "client/documents/form.h"
#include "crypto/base/bytes.h"

namespace renkei::documents {

inline constexpr std::size_t kMaxJahisParts = 999;     // 911 counts to 999
inline constexpr std::size_t kMaxJahisRecords = 5000;  // lines of one notebook

// Whether the bytes begin like such a text, in any character set.
bool LooksLikeJahis(ByteView file);

// Reads one notebook: one file, or the parts of a split one (record 911) in any order. Parts are
// joined as bytes before anything is decoded, because a part may end inside a character.
// The outcome's content is a MedicationList whose header names the patient of record 1; problems
// name line and record ("5行目 (201)"). Records of a later version are kept and named in `notices`.
// Refused in words: UTF-8, other character sets, bare LF, parts that are missing.
FormOutcome ImportJahis(const std::vector<Bytes>& parts, const FormContext& context);

struct JahisOutcome {
  Bytes file;  // Shift_JIS with CRLF; empty unless ok()
  std::vector<FormProblem> problems;
  bool ok() const { return problems.empty(); }
};
// Writes JAHISTC08. `patient_content` (a Content with a Patient) gives record 1 when the list
// itself names no patient. Problems: a character that Shift_JIS does not have, a text too long for
// its column, a comma in a text, no patient.
JahisOutcome ExportJahis(ByteView content, ByteView patient_content);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_JAHIS_H_
