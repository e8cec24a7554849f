// The store as core needs it. Core hands over a piece of work; the store runs waiting pieces
// together in one transaction, makes them durable with one fsync, and tells each only then (G5).
//
// Every read and write gives kUnavailable when the store does not answer (disk full, I/O error)
// and kCorrupt when what it finds cannot be: core passes both on unchanged.
#ifndef RENKEI_SERVER_CORE_STORE_H_
#define RENKEI_SERVER_CORE_STORE_H_

#include <functional>
#include <span>

#include "crypto/base/result.h"
#include "server/core/rows.h"

namespace renkei::server {

// Reads of one consistent state. Lives only inside Store::Read or Store::Write; one thread.
class ReadTransaction {
 public:
  virtual ~ReadTransaction() = default;

  // Threads.
  virtual Result<std::optional<ThreadRow>> FindThread(const CaseId& case_id) = 0;
  virtual Result<std::optional<EntryRow>> FindEntry(const CaseId& case_id, std::uint64_t seq) = 0;
  virtual Result<std::optional<Hash32>> EntryHash(const CaseId& case_id, std::uint64_t seq) = 0;
  virtual Result<std::optional<std::uint64_t>> FindEntryKey(const CaseId& case_id,
                                                            const EntryKey& key) = 0;
  // Entries first..last by seq; stops before the one that would exceed a limit, but for the first.
  virtual Result<std::vector<EntryRow>> ReadEntries(const CaseId& case_id, std::uint64_t first,
                                                    std::uint64_t last, std::size_t max_entries,
                                                    std::size_t max_bytes) = 0;
  virtual Result<std::optional<Bytes>> FindGroupInfo(const CaseId& case_id) = 0;
  // In the order in which they began.
  virtual Result<std::vector<Span>> SpansOf(const CaseId& case_id, const PersonRef& person) = 0;
  // The last span of each thread that the person may or could once read, by case id.
  virtual Result<std::vector<std::pair<CaseId, Span>>> ThreadsOf(const PersonRef& person) = 0;

  // Envelopes by archive key; strictly after `after` if given, at most `limit`.
  virtual Result<std::vector<EnvelopeRow>> ReadEnvelopes(const CaseId& case_id,
                                                         const Hash32& key_id,
                                                         const std::optional<EpochRef>& after,
                                                         std::size_t limit) = 0;
  // Packs of notices with a greater seq, in order; stops like ReadEntries.
  virtual Result<std::vector<PackRow>> ReadPacks(const CaseId& case_id, const Hash32& key_id,
                                                 std::uint64_t after, std::size_t max_packs,
                                                 std::size_t max_bytes) = 0;

  // Mailbox: ids greater than `after`, oldest first; stops like ReadEntries.
  virtual Result<std::vector<MailRow>> ReadMail(const DeviceId& device, std::uint64_t after,
                                                std::size_t max_messages,
                                                std::size_t max_bytes) = 0;

  // Directory.
  virtual Result<std::optional<CertificateRow>> FindCertificate(const Hash32& fingerprint) = 0;
  // CA certificates with this subject key id.
  virtual Result<std::vector<CertificateRow>> FindIssuers(const pki::KeyId& subject_key_id) = 0;
  // Whose certificates name the device, if any do.
  virtual Result<std::optional<PersonRef>> DeviceOwner(const DeviceId& device) = 0;
  // The person's devices that have a certificate of `role`, with the newest such, by device id.
  virtual Result<std::vector<DeviceCertificate>> DevicesOf(const PersonRef& person,
                                                           pki::CertRole role) = 0;
  virtual Result<std::vector<DirectoryItem>> ReadDirectory(std::uint64_t after,
                                                           std::size_t max_items,
                                                           std::size_t max_bytes) = 0;
  virtual Result<std::uint64_t> DirectoryPosition() = 0;  // of the newest item; 0: none
  // The newest list of one issuer; of every issuer.
  virtual Result<std::optional<RevocationRow>> FindRevocations(const pki::KeyId& issuer) = 0;
  virtual Result<std::vector<RevocationRow>> NewestRevocations() = 0;
  virtual Result<std::size_t> CountKeyPackages(const DeviceId& device) = 0;
  virtual Result<std::optional<KeyPackageRow>> OldestKeyPackage(const DeviceId& device) = 0;

  // Enrolment: a ticket; the tickets of a person, or the DEVICE tickets of an institution, that
  // are requested or linked and expire after `now`, oldest first; how many not approved ones do.
  virtual Result<std::optional<TicketRow>> FindTicket(const TicketId& ticket) = 0;
  virtual Result<std::vector<TicketRow>> WaitingTickets(const PersonRef& creator, Millis now,
                                                        std::size_t limit) = 0;
  virtual Result<std::vector<TicketRow>> LinkedTickets(const InstitutionId& institution, Millis now,
                                                       std::size_t limit) = 0;
  virtual Result<std::size_t> CountTickets(const PersonRef& creator, Millis now) = 0;

  // Alerts: the one that began with that entry; all that are open, oldest first; those of threads
  // that the person is a member of; how many are open of a case, of a sender's device.
  virtual Result<std::optional<AlertRow>> FindAlert(const CaseId& case_id, std::uint64_t seq) = 0;
  virtual Result<std::vector<AlertRow>> OpenAlerts() = 0;
  virtual Result<std::vector<AlertRow>> OpenAlertsOf(const PersonRef& member) = 0;
  virtual Result<std::size_t> CountOpenAlerts(const CaseId& case_id) = 0;
  virtual Result<std::size_t> CountOpenAlertsOf(const DeviceId& sender_device) = 0;

  // What a device, or all of an institution, have here (usage.h). 0: nothing.
  virtual Result<std::uint64_t> StoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id) = 0;

  // Retention: threads that are closed and counted from then or before; the announcement; what is
  // left of a deleted case; of all of them, by case id strictly after `after`.
  virtual Result<std::vector<ThreadRow>> ClosedThreads(Millis counted_until) = 0;
  virtual Result<std::optional<AnnouncementRow>> FindAnnouncement(const CaseId& case_id) = 0;
  virtual Result<std::optional<DeletionRow>> FindDeletion(const CaseId& case_id) = 0;
  virtual Result<std::vector<DeletionRow>> Deletions(const CaseId& after, std::size_t limit) = 0;

  // Audit log: its last row (none: empty), and rows after a position.
  virtual Result<std::optional<AuditRow>> LastAudit() = 0;
  virtual Result<std::vector<AuditRow>> ReadAudit(std::uint64_t after, std::size_t limit) = 0;

  // Small facts of the store itself ("incarnation").
  virtual Result<std::optional<Bytes>> FindMeta(const std::string& name) = 0;
};

// Reads see the writes made before in the same transaction.
class WriteTransaction : public ReadTransaction {
 public:
  // Makes or replaces the row.
  virtual Status PutThread(const ThreadRow& row) = 0;
  // The thread's next entry. kConflict: its seq does not follow the last one's, or the thread has
  // that key already.
  virtual Status AddEntry(const CaseId& case_id, const NewEntry& entry) = 0;
  virtual Status PutGroupInfo(const CaseId& case_id, ByteView group_info) = 0;
  // A new span; EndSpan closes the open one at `last` (none open: nothing happens).
  virtual Status AddSpan(const CaseId& case_id, const PersonRef& person, const Span& span) = 0;
  virtual Status EndSpan(const CaseId& case_id, const PersonRef& person, std::uint64_t last) = 0;
  virtual Status AddEnvelope(const CaseId& case_id, const Hash32& key_id,
                             const EnvelopeRow& row) = 0;
  virtual Status AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                         ByteView pack) = 0;
  // One message for each of the devices; the welcome is kept once, until the last has deleted it.
  virtual Status AddMail(std::span<const DeviceId> devices, const CaseId& case_id,
                         std::uint64_t seq, ByteView welcome) = 0;
  // Returns which welcomes nobody waits for any more.
  virtual Result<std::vector<GoneWelcome>> DeleteMail(const DeviceId& device,
                                                      std::span<const std::uint64_t> ids) = 0;
  // Nothing happens if the fingerprint is there. Returns the position of the certificate.
  virtual Result<std::uint64_t> AddCertificate(const CertificateRow& row) = 0;
  virtual Result<std::uint64_t> AddRevocations(const RevocationRow& row) = 0;
  virtual Status AddKeyPackage(const DeviceId& device, ByteView key_package) = 0;
  virtual Status DeleteKeyPackage(std::uint64_t id) = 0;
  virtual Status MarkKeyPackageHandedOut(std::uint64_t id) = 0;
  virtual Status PutTicket(const TicketRow& row) = 0;
  virtual Status DeleteTicketsExpiredBefore(Millis moment) = 0;
  virtual Status PutAlert(const AlertRow& row) = 0;                // makes or replaces it
  virtual Status PutAnnouncement(const AnnouncementRow& row) = 0;  // makes or replaces it
  // All of a thread, with the welcomes; returns which those were.
  virtual Result<std::vector<GoneWelcome>> DeleteMailOf(const CaseId& case_id) = 0;
  // The thread and who reads it are gone with this transaction; nothing finds the rest any more,
  // once its mail was deleted too. kConflict: no such thread.
  virtual Status DeleteThread(const DeletionRow& row) = 0;
  // At most about so many rows of what deleted threads left, overwritten. False: there is no more.
  virtual Result<bool> DeleteRemains(std::size_t max_rows) = 0;
  // Never below 0.
  virtual Status AddStoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id,
                                std::int64_t more) = 0;
  virtual Status AddAudit(const AuditRow& row) = 0;  // seq: the last one's + 1
  virtual Status PutMeta(const std::string& name, ByteView value) = 0;
  virtual Status DeleteMeta(const std::string& name) = 0;  // if it is there
};

class Store {
 public:
  // Returns an error to undo everything it wrote. May run more than once (a transaction that
  // failed is tried again, alone), so it sets its results anew each time; one at a time, on the
  // store's thread or a caller's (WriteHereIfAlone).
  using Work = std::function<Status(WriteTransaction&)>;
  // Called once, on the store's thread, its completion thread or the caller's, one at a time, in
  // the order of the Write calls:
  // Ok when the work is durable, else the work's error or kUnavailable, and nothing was changed.
  using Done = std::function<void(Status)>;
  // May be called once, after work that returned Ok and before done, while the disk is waited for:
  // prepares what the answer will need. Nobody may see it yet; `done` may still tell an error.
  using Meanwhile = std::function<void()>;
  using View = std::function<Status(ReadTransaction&)>;

  virtual ~Store() = default;

  // Queues `work`. kThrottled through `done`, at once, when too much waits. Any thread.
  virtual void Write(Work work, Done done) = 0;
  // The same, and where nobody else writes all of them and the hook below may run on this thread
  // before it returns: the way to another and back takes longer than the transaction. For who holds
  // nothing that these take, and may wait for the disk.
  virtual void WriteHereIfAlone(Work work, const Meanwhile& /*meanwhile*/, Done done) {
    Write(std::move(work), std::move(done));
  }
  // `hook` is called after each run of Done calls, on their thread: what came of one transaction
  // can be answered together. Empty: none any more, and none under way. Not from within the hook.
  virtual void AfterDones(std::function<void()> hook) = 0;
  // Runs `view` on this thread over what is durable now. Returns its status. Any thread.
  virtual Status Read(const View& view) = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_STORE_H_
