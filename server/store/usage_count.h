// Counting what each device keeps from what is there: for a store from before it was counted, and
// for who verifies the count. One thread.
#ifndef RENKEI_SERVER_STORE_USAGE_COUNT_H_
#define RENKEI_SERVER_STORE_USAGE_COUNT_H_

#include <map>
#include <string>

#include "server/core/rows.h"
#include "server/store/sqlite_db.h"

namespace renkei::server {

// A row of `meta`: "usage d " or "usage i " and the id in hexadecimal; three numbers of 8 bytes,
// big endian: kept, passing, threads.
std::string UsageName(Owner owner, const ByteArray<kIdBytes>& id);
Bytes SerializeUsage(const Usage& usage);
Result<Usage> ParseUsage(ByteView bytes);  // kCorrupt

// There once a store's usage has been counted.
inline constexpr const char* kUsageCountedMeta = "usage counted";

using UsageByName = std::map<std::string, Usage>;

// `passing` is left 0: what passed is not there any more. An entry that cannot be read is nobody's.
Result<UsageByName> CountUsage(Database& database);
// What the rows of `meta` say.
Result<UsageByName> ReadUsage(Database& database);

// Once, in a store that was made before usage was counted: counts and writes it, as one
// transaction.
Status CountUsageIfNew(Database& database);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_USAGE_COUNT_H_
