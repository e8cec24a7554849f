#include "client/cli/output.h"

#include <iostream>

#include "client/cli/alert_output.h"
#include "client/cli/notices.h"
#include "client/cli/text.h"
#include "client/documents/form.h"
#include "client/documents/text.h"
#include "crypto/pki/profession.h"

namespace renkei::cli {
namespace {

Json TimeJson(const std::optional<Millis>& time) {
  return time.has_value() ? Json(IsoTime(*time)) : Json(nullptr);
}

// `content` is JSON made by client/documents; what it cannot show stays null and says so.
Json ContentJson(ByteView content) {
  const auto text = documents::RenderJson(content);
  return text.ok() ? Json::parse(*text, nullptr, false) : Json(nullptr);
}

std::string_view StateLabel(client::RecordState state) {
  switch (state) {
    case client::RecordState::kWaiting:
      return Say("送信待ち", "waiting");
    case client::RecordState::kSent:
      return Say("送信済", "sent");
    case client::RecordState::kReceived:
      return Say("受信", "received");
    case client::RecordState::kOpened:
      return Say("開封", "opened");
    case client::RecordState::kAcknowledged:
      return Say("了承", "acknowledged");
    case client::RecordState::kResponding:
      return Say("対応開始", "responding");
  }
  return "";
}

std::string TimeText(const std::optional<Millis>& time) {
  return time.has_value() ? ShortTime(*time) : "－";
}

std::vector<std::string> Translated(const std::vector<std::string>& sentences) {
  std::vector<std::string> out;
  out.reserve(sentences.size());
  for (const std::string& sentence : sentences) {
    out.push_back(InUsersLanguage(sentence));
  }
  return out;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() ? "" : "、") + Printable(part);
  }
  return out;
}

std::string ProfessionsText(const std::vector<std::string>& professions) {
  std::vector<std::string> labels;
  for (const std::string& profession : professions) {
    client::PersonView person;
    person.profession = profession;
    labels.push_back(ProfessionText(person));
  }
  return Joined(labels);
}

}  // namespace

void PrintJson(const Json& object) {
  std::cout << object.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

std::string Printable(std::string_view text) {
  return documents::Printable(text, true);
}

std::string ProfessionText(const client::PersonView& person) {
  const auto profession = pki::ProfessionFromCertificate(person.profession);
  if (!profession.has_value() || UserLanguage() == Language::kEnglish) {
    return person.profession;
  }
  return std::string(pki::NamesOf(*profession).japanese);
}

std::string PersonText(const client::PersonView& person) {
  return Printable(person.name) + "（" + ProfessionText(person) + "・" +
         Printable(person.institution) + "）";
}

std::string KindName(std::uint32_t kind) {
  const auto known = documents::KindFromNumber(kind);
  return known.has_value() ? documents::KindName(*known) : "unknown";
}

std::string KindText(std::uint32_t kind) {
  const auto known = documents::KindFromNumber(kind);
  return known.has_value()
             ? std::string(Say(documents::KindLabel(*known), documents::KindName(*known)))
             : KindName(kind);
}

std::string PatientText(ByteView content) {
  const auto identity = documents::IdentifyPatient(content);
  if (!identity.ok()) {
    return std::string(Say("（患者情報はまだ読めません）", "(patient not readable yet)"));
  }
  return Printable(identity->name) + " (" + Printable(identity->kana) + ") " +
         Printable(identity->birth_date);
}

Json PersonJson(const client::PersonView& person) {
  return {{"person", person.person_id.Text()},
          {"name", person.name},
          {"profession", person.profession},
          {"institution", person.institution},
          {"institution_id", person.institution_id.Text()},
          {"institution_kind", person.institution_kind}};
}

Json RecordJson(const client::RecordView& record) {
  Json corrected_by = Json::array();
  for (const RecordId& id : record.corrected_by) {
    corrected_by.push_back(id.Text());
  }
  Json out = {{"record", record.record_id.Text()},
              {"case", record.case_id.Text()},
              {"kind", KindName(record.kind)},
              {"author", PersonJson(record.author)},
              {"created_at", IsoTime(record.created_at)},
              {"received_at", TimeJson(record.received_at)},
              {"seq", record.seq == 0 ? Json(nullptr) : Json(record.seq)},
              {"urgent", record.urgent},
              {"state", client::RecordStateName(record.state)},
              {"content", ContentJson(record.content)}};
  if (record.corrects.has_value()) {
    out["corrects"] = record.corrects->Text();
    out["reason"] = record.correction_reason;
  }
  if (record.answers.has_value()) {
    out["answers"] = record.answers->Text();
  }
  if (!corrected_by.empty()) {
    out["corrected_by"] = corrected_by;
  }
  if (!record.problem.empty()) {
    out["problem"] = record.problem;
  }
  if (record.alert.has_value()) {
    out["alert"] = AlertJson(*record.alert);
  }
  return out;
}

Json ClosedJson(const client::CaseView& view) {
  if (!view.closed.has_value()) {
    return nullptr;
  }
  return {{"counted_from", TimeJson(view.closed->counted_from)},
          {"keep_years", view.closed->keep_years},
          {"deletion_announced_at", TimeJson(view.closed->deletion_announced_at)}};
}

Json DeletedJson(const client::CaseView& view) {
  if (!view.deleted.has_value()) {
    return nullptr;
  }
  return {{"at", TimeJson(view.deleted->at)},
          {"counted_from", TimeJson(view.deleted->counted_from)},
          {"years", view.deleted->years},
          {"certificate", ToHex(view.deleted->certificate)}};
}

Json CaseJson(const client::CaseView& view) {
  Json members = Json::array();
  for (const auto& member : view.members) {
    Json row = PersonJson(member.person);
    row["devices"] = member.devices;
    row["steward"] = member.steward;
    row["last_heard"] = TimeJson(member.last_heard);
    members.push_back(row);
  }
  return {{"case", view.case_id.Text()},
          {"patient", ContentJson(view.patient)},
          {"generation", view.generation},
          {"epoch", view.epoch},
          {"seq", view.head_seq},
          {"member", view.member},
          {"can_send", view.can_send},
          {"unread", view.unread},
          {"urgent_open", view.urgent_open},
          {"waiting", view.waiting},
          {"closed", ClosedJson(view)},
          {"deleted", DeletedJson(view)},
          {"members", members},
          {"readers", view.readers},
          {"warnings", Translated(view.warnings)}};
}

Json CoverageJson(const client::CoverageView& view) {
  Json rows = Json::array();
  for (const auto& row : view.rows) {
    Json out = PersonJson(row.person);
    out["member"] = row.member_now;
    out["received_at"] = TimeJson(row.received_at);
    out["opened_at"] = TimeJson(row.opened_at);
    out["acknowledged_at"] = TimeJson(row.acknowledged_at);
    out["read_back"] = row.read_back;
    out["responding_at"] = TimeJson(row.responding_at);
    rows.push_back(out);
  }
  return {{"record", view.record.record_id.Text()},
          {"case", view.record.case_id.Text()},
          {"kind", KindName(view.record.kind)},
          {"state", client::RecordStateName(view.record.state)},
          {"people", rows},
          {"alert", view.record.alert.has_value() ? AlertJson(*view.record.alert) : Json(nullptr)},
          {"professions_missing", view.professions_missing},
          {"professions_not_opened", view.professions_not_opened}};
}

std::string WaitingFor(const client::OutboxView& item) {
  std::string out = InUsersLanguage(item.waiting_for);
  if (item.retry_at.has_value()) {
    out += Say("。", ", until ");
    out += ShortTime(*item.retry_at);
    out += Say(" 以降に送れます", "");
  }
  return out;
}

Json OutboxJson(const client::OutboxView& item) {
  Json out = {{"record", item.record_id.Text()},
              {"case", item.case_id.Text()},
              {"kind", KindName(item.kind)},
              {"urgent", item.urgent},
              {"created_at", IsoTime(item.created_at)},
              {"attempts", item.attempts},
              {"state", "waiting"},
              {"waiting_for", InUsersLanguage(item.waiting_for)}};
  if (item.retry_at.has_value()) {
    out["retry_at"] = IsoTime(*item.retry_at);
  }
  return out;
}

Json SyncJson(const client::SyncReport& report) {
  Json alerts = Json::array();
  for (const auto& news : report.alerts) {
    alerts.push_back(AlertNewsJson(news));
  }
  return {{"entries", report.entries},
          {"records_sent", report.records_sent},
          {"still_waiting", report.still_waiting},
          {"cases_joined", report.cases_joined},
          {"alerts", alerts},
          {"notices", Translated(report.notices)}};
}

namespace {

void PrintHead(const client::RecordView& record) {
  std::cout << (record.urgent ? Say("【緊急】", "[URGENT] ") : "") << record.record_id.Text()
            << "  " << (record.seq == 0 ? std::string() : "#" + std::to_string(record.seq) + "  ")
            << ShortTime(record.created_at) << "  " << PersonText(record.author) << "  ["
            << StateLabel(record.state) << "]\n";
  if (record.corrects.has_value()) {
    std::cout << Say("  訂正: ", "  corrects: ") << record.corrects->Text()
              << Say("  理由: ", "  reason: ") << Printable(record.correction_reason) << '\n';
  }
  if (record.answers.has_value()) {
    std::cout << Say("  回答先: ", "  answers: ") << record.answers->Text() << '\n';
  }
  if (!record.problem.empty()) {
    std::cout << Say("  この記録は有効ではありません: ", "  this record does not count: ")
              << Printable(record.problem) << '\n';
  }
  for (const RecordId& id : record.corrected_by) {
    std::cout << Say("  この記録は訂正されています: ", "  corrected by: ") << id.Text() << '\n';
  }
}

}  // namespace

void PrintRecord(const client::RecordView& record, ByteView patient) {
  PrintHead(record);
  documents::TextOptions options;
  options.now = record.created_at;
  if (const auto identity = documents::IdentifyPatient(patient); identity.ok()) {
    options.patient = *identity;
  }
  const auto text = documents::RenderText(record.content, options);
  std::cout << (text.ok() ? *text
                          : std::string(Say("  （この版では表示できない記録です）",
                                            "  (this version cannot show this record)")))
            << std::endl;
  if (record.alert.has_value()) {
    PrintAlert(*record.alert);
  }
}

void PrintRecordLine(const client::RecordView& record) {
  PrintHead(record);
  const auto headline = documents::Headline(record.content);
  std::cout << "  " << (headline.ok() ? *headline : KindText(record.kind)) << std::endl;
}

Bytes PatientOf(client::Session& session, const CaseId& case_id) {
  auto view = session.ShowCase(case_id);
  return view.ok() ? std::move(view->patient) : Bytes();
}

void PrintCaseLine(const client::CaseView& view) {
  std::cout << view.case_id.Text() << "  " << PatientText(view.patient)
            << Say("  未開封 ", "  unread ") << view.unread;
  if (view.urgent_open > 0) {
    std::cout << Say("  【未了承の緊急 ", "  [urgent, not acknowledged: ") << view.urgent_open
              << Say("】", "]");
  }
  if (view.waiting > 0) {
    std::cout << Say("  送信待ち ", "  waiting ") << view.waiting;
  }
  if (!view.member) {
    std::cout << Say("  （外れました）", "  (no longer a member)");
  }
  if (view.deleted.has_value()) {
    std::cout << Say("  【終了・中継サーバーから削除】", "  [closed, deleted at the relay]");
  } else if (view.closed.has_value()) {
    std::cout << Say("  【終了】", "  [closed]");
  }
  std::cout << std::endl;
}

void PrintClosing(const client::CaseView& view) {
  if (view.deleted.has_value()) {
    std::cout << Say("中継サーバーから削除 ", "deleted at the relay ") << TimeText(view.deleted->at)
              << Say("（", " (kept ") << view.deleted->years
              << Say("年保管。この端末の記録は残っています）", " years; what is here stays)")
              << '\n';
    return;
  }
  if (!view.closed.has_value()) {
    return;
  }
  std::cout << Say("終了 ", "closed ") << TimeText(view.closed->counted_from);
  if (view.closed->keep_years > 0) {
    std::cout << Say("  保管の希望 ", "  to be kept ") << view.closed->keep_years
              << Say("年以上", " years or more");
  }
  if (view.closed->deletion_announced_at.has_value()) {
    std::cout << Say("  中継サーバーの削除予告 ", "  the relay announced its deletion ")
              << TimeText(view.closed->deletion_announced_at);
  }
  std::cout << '\n';
}

void PrintCase(const client::CaseView& view) {
  PrintCaseLine(view);
  PrintClosing(view);
  std::cout << Say("メンバー:", "members:") << '\n';
  for (const auto& member : view.members) {
    std::cout << "  " << PersonText(member.person) << Say("  端末 ", "  devices ") << member.devices
              << (member.steward ? Say("  世話役", "  steward") : "")
              << Say("  最後の便り ", "  last heard ") << TimeText(member.last_heard) << '\n';
  }
  std::cout << Say("読めるのは: ", "readers: ") << Joined(view.readers) << '\n';
  for (const std::string& warning : view.warnings) {
    std::cout << Say("注意: ", "warning: ") << InUsersLanguage(warning) << '\n';
  }
  std::cout << std::flush;
}

void PrintCoverage(const client::CoverageView& view) {
  PrintRecordLine(view.record);
  std::cout << Say("受信        開封        了承        対応開始    ",
                   "received    opened      acknowledged responding ")
            << '\n';
  for (const auto& row : view.rows) {
    for (const auto& time :
         {row.received_at, row.opened_at, row.acknowledged_at, row.responding_at}) {
      std::cout << (time.has_value() ? ShortTime(*time) : std::string("     －    ")) << ' ';
    }
    std::cout << ' ' << PersonText(row.person);
    if (!row.read_back.empty()) {
      std::cout << Say("  復唱「", "  read back \"") << Printable(row.read_back) << Say("」", "\"");
    }
    std::cout << '\n';
  }
  if (!view.professions_missing.empty()) {
    std::cout << Say("まだ受信していない職種: ", "professions that have not received it: ")
              << ProfessionsText(view.professions_missing) << '\n';
  }
  if (!view.professions_not_opened.empty()) {
    std::cout << Say("まだ開封していない職種: ", "professions that have not opened it: ")
              << ProfessionsText(view.professions_not_opened) << '\n';
  }
  if (view.record.alert.has_value()) {
    PrintAlert(*view.record.alert);
  }
  std::cout << std::flush;
}

void PrintSync(const client::SyncReport& report) {
  std::cout << Say("受信 ", "received ") << report.entries << Say("、送信 ", ", sent ")
            << report.records_sent << Say("、送信待ち ", ", waiting ") << report.still_waiting
            << '\n';
  for (const std::string& notice : report.notices) {
    if (IsFault(notice)) {
      continue;  // an error, told as such
    }
    std::cout << Say("お知らせ: ", "note: ") << InUsersLanguage(notice) << '\n';
  }
  for (const auto& news : report.alerts) {
    std::cout << AlertNewsText(news) << '\n';
  }
  std::cout << std::flush;
}

}  // namespace renkei::cli
