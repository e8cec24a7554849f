#include "crypto/thread/alert_note.h"

#include "crypto/thread/alert_encoding.h"

namespace renkei::thread {
namespace {

constexpr std::uint32_t kLastEvent = 4;

Status CheckValue(std::uint32_t value, std::uint32_t last) {
  if (value == 0) {
    return Error(Code::kMalformed, "alert note: something is not said");
  }
  if (value > last) {
    return Error(Code::kUnsupported, "alert note: of a later version");
  }
  return Ok();
}

Result<AlertCall> ParseCall(ByteView bytes) {
  FieldReader in(bytes);
  AlertCall call;
  call.who = ReadTarget(in);
  const std::uint32_t outcome = in.U32(4);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "alert note: not the one encoding")));
  RENKEI_TRY(CheckValue(outcome, kLastCallOutcome));
  call.outcome = static_cast<CallOutcome>(outcome);
  return call;
}

}  // namespace

Status ValidateAlertNote(const AlertNote& note) {
  RENKEI_TRY(CheckValue(static_cast<std::uint32_t>(note.event), kLastEvent));
  const bool plan_fits = (note.event == AlertEvent::kBegun) != note.plan.empty();
  const bool calls_fit = (note.event == AlertEvent::kCalled) != note.calls.empty();
  if (note.seq == 0 || !plan_fits || !calls_fit) {
    return Error(Code::kMalformed, "alert note: not what this event has");
  }
  if (note.calls.size() > kMaxAlertCalls) {
    return Error(Code::kTooLarge, "alert note: too many calls");
  }
  for (const AlertCall& call : note.calls) {
    RENKEI_TRY(ValidateTarget(call.who));
    if (call.who.person.has_value() == (call.outcome == CallOutcome::kNobody)) {
      return Error(Code::kMalformed, "alert note: a call that does not fit its outcome");
    }
  }
  if (!note.plan.empty()) {
    RENKEI_TRY(ParseAlertPlan(note.plan));
  }
  return Ok();
}

void WriteAlertNote(FieldWriter& out, const AlertNote& note) {
  out.U64(1, note.seq);
  out.U64(2, static_cast<std::uint64_t>(note.event));
  out.U64(3, note.step);
  out.Blob(4, note.plan);
  for (const AlertCall& call : note.calls) {
    out.MessageItem(5, [&](FieldWriter& item) {
      WriteTarget(item, call.who);
      item.U64(4, static_cast<std::uint64_t>(call.outcome));
    });
  }
}

Result<AlertNote> ParseAlertNote(ByteView bytes) {
  FieldReader in(bytes);
  AlertNote note;
  note.seq = in.U64(1);
  const std::uint32_t event = in.U32(2);
  note.step = in.U32(3);
  note.plan = ToBytes(in.Blob(4));
  for (ByteView item; in.Next(5, item);) {
    if (note.calls.size() == kMaxAlertCalls) {
      return Error(Code::kTooLarge, "alert note: too many calls");
    }
    RENKEI_ASSIGN(const AlertCall call, ParseCall(item));
    note.calls.push_back(call);
  }
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "alert note: not the one encoding")));
  RENKEI_TRY(CheckValue(event, kLastEvent));
  note.event = static_cast<AlertEvent>(event);
  RENKEI_TRY(ValidateAlertNote(note));
  return note;
}

}  // namespace renkei::thread
