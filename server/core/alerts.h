// Urgent alerts (server/README.md "Urgent alerts"): they begin with a record, call whom the plan
// names step by step, and end when somebody acknowledges or the list does. Each step is an entry of
// the thread and a rewritten row, in one transaction: it happens once, whatever dies when. Knows no
// thread of its own: whoever drives it (server/alert_driver.h) asks when to come again.
#ifndef RENKEI_SERVER_CORE_ALERTS_H_
#define RENKEI_SERVER_CORE_ALERTS_H_

#include <functional>
#include <mutex>
#include <optional>

#include "server/core/elapsed.h"
#include "server/core/relay_note.h"
#include "server/core/threads.h"

namespace renkei::server {

// Open at once; over that an urgent record is kThrottled, and says so to its sender.
inline constexpr std::size_t kMaxOpenAlertsOfCase = 16;
inline constexpr std::size_t kMaxOpenAlertsOfDevice = 32;
// In one transaction; the rest follows at once.
inline constexpr std::size_t kMaxAlertStepsTogether = 64;
// Until a thread is looked at again that cannot be written to now: it waits for what members hold
// (returns.h), or its card cannot be read.
inline constexpr Millis kAlertRetry = Seconds(5);

struct AcknowledgeOutcome {
  PostOutcome post;
  std::optional<DeviceId> responder;  // with Accepted, Duplicate: who acknowledged first
};

// Any thread.
class Alerts {
 public:
  // Everything outlives it. `changed` of SetDriver may be called until it is set again.
  Alerts(Store& store, const Clock& clock, const ElapsedClock& elapsed, const Audit& audit,
         Directory& directory, CardCache& cards, const HeadSigner& signer, const Returns& returns,
         Threads& threads, WatchHub& hub)
      : store_(store),
        clock_(clock),
        elapsed_(elapsed),
        audit_(audit),
        directory_(directory),
        cards_(cards),
        signer_(signer),
        returns_(returns),
        threads_(threads),
        hub_(hub) {}

  // Threads::Append of a record with its plan; the entry, the alert and its first timer are one
  // transaction. Errors as there, and:
  //   kMalformed, kTooLarge, kUnsupported  no plan, not the one that the record names, or a record
  //                                        that is not urgent
  //   kThrottled                           kMaxOpenAlertsOfCase, kMaxOpenAlertsOfDevice
  void Append(const Caller& caller, ByteView record, ByteView plan, Reply<PostOutcome> reply);
  // Threads::Append of a sealed acknowledgement, and the end of the alert that began with entry
  // `alert_seq`, in one transaction. Refusals beside those: kNoAlert, kOwnAlert, kNotSeen.
  void Acknowledge(const Caller& caller, ByteView record, std::uint64_t alert_seq,
                   Reply<AcknowledgeOutcome> reply);

  // Carries out every step that is due, then says how long until the next one; none: nothing is
  // open. One call at a time. kUnavailable: nothing was done, come again.
  void RunDue(Reply<std::optional<Millis>> reply);
  // Told, on any thread, when an alert began: RunDue again. Empty: nobody.
  void SetDriver(std::function<void()> changed);

 private:
  class Beginning;
  class Ending;
  struct Round;

  Status RunRound(WriteTransaction& transaction, Round& round) const;
  // False: the thread cannot take it now.
  Result<bool> Step(WriteTransaction& transaction, AlertRow& alert, Round& round) const;
  Status Note(WriteTransaction& transaction, ThreadRow& row, const AlertRow& alert,
              thread::AlertNote note, const std::optional<DeviceId>& actor) const;
  void TellDriver() const;

  Store& store_;
  const Clock& clock_;
  const ElapsedClock& elapsed_;
  const Audit& audit_;
  Directory& directory_;
  CardCache& cards_;
  const HeadSigner& signer_;
  const Returns& returns_;
  Threads& threads_;
  WatchHub& hub_;

  mutable std::mutex driver_mutex_;
  std::function<void()> driver_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ALERTS_H_
