// What a MemoryStore holds.
#ifndef RENKEI_TESTS_SUPPORT_MEMORY_CONTENT_H_
#define RENKEI_TESTS_SUPPORT_MEMORY_CONTENT_H_

#include <map>
#include <tuple>

#include "tests/support/memory_store.h"

namespace renkei::test {

struct MemoryStore::Content {
  struct Entry {
    server::EntryRow row;
    std::optional<server::EntryKey> key;
  };

  struct Mail {
    DeviceId device;
    std::uint64_t welcome = 0;  // the same for all devices it is for
    server::MailRow row;
  };

  struct KeyPackage {
    DeviceId device;
    server::KeyPackageRow row;
  };

  struct Published {
    std::optional<server::CertificateRow> certificate;
    std::optional<server::RevocationRow> list;
  };

  struct PersonSpan {
    CaseId case_id;
    server::PersonRef person;
    server::Span span;
  };

  using EnvelopeKey = std::tuple<CaseId, Hash32, server::EpochRef>;
  using PackKey = std::tuple<CaseId, Hash32, std::uint64_t>;

  std::map<CaseId, server::ThreadRow> threads;
  std::map<std::pair<CaseId, std::uint64_t>, Entry> entries;
  std::map<std::pair<CaseId, server::EntryKey>, std::uint64_t> keys;
  std::map<CaseId, Bytes> group_infos;
  std::map<std::uint64_t, PersonSpan> spans;
  std::map<EnvelopeKey, server::EnvelopeRow> envelopes;
  std::map<PackKey, Bytes> packs;
  std::map<std::uint64_t, Mail> mail;
  std::map<std::uint64_t, Published> directory;
  std::map<std::uint64_t, KeyPackage> key_packages;
  std::map<TicketId, std::pair<std::uint64_t, server::TicketRow>> tickets;
  std::map<std::pair<CaseId, std::uint64_t>, std::pair<std::uint64_t, server::AlertRow>> alerts;
  std::map<CaseId, server::AnnouncementRow> announcements;
  std::map<CaseId, server::DeletionRow> deletions;
  std::map<CaseId, bool> remains;
  std::map<std::uint64_t, server::AuditRow> audit;
  std::map<std::pair<server::UsageOf, ByteArray<kIdBytes>>, std::uint64_t> usage;
  std::map<std::string, Bytes> meta;
  std::uint64_t last_id = 0;  // never used again, not even after a failure
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_MEMORY_CONTENT_H_
