#include "client/core/take_record.h"

#include <algorithm>
#include <utility>

#include "client/core/alert_store.h"
#include "client/core/kinds.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::client {
namespace {

// Where a record's own words are taken over.
struct Taking {
  Core& core;
  CaseRow& row;
  Changes& changes;
};

void Earliest(std::optional<Millis>& time, Millis at) {
  time = time.has_value() ? std::min(*time, at) : at;
}

bool IsOwn(const Core& core, const thread::PersonRef& person) {
  return person == core.self();
}

// The readable record of this case with that id; none for another case's, or what is not here.
Result<std::optional<RecordRow>> TargetOf(Taking& taking, const std::string& id_bytes) {
  const auto id = RecordId::FromBytes(AsBytes(id_bytes));
  if (!id.ok()) {
    return std::optional<RecordRow>();
  }
  RENKEI_ASSIGN(const auto place, taking.core.records.FindPlace(*id));
  if (!place.has_value() || place->case_id != taking.row.case_id) {
    return std::optional<RecordRow>();
  }
  return taking.core.records.Find(place->case_id, place->seq);
}

void CountOpened(const Core& core, CaseRow& row, const RecordRow& target) {
  if (kinds::IsWritten(target.kind) && !IsOwn(core, target.author) && row.unread > 0) {
    --row.unread;
  }
}

Status TakeOpened(Taking& taking, const RecordRow& target, const thread::PersonRef& by, Millis at) {
  RENKEI_ASSIGN(Standing standing,
                taking.core.records.FindStanding(target.case_id, target.record_id, by));
  if (IsOwn(taking.core, by) && !standing.opened_at.has_value() && !standing.opened_here) {
    CountOpened(taking.core, taking.row, target);
  }
  Earliest(standing.opened_at, at);
  return taking.core.records.SaveStanding(target.case_id, target.record_id, by, standing);
}

Result<bool> AnyAcknowledged(Core& core, const RecordRow& target) {
  RENKEI_ASSIGN(const auto standings, core.records.Standings(target.case_id, target.record_id));
  return std::any_of(standings.begin(), standings.end(), [&](const auto& each) {
    return each.first != target.author && each.second.acknowledged_at.has_value();
  });
}

Status TakeAcknowledged(Taking& taking, const RecordRow& target, const RecordRow& by,
                        const std::string& read_back) {
  RENKEI_ASSIGN(const bool before, AnyAcknowledged(taking.core, target));
  RENKEI_TRY(TakeOpened(taking, target, by.author, by.received_at));
  RENKEI_ASSIGN(Standing standing,
                taking.core.records.FindStanding(target.case_id, target.record_id, by.author));
  if (!standing.acknowledged_at.has_value() || by.received_at < *standing.acknowledged_at) {
    standing.acknowledged_at = by.received_at;
    standing.read_back = read_back;
  }
  RENKEI_TRY(
      taking.core.records.SaveStanding(target.case_id, target.record_id, by.author, standing));
  if (!before && target.urgent && kinds::IsWritten(target.kind) && by.author != target.author &&
      taking.row.urgent_open > 0) {
    --taking.row.urgent_open;
  }
  return Ok();
}

Status TakeResponding(Taking& taking, const RecordRow& target, const RecordRow& by) {
  RENKEI_TRY(TakeOpened(taking, target, by.author, by.received_at));
  RENKEI_ASSIGN(Standing standing,
                taking.core.records.FindStanding(target.case_id, target.record_id, by.author));
  Earliest(standing.responding_at, by.received_at);
  return taking.core.records.SaveStanding(target.case_id, target.record_id, by.author, standing);
}

Status TakeReceipt(Taking& taking, const RecordRow& by, const care::v1::Receipt& receipt) {
  const std::uint64_t to = receipt.received_to();
  if (to < by.seq) {
    RENKEI_ASSIGN(const auto hash, taking.core.cases.HashAt(by.case_id, to));
    if (hash.has_value() && !Equal(*hash, AsBytes(receipt.received_hash()))) {
      // Gossip (G4): that member received another thread than we did.
      RENKEI_TRY(
          AddWarning(taking.core.vault, by.case_id, Warning::kForkSeen, to, taking.core.now()));
      Notice(taking.changes, WarningText(Warning::kForkSeen));
      return Ok();
    }
    RENKEI_TRY(taking.core.records.SaveHeard(by.case_id, by.author, by.seq, by.received_at, to));
  }
  for (const std::string& id : receipt.opened()) {
    RENKEI_ASSIGN(const auto target, TargetOf(taking, id));
    if (target.has_value()) {
      RENKEI_TRY(TakeOpened(taking, *target, by.author, by.received_at));
    }
  }
  return Ok();
}

Status TakeWritten(Taking& taking, const RecordRow& record) {
  RENKEI_TRY(taking.core.vault.IndexText(record.case_id, record.record_id,
                                         taking.core.search_text(record.content)));
  if (record.kind == kinds::kPatient) {
    taking.row.patient_seq = std::max(taking.row.patient_seq, record.seq);
  }
  if (record.corrects.has_value()) {
    RENKEI_ASSIGN(const auto corrected, TargetOf(taking, ToString(record.corrects->view())));
    if (corrected.has_value()) {
      RENKEI_TRY(taking.core.records.SaveCorrection(
          *record.corrects, {record.case_id, record.seq, record.record_id, record.device}));
    }
  }
  if (record.urgent) {
    RENKEI_ASSIGN(const bool acknowledged, AnyAcknowledged(taking.core, record));
    taking.row.urgent_open += acknowledged ? 0 : 1;
  }
  if (!IsOwn(taking.core, record.author)) {
    RENKEI_ASSIGN(const Standing own, taking.core.records.FindStanding(
                                          record.case_id, record.record_id, taking.core.self()));
    taking.row.unread += own.opened_at.has_value() || own.opened_here ? 0 : 1;
    taking.changes.new_records.push_back(
        {record.case_id, record.seq, record.record_id, record.device});
  }
  return Ok();
}

Status TakeWords(Taking& taking, const RecordRow& record, const care::v1::Content& content) {
  RENKEI_TRY(taking.core.records.SaveHeard(record.case_id, record.author, record.seq,
                                           record.received_at, record.seen_seq));
  if (!IsOwn(taking.core, record.author) && record.kind != kinds::kReceipt) {
    taking.row.newest_foreign_seq = std::max(taking.row.newest_foreign_seq, record.seq);
  }
  if (record.device == taking.core.identity.device) {
    taking.row.receipt_sent_to = std::max(taking.row.receipt_sent_to, record.seen_seq);
  }
  switch (record.kind) {
    case kinds::kReceipt:
      return TakeReceipt(taking, record, content.receipt());
    case kinds::kAcknowledgement: {
      RENKEI_ASSIGN(const auto target, TargetOf(taking, content.acknowledgement().record_id()));
      return target.has_value()
                 ? TakeAcknowledged(taking, *target, record, content.acknowledgement().read_back())
                 : Ok();
    }
    case kinds::kResponse: {
      RENKEI_ASSIGN(const auto target, TargetOf(taking, content.response().record_id()));
      return target.has_value() ? TakeResponding(taking, *target, record) : Ok();
    }
    default:
      return TakeWritten(taking, record);
  }
}

RecordRow RowOf(const CaseId& case_id, std::uint64_t seq, Millis received_at,
                const AcceptedRecord& record) {
  RecordRow row;
  row.case_id = case_id;
  row.seq = seq;
  row.record_id = record.header.record_id;
  row.author = record.author;
  row.author_name = record.author_name;
  row.device = record.header.sender_device;
  row.received_at = received_at;
  row.urgent = record.header.urgency == thread::Urgency::kUrgent;
  row.at = record.header.at;
  row.seen_seq = record.header.seen_seq;
  row.alert_plan_hash = record.header.alert_plan_hash;
  row.waiting_for_secret = record.waiting_for_secret;
  row.problem = record.problem == nullptr ? "" : record.problem;
  return row;
}

// Fills in what was sealed. A problem in the row: it does not count.
care::v1::Content FillContent(const AcceptedRecord& record, RecordRow& row) {
  care::v1::Content content;
  const seal::OpenedRecord& opened = *record.opened;
  const ByteView bytes = opened.content.Expose();
  row.created_at = opened.created_at;
  if (!content.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    row.problem = "record: its contents are damaged";
    return content;
  }
  row.kind = opened.kind;
  row.content = ToBytes(bytes);
  // A kind of a later program has no body that we know; one that the core acts on always has one.
  const auto body = static_cast<std::uint32_t>(content.body_case());
  const bool acted_on = opened.kind == kinds::kPatient || !kinds::IsWritten(opened.kind);
  if (body != opened.kind && (body != care::v1::Content::BODY_NOT_SET || acted_on)) {
    row.problem = "record: its kind is not that of its contents";
    return content;
  }
  const auto corrects = RecordId::FromBytes(AsBytes(content.corrects()));
  if (corrects.ok()) {
    row.corrects = *corrects;
    row.correction_reason = content.correction_reason();
  }
  const auto answers = RecordId::FromBytes(AsBytes(content.answers()));
  if (answers.ok()) {
    row.answers = *answers;
  }
  return content;
}

Status WarnIgnored(Taking& taking, const RecordRow& record, bool fork_seen) {
  const Warning warning = fork_seen ? Warning::kForkSeen : Warning::kRecordIgnored;
  Notice(taking.changes, WarningText(warning));
  return AddWarning(taking.core.vault, record.case_id, warning, record.seq, taking.core.now());
}

}  // namespace

Status TakeNewRecord(Core& core, CaseRow& row, const thread::EntryView& entry,
                     const AcceptedRecord& record, Changes& changes) {
  Taking taking{core, row, changes};
  RecordRow stored = RowOf(entry.case_id, entry.seq, entry.received_at, record);
  if (stored.has_alert() && stored.problem.empty()) {
    // Called for also while its text cannot be read here yet.
    RENKEI_TRY(AlertStore(core.vault).Open(entry.case_id, entry.seq));
  }
  care::v1::Content content;
  if (record.opened.has_value()) {
    content = FillContent(record, stored);
  }
  if (!stored.problem.empty()) {  // kept, but its number stays free for one that counts
    RENKEI_TRY(core.records.Save(stored));
    return WarnIgnored(taking, stored, record.fork_seen);
  }
  RENKEI_ASSIGN(const bool fresh, core.records.SaveNew(stored));
  if (!fresh) {
    stored.problem = "record: its number was used before";
    RENKEI_TRY(core.records.Save(stored));
    return WarnIgnored(taking, stored, false);
  }
  return record.opened.has_value() ? TakeWords(taking, stored, content) : Ok();
}

Status TakeOpenedRecord(Core& core, CaseRow& row, const RecordRow& before,
                        const AcceptedRecord& record, Changes& changes) {
  Taking taking{core, row, changes};
  RecordRow stored = RowOf(before.case_id, before.seq, before.received_at, record);
  care::v1::Content content;
  if (record.opened.has_value()) {
    content = FillContent(record, stored);
  }
  RENKEI_TRY(core.records.Save(stored));
  if (!stored.problem.empty()) {
    return WarnIgnored(taking, stored, record.fork_seen);
  }
  return record.opened.has_value() ? TakeWords(taking, stored, content) : Ok();
}

Result<bool> TakeOpenedHere(Core& core, CaseRow& row, const RecordRow& record) {
  RENKEI_ASSIGN(Standing standing,
                core.records.FindStanding(record.case_id, record.record_id, core.self()));
  if (standing.opened_here || standing.opened_at.has_value()) {
    return false;
  }
  standing.opened_here = true;
  CountOpened(core, row, record);
  RENKEI_TRY(core.records.SaveStanding(record.case_id, record.record_id, core.self(), standing));
  return true;
}

}  // namespace renkei::client
