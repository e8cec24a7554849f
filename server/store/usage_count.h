// Counting what devices and institutions have in the store from what is there: for who verifies
// what is noted, and for a store from before it was. One thread.
#ifndef RENKEI_SERVER_STORE_USAGE_COUNT_H_
#define RENKEI_SERVER_STORE_USAGE_COUNT_H_

#include <map>
#include <utility>

#include "server/core/rows.h"
#include "server/store/sqlite_db.h"

namespace renkei::server {

using UsageMap = std::map<std::pair<UsageOf, ByteArray<kIdBytes>>, std::uint64_t>;

// Walks every entry, in the caller's transaction. An entry that cannot be read is nobody's: the
// walk of its thread finds it (core/thread_check.h). As the tables are since version 2.
Result<UsageMap> CountUsage(Database& database);
// What the table stored_bytes says.
Result<UsageMap> ReadUsage(Database& database);
// Counts, and writes it into that table, which is empty (migrations.h).
Status WriteUsage(Database& database);

// Counts, and writes it over what the table says, in a transaction of its own. How many were wrong.
// A failure changes nothing: kUnavailable, kCorrupt.
Result<std::size_t> RewriteUsage(Database& database);

// Whose two numbers are not the same; who is not in one of them has 0 there.
std::map<UsageMap::key_type, std::pair<std::uint64_t, std::uint64_t>> DifferencesOf(
    const UsageMap& counted, const UsageMap& noted);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_USAGE_COUNT_H_
