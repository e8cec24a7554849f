// Records in the vault: by thread position, found by id, their corrections; and who has received,
// opened, acknowledged and answered for them. Knows keys and formats, no rules. Writes belong into
// the caller's transaction. Errors as the vault's; kCorrupt for a damaged row. One thread.
#ifndef RENKEI_CLIENT_CORE_RECORD_STORE_H_
#define RENKEI_CLIENT_CORE_RECORD_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/core/vault.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/thread/names.h"

namespace renkei::client {

// The fields' meaning: proto/renkei/vault/v1/record.proto.
struct RecordRow {
  CaseId case_id;
  std::uint64_t seq = 0;
  RecordId record_id;
  std::uint32_t kind = 0;
  thread::PersonRef author;
  std::string author_name;
  DeviceId device;
  Millis created_at;
  Millis received_at;
  bool urgent = false;
  Bytes content;
  std::optional<RecordId> corrects;
  std::string correction_reason;
  std::optional<RecordId> answers;
  thread::EpochRef at;
  bool waiting_for_secret = false;
  std::string problem;
  std::uint64_t seen_seq = 0;
  Hash32 alert_plan_hash{};  // zeros: it calls nobody

  bool has_alert() const { return alert_plan_hash != Hash32{}; }
};

struct RecordPlace {
  CaseId case_id;
  std::uint64_t seq = 0;
  RecordId record_id;
  DeviceId sender_device;
};

// One person towards one record.
struct Standing {
  std::optional<Millis> opened_at;
  std::optional<Millis> acknowledged_at;
  std::string read_back;
  std::optional<Millis> responding_at;
  bool opened_here = false;
};

// What a person's devices have last been heard to hold.
struct Heard {
  std::uint64_t seq = 0;
  Millis at;
  std::uint64_t received_to = 0;
};

class RecordStore {
 public:
  explicit RecordStore(Vault& vault) : vault_(vault) {}

  // The row and its place. False, and nothing is written: the id is taken by a record that counts.
  Result<bool> SaveNew(const RecordRow& row);
  Status Save(const RecordRow& row);
  Result<std::optional<RecordRow>> Find(const CaseId& case_id, std::uint64_t seq);
  // In thread order; `after`: greater seqs only.
  Result<std::vector<RecordRow>> Records(const CaseId& case_id, std::uint64_t after);
  Result<std::optional<RecordPlace>> FindPlace(const RecordId& record_id);
  // Places whose record id, as text, begins with `text`; at most `limit`. kMalformed: not the
  // beginning of an id, or fewer than 4 characters.
  Result<std::vector<RecordPlace>> FindPlaces(std::string_view text, std::size_t limit);

  Status SaveCorrection(const RecordId& corrected, const RecordPlace& correction);
  // Oldest first.
  Result<std::vector<RecordPlace>> Corrections(const RecordId& corrected);

  Status SaveStanding(const CaseId& case_id, const RecordId& record_id,
                      const thread::PersonRef& person, const Standing& standing);
  Result<Standing> FindStanding(const CaseId& case_id, const RecordId& record_id,
                                const thread::PersonRef& person);
  Result<std::vector<std::pair<thread::PersonRef, Standing>>> Standings(const CaseId& case_id,
                                                                        const RecordId& record_id);

  // At `seq` (received at `at`) the person showed to have received the thread up to `received_to`.
  // 0: shows nothing but being heard. Order of calls does not matter.
  Status SaveHeard(const CaseId& case_id, const thread::PersonRef& person, std::uint64_t seq,
                   Millis at, std::uint64_t received_to);
  Result<std::vector<std::pair<thread::PersonRef, Heard>>> HeardOf(const CaseId& case_id);
  // When the person was first seen to have received entry `seq`.
  Result<std::optional<Millis>> ReceivedAt(const CaseId& case_id, const thread::PersonRef& person,
                                           std::uint64_t seq);

 private:
  Vault& vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_RECORD_STORE_H_
