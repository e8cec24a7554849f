// Rows of the outbox: what waits to be sent, in the order in which it goes. Knows keys and formats,
// no rules. Errors as the vault's; kCorrupt for a damaged row. One thread.
#ifndef RENKEI_CLIENT_CORE_OUTBOX_STORE_H_
#define RENKEI_CLIENT_CORE_OUTBOX_STORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "client/core/vault.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/thread/names.h"

namespace renkei::client {

// Why something waits. Stored: never renumber.
enum class WaitReason : std::uint32_t {
  kNotTried = 0,
  kNoConnection = 1,
  kNotJoined = 2,  // this device does not hold the case's keys (yet)
  kRemoved = 3,    // the person is no member any more
  kRefused = 4,    // the relay does not take it
  kThrottled = 5,
  kCaseStopped = 6,  // the thread could not be read to its end
  kRelayFull = 7,    // the relay answers, and cannot store
  kReturning = 8,    // the relay was restored and waits for what members hold (give_back.h)
  kNoSpaceLeft = 9,  // device or institution have too much in the relay's store
};
const char* WaitReasonText(WaitReason reason);

// Urgent before normal before what nobody waits for.
enum class Priority : std::uint8_t { kUrgent = 0, kNormal = 1, kQuiet = 2 };

struct OutboxItem {
  CaseId case_id;
  Bytes place;  // priority and order: the end of its key; empty: not stored yet
  RecordId record_id;
  std::uint32_t kind = 0;
  Bytes content;
  Millis created_at;
  bool urgent = false;
  std::uint32_t attempts = 0;
  WaitReason waiting = WaitReason::kNotTried;
  Bytes sealed;  // as it was or is being sent
  bool acknowledged = false;
  std::optional<Hash32> pack_key;  // instead of a record: a pack owed to this archive key
  Bytes pack;                      // relay.v1.AppendPackRequest
  thread::EpochRef at;             // under which `sealed` or `pack` was made
  Bytes alert_plan;                // goes with an urgent record; its hash is sealed
  std::uint64_t alert_seq = 0;     // an acknowledgement that ends the alert of this entry
  Millis retry_at;                 // the relay asked to wait until then; 0: it did not

  bool is_pack() const { return pack_key.has_value(); }
};

class OutboxStore {
 public:
  explicit OutboxStore(Vault& vault) : vault_(vault) {}

  // Behind everything of its priority. Sets item.place.
  Status Add(OutboxItem& item, Priority priority);
  Status AddPack(const CaseId& case_id, const Hash32& key_id, Millis now);
  Status Save(const OutboxItem& item);
  Status Erase(const CaseId& case_id, ByteView place);

  Result<std::vector<OutboxItem>> Items(const CaseId& case_id);
  Result<std::vector<OutboxItem>> All();
  Result<std::optional<OutboxItem>> FindRecord(const CaseId& case_id, const RecordId& record_id);

 private:
  Vault& vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_OUTBOX_STORE_H_
