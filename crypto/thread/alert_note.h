// What the relay says in the thread about an urgent alert: the part of its note that only notes of
// kind 2 have (crypto/README.md "Relay note"). Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_ALERT_NOTE_H_
#define RENKEI_CRYPTO_THREAD_ALERT_NOTE_H_

#include "crypto/thread/alert_plan.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {

// The calls of one step: every target of it, or every member.
inline constexpr std::size_t kMaxAlertCalls = 256;

// The values are written into the thread: never renumber.
enum class AlertEvent : std::uint8_t {
  kBegun = 1,         // with the plan, right behind its record
  kCalled = 2,        // one step: whom, and what came of it
  kAcknowledged = 3,  // the note's actor is the device that acknowledged: the one who responds
  kEnded = 4,         // the list ended and nobody had acknowledged
};

struct AlertNote {
  std::uint64_t seq = 0;  // of the urgent record in this thread
  AlertEvent event = AlertEvent::kBegun;
  std::uint32_t step = 0;        // steps done when this was written, this one included
  Bytes plan;                    // kBegun only, exactly as sent
  std::vector<AlertCall> calls;  // kCalled only, 1..kMaxAlertCalls

  friend bool operator==(const AlertNote&, const AlertNote&) = default;
};

// kMalformed: not what this event has.
Status ValidateAlertNote(const AlertNote& note);
void WriteAlertNote(FieldWriter& out, const AlertNote& note);
// kMalformed, kTooLarge, kUnsupported (an event, outcome or plan of a later Renkei).
Result<AlertNote> ParseAlertNote(ByteView bytes);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_ALERT_NOTE_H_
