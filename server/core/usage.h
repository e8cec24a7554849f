// How many bytes each device and each institution have in the store, and how many they may have
// (server/README.md "Stored bytes"). Counted in the transaction that stores or deletes;
// `renkei-relay verify` counts again from what is there. What counts here is a function of the
// rows alone, so that both come to the same.
#ifndef RENKEI_SERVER_CORE_USAGE_H_
#define RENKEI_SERVER_CORE_USAGE_H_

#include <optional>

#include "crypto/thread/card.h"
#include "crypto/thread/record_header.h"
#include "server/core/store.h"

namespace renkei::server {

// An office with 200 cases and 30 records a day writes some 12 MiB a day.
struct StoredLimits {
  std::uint64_t device_bytes = std::uint64_t{25} << 30U;
  std::uint64_t institution_bytes = std::uint64_t{100} << 30U;
};

// Beyond the limits, for what must get through although an institution is full: urgent alerts and
// their acknowledgements, certificates (one that expires cuts its device off).
inline constexpr std::uint64_t kStoredReserve = std::uint64_t{64} << 20U;

// A row costs more than its bytes: keys, indexes, pages.
inline constexpr std::uint64_t kRowBytes = 128;
// An envelope with its row; they are all of one size.
inline constexpr std::uint64_t kEnvelopeBytes = 384;
// What the relay itself will write for a record with an alert plan: the plan, twice, and its steps.
inline constexpr std::uint64_t kAlertBytes = std::uint64_t{32} << 10U;

constexpr std::uint64_t BytesOfRow(std::uint64_t bytes) {
  return bytes + kRowBytes;
}
std::uint64_t BytesOfRecord(const thread::RecordHeader& header, std::size_t record_bytes);
std::uint64_t BytesOfCommit(const thread::Card& card, std::size_t payload_bytes);

// Who pays. A certificate is paid for by its institution alone: who publishes it is not kept.
struct Payer {
  InstitutionId institution;
  std::optional<DeviceId> device;

  friend auto operator<=>(const Payer&, const Payer&) = default;
};
// For a row that a member of this card wrote; none: the device is not on it.
std::optional<Payer> PayerOf(const thread::Card& card, const DeviceId& device);
// Of an entry with this payload; `in_force`: the card at that entry, for a commit its own. None:
// the relay's own note. kMalformed and the like: it cannot be read.
struct EntryCost {
  Payer payer;
  std::uint64_t bytes = 0;
};
Result<std::optional<EntryCost>> CostOfEntry(thread::EntryKind kind, ByteView payload,
                                             const thread::Card& in_force);

// What is refused over a limit: kThrottled with one of these.
inline constexpr char kDeviceIsFull[] = "quota: this device has too much in the store";
inline constexpr char kInstitutionIsFull[] = "quota: this institution has too much in the store";

enum class Weight : std::uint8_t { kNormal, kMustGetThrough };

// Immutable; any thread.
class Quota {
 public:
  explicit Quota(const StoredLimits& limits) : limits_(limits) {}

  // Counts `bytes` more for the payer. kThrottled, before anything was written: it would be over a
  // limit.
  Status Charge(WriteTransaction& transaction, const Payer& payer, std::uint64_t bytes,
                Weight weight = Weight::kNormal) const;

 private:
  const StoredLimits limits_;
};

// Counts without looking at limits: what comes back after a restore, what was deleted.
Status CountStored(WriteTransaction& transaction, const Payer& payer, std::int64_t more);

// Takes off what a welcome cost that nobody waits for any more: its committer paid for it.
Status UncountWelcome(WriteTransaction& transaction, const GoneWelcome& welcome);

// Takes off what the thread's GroupInfo cost, before it is replaced. `in_force`: the card that it
// came with; null: there is none.
Status UncountGroupInfo(WriteTransaction& transaction, const CaseId& case_id,
                        const thread::Card* in_force);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_USAGE_H_
