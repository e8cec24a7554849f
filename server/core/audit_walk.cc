#include "server/core/audit_walk.h"

namespace renkei::server {

Result<AuditVerdict> WalkAudit(ReadTransaction& transaction) {
  constexpr std::size_t kPage = 1000;
  AuditVerdict verdict;
  for (;;) {
    RENKEI_ASSIGN(const std::vector<AuditRow> rows, transaction.ReadAudit(verdict.rows, kPage));
    for (const AuditRow& row : rows) {
      if (row.seq != verdict.rows + 1 || row.hash != AuditHash(verdict.head, row)) {
        verdict.broken_at = verdict.rows + 1;
        return verdict;
      }
      verdict.rows = row.seq;
      verdict.head = row.hash;
    }
    if (rows.empty()) {
      return verdict;
    }
  }
}

}  // namespace renkei::server
