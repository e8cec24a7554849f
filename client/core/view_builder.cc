#include "client/core/view_builder.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "client/core/alert_store.h"
#include "client/core/kinds.h"
#include "crypto/thread/deletion.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::client {
namespace {

void SortByPlace(std::vector<CoverageRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const CoverageRow& a, const CoverageRow& b) {
    return std::tie(a.person.institution, a.person.profession, a.person.name, a.person.person_id) <
           std::tie(b.person.institution, b.person.profession, b.person.name, b.person.person_id);
  });
}

// Professions of members of which nobody fulfils `has`.
template <typename Predicate>
std::vector<std::string> Missing(const std::vector<CoverageRow>& rows, Predicate has) {
  std::set<std::string> all;
  std::set<std::string> reached;
  for (const CoverageRow& row : rows) {
    if (row.member_now) {
      all.insert(row.person.profession);
    }
    if (has(row)) {
      reached.insert(row.person.profession);
    }
  }
  std::vector<std::string> out;
  std::set_difference(all.begin(), all.end(), reached.begin(), reached.end(),
                      std::back_inserter(out));
  return out;
}

CoverageView Finish(RecordView record, std::vector<CoverageRow> rows) {
  SortByPlace(rows);
  CoverageView out;
  out.record = std::move(record);
  out.professions_missing =
      Missing(rows, [](const CoverageRow& row) { return row.received_at.has_value(); });
  out.professions_not_opened =
      Missing(rows, [](const CoverageRow& row) { return row.opened_at.has_value(); });
  out.rows = std::move(rows);
  return out;
}

void FillClosing(const CaseRow& row, CaseView& view) {
  if (row.closing.is_closed) {
    view.closed = ClosedView{row.closing.counted_from, row.closing.keep_years, std::nullopt};
    if (row.deletion_announced_at.value != 0) {
      view.closed->deletion_announced_at = row.deletion_announced_at;
    }
  }
  // Verified before it was kept.
  const auto certificate = thread::ReadDeletionCertificate(row.deletion);
  if (certificate.ok()) {
    view.deleted = DeletedView{certificate->deleted_at, certificate->counted_from,
                               certificate->years, row.deletion};
  }
}

}  // namespace

const char* RecordStateName(RecordState state) {
  switch (state) {
    case RecordState::kWaiting:
      return "waiting";
    case RecordState::kSent:
      return "sent";
    case RecordState::kReceived:
      return "received";
    case RecordState::kOpened:
      return "opened";
    case RecordState::kAcknowledged:
      return "acknowledged";
    case RecordState::kResponding:
      return "responding";
  }
  return "unknown";
}

Result<PersonView> ViewBuilder::Person(const thread::PersonRef& person,
                                       const std::string& fallback_name) {
  const auto cached = people_.find(person);
  if (cached != people_.end()) {
    return cached->second;
  }
  RENKEI_ASSIGN(auto found, core_.directory.FindPerson(person));
  PersonView view;
  if (found.has_value()) {
    view = std::move(*found);
  } else {
    view.institution_id = person.institution;
    view.person_id = person.person;
    view.name = fallback_name;
    RENKEI_ASSIGN(view.institution, core_.directory.InstitutionName(person.institution));
  }
  view.self = person == core_.self();
  if (found.has_value()) {
    people_[person] = view;
  }
  return view;
}

Result<const ViewBuilder::HeardMap*> ViewBuilder::HeardOf(const CaseId& case_id) {
  const auto cached = heard_.find(case_id);
  if (cached != heard_.end()) {
    return &cached->second;
  }
  RENKEI_ASSIGN(const auto heard, core_.records.HeardOf(case_id));
  HeardMap& out = heard_[case_id];
  out.insert(heard.begin(), heard.end());
  return &out;
}

Result<RecordState> ViewBuilder::StateOf(const RecordRow& row) {
  RENKEI_ASSIGN(const auto standings, core_.records.Standings(row.case_id, row.record_id));
  RecordState state = RecordState::kSent;
  for (const auto& [person, standing] : standings) {
    if (person == row.author) {
      continue;
    }
    RecordState own = RecordState::kSent;
    if (standing.responding_at.has_value()) {
      own = RecordState::kResponding;
    } else if (standing.acknowledged_at.has_value()) {
      own = RecordState::kAcknowledged;
    } else if (standing.opened_at.has_value() || standing.opened_here) {
      own = RecordState::kOpened;
    }
    state = std::max(state, own);
  }
  if (state > RecordState::kReceived) {
    return state;
  }
  RENKEI_ASSIGN(const HeardMap* heard, HeardOf(row.case_id));
  const bool received = row.author != core_.self() ||
                        std::any_of(heard->begin(), heard->end(), [&](const auto& each) {
                          return each.first != row.author && each.second.received_to >= row.seq;
                        });
  return received ? RecordState::kReceived : RecordState::kSent;
}

Result<RecordView> ViewBuilder::Record(const RecordRow& row) {
  RecordView view;
  view.record_id = row.record_id;
  view.case_id = row.case_id;
  view.kind = row.kind;
  RENKEI_ASSIGN(view.author, Person(row.author, row.author_name));
  view.device = row.device;
  view.created_at = row.created_at;
  view.received_at = row.received_at;
  view.seq = row.seq;
  view.urgent = row.urgent;
  RENKEI_ASSIGN(view.state, StateOf(row));
  view.content = row.content;
  view.corrects = row.corrects;
  view.correction_reason = row.correction_reason;
  view.answers = row.answers;
  view.problem = row.problem;
  RENKEI_ASSIGN(const auto corrections, core_.records.Corrections(row.record_id));
  for (const RecordPlace& place : corrections) {
    view.corrected_by.push_back(place.record_id);
  }
  if (row.has_alert() && row.problem.empty()) {
    RENKEI_ASSIGN(view.alert, Alert(row));
  }
  return view;
}

Result<std::optional<thread::PersonRef>> ViewBuilder::OwnerOf(const CaseId& case_id,
                                                              const DeviceId& device) {
  using Out = std::optional<thread::PersonRef>;
  RENKEI_ASSIGN(const auto row, core_.cases.FindRow(case_id));
  if (row.has_value() && row->has_card) {
    RENKEI_ASSIGN(const auto card, core_.cases.FindCard(case_id, row->at));
    const auto* member = card.has_value() ? thread::FindMember(card->card.card, device) : nullptr;
    if (member != nullptr) {
      return Out(member->person);
    }
  }
  RENKEI_ASSIGN(const auto records, core_.records.Records(case_id, 0));
  const auto written = std::find_if(records.begin(), records.end(), [&](const RecordRow& each) {
    return each.device == device && each.problem.empty();
  });
  return written != records.end() ? Out(written->author) : Out();
}

Result<AlertView> ViewBuilder::Alert(const RecordRow& row) {
  RENKEI_ASSIGN(const auto notes, AlertStore(core_.vault).Notes(row.case_id, row.seq));
  return MakeAlertView(
      row, notes, [this](const thread::PersonRef& person) { return Person(person, ""); },
      [&](const DeviceId& device) { return OwnerOf(row.case_id, device); });
}

Result<AlertNews> ViewBuilder::News(const RecordRow& row, const thread::RelayNote& note) {
  return MakeAlertNews(
      row, note, core_.self(),
      [this](const thread::PersonRef& person) { return Person(person, ""); },
      [&](const DeviceId& device) { return OwnerOf(row.case_id, device); });
}

Result<RecordView> ViewBuilder::Waiting(const OutboxItem& item) {
  RecordView view;
  view.record_id = item.record_id;
  view.case_id = item.case_id;
  view.kind = item.kind;
  RENKEI_ASSIGN(view.author, Person(core_.self(), ""));
  view.device = core_.identity.device;
  view.created_at = item.created_at;
  view.urgent = item.urgent;
  view.state = RecordState::kWaiting;
  view.content = item.content;
  care::v1::Content content;
  if (content.ParseFromArray(item.content.data(), static_cast<int>(item.content.size()))) {
    const auto corrects = RecordId::FromBytes(AsBytes(content.corrects()));
    const auto answers = RecordId::FromBytes(AsBytes(content.answers()));
    view.corrects = corrects.ok() ? std::optional<RecordId>(*corrects) : std::nullopt;
    view.answers = answers.ok() ? std::optional<RecordId>(*answers) : std::nullopt;
    view.correction_reason = content.correction_reason();
  }
  if (!item.alert_plan.empty()) {
    RENKEI_ASSIGN(view.alert, MakeWaitingAlert(item.alert_plan, [this](const auto& person) {
                    return Person(person, "");
                  }));
  }
  return view;
}

Result<std::vector<RecordView>> ViewBuilder::Records(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto rows, core_.records.Records(case_id, 0));
  std::vector<RecordView> out;
  for (const RecordRow& row : rows) {
    const bool shown = !row.problem.empty() || kinds::IsWritten(row.kind);
    if (shown && !row.waiting_for_secret) {
      RENKEI_ASSIGN(auto view, Record(row));
      out.push_back(std::move(view));
    }
  }
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(const auto items, outbox.Items(case_id));
  for (const OutboxItem& item : items) {
    if (!item.is_pack() && kinds::IsWritten(item.kind)) {
      RENKEI_ASSIGN(auto view, Waiting(item));
      out.push_back(std::move(view));
    }
  }
  return out;
}

Status ViewBuilder::FillPatient(const CaseRow& row, CaseView& view) {
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(const auto items, outbox.Items(row.case_id));
  for (const OutboxItem& item : items) {
    view.waiting += !item.is_pack() && item.kind != kinds::kReceipt ? 1 : 0;
    if (item.kind == kinds::kPatient) {
      view.patient = item.content;
    }
  }
  if (view.patient.empty() && row.patient_seq != 0) {
    RENKEI_ASSIGN(const auto patient, core_.records.Find(row.case_id, row.patient_seq));
    view.patient = patient.has_value() ? patient->content : Bytes();
  }
  return Ok();
}

Status ViewBuilder::FillMembers(const thread::Card& card, CaseView& view) {
  RENKEI_ASSIGN(const HeardMap* heard, HeardOf(card.case_id));
  std::map<thread::PersonRef, MemberView> members;
  for (const thread::CardMember& member : card.members) {
    MemberView& each = members[member.person];
    if (each.devices++ == 0) {
      RENKEI_ASSIGN(each.person, Person(member.person, ""));
      each.steward = thread::IsSteward(card.policy, member.person);
      const auto last = heard->find(member.person);
      if (last != heard->end()) {
        each.last_heard = last->second.at;
      }
    }
  }
  for (auto& [person, member] : members) {
    view.members.push_back(std::move(member));
  }
  std::sort(view.members.begin(), view.members.end(), [](const auto& a, const auto& b) {
    return std::tie(a.person.institution, a.person.profession, a.person.name) <
           std::tie(b.person.institution, b.person.profession, b.person.name);
  });
  return Ok();
}

Status ViewBuilder::FillReaders(const thread::Card& card, CaseView& view) {
  for (const thread::CardRecipient& recipient : card.recipients) {
    if (recipient.person.has_value()) {
      RENKEI_ASSIGN(const auto person, Person({recipient.institution, *recipient.person}, ""));
      view.readers.push_back(person.name + " (" + person.institution + ")");
    } else {
      RENKEI_ASSIGN(const std::string name, core_.directory.InstitutionName(recipient.institution));
      view.readers.push_back(name + " (archive)");
    }
  }
  return Ok();
}

Result<CaseView> ViewBuilder::Case(const CaseRow& row) {
  CaseView view;
  view.case_id = row.case_id;
  view.generation = row.at.generation;
  view.epoch = row.at.epoch;
  view.head_seq = row.position.seq;
  view.member = !row.removed;
  view.can_send = row.has_group && !row.rejoin && !row.removed;
  view.unread = static_cast<std::size_t>(row.unread);
  view.urgent_open = static_cast<std::size_t>(row.urgent_open);
  FillClosing(row, view);
  RENKEI_TRY(FillPatient(row, view));
  if (row.has_card) {
    RENKEI_ASSIGN(const auto card, core_.cases.FindCard(row.case_id, row.at));
    if (card.has_value()) {
      RENKEI_TRY(FillMembers(card->card.card, view));
      RENKEI_TRY(FillReaders(card->card.card, view));
    }
  }
  RENKEI_ASSIGN(const auto warnings, LoadWarnings(core_.vault, row.case_id));
  for (const StoredWarningView& warning : warnings) {
    view.warnings.emplace_back(WarningText(warning.warning));
  }
  return view;
}

Result<std::vector<thread::PersonRef>> ViewBuilder::MembersOf(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto row, core_.cases.FindRow(case_id));
  std::set<thread::PersonRef> out;
  if (row.has_value() && row->has_card) {
    RENKEI_ASSIGN(const auto card, core_.cases.FindCard(case_id, row->at));
    if (!card.has_value()) {
      return Error(Code::kCorrupt, "case: its card is missing");
    }
    for (const thread::CardMember& member : card->card.card.members) {
      out.insert(member.person);
    }
  }
  return std::vector<thread::PersonRef>(out.begin(), out.end());
}

Result<CoverageRow> ViewBuilder::Row(const RecordRow& record, const thread::PersonRef& person,
                                     const Standing& standing) {
  CoverageRow row;
  RENKEI_ASSIGN(row.person, Person(person, ""));
  RENKEI_ASSIGN(row.received_at, core_.records.ReceivedAt(record.case_id, person, record.seq));
  row.opened_at = standing.opened_at;
  row.acknowledged_at = standing.acknowledged_at;
  row.read_back = standing.read_back;
  row.responding_at = standing.responding_at;
  if (!row.received_at.has_value()) {
    row.received_at =
        person == core_.self() ? std::optional<Millis>(record.received_at) : standing.opened_at;
  }
  return row;
}

Result<std::vector<CoverageRow>> ViewBuilder::Rows(const RecordRow& record) {
  RENKEI_ASSIGN(const auto members, MembersOf(record.case_id));
  RENKEI_ASSIGN(const auto standings, core_.records.Standings(record.case_id, record.record_id));
  std::map<thread::PersonRef, Standing> persons(standings.begin(), standings.end());
  for (const thread::PersonRef& member : members) {
    persons.try_emplace(member);
  }
  persons.erase(record.author);
  std::vector<CoverageRow> out;
  for (const auto& [person, standing] : persons) {
    RENKEI_ASSIGN(auto row, Row(record, person, standing));
    row.member_now = std::find(members.begin(), members.end(), person) != members.end();
    out.push_back(std::move(row));
  }
  return out;
}

Result<CoverageView> ViewBuilder::Coverage(const RecordRow& row) {
  RENKEI_ASSIGN(auto record, Record(row));
  RENKEI_ASSIGN(auto rows, Rows(row));
  return Finish(std::move(record), std::move(rows));
}

Result<CoverageView> ViewBuilder::WaitingCoverage(const OutboxItem& item) {
  RENKEI_ASSIGN(auto record, Waiting(item));
  RENKEI_ASSIGN(const auto members, MembersOf(item.case_id));
  std::vector<CoverageRow> rows;
  for (const thread::PersonRef& person : members) {
    if (person != core_.self()) {
      CoverageRow row;
      RENKEI_ASSIGN(row.person, Person(person, ""));
      rows.push_back(std::move(row));
    }
  }
  return Finish(std::move(record), std::move(rows));
}

}  // namespace renkei::client
