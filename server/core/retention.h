// Retention (server/README.md "Retention"): a case that a steward ended is kept for years, then
// announced in its thread, and after a month deleted, with a certificate. Never earlier, whatever a
// clock says: the month is counted in time that the relay has run. Knows no thread of its own:
// whoever drives it (server/retention_watch.h) comes now and then.
#ifndef RENKEI_SERVER_CORE_RETENTION_H_
#define RENKEI_SERVER_CORE_RETENTION_H_

#include "crypto/thread/deletion.h"
#include "server/core/relay_note.h"
#include "server/core/reply.h"
#include "server/core/returns.h"

namespace renkei::server {

class WatchHub;

// Announced or deleted in one transaction; the rest follows at the next look.
inline constexpr std::size_t kMaxRetentionStepsTogether = 16;
// Of what deleted threads left, in one transaction.
inline constexpr std::size_t kMaxRemainsTogether = 500;

struct RetentionRules {
  std::uint32_t years = 5;  // after the end; a notice may ask for more
  bool deletes = true;      // false: nothing is announced, nothing deleted
};

struct RetentionLook {
  std::size_t announced = 0;
  std::size_t deleted = 0;
  bool has_more = false;  // look again soon
};

// Any thread.
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
  // has run since it last looked, by a clock that nobody sets. kUnavailable, kCorrupt: nothing was
  // changed; look again later, and count that time too.
  void Look(const RetentionRules& rules, Millis ran, Reply<RetentionLook> reply) const;

 private:
  struct Round;

  Status RunRound(WriteTransaction& transaction, const RetentionRules& rules, Millis ran,
                  Round& round) const;
  Status LookAt(WriteTransaction& transaction, ThreadRow& row, std::uint32_t years, Millis ran,
                Round& round) const;
  Status Announce(WriteTransaction& transaction, ThreadRow& row, Millis ran, Round& round) const;
  Status Delete(WriteTransaction& transaction, const ThreadRow& row, std::uint32_t years,
                const AnnouncementRow& announced, Round& round) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  CardCache& cards_;
  const HeadSigner& signer_;
  const Returns& returns_;
  WatchHub& hub_;
  const thread::IncarnationId incarnation_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RETENTION_H_
