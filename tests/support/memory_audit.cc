// The audit log, stored bytes, and what has no table of its own.
#include <algorithm>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

Result<std::uint64_t> MemoryTransaction::StoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id) {
  return Find(c_.usage, {whose, id}).value_or(0);
}

Result<std::optional<AuditRow>> MemoryTransaction::LastAudit() {
  return c_.audit.empty() ? std::optional<AuditRow>() : std::optional(c_.audit.rbegin()->second);
}

Result<std::vector<AuditRow>> MemoryTransaction::ReadAudit(std::uint64_t after, std::size_t limit) {
  std::vector<AuditRow> out;
  for (auto it = c_.audit.upper_bound(after); it != c_.audit.end() && out.size() < limit; ++it) {
    out.push_back(it->second);
  }
  return out;
}

Result<std::optional<Bytes>> MemoryTransaction::FindMeta(const std::string& name) {
  return Find(c_.meta, name);
}

Status MemoryTransaction::AddAudit(const AuditRow& row) {
  if (c_.audit.contains(row.seq)) {
    return Error(Code::kConflict, "store: the row is there already");
  }
  return Put(c_.audit, row.seq, row);
}

Status MemoryTransaction::AddStoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id,
                                         std::int64_t more) {
  const std::uint64_t there = Find(c_.usage, {whose, id}).value_or(0);
  const auto amount = static_cast<std::uint64_t>(more < 0 ? -more : more);
  return Put(c_.usage, {whose, id}, more < 0 ? there - std::min(amount, there) : there + amount);
}

Status MemoryTransaction::PutMeta(const std::string& name, ByteView value) {
  return Put(c_.meta, name, ToBytes(value));
}

Status MemoryTransaction::DeleteMeta(const std::string& name) {
  Erase(c_.meta, name);
  return Ok();
}

}  // namespace renkei::test
