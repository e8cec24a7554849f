// Envelopes, packs and mail.
#include <algorithm>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

Result<std::vector<EnvelopeRow>> MemoryTransaction::ReadEnvelopes(
    const CaseId& case_id, const Hash32& key_id, const std::optional<EpochRef>& after,
    std::size_t limit) {
  std::vector<EnvelopeRow> out;
  for (const auto& [key, row] : c_.envelopes) {
    const auto& [of_case, of_key, at] = key;
    if (of_case == case_id && of_key == key_id && (!after || at > *after) && out.size() < limit) {
      out.push_back(row);
    }
  }
  return out;
}

Result<std::vector<PackRow>> MemoryTransaction::ReadPacks(const CaseId& case_id,
                                                          const Hash32& key_id, std::uint64_t after,
                                                          std::size_t max_packs,
                                                          std::size_t max_bytes) {
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

Result<std::vector<MailRow>> MemoryTransaction::ReadMail(const DeviceId& device,
                                                         std::uint64_t after,
                                                         std::size_t max_messages,
                                                         std::size_t max_bytes) {
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

Status MemoryTransaction::AddEnvelope(const CaseId& case_id, const Hash32& key_id,
                                      const EnvelopeRow& row) {
  const Content::EnvelopeKey key{case_id, key_id, row.at};
  if (c_.envelopes.contains(key)) {
    return Error(Code::kConflict, "store: the row is there already");
  }
  return Put(c_.envelopes, key, row);
}

Status MemoryTransaction::AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                                  ByteView pack) {
  return Put(c_.packs, Content::PackKey{case_id, key_id, seq}, ToBytes(pack));
}

Status MemoryTransaction::AddMail(std::span<const DeviceId> devices, const CaseId& case_id,
                                  std::uint64_t seq, ByteView welcome) {
  const std::uint64_t shared = ++c_.last_id;
  for (const DeviceId& device : devices) {
    const std::uint64_t id = ++c_.last_id;
    RENKEI_TRY(
        Put(c_.mail, id, Content::Mail{device, shared, {id, case_id, seq, ToBytes(welcome)}}));
  }
  return Ok();
}

Result<std::vector<GoneWelcome>> MemoryTransaction::DeleteMail(const DeviceId& device,
                                                               std::span<const std::uint64_t> ids) {
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

Result<std::vector<GoneWelcome>> MemoryTransaction::DeleteMailOf(const CaseId& case_id) {
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

}  // namespace renkei::test
