// The audit log: who did what when, and how it ended (G10). Rows are linked by a SHA-256 chain, so
// that a changed, missing or moved row is seen by Verify, and whoever noted an earlier head (it is
// logged at start and stop) sees a rewritten log. Metadata only: ids, never names or contents.
// What a thread's own chain already says (an accepted record) is not repeated here.
#ifndef RENKEI_SERVER_CORE_AUDIT_H_
#define RENKEI_SERVER_CORE_AUDIT_H_

#include <string_view>

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

AuditEvent EventOf(const Caller& caller, std::string_view action, std::string_view outcome,
                   const ByteArray<kIdBytes>& subject = {});

// Any thread.
class Audit {
 public:
  Audit(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // In the transaction of what happened: both are there or neither.
  Status Add(WriteTransaction& transaction, const AuditEvent& event) const;
  // On its own, for refusals and reads; nobody waits for it.
  void Note(const AuditEvent& event) const;

 private:
  Store& store_;
  const Clock& clock_;
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
