#include "client/core/case_store.h"

#include <utility>

#include "client/core/keys.h"
#include "crypto/seal/archive.h"
#include "renkei/seal/v1/thread.pb.h"
#include "renkei/vault/v1/case.pb.h"

namespace renkei::client {
namespace {

constexpr Error kDamaged(Code::kCorrupt, "vault: damaged row of a case");

Bytes Named(std::string_view name, const CaseId& case_id) {
  return RowKey(name).Add(case_id.view()).bytes();
}

Bytes EpochKey(const CaseId& case_id, const thread::EpochRef& at) {
  return RowKey(case_id.view()).AddEpoch(at).bytes();
}

Bytes CardKey(const CaseId& case_id, const thread::EpochRef& at) {
  return RowKey("c").Add(case_id.view()).AddEpoch(at).bytes();
}

Bytes SecretNameKey(const CaseId& case_id, const thread::EpochRef& at) {
  return RowKey("s").Add(case_id.view()).AddEpoch(at).bytes();
}

Result<thread::EpochRef> EpochOfKey(ByteView key) {
  if (key.size() != kIdBytes + 12) {
    return kDamaged;
  }
  RENKEI_ASSIGN(const std::uint64_t epoch, LastU64(key));
  RENKEI_ASSIGN(const std::uint64_t high, LastU64(key.first(key.size() - 8)));
  return thread::EpochRef{static_cast<std::uint32_t>(high), epoch};
}

Result<CaseRow> ToRow(ByteView key, ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCase>(value));
  CaseRow row;
  RENKEI_ASSIGN(row.case_id, StoredId<CaseId>(AsText(key)));
  row.position.seq = stored.seq();
  RENKEI_ASSIGN(row.position.hash, StoredHash(stored.hash()));
  row.position.received_at = {stored.received_at()};
  row.has_card = stored.has_card();
  row.at = {stored.generation(), stored.epoch()};
  RENKEI_ASSIGN(row.card_hash, StoredHash(stored.card_hash()));
  row.removed = stored.removed();
  row.patient_seq = stored.patient_seq();
  row.unread = stored.unread();
  row.urgent_open = stored.urgent_open();
  row.receipt_sent_to = stored.receipt_sent_to();
  row.newest_foreign_seq = stored.newest_foreign_seq();
  row.fetch_envelopes = stored.fetch_envelopes();
  row.fetch_packs = stored.fetch_packs();
  row.rejoin = stored.rejoin();
  row.checked = stored.checked();
  row.checked_to = {stored.checked_generation(), stored.checked_epoch()};
  row.newest_seq_told = stored.newest_seq_told();
  row.has_group = stored.has_group();
  row.leaf_at = {stored.leaf_at()};
  row.closing = {
      stored.closing_seq(), stored.is_closed(), stored.keep_years(), {stored.counted_from()}};
  row.deletion_announced_at = {stored.deletion_announced_at()};
  row.deletion = ToBytes(AsBytes(stored.deletion()));
  return row;
}

vault::v1::StoredCase FromRow(const CaseRow& row) {
  vault::v1::StoredCase stored;
  stored.set_version(1);
  stored.set_seq(row.position.seq);
  stored.set_hash(ToString(row.position.hash));
  stored.set_received_at(row.position.received_at.value);
  stored.set_has_card(row.has_card);
  stored.set_generation(row.at.generation);
  stored.set_epoch(row.at.epoch);
  stored.set_card_hash(ToString(row.card_hash));
  stored.set_removed(row.removed);
  stored.set_patient_seq(row.patient_seq);
  stored.set_unread(row.unread);
  stored.set_urgent_open(row.urgent_open);
  stored.set_receipt_sent_to(row.receipt_sent_to);
  stored.set_newest_foreign_seq(row.newest_foreign_seq);
  stored.set_fetch_envelopes(row.fetch_envelopes);
  stored.set_fetch_packs(row.fetch_packs);
  stored.set_rejoin(row.rejoin);
  stored.set_checked(row.checked);
  stored.set_checked_generation(row.checked_to.generation);
  stored.set_checked_epoch(row.checked_to.epoch);
  stored.set_newest_seq_told(row.newest_seq_told);
  stored.set_has_group(row.has_group);
  stored.set_leaf_at(row.leaf_at.value);
  stored.set_closing_seq(row.closing.seq);
  stored.set_is_closed(row.closing.is_closed);
  stored.set_keep_years(row.closing.keep_years);
  stored.set_counted_from(row.closing.counted_from.value);
  stored.set_deletion_announced_at(row.deletion_announced_at.value);
  stored.set_deletion(ToString(row.deletion));
  return stored;
}

Result<StoredCardAt> ToCard(ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCard>(value));
  auto card = thread::ParseSignedCard(AsBytes(stored.signed_card()));
  if (!card.ok()) {
    return kDamaged;
  }
  return StoredCardAt{
      .card = std::move(*card), .seq = stored.seq(), .received_at = {stored.received_at()}};
}

Result<thread::Entry> ToEntry(ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<seal::v1::ThreadEntry>(value));
  thread::Entry entry;
  RENKEI_ASSIGN(entry.case_id, StoredId<CaseId>(stored.case_id()));
  entry.seq = stored.seq();
  entry.kind = static_cast<thread::EntryKind>(stored.kind());
  entry.received_at = {stored.received_at()};
  entry.payload = ToBytes(stored.payload());
  RENKEI_ASSIGN(entry.hash, StoredHash(stored.hash()));
  return entry;
}

template <typename Repeated>
Result<std::vector<thread::PersonRef>> ToPersons(const Repeated& stored) {
  std::vector<thread::PersonRef> out;
  for (const auto& each : stored) {
    thread::PersonRef person;
    RENKEI_ASSIGN(person.institution, StoredId<InstitutionId>(each.institution()));
    RENKEI_ASSIGN(person.person, StoredId<PersonId>(each.person()));
    out.push_back(person);
  }
  return out;
}

template <typename Repeated>
void FromPersons(const std::vector<thread::PersonRef>& persons, Repeated* stored) {
  for (const thread::PersonRef& person : persons) {
    auto* each = stored->Add();
    each->set_institution(ToString(person.institution.view()));
    each->set_person(ToString(person.person.view()));
  }
}

}  // namespace

Result<std::vector<CaseRow>> CaseStore::Rows() {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kCases, {}, {}));
  std::vector<CaseRow> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const CaseRow each, ToRow(row.key, row.value));
    out.push_back(each);
  }
  return out;
}

Result<std::optional<CaseRow>> CaseStore::FindRow(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kCases, case_id.view()));
  if (!value.has_value()) {
    return std::optional<CaseRow>();
  }
  RENKEI_ASSIGN(const CaseRow row, ToRow(case_id.view(), *value));
  return std::optional<CaseRow>(row);
}

Status CaseStore::SaveRow(const CaseRow& row) {
  return vault_.Put(Table::kCases, row.case_id.view(), AsBytes(FromRow(row).SerializeAsString()));
}

Status CaseStore::SaveEntry(const thread::EntryView& entry) {
  seal::v1::ThreadEntry stored;
  stored.set_case_id(ToString(entry.case_id.view()));
  stored.set_seq(entry.seq);
  stored.set_kind(static_cast<seal::v1::EntryKind>(entry.kind));
  stored.set_received_at(entry.received_at.value);
  stored.set_payload(ToString(entry.payload));
  stored.set_hash(ToString(entry.hash));
  return vault_.Put(Table::kEntries, RowKey(entry.case_id.view()).AddU64(entry.seq).bytes(),
                    AsBytes(stored.SerializeAsString()));
}

Result<std::vector<thread::Entry>> CaseStore::Entries(const CaseId& case_id, std::uint64_t first,
                                                      std::uint64_t last) {
  std::vector<thread::Entry> out;
  if (first == 0 || last < first) {
    return out;
  }
  ScanOptions options;
  options.after = RowKey(case_id.view()).AddU64(first - 1).bytes();
  options.limit = static_cast<std::size_t>(last - first + 1);
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kEntries, case_id.view(), options));
  for (const Row& row : rows) {
    RENKEI_ASSIGN(auto entry, ToEntry(row.value));
    if (entry.seq <= last) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

Result<std::optional<Hash32>> CaseStore::HashAt(const CaseId& case_id, std::uint64_t seq) {
  if (seq == 0) {
    return std::optional<Hash32>(thread::StartOf(case_id).hash);
  }
  RENKEI_ASSIGN(const auto value,
                vault_.Get(Table::kEntries, RowKey(case_id.view()).AddU64(seq).bytes()));
  if (!value.has_value()) {
    return std::optional<Hash32>();
  }
  RENKEI_ASSIGN(const auto entry, ToEntry(*value));
  return std::optional<Hash32>(entry.hash);
}

Status CaseStore::SaveCard(const StoredCardAt& card) {
  vault::v1::StoredCard stored;
  stored.set_signed_card(ToString(thread::SerializeSignedCard(card.card)));
  stored.set_seq(card.seq);
  stored.set_received_at(card.received_at.value);
  return vault_.Put(Table::kCards, CardKey(card.card.card.case_id, card.card.card.at),
                    AsBytes(stored.SerializeAsString()));
}

Result<std::optional<StoredCardAt>> CaseStore::FindCard(const CaseId& case_id,
                                                        const thread::EpochRef& at) {
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kCards, CardKey(case_id, at)));
  if (!value.has_value()) {
    return std::optional<StoredCardAt>();
  }
  RENKEI_ASSIGN(auto card, ToCard(*value));
  return std::optional<StoredCardAt>(std::move(card));
}

Result<std::vector<StoredCardAt>> CaseStore::Cards(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kCards, Named("c", case_id), {}));
  std::vector<StoredCardAt> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(auto card, ToCard(row.value));
    out.push_back(std::move(card));
  }
  return out;
}

Status CaseStore::SaveSecret(const CaseId& case_id, const thread::EpochRef& at,
                             const SecretBytes& secret) {
  RENKEI_TRY(vault_.Put(Table::kCards, SecretNameKey(case_id, at), AsBytes("1")));
  return vault_.Put(Table::kArchive, EpochKey(case_id, at), secret.Expose());
}

Result<std::optional<SecretBytes>> CaseStore::FindSecret(const CaseId& case_id,
                                                         const thread::EpochRef& at) {
  RENKEI_ASSIGN(auto secret, vault_.GetSecret(Table::kArchive, EpochKey(case_id, at)));
  if (secret.has_value() && secret->size() != seal::kArchiveSecretBytes) {
    return kDamaged;
  }
  return secret;
}

Result<std::vector<thread::EpochRef>> CaseStore::EpochsWithSecret(const CaseId& case_id) {
  // The names of the epochs stand beside the secrets, so that no secret passes through a Scan.
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kCards, Named("s", case_id), {}));
  std::vector<thread::EpochRef> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto at, EpochOfKey(ByteView(row.key).subspan(1)));
    out.push_back(at);
  }
  return out;
}

Result<std::vector<seal::PackSecret>> CaseStore::Secrets(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto epochs, EpochsWithSecret(case_id));
  std::vector<seal::PackSecret> out;
  for (const thread::EpochRef& at : epochs) {
    RENKEI_ASSIGN(auto secret, FindSecret(case_id, at));
    if (!secret.has_value()) {
      return kDamaged;
    }
    out.push_back({.at = at, .archive_secret = std::move(*secret)});
  }
  return out;
}

Status CaseStore::SaveSent(const CaseId& case_id, const SentCommit& sent) {
  vault::v1::StoredCommit stored;
  stored.set_request(ToString(sent.request));
  stored.set_card_hash(ToString(sent.card_hash));
  stored.set_create(sent.create);
  stored.set_generation(sent.at.generation);
  stored.set_epoch(sent.at.epoch);
  FromPersons(sent.add, stored.mutable_add());
  FromPersons(sent.remove, stored.mutable_remove());
  for (const Hash32& key : sent.new_keys) {
    stored.add_new_keys(ToString(key));
  }
  return vault_.Put(Table::kGroups, Named("sent/", case_id), AsBytes(stored.SerializeAsString()));
}

Status CaseStore::EraseSent(const CaseId& case_id) {
  return vault_.Erase(Table::kGroups, Named("sent/", case_id));
}

Result<std::optional<SentCommit>> CaseStore::FindSent(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kGroups, Named("sent/", case_id)));
  if (!value.has_value()) {
    return std::optional<SentCommit>();
  }
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCommit>(*value));
  SentCommit sent;
  sent.request = ToBytes(stored.request());
  RENKEI_ASSIGN(sent.card_hash, StoredHash(stored.card_hash()));
  sent.at = {stored.generation(), stored.epoch()};
  sent.create = stored.create();
  RENKEI_ASSIGN(sent.add, ToPersons(stored.add()));
  RENKEI_ASSIGN(sent.remove, ToPersons(stored.remove()));
  for (const std::string& key : stored.new_keys()) {
    RENKEI_ASSIGN(const Hash32 hash, StoredHash(key));
    sent.new_keys.push_back(hash);
  }
  return std::optional<SentCommit>(std::move(sent));
}

}  // namespace renkei::client
