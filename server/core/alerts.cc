#include "server/core/alerts.h"

#include <algorithm>
#include <utility>

#include "server/core/alert_calls.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

// The plan belongs to the record: its hash is in what the sender signed.
Result<thread::RecordHeader> CheckPlan(ByteView record, ByteView plan) {
  RENKEI_ASSIGN(const auto parsed, thread::ParseSealedRecord(record));
  const thread::RecordHeader& header = parsed.header;
  if (header.urgency != thread::Urgency::kUrgent ||
      header.alert_plan_hash != thread::HashOfAlertPlan(plan)) {
    return Error(Code::kMalformed, "alert: not the plan that the record names");
  }
  RENKEI_TRY(thread::ParseAlertPlan(plan));
  return header;
}

}  // namespace

Status Alerts::Note(WriteTransaction& transaction, ThreadRow& row, const AlertRow& alert,
                    thread::AlertNote note, const std::optional<DeviceId>& actor) const {
  note.seq = alert.seq;
  note.step = alert.next_step;
  thread::RelayNote out;
  out.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kAlertStep);
  out.subject = alert.record.bytes;
  out.actor = actor;
  out.alert = std::move(note);
  return AppendRelayNote(transaction, row, std::move(out), signer_, clock_.Now());
}

// A record that begins an alert.
class Alerts::Beginning final : public BesideRecord {
 public:
  Beginning(const Alerts& alerts, const Caller& caller, const RecordId& record, ByteView plan)
      : alerts_(alerts), caller_(caller), record_(record), plan_(ToBytes(plan)) {}

  Result<std::optional<Refusal>> Judge(ReadTransaction& transaction,
                                       const ThreadRow& row) override {
    RENKEI_ASSIGN(const std::size_t of_case, transaction.CountOpenAlerts(row.case_id));
    RENKEI_ASSIGN(const std::size_t of_device, transaction.CountOpenAlertsOf(caller_.device));
    if (of_case >= kMaxOpenAlertsOfCase || of_device >= kMaxOpenAlertsOfDevice) {
      return Error(Code::kThrottled, "alert: too many are open");
    }
    return std::optional<Refusal>();
  }

  Status Carry(WriteTransaction& transaction, ThreadRow& row, const CardInForce& /*card*/,
               std::uint64_t seq) override {
    RENKEI_ASSIGN(const auto there, transaction.FindAlert(row.case_id, seq));
    if (there) {
      return Ok();  // a retry
    }
    AlertRow alert;
    alert.case_id = row.case_id;
    alert.seq = seq;
    alert.record = record_;
    alert.sender = caller_.person;
    alert.sender_device = caller_.device;
    alert.plan = plan_;
    alert.timer = StartTimer(alerts_.elapsed_.Now(), alerts_.clock_.Now(), Millis{0});
    RENKEI_TRY(alerts_.Note(transaction, row, alert, {0, thread::AlertEvent::kBegun, 0, plan_, {}},
                            std::nullopt));
    RENKEI_TRY(transaction.PutAlert(alert));
    return alerts_.audit_.Add(transaction,
                              EventOf(caller_, "alerts.begin", "accepted", row.case_id.bytes));
  }

 private:
  const Alerts& alerts_;
  const Caller caller_;
  const RecordId record_;
  const Bytes plan_;
};

// An acknowledgement that ends one.
class Alerts::Ending final : public BesideRecord {
 public:
  Ending(const Alerts& alerts, const Caller& caller, const thread::RecordHeader& header,
         std::uint64_t alert_seq)
      : alerts_(alerts), caller_(caller), seen_seq_(header.seen_seq), alert_seq_(alert_seq) {}

  Result<std::optional<Refusal>> Judge(ReadTransaction& transaction,
                                       const ThreadRow& row) override {
    RENKEI_ASSIGN(const auto alert, transaction.FindAlert(row.case_id, alert_seq_));
    if (!alert) {
      return std::optional(Refusal::kNoAlert);
    }
    if (alert->sender == caller_.person) {
      return std::optional(Refusal::kOwnAlert);
    }
    // Whoever has not been shown the record cannot have read it back.
    return seen_seq_ < alert_seq_ ? std::optional(Refusal::kNotSeen) : std::optional<Refusal>();
  }

  Status Carry(WriteTransaction& transaction, ThreadRow& row, const CardInForce& /*card*/,
               std::uint64_t /*seq*/) override {
    RENKEI_ASSIGN(auto alert, transaction.FindAlert(row.case_id, alert_seq_));
    if (!alert) {
      return Error(Code::kCorrupt, "alert: it went while it was acknowledged");
    }
    if (alert->state != AlertState::kAcknowledged) {
      alert->state = AlertState::kAcknowledged;
      alert->responder = caller_.device;
      RENKEI_TRY(alerts_.Note(transaction, row, *alert,
                              {0, thread::AlertEvent::kAcknowledged, 0, {}, {}}, caller_.device));
      RENKEI_TRY(transaction.PutAlert(*alert));
      RENKEI_TRY(alerts_.audit_.Add(
          transaction, EventOf(caller_, "alerts.acknowledge", "accepted", row.case_id.bytes)));
    }
    responder_ = alert->responder;
    return Ok();
  }

  const std::optional<DeviceId>& responder() const { return responder_; }

 private:
  const Alerts& alerts_;
  const Caller caller_;
  const std::uint64_t seen_seq_;
  const std::uint64_t alert_seq_;
  std::optional<DeviceId> responder_;
};

void Alerts::Append(const Caller& caller, ByteView record, ByteView plan,
                    Reply<PostOutcome> reply) {
  const auto header = CheckPlan(record, plan);
  if (!header.ok()) {
    return reply(header.error());
  }
  auto beside = std::make_shared<Beginning>(*this, caller, header->record_id, plan);
  threads_.AppendWith(caller, record, std::move(beside),
                      [this, reply = std::move(reply)](Result<PostOutcome> outcome) {
                        const bool begun =
                            outcome.ok() && (std::holds_alternative<Accepted>(*outcome) ||
                                             std::holds_alternative<Duplicate>(*outcome));
                        reply(std::move(outcome));
                        if (begun) {
                          TellDriver();
                        }
                      });
}

void Alerts::Acknowledge(const Caller& caller, ByteView record, std::uint64_t alert_seq,
                         Reply<AcknowledgeOutcome> reply) {
  const auto parsed = thread::ParseSealedRecord(record);
  if (!parsed.ok()) {
    return reply(parsed.error());
  }
  if (parsed->header.alert_plan_hash != Hash32{}) {
    return reply(Error(Code::kMalformed, "acknowledge: a record that begins an alert"));
  }
  auto beside = std::make_shared<Ending>(*this, caller, parsed->header, alert_seq);
  threads_.AppendWith(caller, record, beside,
                      [beside, reply = std::move(reply)](Result<PostOutcome> outcome) {
                        if (!outcome.ok()) {
                          return reply(outcome.error());
                        }
                        reply(AcknowledgeOutcome{std::move(*outcome), beside->responder()});
                      });
}

// What one transaction of steps did, told when it is durable.
struct Alerts::Round {
  struct Told {
    CaseId case_id;
    std::shared_ptr<const CardInForce> card;
    std::vector<PersonRef> called;
  };
  std::vector<Told> told;
  std::optional<Millis> next;

  void ComeAgain(Millis in) { next = next ? std::min(*next, in) : in; }
};

void Alerts::RunDue(Reply<std::optional<Millis>> reply) {
  auto round = std::make_shared<Round>();
  store_.Write(
      [this, round](WriteTransaction& transaction) { return RunRound(transaction, *round); },
      [this, round, reply = std::move(reply)](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        for (const Round::Told& told : round->told) {
          hub_.ThreadChanged(told.case_id, told.card->persons);
          for (const PersonRef& person : told.called) {
            hub_.AlertCalls(person);
          }
        }
        reply(std::optional(round->next));
      });
}

Status Alerts::RunRound(WriteTransaction& transaction, Round& round) const {
  round = Round();
  RENKEI_ASSIGN(std::vector<AlertRow> open, transaction.OpenAlerts());
  for (AlertRow& alert : open) {
    const Millis remaining = RemainingOf(alert.timer, elapsed_.Now(), clock_.Now());
    if (remaining > Millis{0}) {
      round.ComeAgain(remaining);
      continue;
    }
    if (round.told.size() == kMaxAlertStepsTogether) {
      round.ComeAgain(Millis{0});
      break;
    }
    RENKEI_ASSIGN(const bool done, Step(transaction, alert, round));
    if (!done) {
      round.ComeAgain(kAlertRetry);
    } else if (alert.state == AlertState::kOpen) {
      round.ComeAgain(alert.timer.wait);
    }
  }
  return Ok();
}

Result<bool> Alerts::Step(WriteTransaction& transaction, AlertRow& alert, Round& round) const {
  const auto plan = thread::ParseAlertPlan(alert.plan);
  RENKEI_ASSIGN(auto row, transaction.FindThread(alert.case_id));
  if (!plan.ok() || !row) {
    return false;  // damaged: `verify` names it, and it must not stop the others
  }
  RENKEI_ASSIGN(const bool may_post, returns_.MayPost(transaction, *row));
  const auto card = cards_.Get(transaction, *row);
  if (!may_post || (!card.ok() && card.error().code() == Code::kCorrupt)) {
    return false;
  }
  if (!card.ok()) {
    return card.error();
  }
  thread::AlertNote note;
  Round::Told told{alert.case_id, *card, {}};
  if (alert.next_step >= thread::CallsIn(*plan)) {
    alert.state = AlertState::kEnded;
    note.event = thread::AlertEvent::kEnded;
  } else {
    RENKEI_ASSIGN(const auto members,
                  MembersOf(transaction, directory_, (*card)->card(), clock_.Now()));
    note.event = thread::AlertEvent::kCalled;
    note.calls = thread::CallsAt(*plan, alert.next_step, members, alert.sender);
    for (thread::AlertCall& call : note.calls) {
      if (call.outcome == thread::CallOutcome::kLeft) {
        const PersonRef person{*call.who.institution, *call.who.person};
        told.called.push_back(person);
        call.outcome =
            hub_.IsListening(person) ? thread::CallOutcome::kRang : thread::CallOutcome::kLeft;
      }
    }
    alert.timer =
        StartTimer(elapsed_.Now(), clock_.Now(), thread::StepAt(*plan, alert.next_step).wait);
    ++alert.next_step;
  }
  RENKEI_TRY(Note(transaction, *row, alert, std::move(note), std::nullopt));
  RENKEI_TRY(transaction.PutThread(*row));
  RENKEI_TRY(transaction.PutAlert(alert));
  round.told.push_back(std::move(told));
  return true;
}

void Alerts::SetDriver(std::function<void()> changed) {
  const std::lock_guard lock(driver_mutex_);
  driver_ = std::move(changed);
}

void Alerts::TellDriver() const {
  const std::lock_guard lock(driver_mutex_);
  if (driver_) {
    driver_();
  }
}

}  // namespace renkei::server
