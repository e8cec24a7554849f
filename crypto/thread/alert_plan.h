// Whom an urgent record calls, in which order, and how long each call waits (crypto/README.md
// "Alert plan"). The relay carries it out and open clients follow it by these same functions.
// Readable by the relay: nothing about the patient. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_ALERT_PLAN_H_
#define RENKEI_CRYPTO_THREAD_ALERT_PLAN_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/result.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxAlertPlanBytes = 4096;
inline constexpr std::size_t kMaxAlertSteps = 32;
inline constexpr std::size_t kMaxAlertTargets = 8;  // of one step
inline constexpr std::uint32_t kMaxAlertRounds = 10;
inline constexpr std::uint32_t kMaxProfession = 255;
inline constexpr Millis kMinAlertWait = Seconds(1);
inline constexpr Millis kMaxAlertWait = Days(1);
inline constexpr Millis kMaxAlertLength = Days(7);  // all waits of all rounds

// One person (both ids, no profession), or a profession: all members of it, those of one
// institution only if it is named. Numbers of crypto/pki's table; one that is of a later Renkei
// matches nobody.
struct AlertTarget {
  std::optional<InstitutionId> institution;
  std::optional<PersonId> person;
  std::uint32_t profession = 0;

  friend bool operator==(const AlertTarget&, const AlertTarget&) = default;
};

// Who is called together, and how long they have before the next step.
struct AlertStep {
  std::vector<AlertTarget> targets;  // 1..kMaxAlertTargets
  Millis wait;                       // kMinAlertWait..kMaxAlertWait, whole seconds

  friend bool operator==(const AlertStep&, const AlertStep&) = default;
};

struct AlertPlan {
  std::uint32_t rounds = 1;      // how often the list is gone through, 1..kMaxAlertRounds
  std::vector<AlertStep> steps;  // 1..kMaxAlertSteps

  friend bool operator==(const AlertPlan&, const AlertPlan&) = default;
};

// kMalformed with the field named; kTooLarge: too many steps, targets or rounds, or too long a
// plan.
Status ValidateAlertPlan(const AlertPlan& plan);
// The one encoding. `plan` must be valid, else our bug.
Bytes SerializeAlertPlan(const AlertPlan& plan);
// kMalformed, kTooLarge; kUnsupported: of a later Renkei.
Result<AlertPlan> ParseAlertPlan(ByteView bytes);
// What RecordHeader::alert_plan_hash is: SHA-256 of the encoding.
inline Hash32 HashOfAlertPlan(ByteView bytes) {
  return Sha256(bytes);
}

// Steps are counted over all rounds, from 0. Step CallsIn(plan) is the end of the list.
inline std::uint32_t CallsIn(const AlertPlan& plan) {
  return plan.rounds * static_cast<std::uint32_t>(plan.steps.size());
}
// k < CallsIn(plan).
inline const AlertStep& StepAt(const AlertPlan& plan, std::uint32_t k) {
  return plan.steps[k % plan.steps.size()];
}

// A member of the case on the card in force.
struct AlertMember {
  PersonRef person;
  std::uint32_t profession = 0;
  bool has_device = false;  // at least one whose certificate is valid and not revoked
};

// The values are written into the thread: never renumber.
enum class CallOutcome : std::uint8_t {
  kRang = 1,       // a stream of theirs was open
  kLeft = 2,       // none was: told as soon as one of their devices comes
  kNotMember = 3,  // skipped: the person is not, or no longer, a member
  kNoDevice = 4,   // skipped: every device of theirs has expired or was revoked
  kNobody = 5,     // skipped: no member of that profession but the sender
};
inline constexpr std::uint32_t kLastCallOutcome = 5;

struct AlertCall {
  AlertTarget who;  // a person; kNobody: the profession as the plan names it
  CallOutcome outcome = CallOutcome::kLeft;

  friend bool operator==(const AlertCall&, const AlertCall&) = default;
};

// Whom step `k` calls: the plan's order, nobody twice, within a profession by person. Who can be
// called has kLeft: whether a stream is open only the relay knows. The sender is called if named as
// a person, not as one of a profession. k < CallsIn(plan).
std::vector<AlertCall> CallsAt(const AlertPlan& plan, std::uint32_t k,
                               std::span<const AlertMember> members, const PersonRef& sender);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_ALERT_PLAN_H_
