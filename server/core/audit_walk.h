// The audit log's chain inside one transaction (audit.h), for who has no Store: a backup's
// database, or a relay's from another process.
#ifndef RENKEI_SERVER_CORE_AUDIT_WALK_H_
#define RENKEI_SERVER_CORE_AUDIT_WALK_H_

#include "server/core/audit.h"

namespace renkei::server {

// Walks the whole log as `transaction` sees it. kUnavailable, kCorrupt: it cannot be read. One
// thread.
Result<AuditVerdict> WalkAudit(ReadTransaction& transaction);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_AUDIT_WALK_H_
