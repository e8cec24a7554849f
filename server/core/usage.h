// What each device has made the relay keep, and how much it and its institution may
// (server/README.md "Bounds"). Counted in the transaction that stores it; `renkei-relay verify`
// counts again.
#ifndef RENKEI_SERVER_CORE_USAGE_H_
#define RENKEI_SERVER_CORE_USAGE_H_

#include "crypto/thread/card.h"
#include "server/core/caller.h"
#include "server/core/store.h"

namespace renkei::server {

// An honest clinic writes some 12 MiB a day (200 cases, 30 records each).
struct StoredLimits {
  std::uint64_t device_bytes = std::uint64_t{25} << 30U;
  std::uint64_t institution_bytes = std::uint64_t{100} << 30U;
  std::uint64_t device_threads = 10'000;
  std::uint64_t institution_threads = 50'000;
};

// Each row costs more than its bytes: keys, indexes, pages.
inline constexpr std::uint64_t kRowBytes = 128;
inline constexpr std::uint64_t kEnvelopeBytes = 256;  // with its row

Usage UsageOfRow(std::size_t bytes);  // of a record, a notice, a pack
// A commit's row and envelopes; and of the case, with its first card.
Usage UsageOfCommit(const thread::Card& card, std::size_t payload_bytes);
// Of a stored entry as it is. kMalformed and the like: it cannot be read.
Result<Usage> UsageOfEntry(thread::EntryKind kind, ByteView payload);

// Who pays for a stored entry: whose device wrote it. None: the relay's own note.
// kMalformed and the like: it cannot be read.
Result<std::optional<DeviceId>> PayerOf(thread::EntryKind kind, ByteView payload);

// Immutable; any thread.
class Quota {
 public:
  explicit Quota(const StoredLimits& limits) : limits_(limits) {}

  // Counts it for the caller's device and institution. kThrottled: one of them would be over its
  // limit; nothing was counted.
  Status Charge(WriteTransaction& transaction, const Caller& caller, const Usage& more) const;

 private:
  const StoredLimits limits_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_USAGE_H_
