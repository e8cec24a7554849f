// A case's rows in the vault: where we stand, entries as received, cards, archive secrets, a commit
// under way. MLS states: group_store.h. Knows keys and formats, no rules. Writes belong into the
// caller's transaction. Errors as the vault's; kCorrupt for a damaged row. One thread.
#ifndef RENKEI_CLIENT_CORE_CASE_STORE_H_
#define RENKEI_CLIENT_CORE_CASE_STORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "client/core/vault.h"
#include "crypto/seal/pack.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/closing.h"
#include "crypto/thread/entry.h"

namespace renkei::client {

// Table::kCases; the fields' meaning: proto/renkei/vault/v1/case.proto.
struct CaseRow {
  CaseId case_id;
  thread::Position position;
  bool has_card = false;
  thread::EpochRef at;  // of the card in force
  Hash32 card_hash{};
  bool removed = false;
  std::uint64_t patient_seq = 0;
  std::uint64_t unread = 0;
  std::uint64_t urgent_open = 0;
  std::uint64_t receipt_sent_to = 0;
  std::uint64_t newest_foreign_seq = 0;
  bool fetch_envelopes = false;
  bool fetch_packs = false;
  bool rejoin = false;
  bool checked = false;
  thread::EpochRef checked_to;
  std::uint64_t newest_seq_told = 0;
  bool has_group = false;
  Millis leaf_at;  // when this device's leaf was last renewed, or came in
  thread::Closing closing;
  Millis deletion_announced_at;  // 0: not
  Bytes deletion;                // SignedDeletionCertificate; empty: the relay has the case
};

struct StoredCardAt {
  thread::SignedCard card;
  std::uint64_t seq = 0;
  Millis received_at;
};

// A commit of ours that may or may not have reached the relay.
struct SentCommit {
  Bytes request;  // relay.v1.CommitRequest
  Hash32 card_hash{};
  thread::EpochRef at;
  bool create = false;
  std::vector<thread::PersonRef> add;
  std::vector<thread::PersonRef> remove;
  std::vector<Hash32> new_keys;  // archive keys to which a pack is owed once it is accepted
};

class CaseStore {
 public:
  explicit CaseStore(Vault& vault) : vault_(vault) {}

  Result<std::vector<CaseRow>> Rows();
  Result<std::optional<CaseRow>> FindRow(const CaseId& case_id);
  Status SaveRow(const CaseRow& row);

  Status SaveEntry(const thread::EntryView& entry);
  // From first to last, both included, as far as they are here.
  Result<std::vector<thread::Entry>> Entries(const CaseId& case_id, std::uint64_t first,
                                             std::uint64_t last);
  // The chain's hash there; that of the start for 0; none beyond what is here.
  Result<std::optional<Hash32>> HashAt(const CaseId& case_id, std::uint64_t seq);

  Status SaveCard(const StoredCardAt& card);
  Result<std::optional<StoredCardAt>> FindCard(const CaseId& case_id, const thread::EpochRef& at);
  // All, oldest first.
  Result<std::vector<StoredCardAt>> Cards(const CaseId& case_id);

  Status SaveSecret(const CaseId& case_id, const thread::EpochRef& at, const SecretBytes& secret);
  Result<std::optional<SecretBytes>> FindSecret(const CaseId& case_id, const thread::EpochRef& at);
  // All, by epoch. Secret.
  Result<std::vector<seal::PackSecret>> Secrets(const CaseId& case_id);
  Result<std::vector<thread::EpochRef>> EpochsWithSecret(const CaseId& case_id);

  // Where it leads: GroupStore.
  Status SaveSent(const CaseId& case_id, const SentCommit& sent);
  Status EraseSent(const CaseId& case_id);
  Result<std::optional<SentCommit>> FindSent(const CaseId& case_id);

 private:
  Vault& vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CASE_STORE_H_
