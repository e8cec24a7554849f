// The rows of store.h in SQLite, over one connection (schema.sql). One thread. Implemented by
// sqlite_threads.cc, sqlite_keys.cc, sqlite_mail.cc, sqlite_alerts.cc, sqlite_directory.cc,
// sqlite_enrolment.cc, sqlite_retention.cc, sqlite_usage.cc.
#ifndef RENKEI_SERVER_STORE_SQLITE_TRANSACTION_H_
#define RENKEI_SERVER_STORE_SQLITE_TRANSACTION_H_

#include <deque>
#include <map>

#include "server/core/store.h"
#include "server/store/key_prints.h"
#include "server/store/store_mark.h"

namespace renkei::server {

class SqliteTransaction final : public WriteTransaction {
 public:
  // is_writer: nobody else writes this database, so thread rows, keys, stored bytes and the audit
  // log's last row are remembered from one transaction to the next, and a thread's row and a count
  // are written once for each transaction, by Flush().
  SqliteTransaction(Database& database, bool is_writer) : db_(database), is_writer_(is_writer) {}

  // Behind BEGIN.
  void Begin();
  // Before COMMIT.
  Status Flush();
  // After ROLLBACK: nothing of what is remembered is certain.
  void Forget();
  // Whether anything was written since the last call.
  bool TakeWrote() { return std::exchange(wrote_, false); }
  // How many entries were added since the last call.
  std::size_t TakeEntries() { return std::exchange(entries_, 0); }
  // The last entry and row of the audit log that were added since the last call.
  std::optional<MarkedRow> TakeLastEntry() { return std::exchange(newest_entry_, std::nullopt); }
  std::optional<MarkedRow> TakeLastAudit() { return std::exchange(newest_audit_, std::nullopt); }
  // kCorrupt: what the store has beside the entry `seq` of thread `number` to tell its retries by
  // is not of `key`, which the entry has. For who looks for damage: FindEntryKey() would read the
  // whole thread.
  Status CheckKeyOf(std::int64_t number, std::uint64_t seq, const std::optional<EntryKey>& key);
  // From now on entries come as they are, also those that do not continue their chain: for who
  // looks for damage. Else such a read is kCorrupt: nobody is given what was never stored.
  void ReadAsItIs() { is_judging_ = false; }

  Result<std::optional<ThreadRow>> FindThread(const CaseId& case_id) override;
  Result<std::optional<EntryRow>> FindEntry(const CaseId& case_id, std::uint64_t seq) override;
  Result<std::optional<Hash32>> EntryHash(const CaseId& case_id, std::uint64_t seq) override;
  Result<std::optional<std::uint64_t>> FindEntryKey(const CaseId& case_id,
                                                    const EntryKey& key) override;
  Result<std::vector<EntryRow>> ReadEntries(const CaseId& case_id, std::uint64_t first,
                                            std::uint64_t last, std::size_t max_entries,
                                            std::size_t max_bytes) override;
  Result<std::optional<Bytes>> FindGroupInfo(const CaseId& case_id) override;
  Result<std::vector<Span>> SpansOf(const CaseId& case_id, const PersonRef& person) override;
  Result<std::vector<std::pair<CaseId, Span>>> ThreadsOf(const PersonRef& person) override;
  Result<std::vector<EnvelopeRow>> ReadEnvelopes(const CaseId& case_id, const Hash32& key_id,
                                                 const std::optional<EpochRef>& after,
                                                 std::size_t limit) override;
  Result<std::vector<PackRow>> ReadPacks(const CaseId& case_id, const Hash32& key_id,
                                         std::uint64_t after, std::size_t max_packs,
                                         std::size_t max_bytes) override;
  Result<std::vector<MailRow>> ReadMail(const DeviceId& device, std::uint64_t after,
                                        std::size_t max_messages, std::size_t max_bytes) override;

  Result<std::optional<CertificateRow>> FindCertificate(const Hash32& fingerprint) override;
  Result<std::vector<CertificateRow>> FindIssuers(const pki::KeyId& subject_key_id) override;
  Result<std::optional<PersonRef>> DeviceOwner(const DeviceId& device) override;
  Result<std::vector<DeviceCertificate>> DevicesOf(const PersonRef& person,
                                                   pki::CertRole role) override;
  Result<std::vector<DirectoryItem>> ReadDirectory(std::uint64_t after, std::size_t max_items,
                                                   std::size_t max_bytes) override;
  Result<std::uint64_t> DirectoryPosition() override;
  Result<std::optional<RevocationRow>> FindRevocations(const pki::KeyId& issuer) override;
  Result<std::vector<RevocationRow>> NewestRevocations() override;
  Result<std::size_t> CountKeyPackages(const DeviceId& device) override;
  Result<std::optional<KeyPackageRow>> OldestKeyPackage(const DeviceId& device) override;

  Result<std::optional<TicketRow>> FindTicket(const TicketId& ticket) override;
  Result<std::vector<TicketRow>> WaitingTickets(const PersonRef& creator, Millis now,
                                                std::size_t limit) override;
  Result<std::vector<TicketRow>> LinkedTickets(const InstitutionId& institution, Millis now,
                                               std::size_t limit) override;
  Result<std::size_t> CountTickets(const PersonRef& creator, Millis now) override;
  Result<std::optional<AlertRow>> FindAlert(const CaseId& case_id, std::uint64_t seq) override;
  Result<std::vector<AlertRow>> OpenAlerts() override;
  Result<std::vector<AlertRow>> OpenAlertsOf(const PersonRef& member) override;
  Result<std::size_t> CountOpenAlerts(const CaseId& case_id) override;
  Result<std::size_t> CountOpenAlertsOf(const DeviceId& sender_device) override;
  Result<std::uint64_t> StoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id) override;
  Result<std::vector<ThreadRow>> ClosedThreads(Millis counted_until) override;
  Result<std::optional<AnnouncementRow>> FindAnnouncement(const CaseId& case_id) override;
  Result<std::optional<DeletionRow>> FindDeletion(const CaseId& case_id) override;
  Result<std::vector<DeletionRow>> Deletions(const CaseId& after, std::size_t limit) override;
  Result<std::optional<AuditRow>> LastAudit() override;
  Result<std::vector<AuditRow>> ReadAudit(std::uint64_t after, std::size_t limit) override;
  Result<std::optional<Bytes>> FindMeta(const std::string& name) override;

  Status PutThread(const ThreadRow& row) override;
  Status AddEntry(const CaseId& case_id, const NewEntry& entry) override;
  Status PutGroupInfo(const CaseId& case_id, ByteView group_info) override;
  Status AddSpan(const CaseId& case_id, const PersonRef& person, const Span& span) override;
  Status EndSpan(const CaseId& case_id, const PersonRef& person, std::uint64_t last) override;
  Status AddEnvelope(const CaseId& case_id, const Hash32& key_id, const EnvelopeRow& row) override;
  Status AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                 ByteView pack) override;
  Status AddMail(std::span<const DeviceId> devices, const CaseId& case_id, std::uint64_t seq,
                 ByteView welcome) override;
  Result<std::vector<GoneWelcome>> DeleteMail(const DeviceId& device,
                                              std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> AddCertificate(const CertificateRow& row) override;
  Result<std::uint64_t> AddRevocations(const RevocationRow& row) override;
  Status AddKeyPackage(const DeviceId& device, ByteView key_package) override;
  Status DeleteKeyPackage(std::uint64_t id) override;
  Status MarkKeyPackageHandedOut(std::uint64_t id) override;
  Status PutTicket(const TicketRow& row) override;
  Status DeleteTicketsExpiredBefore(Millis moment) override;
  Status PutAlert(const AlertRow& row) override;
  Status AddStoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id, std::int64_t more) override;
  Status PutAnnouncement(const AnnouncementRow& row) override;
  Result<std::vector<GoneWelcome>> DeleteMailOf(const CaseId& case_id) override;
  Status DeleteThread(const DeletionRow& row) override;
  Result<bool> DeleteRemains(std::size_t max_rows) override;
  Status AddAudit(const AuditRow& row) override;
  Status PutMeta(const std::string& name, ByteView value) override;
  Status DeleteMeta(const std::string& name) override;

 private:
  struct KnownThread {
    ThreadRow row;
    bool is_changed = false;
    // Of the newest entries that were added here, `newest` the last: what senders have seen.
    std::deque<Hash32> hashes;
    std::uint64_t newest = 0;
  };
  using UsageKey = std::pair<UsageOf, ByteArray<kIdBytes>>;
  struct KnownUsage {
    std::uint64_t bytes = 0;
    bool is_changed = false;
  };

  // The number that stands for the case in the other tables; 0: no such thread.
  Result<std::int64_t> NumberOf(const CaseId& case_id);
  // The same for writing: a thread's row comes before everything else of it.
  Result<std::int64_t> NumberFor(const CaseId& case_id);
  Result<std::optional<ThreadRow>> LoadThread(const CaseId& case_id);
  Status ReadSecret();
  // Behind LoadKeys(): the keys of all entries of thread `number` are known. kCorrupt: one is
  // missing.
  Status LoadKeys(std::int64_t number);
  Status LoadKeyBlocks(std::int64_t number);
  // 0: no entry has it.
  Result<std::uint64_t> SeqOfKey(std::int64_t number, const EntryKey& key);
  // kConflict: `seq` is not the next one, or the key is there.
  Status CheckNextKey(std::int64_t number, std::uint64_t seq, const std::optional<EntryKey>& key);
  Status AddKey(std::int64_t number, const std::optional<EntryKey>& key);
  // Null: not remembered.
  const Hash32* KnownHash(const CaseId& case_id, std::uint64_t seq) const;
  void RememberHash(const CaseId& case_id, const thread::Position& at);
  Status StoreThread(const ThreadRow& row);
  // Whether these follow each other, and the entry before the first. kCorrupt: not.
  Status CheckChain(const CaseId& case_id, std::int64_t number, std::span<const EntryRow> rows);
  Status DeleteOneMail(const DeviceId& device, std::uint64_t id, std::vector<GoneWelcome>& gone);
  Result<std::uint64_t> LoadStoredBytes(const UsageKey& key);
  Status FlushUsage();
  Status Run(Query& query);

  Database& db_;
  const bool is_writer_;
  bool is_judging_ = true;
  bool wrote_ = false;
  std::size_t entries_ = 0;
  std::map<CaseId, std::int64_t> numbers_;
  std::map<CaseId, KnownThread> known_;
  std::vector<CaseId> changed_;      // of those, to be written by Flush()
  std::optional<KeyPrints> prints_;  // once the secret was read
  // The last key that was not there: whoever adds an entry has just asked, and is asked again.
  std::optional<std::pair<std::int64_t, EntryKey>> absent_;
  std::map<UsageKey, KnownUsage> usage_;
  std::vector<UsageKey> changed_usage_;
  std::optional<AuditRow> last_audit_;
  std::optional<MarkedRow> newest_entry_;
  std::optional<MarkedRow> newest_audit_;
};

// For a store that has none yet, all of key_prints (migrations.h). In the caller's transaction.
Status WriteKeyPrints(Database& database);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_SQLITE_TRANSACTION_H_
