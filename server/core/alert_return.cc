#include "server/core/alert_return.h"

#include "crypto/thread/record_header.h"

namespace renkei::server {
namespace {

Result<AlertRow> NewRow(ReadTransaction& transaction, const thread::RelayNote& note,
                        const thread::Card& card) {
  RENKEI_ASSIGN(const auto entry, transaction.FindEntry(note.case_id, note.alert->seq));
  if (!entry || entry->kind != thread::EntryKind::kRecord) {
    return Error(Code::kCorrupt, "alert: the record that it is about is missing");
  }
  RENKEI_ASSIGN(const auto record, thread::ParseSealedRecord(entry->payload));
  AlertRow row;
  row.case_id = note.case_id;
  row.seq = note.alert->seq;
  row.record = record.header.record_id;
  row.sender_device = record.header.sender_device;
  if (const auto* sender = thread::FindMember(card, row.sender_device); sender != nullptr) {
    row.sender = sender->person;
  }
  row.plan = note.alert->plan;
  return row;
}

}  // namespace

Status TakeAlertNote(WriteTransaction& transaction, const thread::RelayNote& note,
                     const thread::Card& card) {
  if (!note.alert) {
    return Ok();
  }
  const thread::AlertNote& alert = *note.alert;
  RENKEI_ASSIGN(auto row, transaction.FindAlert(note.case_id, alert.seq));
  if (!row) {
    if (alert.event != thread::AlertEvent::kBegun) {
      return Ok();  // began before a time when alerts were kept: nothing to go on with
    }
    RENKEI_ASSIGN(row, NewRow(transaction, note, card));
  }
  const auto plan = thread::ParseAlertPlan(row->plan);
  if (!plan.ok()) {
    return Error(Code::kCorrupt, "alert: its plan is damaged");
  }
  row->next_step = alert.step;
  const Millis wait = alert.step == 0 ? Millis{0} : thread::StepAt(*plan, alert.step - 1).wait;
  row->timer = {{}, note.at, note.at, wait};
  if (alert.event == thread::AlertEvent::kAcknowledged) {
    row->state = AlertState::kAcknowledged;
    row->responder = note.actor;
  } else if (alert.event == thread::AlertEvent::kEnded) {
    row->state = AlertState::kEnded;
  }
  return transaction.PutAlert(*row);
}

}  // namespace renkei::server
