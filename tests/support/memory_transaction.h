// The rows of server/core/store.h in a MemoryStore. Implemented by memory_threads.cc,
// memory_mail.cc, memory_directory.cc, memory_enrolment.cc, memory_alerts.cc, memory_retention.cc,
// memory_audit.cc, as the SQLite store is.
#ifndef RENKEI_TESTS_SUPPORT_MEMORY_TRANSACTION_H_
#define RENKEI_TESTS_SUPPORT_MEMORY_TRANSACTION_H_

#include <functional>
#include <optional>
#include <vector>

#include "tests/support/memory_content.h"

namespace renkei::test {

// Remembers how to undo each change, in order.
class MemoryTransaction final : public server::WriteTransaction {
 public:
  explicit MemoryTransaction(MemoryStore::Content& content) : c_(content) {}

  void Undo() {
    while (!undo_.empty()) {
      undo_.back()();
      undo_.pop_back();
    }
  }

  Result<std::optional<server::ThreadRow>> FindThread(const CaseId& case_id) override;
  Result<std::optional<server::EntryRow>> FindEntry(const CaseId& case_id,
                                                    std::uint64_t seq) override;
  Result<std::optional<Hash32>> EntryHash(const CaseId& case_id, std::uint64_t seq) override;
  Result<std::optional<std::uint64_t>> FindEntryKey(const CaseId& case_id,
                                                    const server::EntryKey& key) override;
  Result<std::vector<server::EntryRow>> ReadEntries(const CaseId& case_id, std::uint64_t first,
                                                    std::uint64_t last, std::size_t max_entries,
                                                    std::size_t max_bytes) override;
  Result<std::optional<Bytes>> FindGroupInfo(const CaseId& case_id) override;
  Result<std::vector<server::Span>> SpansOf(const CaseId& case_id,
                                            const server::PersonRef& person) override;
  Result<std::vector<std::pair<CaseId, server::Span>>> ThreadsOf(
      const server::PersonRef& person) override;
  Result<std::vector<server::EnvelopeRow>> ReadEnvelopes(
      const CaseId& case_id, const Hash32& key_id, const std::optional<server::EpochRef>& after,
      std::size_t limit) override;
  Result<std::vector<server::PackRow>> ReadPacks(const CaseId& case_id, const Hash32& key_id,
                                                 std::uint64_t after, std::size_t max_packs,
                                                 std::size_t max_bytes) override;
  Result<std::vector<server::MailRow>> ReadMail(const DeviceId& device, std::uint64_t after,
                                                std::size_t max_messages,
                                                std::size_t max_bytes) override;
  Result<std::optional<server::CertificateRow>> FindCertificate(const Hash32& fingerprint) override;
  Result<std::vector<server::CertificateRow>> FindIssuers(
      const pki::KeyId& subject_key_id) override;
  Result<std::optional<server::PersonRef>> DeviceOwner(const DeviceId& device) override;
  Result<std::vector<server::DeviceCertificate>> DevicesOf(const server::PersonRef& person,
                                                           pki::CertRole role) override;
  Result<std::vector<server::DirectoryItem>> ReadDirectory(std::uint64_t after,
                                                           std::size_t max_items,
                                                           std::size_t max_bytes) override;
  Result<std::uint64_t> DirectoryPosition() override;
  Result<std::optional<server::RevocationRow>> FindRevocations(const pki::KeyId& issuer) override;
  Result<std::vector<server::RevocationRow>> NewestRevocations() override;
  Result<std::size_t> CountKeyPackages(const DeviceId& device) override;
  Result<std::optional<server::KeyPackageRow>> OldestKeyPackage(const DeviceId& device) override;
  Result<std::optional<server::TicketRow>> FindTicket(const TicketId& ticket) override;
  Result<std::vector<server::TicketRow>> WaitingTickets(const server::PersonRef& creator,
                                                        Millis now, std::size_t limit) override;
  Result<std::vector<server::TicketRow>> LinkedTickets(const InstitutionId& institution, Millis now,
                                                       std::size_t limit) override;
  Result<std::size_t> CountTickets(const server::PersonRef& creator, Millis now) override;
  Result<std::optional<server::AlertRow>> FindAlert(const CaseId& case_id,
                                                    std::uint64_t seq) override;
  Result<std::vector<server::AlertRow>> OpenAlerts() override;
  Result<std::vector<server::AlertRow>> OpenAlertsOf(const server::PersonRef& member) override;
  Result<std::size_t> CountOpenAlerts(const CaseId& case_id) override;
  Result<std::size_t> CountOpenAlertsOf(const DeviceId& sender_device) override;
  Result<std::uint64_t> StoredBytes(server::UsageOf whose, const ByteArray<kIdBytes>& id) override;
  Result<std::vector<server::ThreadRow>> ClosedThreads(Millis counted_until) override;
  Result<std::optional<server::AnnouncementRow>> FindAnnouncement(const CaseId& case_id) override;
  Result<std::optional<server::DeletionRow>> FindDeletion(const CaseId& case_id) override;
  Result<std::vector<server::DeletionRow>> Deletions(const CaseId& after,
                                                     std::size_t limit) override;
  Result<std::optional<server::AuditRow>> LastAudit() override;
  Result<std::vector<server::AuditRow>> ReadAudit(std::uint64_t after, std::size_t limit) override;
  Result<std::optional<Bytes>> FindMeta(const std::string& name) override;
  Status PutThread(const server::ThreadRow& row) override;
  Status AddEntry(const CaseId& case_id, const server::NewEntry& entry) override;
  Status PutGroupInfo(const CaseId& case_id, ByteView group_info) override;
  Status AddSpan(const CaseId& case_id, const server::PersonRef& person,
                 const server::Span& span) override;
  Status EndSpan(const CaseId& case_id, const server::PersonRef& person,
                 std::uint64_t last) override;
  Status AddEnvelope(const CaseId& case_id, const Hash32& key_id,
                     const server::EnvelopeRow& row) override;
  Status AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                 ByteView pack) override;
  Status AddMail(std::span<const DeviceId> devices, const CaseId& case_id, std::uint64_t seq,
                 ByteView welcome) override;
  Result<std::vector<server::GoneWelcome>> DeleteMail(const DeviceId& device,
                                                      std::span<const std::uint64_t> ids) override;
  Status PutAlert(const server::AlertRow& row) override;
  Result<std::uint64_t> AddCertificate(const server::CertificateRow& row) override;
  Result<std::uint64_t> AddRevocations(const server::RevocationRow& row) override;
  Status AddKeyPackage(const DeviceId& device, ByteView key_package) override;
  Status DeleteKeyPackage(std::uint64_t id) override;
  Status MarkKeyPackageHandedOut(std::uint64_t id) override;
  Status PutTicket(const server::TicketRow& row) override;
  Status DeleteTicketsExpiredBefore(Millis moment) override;
  Status PutAnnouncement(const server::AnnouncementRow& row) override;
  Result<std::vector<server::GoneWelcome>> DeleteMailOf(const CaseId& case_id) override;
  Status DeleteThread(const server::DeletionRow& row) override;
  Result<bool> DeleteRemains(std::size_t max_rows) override;
  Status AddAudit(const server::AuditRow& row) override;
  Status AddStoredBytes(server::UsageOf whose, const ByteArray<kIdBytes>& id,
                        std::int64_t more) override;
  Status PutMeta(const std::string& name, ByteView value) override;
  Status DeleteMeta(const std::string& name) override;

 private:
  using Content = MemoryStore::Content;

  template <typename Map>
  static std::optional<typename Map::mapped_type> Find(const Map& map,
                                                       const typename Map::key_type& key) {
    const auto it = map.find(key);
    return it == map.end() ? std::nullopt : std::optional(it->second);
  }
  template <typename Map>
  Status Put(Map& map, const typename Map::key_type& key, const typename Map::mapped_type& value) {
    undo_.push_back([&map, key, old = Find(map, key)] {
      if (old) {
        map[key] = *old;
      } else {
        map.erase(key);
      }
    });
    map[key] = value;
    return Ok();
  }
  template <typename Map>
  void Erase(Map& map, const typename Map::key_type& key) {
    if (const auto old = Find(map, key)) {
      const typename Map::key_type kept = key;
      undo_.push_back([&map, kept, old] { map[kept] = *old; });
      map.erase(kept);
    }
  }
  // At most so many. How many there were.
  template <typename Map, typename Wanted>
  std::size_t EraseIf(Map& map, const Wanted& wanted, std::size_t most = SIZE_MAX) {
    std::vector<typename Map::key_type> gone;
    for (const auto& item : map) {
      if (gone.size() < most && wanted(item)) {
        gone.push_back(item.first);
      }
    }
    for (const auto& key : gone) {
      Erase(map, key);
    }
    return gone.size();
  }
  // Open ones, oldest first.
  template <typename Wanted>
  std::vector<server::AlertRow> Alerts(const Wanted& wanted) const;
  // The first `limit`, oldest first.
  template <typename Wanted>
  std::vector<server::TicketRow> Tickets(std::size_t limit, const Wanted& wanted) const;

  Content& c_;
  std::vector<std::function<void()>> undo_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_MEMORY_TRANSACTION_H_
