// The audit log: who did what when, and how it ended (G10). Rows are linked by a SHA-256 chain, so
// that a changed, missing or moved row is seen by Verify, and whoever noted an earlier head (it is
// logged at start and stop) sees a rewritten log. Metadata only: ids, never names or contents.
// What a thread's own chain already says (an accepted record) is not repeated here.
#ifndef RENKEI_SERVER_CORE_AUDIT_H_
#define RENKEI_SERVER_CORE_AUDIT_H_

#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "server/core/audit_budget.h"
#include "server/core/caller.h"
#include "server/core/store.h"

namespace renkei::server {

// What happened. `action` and `outcome` are literals of at most kMaxAuditWord bytes.
struct AuditEvent {
  PersonRef person;
  DeviceId device;
  std::string_view action;
  std::string_view outcome;
  ByteArray<kIdBytes> subject{};
};

inline constexpr std::size_t kMaxAuditWord = 40;
// Notes that may wait; those beyond it are counted ("audit.lost").
inline constexpr std::size_t kMaxAuditNotes = 8192;

AuditEvent EventOf(const Caller& caller, std::string_view action, std::string_view outcome,
                   const ByteArray<kIdBytes>& subject = {});

// Any thread.
class Audit {
 public:
  Audit(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // In the transaction of what happened: both are there or neither.
  Status Add(WriteTransaction& transaction, const AuditEvent& event) const;
  // On its own, for refusals and reads; nobody waits for it. Notes share one piece of work in the
  // store, so that whoever asks in a loop cannot fill the queue that commits and records wait in.
  // Where too many wait, or the store cannot be written, the log says how many are missing as soon
  // as it can: "audit.lost", the count in the subject's last 8 bytes (big endian).
  void Note(const AuditEvent& event) const;
  // The same for what was refused: a device has a budget of these (audit_budget.h); a row
  // "audit.lost" under its name says how many of its own were too many.
  void NoteRefusal(const AuditEvent& event) const;
  // No note is on its way into the store. For whoever takes the relay down.
  bool idle() const;
  // Notes that were dropped since the start. Each is told in the log itself too, as a count.
  std::uint64_t lost() const;

 private:
  struct Noted {
    AuditEvent event;
    Millis at;
  };
  struct Batch {
    std::vector<Noted> notes;
    std::uint64_t lost = 0;
  };

  Status AddAt(WriteTransaction& transaction, const AuditEvent& event, Millis at) const;
  // Under the lock.
  void Keep(const AuditEvent& event) const;
  bool StartsWriting() const;
  void WriteNotes() const;
  Status AddBatch(WriteTransaction& transaction, const Batch& batch) const;
  // What was not written waits again.
  void GiveBack(Batch batch) const;

  Store& store_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  mutable Batch waiting_;
  mutable AuditBudget budget_;
  mutable std::uint64_t lost_ = 0;
  mutable bool writing_ = false;
  mutable Millis retry_at_{};
};

// The chain's hash at `row`, after `previous` (zeros before the first).
Hash32 AuditHash(const Hash32& previous, const AuditRow& row);

struct AuditVerdict {
  std::uint64_t rows = 0;
  Hash32 head{};
  std::uint64_t broken_at = 0;  // the first row that does not continue the chain; 0: none
};

// Walks the whole log.
Result<AuditVerdict> VerifyAudit(Store& store);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_AUDIT_H_
