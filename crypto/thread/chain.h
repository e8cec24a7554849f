// The hash chain of a thread (crypto/README.md "Thread entry and chain"): gap-free sequence
// numbers from 1, received_at never decreasing, each hash over the one before. Relay and clients
// both compute it; neither believes the other. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_CHAIN_H_
#define RENKEI_CRYPTO_THREAD_CHAIN_H_

#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"

namespace renkei::thread {

// The values are those of renkei.seal.v1.EntryKind: never renumber.
enum class EntryKind : std::uint8_t {
  kCommit = 1,
  kRecord = 2,
  kPack = 3,
  kRelayNote = 4,
  kClosing = 5,
};

// One entry as stored or received. `payload` lives as long as what it was taken from.
struct EntryView {
  CaseId case_id;
  std::uint64_t seq = 0;  // 1..
  EntryKind kind = EntryKind::kCommit;
  Millis received_at;  // the relay's clock
  ByteView payload;    // 1..kMaxPayloadBytes (entry.h)
  Hash32 hash{};       // what the relay says that the chain is, up to and including this entry
};

// Where a reader stands in one thread.
struct Position {
  std::uint64_t seq = 0;  // 0: before the first entry
  Hash32 hash{};
  Millis received_at;

  friend bool operator==(const Position&, const Position&) = default;
};

// The position before the first entry: seq 0, SHA-256("Renkei 1.0 thread start" || case_id).
Position StartOf(const CaseId& case_id);

// SHA-256("Renkei 1.0 thread entry" || hash_{n-1} || u64be seq || u8 kind || i64be received_at ||
// SHA-256(payload)). Looks at neither order nor `entry.hash`.
Hash32 NextHash(const Hash32& previous, const EntryView& entry);

// The same for who stores only the payload's hash (SHA-256 of the payload).
Hash32 NextHash(const Hash32& previous, std::uint64_t seq, EntryKind kind, Millis received_at,
                const Hash32& payload_hash);

// The position after `entry`, if it continues the thread of `case_id` at `position`.
//   kConflict      another case's entry, a repeated or skipped sequence number, time going back:
//                  the relay errs or lies; keep what is there, report it (G4)
//   kAuthFailed    the hash is not the chain's: the same
Result<Position> CheckNext(const CaseId& case_id, const Position& position, const EntryView& entry);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_CHAIN_H_
