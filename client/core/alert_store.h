// Rows of urgent alerts: which notes of the relay are about which record, and which alerts are open
// as far as the thread is here (proto/renkei/vault/v1/record.proto). Knows keys, no rules. Writes
// belong into the caller's transaction. Errors as the vault's; kCorrupt for a damaged key. One
// thread.
#ifndef RENKEI_CLIENT_CORE_ALERT_STORE_H_
#define RENKEI_CLIENT_CORE_ALERT_STORE_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "client/core/vault.h"
#include "crypto/thread/notice.h"

namespace renkei::client {

// Case and seq of an urgent record.
using AlertPlace = std::pair<CaseId, std::uint64_t>;

class AlertStore {
 public:
  explicit AlertStore(Vault& vault) : vault_(vault) {}

  // A record that calls somebody has been taken over; it is over.
  Status Open(const CaseId& case_id, std::uint64_t seq);
  Status Close(const CaseId& case_id, std::uint64_t seq);
  Result<std::vector<AlertPlace>> AllOpen();

  // `signed_note`: verified, as it stands in the thread at `note_seq`.
  Status AddNote(const CaseId& case_id, std::uint64_t seq, std::uint64_t note_seq,
                 ByteView signed_note);
  // In thread order.
  Result<std::vector<thread::RelayNote>> Notes(const CaseId& case_id, std::uint64_t seq);
  Result<std::optional<thread::RelayNote>> Note(const CaseId& case_id, std::uint64_t seq,
                                                std::uint64_t note_seq);

 private:
  Vault& vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ALERT_STORE_H_
