#include "tests/support/memory_store.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

namespace {

struct Entry {
  EntryRow row;
  std::optional<EntryKey> key;
};

struct Mail {
  DeviceId device;
  std::uint64_t welcome = 0;  // the same for all devices it is for
  MailRow row;
};

struct KeyPackage {
  DeviceId device;
  KeyPackageRow row;
};

struct Published {
  std::optional<CertificateRow> certificate;
  std::optional<RevocationRow> list;
};

struct PersonSpan {
  CaseId case_id;
  PersonRef person;
  Span span;
};

using EnvelopeKey = std::tuple<CaseId, Hash32, EpochRef>;
using PackKey = std::tuple<CaseId, Hash32, std::uint64_t>;

}  // namespace

struct MemoryStore::Content {
  std::map<CaseId, ThreadRow> threads;
  std::map<std::pair<CaseId, std::uint64_t>, Entry> entries;
  std::map<std::pair<CaseId, EntryKey>, std::uint64_t> keys;
  std::map<CaseId, Bytes> group_infos;
  std::map<std::uint64_t, PersonSpan> spans;
  std::map<EnvelopeKey, EnvelopeRow> envelopes;
  std::map<PackKey, Bytes> packs;
  std::map<std::uint64_t, Mail> mail;
  std::map<std::uint64_t, Published> directory;
  std::map<std::uint64_t, KeyPackage> key_packages;
  std::map<TicketId, std::pair<std::uint64_t, TicketRow>> tickets;
  std::map<std::pair<CaseId, std::uint64_t>, std::pair<std::uint64_t, AlertRow>> alerts;
  std::map<CaseId, AnnouncementRow> announcements;
  std::map<CaseId, DeletionRow> deletions;
  std::map<CaseId, bool> remains;
  std::map<std::uint64_t, AuditRow> audit;
  std::map<std::pair<UsageOf, ByteArray<kIdBytes>>, std::uint64_t> usage;
  std::map<std::string, Bytes> meta;
  std::uint64_t last_id = 0;  // never used again, not even after a failure
};

// Remembers how to undo each change, in order.
class MemoryStore::Transaction final : public WriteTransaction {
 public:
  explicit Transaction(Content& content) : c_(content) {}

  void Undo() {
    while (!undo_.empty()) {
      undo_.back()();
      undo_.pop_back();
    }
  }

  Result<std::optional<ThreadRow>> FindThread(const CaseId& case_id) override {
    return Find(c_.threads, case_id);
  }
  Result<std::optional<EntryRow>> FindEntry(const CaseId& case_id, std::uint64_t seq) override {
    const auto entry = Find(c_.entries, {case_id, seq});
    return entry ? std::optional(entry->row) : std::optional<EntryRow>();
  }
  Result<std::optional<Hash32>> EntryHash(const CaseId& case_id, std::uint64_t seq) override {
    const auto entry = Find(c_.entries, {case_id, seq});
    return entry ? std::optional(entry->row.hash) : std::optional<Hash32>();
  }
  Result<std::optional<std::uint64_t>> FindEntryKey(const CaseId& case_id,
                                                    const EntryKey& key) override {
    return Find(c_.keys, {case_id, key});
  }
  Result<std::vector<EntryRow>> ReadEntries(const CaseId& case_id, std::uint64_t first,
                                            std::uint64_t last, std::size_t max_entries,
                                            std::size_t max_bytes) override {
    std::vector<EntryRow> out;
    std::size_t bytes = 0;
    for (auto it = c_.entries.lower_bound({case_id, first}); it != c_.entries.end(); ++it) {
      if (it->first.first != case_id || it->first.second > last || out.size() >= max_entries) {
        break;
      }
      bytes += it->second.row.payload.size();
      if (!out.empty() && bytes > max_bytes) {
        break;
      }
      out.push_back(it->second.row);
    }
    return out;
  }
  Result<std::optional<Bytes>> FindGroupInfo(const CaseId& case_id) override {
    return Find(c_.group_infos, case_id);
  }
  Result<std::vector<Span>> SpansOf(const CaseId& case_id, const PersonRef& person) override {
    std::vector<Span> out;
    for (const auto& [id, span] : c_.spans) {
      if (span.case_id == case_id && span.person == person) {
        out.push_back(span.span);
      }
    }
    return out;
  }
  Result<std::vector<std::pair<CaseId, Span>>> ThreadsOf(const PersonRef& person) override {
    std::map<CaseId, Span> newest;
    for (const auto& [id, span] : c_.spans) {
      if (span.person == person) {
        newest[span.case_id] = span.span;
      }
    }
    return std::vector<std::pair<CaseId, Span>>(newest.begin(), newest.end());
  }
  Result<std::vector<EnvelopeRow>> ReadEnvelopes(const CaseId& case_id, const Hash32& key_id,
                                                 const std::optional<EpochRef>& after,
                                                 std::size_t limit) override {
    std::vector<EnvelopeRow> out;
    for (const auto& [key, row] : c_.envelopes) {
      const auto& [of_case, of_key, at] = key;
      if (of_case == case_id && of_key == key_id && (!after || at > *after) && out.size() < limit) {
        out.push_back(row);
      }
    }
    return out;
  }
  Result<std::vector<PackRow>> ReadPacks(const CaseId& case_id, const Hash32& key_id,
                                         std::uint64_t after, std::size_t max_packs,
                                         std::size_t max_bytes) override {
    std::vector<PackRow> out;
    std::size_t bytes = 0;
    for (auto it = c_.packs.upper_bound({case_id, key_id, after}); it != c_.packs.end(); ++it) {
      const auto& [of_case, of_key, seq] = it->first;
      bytes += it->second.size();
      if (of_case != case_id || of_key != key_id || out.size() >= max_packs ||
          (!out.empty() && bytes > max_bytes)) {
        break;
      }
      out.push_back({seq, it->second});
    }
    return out;
  }
  Result<std::vector<MailRow>> ReadMail(const DeviceId& device, std::uint64_t after,
                                        std::size_t max_messages, std::size_t max_bytes) override {
    std::vector<MailRow> out;
    std::size_t bytes = 0;
    for (auto it = c_.mail.upper_bound(after); it != c_.mail.end(); ++it) {
      if (it->second.device != device) {
        continue;
      }
      bytes += it->second.row.welcome.size();
      if (out.size() >= max_messages || (!out.empty() && bytes > max_bytes)) {
        break;
      }
      out.push_back(it->second.row);
    }
    return out;
  }

  Result<std::optional<CertificateRow>> FindCertificate(const Hash32& fingerprint) override {
    for (const auto& [position, item] : c_.directory) {
      if (item.certificate && item.certificate->fingerprint == fingerprint) {
        return item.certificate;
      }
    }
    return std::optional<CertificateRow>();
  }
  Result<std::vector<CertificateRow>> FindIssuers(const pki::KeyId& subject_key_id) override {
    std::vector<CertificateRow> out;
    for (const auto& [position, item] : c_.directory) {
      if (item.certificate && item.certificate->subject_key_id == subject_key_id &&
          pki::ProfileOf(item.certificate->role).is_ca()) {
        out.push_back(*item.certificate);
      }
    }
    return out;
  }
  Result<std::optional<PersonRef>> DeviceOwner(const DeviceId& device) override {
    for (const auto& [position, item] : c_.directory) {
      if (item.certificate && item.certificate->device == device) {
        return std::optional(item.certificate->person);
      }
    }
    return std::optional<PersonRef>();
  }
  Result<std::vector<DeviceCertificate>> DevicesOf(const PersonRef& person,
                                                   pki::CertRole role) override {
    std::map<DeviceId, Hash32> newest;
    for (const auto& [position, item] : c_.directory) {
      if (item.certificate && item.certificate->person == person &&
          item.certificate->role == role) {
        newest[item.certificate->device] = item.certificate->fingerprint;
      }
    }
    std::vector<DeviceCertificate> out;
    for (const auto& [device, fingerprint] : newest) {
      out.push_back({device, fingerprint});
    }
    return out;
  }
  Result<std::vector<DirectoryItem>> ReadDirectory(std::uint64_t after, std::size_t max_items,
                                                   std::size_t max_bytes) override {
    std::vector<DirectoryItem> out;
    std::size_t bytes = 0;
    for (auto it = c_.directory.upper_bound(after); it != c_.directory.end(); ++it) {
      const Bytes& der = it->second.list ? it->second.list->der : it->second.certificate->der;
      bytes += der.size();
      if (out.size() >= max_items || (!out.empty() && bytes > max_bytes)) {
        break;
      }
      out.push_back({it->first, it->second.list.has_value(), der});
    }
    return out;
  }
  Result<std::uint64_t> DirectoryPosition() override {
    return c_.directory.empty() ? std::uint64_t{0} : c_.directory.rbegin()->first;
  }
  Result<std::optional<RevocationRow>> FindRevocations(const pki::KeyId& issuer) override {
    for (const auto& [position, item] : c_.directory) {
      if (item.list && item.list->issuer_key_id == issuer) {
        return item.list;
      }
    }
    return std::optional<RevocationRow>();
  }
  Result<std::vector<RevocationRow>> NewestRevocations() override {
    std::vector<RevocationRow> out;
    for (const auto& [position, item] : c_.directory) {
      if (item.list) {
        out.push_back(*item.list);
      }
    }
    return out;
  }
  Result<std::size_t> CountKeyPackages(const DeviceId& device) override {
    return static_cast<std::size_t>(
        std::count_if(c_.key_packages.begin(), c_.key_packages.end(),
                      [&](const auto& item) { return item.second.device == device; }));
  }
  Result<std::optional<KeyPackageRow>> OldestKeyPackage(const DeviceId& device) override {
    for (const auto& [id, item] : c_.key_packages) {
      if (item.device == device) {
        return std::optional(item.row);
      }
    }
    return std::optional<KeyPackageRow>();
  }

  Result<std::optional<TicketRow>> FindTicket(const TicketId& ticket) override {
    const auto found = Find(c_.tickets, ticket);
    return found ? std::optional(found->second) : std::optional<TicketRow>();
  }
  Result<std::vector<TicketRow>> WaitingTickets(const PersonRef& creator, Millis now,
                                                std::size_t limit) override {
    return Tickets(limit, [&](const TicketRow& row) {
      return row.creator == creator && row.expires_at > now &&
             (row.state == TicketState::kRequested || row.state == TicketState::kLinked);
    });
  }
  Result<std::vector<TicketRow>> LinkedTickets(const InstitutionId& institution, Millis now,
                                               std::size_t limit) override {
    return Tickets(limit, [&](const TicketRow& row) {
      return row.creator.institution == institution && row.expires_at > now && row.purpose == 3 &&
             row.state == TicketState::kLinked;
    });
  }
  Result<std::size_t> CountTickets(const PersonRef& creator, Millis now) override {
    return Tickets(SIZE_MAX,
                   [&](const TicketRow& row) {
                     return row.creator == creator && row.expires_at > now &&
                            row.state != TicketState::kApproved;
                   })
        .size();
  }
  Result<std::optional<AlertRow>> FindAlert(const CaseId& case_id, std::uint64_t seq) override {
    const auto found = Find(c_.alerts, {case_id, seq});
    return found ? std::optional(found->second) : std::optional<AlertRow>();
  }
  Result<std::vector<AlertRow>> OpenAlerts() override {
    return Alerts([](const AlertRow&) { return true; });
  }
  Result<std::vector<AlertRow>> OpenAlertsOf(const PersonRef& member) override {
    return Alerts([&](const AlertRow& row) {
      return std::any_of(c_.spans.begin(), c_.spans.end(), [&](const auto& item) {
        const PersonSpan& span = item.second;
        return span.case_id == row.case_id && span.person == member && !span.span.last;
      });
    });
  }
  Result<std::size_t> CountOpenAlerts(const CaseId& case_id) override {
    return Alerts([&](const AlertRow& row) { return row.case_id == case_id; }).size();
  }
  Result<std::size_t> CountOpenAlertsOf(const DeviceId& sender_device) override {
    return Alerts([&](const AlertRow& row) { return row.sender_device == sender_device; }).size();
  }
  Result<std::uint64_t> StoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id) override {
    return Find(c_.usage, {whose, id}).value_or(0);
  }
  Result<std::vector<ThreadRow>> ClosedThreads(Millis counted_until) override {
    std::vector<ThreadRow> out;
    for (const auto& [case_id, row] : c_.threads) {
      if (row.closing.is_closed && row.closing.counted_from <= counted_until) {
        out.push_back(row);
      }
    }
    std::stable_sort(out.begin(), out.end(), [](const ThreadRow& a, const ThreadRow& b) {
      return a.closing.counted_from < b.closing.counted_from;
    });
    return out;
  }
  Result<std::optional<AnnouncementRow>> FindAnnouncement(const CaseId& case_id) override {
    return Find(c_.announcements, case_id);
  }
  Result<ThreadExtent> ExtentOf(const CaseId& case_id) override {
    ThreadExtent out;
    for (auto it = c_.entries.lower_bound({case_id, 0});
         it != c_.entries.end() && it->first.first == case_id; ++it) {
      if (out.bytes == 0) {
        out.first_received = it->second.row.received_at;
      }
      out.bytes += it->second.row.payload.size();
    }
    return out;
  }
  Result<std::optional<DeletionRow>> FindDeletion(const CaseId& case_id) override {
    return Find(c_.deletions, case_id);
  }
  Result<std::vector<DeletionRow>> Deletions(const CaseId& after, std::size_t limit) override {
    std::vector<DeletionRow> out;
    for (auto it = c_.deletions.upper_bound(after); it != c_.deletions.end() && out.size() < limit;
         ++it) {
      out.push_back(it->second);
    }
    return out;
  }
  Result<std::optional<AuditRow>> LastAudit() override {
    return c_.audit.empty() ? std::optional<AuditRow>() : std::optional(c_.audit.rbegin()->second);
  }
  Result<std::vector<AuditRow>> ReadAudit(std::uint64_t after, std::size_t limit) override {
    std::vector<AuditRow> out;
    for (auto it = c_.audit.upper_bound(after); it != c_.audit.end() && out.size() < limit; ++it) {
      out.push_back(it->second);
    }
    return out;
  }
  Result<std::optional<Bytes>> FindMeta(const std::string& name) override {
    return Find(c_.meta, name);
  }

  Status PutThread(const ThreadRow& row) override { return Put(c_.threads, row.case_id, row); }
  Status AddEntry(const CaseId& case_id, const NewEntry& entry) override {
    if (c_.entries.contains({case_id, entry.at.seq}) ||
        (entry.key && c_.keys.contains({case_id, *entry.key}))) {
      return Error(Code::kConflict, "store: the row is there already");
    }
    if (entry.key) {
      RENKEI_TRY(Put(c_.keys, {case_id, *entry.key}, entry.at.seq));
    }
    const EntryRow row{entry.at.seq, entry.kind, entry.at.received_at, ToBytes(entry.payload),
                       entry.at.hash};
    return Put(c_.entries, {case_id, entry.at.seq}, Entry{row, entry.key});
  }
  Status PutGroupInfo(const CaseId& case_id, ByteView group_info) override {
    return Put(c_.group_infos, case_id, ToBytes(group_info));
  }
  Status AddSpan(const CaseId& case_id, const PersonRef& person, const Span& span) override {
    return Put(c_.spans, ++c_.last_id, PersonSpan{case_id, person, span});
  }
  Status EndSpan(const CaseId& case_id, const PersonRef& person, std::uint64_t last) override {
    for (const auto& [id, span] : c_.spans) {
      if (span.case_id == case_id && span.person == person && !span.span.last) {
        PersonSpan ended = span;
        ended.span.last = last;
        return Put(c_.spans, id, ended);
      }
    }
    return Ok();
  }
  Status AddEnvelope(const CaseId& case_id, const Hash32& key_id, const EnvelopeRow& row) override {
    const EnvelopeKey key{case_id, key_id, row.at};
    if (c_.envelopes.contains(key)) {
      return Error(Code::kConflict, "store: the row is there already");
    }
    return Put(c_.envelopes, key, row);
  }
  Status AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                 ByteView pack) override {
    return Put(c_.packs, PackKey{case_id, key_id, seq}, ToBytes(pack));
  }
  Status AddMail(std::span<const DeviceId> devices, const CaseId& case_id, std::uint64_t seq,
                 ByteView welcome) override {
    const std::uint64_t shared = ++c_.last_id;
    for (const DeviceId& device : devices) {
      const std::uint64_t id = ++c_.last_id;
      RENKEI_TRY(Put(c_.mail, id, Mail{device, shared, {id, case_id, seq, ToBytes(welcome)}}));
    }
    return Ok();
  }
  Result<std::vector<GoneWelcome>> DeleteMail(const DeviceId& device,
                                              std::span<const std::uint64_t> ids) override {
    std::vector<GoneWelcome> gone;
    for (const std::uint64_t id : ids) {
      const auto mail = Find(c_.mail, id);
      if (!mail || mail->device != device) {
        continue;
      }
      Erase(c_.mail, id);
      if (std::none_of(c_.mail.begin(), c_.mail.end(),
                       [&](const auto& each) { return each.second.welcome == mail->welcome; })) {
        gone.push_back({mail->row.case_id, mail->row.seq, mail->row.welcome.size()});
      }
    }
    return gone;
  }
  Status PutAlert(const AlertRow& row) override {
    const auto there = Find(c_.alerts, {row.case_id, row.seq});
    const std::uint64_t order = there ? there->first : ++c_.last_id;
    return Put(c_.alerts, {row.case_id, row.seq}, std::pair(order, row));
  }
  Result<std::uint64_t> AddCertificate(const CertificateRow& row) override {
    for (const auto& [position, item] : c_.directory) {
      if (item.certificate && item.certificate->fingerprint == row.fingerprint) {
        return position;
      }
    }
    const std::uint64_t position = ++c_.last_id;
    RENKEI_TRY(Put(c_.directory, position, Published{row, std::nullopt}));
    return position;
  }
  Result<std::uint64_t> AddRevocations(const RevocationRow& row) override {
    for (const auto& [position, item] : c_.directory) {
      if (item.list && item.list->issuer_key_id == row.issuer_key_id) {
        Erase(c_.directory, std::uint64_t{position});
        break;
      }
    }
    const std::uint64_t position = ++c_.last_id;
    RENKEI_TRY(Put(c_.directory, position, Published{std::nullopt, row}));
    return position;
  }
  Status AddKeyPackage(const DeviceId& device, ByteView key_package) override {
    const std::uint64_t id = ++c_.last_id;
    return Put(c_.key_packages, id, KeyPackage{device, {id, false, ToBytes(key_package)}});
  }
  Status DeleteKeyPackage(std::uint64_t id) override {
    Erase(c_.key_packages, id);
    return Ok();
  }
  Status MarkKeyPackageHandedOut(std::uint64_t id) override {
    auto item = Find(c_.key_packages, id);
    if (!item) {
      return Ok();
    }
    item->row.handed_out = true;
    return Put(c_.key_packages, id, *item);
  }
  Status PutTicket(const TicketRow& row) override {
    const auto there = Find(c_.tickets, row.ticket);
    const std::uint64_t order = there ? there->first : ++c_.last_id;
    return Put(c_.tickets, row.ticket, {order, row});
  }
  Status DeleteTicketsExpiredBefore(Millis moment) override {
    std::vector<TicketId> gone;
    for (const auto& [ticket, item] : c_.tickets) {
      if (item.second.expires_at < moment) {
        gone.push_back(ticket);
      }
    }
    for (const TicketId& ticket : gone) {
      Erase(c_.tickets, ticket);
    }
    return Ok();
  }
  Status PutAnnouncement(const AnnouncementRow& row) override {
    return Put(c_.announcements, row.case_id, row);
  }
  Result<std::vector<GoneWelcome>> DeleteMailOf(const CaseId& case_id) override {
    std::vector<std::pair<DeviceId, std::uint64_t>> mail;
    for (const auto& [id, item] : c_.mail) {
      if (item.row.case_id == case_id) {
        mail.emplace_back(item.device, id);
      }
    }
    std::vector<GoneWelcome> gone;
    for (const auto& [device, id] : mail) {
      RENKEI_ASSIGN(const auto more, DeleteMail(device, std::span(&id, 1)));
      gone.insert(gone.end(), more.begin(), more.end());
    }
    return gone;
  }
  Status DeleteThread(const DeletionRow& row) override {
    if (!c_.threads.contains(row.case_id)) {
      return Error(Code::kConflict, "store: no such thread");
    }
    RENKEI_TRY(Put(c_.deletions, row.case_id, row));
    RENKEI_TRY(Put(c_.remains, row.case_id, true));
    Erase(c_.threads, row.case_id);
    Erase(c_.announcements, row.case_id);
    EraseIf(c_.spans, [&](const auto& item) { return item.second.case_id == row.case_id; });
    return Ok();
  }
  Result<bool> DeleteRemains(std::size_t max_rows) override {
    if (c_.remains.empty()) {
      return false;
    }
    const CaseId case_id = c_.remains.begin()->first;
    std::size_t left = max_rows;
    const auto is_of_case = [&](const auto& item) { return std::get<0>(item.first) == case_id; };
    left -= EraseIf(c_.alerts, is_of_case, left);
    left -= EraseIf(c_.entries, is_of_case, left);
    EraseIf(c_.keys, is_of_case);
    left -= EraseIf(c_.envelopes, is_of_case, left);
    left -= EraseIf(c_.packs, is_of_case, left);
    Erase(c_.group_infos, case_id);
    if (left == 0) {
      return true;
    }
    Erase(c_.remains, case_id);
    return !c_.remains.empty();
  }
  Status AddAudit(const AuditRow& row) override {
    if (c_.audit.contains(row.seq)) {
      return Error(Code::kConflict, "store: the row is there already");
    }
    return Put(c_.audit, row.seq, row);
  }
  Status AddStoredBytes(UsageOf whose, const ByteArray<kIdBytes>& id, std::int64_t more) override {
    const std::uint64_t there = Find(c_.usage, {whose, id}).value_or(0);
    const auto amount = static_cast<std::uint64_t>(more < 0 ? -more : more);
    return Put(c_.usage, {whose, id}, more < 0 ? there - std::min(amount, there) : there + amount);
  }
  Status PutMeta(const std::string& name, ByteView value) override {
    return Put(c_.meta, name, ToBytes(value));
  }

 private:
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
  std::vector<AlertRow> Alerts(const Wanted& wanted) const {
    std::map<std::uint64_t, AlertRow> by_age;
    for (const auto& [key, item] : c_.alerts) {
      if (item.second.state == AlertState::kOpen && wanted(item.second)) {
        by_age[item.first] = item.second;
      }
    }
    std::vector<AlertRow> out;
    for (const auto& [order, row] : by_age) {
      out.push_back(row);
    }
    return out;
  }
  template <typename Wanted>
  std::vector<TicketRow> Tickets(std::size_t limit, const Wanted& wanted) const {
    std::map<std::uint64_t, TicketRow> by_age;
    for (const auto& [ticket, item] : c_.tickets) {
      if (wanted(item.second)) {
        by_age[item.first] = item.second;
      }
    }
    std::vector<TicketRow> out;
    for (const auto& [order, row] : by_age) {
      if (out.size() < limit) {
        out.push_back(row);
      }
    }
    return out;
  }

  Content& c_;
  std::vector<std::function<void()>> undo_;
};

MemoryStore::MemoryStore() : content_(std::make_unique<Content>()) {}

MemoryStore::~MemoryStore() = default;

void MemoryStore::Write(Work work, Done done) {
  if (faster_) {
    Write(std::exchange(faster_, nullptr), [](const Status&) {});
  }
  ++writes_;
  Transaction transaction(*content_);
  Status status = work(transaction);
  if (status.ok() && fail_writes_) {
    status = Error(Code::kUnavailable, "store: could not be written");
  }
  if (!status.ok()) {
    transaction.Undo();
  }
  done(status);
  if (after_dones_) {
    after_dones_();
  }
}

Status MemoryStore::Read(const View& view) {
  if (fail_reads_ && reads_left_ == 0) {
    return Error(Code::kUnavailable, "store: does not answer");
  }
  reads_left_ -= fail_reads_ ? 1 : 0;
  Transaction transaction(*content_);
  return view(transaction);
}

std::shared_ptr<const MemoryStore::Content> MemoryStore::Backup() const {
  return std::make_shared<const Content>(*content_);
}

void MemoryStore::Restore(const Content& content) {
  *content_ = content;
}

}  // namespace renkei::test
