// Retention (server/README.md "Retention"): a case that a steward ended is kept for years, then
// announced in its thread, and after a month deleted, with a certificate. Never earlier, whatever a
// clock says: the month is counted in time that the relay has run. Knows no thread of its own:
// whoever drives it (server/retention_watch.h) comes now and then.
#ifndef RENKEI_SERVER_CORE_RETENTION_H_
#define RENKEI_SERVER_CORE_RETENTION_H_

#include <map>
#include <optional>
#include <set>

#include "crypto/thread/deletion.h"
#include "server/core/relay_note.h"
#include "server/core/reply.h"
#include "server/core/returns.h"
#include "server/core/thread_usage.h"

namespace renkei::server {

class WatchHub;

// Announced or deleted in one transaction; the rest follows at the next look.
inline constexpr std::size_t kMaxRetentionStepsTogether = 16;
// Pages of threads (ThreadWalk) that are read in one look before they are deleted.
inline constexpr std::size_t kMaxPagesTogether = 8;
// Of what deleted threads left, in one transaction: each may be on a page of its own, which nobody
// has read for years.
inline constexpr std::size_t kMaxRemainsTogether = 100;

struct RetentionRules {
  std::uint32_t years = 5;  // after the end; a notice may ask for more
  bool deletes = true;      // false: nothing is announced, nothing deleted
};

struct RetentionLook {
  std::size_t announced = 0;
  std::size_t deleted = 0;
  bool has_more = false;  // look again soon
};

// One call at a time, of any thread.
class Retention {
 public:
  // Everything outlives it.
  Retention(Store& store, const Clock& clock, const Audit& audit, CardCache& cards,
            const HeadSigner& signer, const Returns& returns, WatchHub& hub,
            const thread::IncarnationId& incarnation)
      : store_(store),
        clock_(clock),
        audit_(audit),
        cards_(cards),
        signer_(signer),
        returns_(returns),
        hub_(hub),
        incarnation_(incarnation) {}

  // Announces what is due, deletes what was announced long enough ago. `ran`: how long the relay
  // has run since it last looked, by a clock that nobody sets. Reads at most kMaxPagesTogether on
  // the caller's thread. kUnavailable, kCorrupt: nothing was changed; look again later, and count
  // that time too. A damaged thread stays, and keeps no other one.
  void Look(const RetentionRules& rules, Millis ran, Reply<RetentionLook> reply);

 private:
  struct Round;
  enum class Due : std::uint8_t { kNothing, kAnnouncement, kDeletion };

  Result<Due> DueOf(ReadTransaction& transaction, const ThreadRow& row, std::uint32_t years,
                    Millis ran) const;
  // What takes long, where no write waits for it: reads the threads that are to be deleted.
  Status ReadOn(ReadTransaction& transaction, const RetentionRules& rules, Millis ran,
                Round& round);
  Status RunRound(WriteTransaction& transaction, const RetentionRules& rules, Millis ran,
                  Round& round) const;
  Status Announce(WriteTransaction& transaction, ThreadRow& row, Millis ran, Round& round) const;
  Status Delete(WriteTransaction& transaction, const ThreadRow& row, std::uint32_t years,
                Round& round) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  CardCache& cards_;
  const HeadSigner& signer_;
  const Returns& returns_;
  WatchHub& hub_;
  const thread::IncarnationId incarnation_;
  std::optional<ThreadWalk> walk_;  // of a thread that took more than one look
  // Not read again while this runs: only a stopped relay is restored, and whoever began with them
  // at each look would never come to the end of a long one behind them.
  std::set<CaseId> damaged_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RETENTION_H_
