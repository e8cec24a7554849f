// What devices and institutions have in the store, in SQLite: remembered by the writer, and written
// once for each transaction, because a busy device appends many entries in one.
#include <algorithm>

#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

constexpr std::size_t kMaxKnownUsage = 20000;

}  // namespace

Result<std::uint64_t> SqliteTransaction::StoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id) {
  const UsageKey key{whose, id};
  if (const auto it = usage_.find(key); it != usage_.end()) {
    return it->second.bytes;
  }
  RENKEI_ASSIGN(const std::uint64_t bytes, LoadStoredBytes(key));
  if (is_writer_) {
    usage_[key] = {bytes, false};
  }
  return bytes;
}

Result<std::uint64_t> SqliteTransaction::LoadStoredBytes(const UsageKey& key) {
  Query query(db_, "SELECT bytes FROM stored_bytes WHERE owner = ? AND id = ?");
  query.Bind(static_cast<std::int64_t>(key.first)).Bind(key.second);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? query.Count() : 0;
}

Status SqliteTransaction::AddStoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id,
                                         std::int64_t more) {
  RENKEI_ASSIGN(const std::uint64_t there, StoredBytes(whose, id));
  const UsageKey key{whose, id};
  KnownUsage& known = usage_[key];
  const auto amount = static_cast<std::uint64_t>(more < 0 ? -more : more);
  known.bytes = more < 0 ? there - std::min(amount, there) : there + amount;
  if (!known.is_changed) {
    known.is_changed = true;
    changed_usage_.push_back(key);
  }
  wrote_ = true;
  return Ok();
}

Status SqliteTransaction::FlushUsage() {
  for (const UsageKey& key : changed_usage_) {
    KnownUsage& known = usage_[key];
    Query query(db_,
                "INSERT INTO stored_bytes (owner, id, bytes) VALUES (?, ?, ?)"
                " ON CONFLICT (owner, id) DO UPDATE SET bytes = excluded.bytes");
    query.Bind(static_cast<std::int64_t>(key.first)).Bind(key.second).BindCount(known.bytes);
    RENKEI_TRY(Run(query));
    known.is_changed = false;
  }
  changed_usage_.clear();
  if (usage_.size() > kMaxKnownUsage) {
    usage_.clear();
  }
  return Ok();
}

}  // namespace renkei::server
