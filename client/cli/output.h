// What goes to stdout: one JSON object a line with --json, else text for a terminal.
#ifndef RENKEI_CLIENT_CLI_OUTPUT_H_
#define RENKEI_CLIENT_CLI_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "client/core/session.h"

namespace renkei::cli {

using Json = nlohmann::ordered_json;

void PrintJson(const Json& object);
// Content comes from others and must not drive the terminal, nor show a dose backwards: what no
// form may hold (documents/text.h) is shown as U+FFFD.
std::string Printable(std::string_view text);

Json PersonJson(const client::PersonView& person);
Json RecordJson(const client::RecordView& record);
Json CaseJson(const client::CaseView& view);
Json CoverageJson(const client::CoverageView& view);
Json OutboxJson(const client::OutboxView& item);
// Why it waits, and until when if that is known.
std::string WaitingFor(const client::OutboxView& item);
Json SyncJson(const client::SyncReport& report);

// In full, headed by the case's patient (name, kana, birth date: two identifiers on every form).
void PrintRecord(const client::RecordView& record, ByteView patient);
// One line and a headline, for lists.
void PrintRecordLine(const client::RecordView& record);
// The case's newest Patient record (a Content), or empty.
Bytes PatientOf(client::Session& session, const CaseId& case_id);
void PrintCase(const client::CaseView& view);
void PrintCaseLine(const client::CaseView& view);
void PrintCoverage(const client::CoverageView& view);
void PrintSync(const client::SyncReport& report);

// In the user's language.
std::string ProfessionText(const client::PersonView& person);
// "架空 花子（看護師・架空訪問看護ステーション）"
std::string PersonText(const client::PersonView& person);
// The name of a record's kind on the command line, e.g. "discharge-summary".
std::string KindName(std::uint32_t kind);
// For a person: 急変報告.
std::string KindText(std::uint32_t kind);
// "架空 太郎 (カクウ タロウ) 1941-05-03" : two identifiers; "(…)" while it cannot be read.
std::string PatientText(ByteView content);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_OUTPUT_H_
