// Threads, their entries and who reads them.
#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

Result<std::optional<ThreadRow>> MemoryTransaction::FindThread(const CaseId& case_id) {
  return Find(c_.threads, case_id);
}

Result<std::optional<EntryRow>> MemoryTransaction::FindEntry(const CaseId& case_id,
                                                             std::uint64_t seq) {
  const auto entry = Find(c_.entries, {case_id, seq});
  return entry ? std::optional(entry->row) : std::optional<EntryRow>();
}

Result<std::optional<Hash32>> MemoryTransaction::EntryHash(const CaseId& case_id,
                                                           std::uint64_t seq) {
  const auto entry = Find(c_.entries, {case_id, seq});
  return entry ? std::optional(entry->row.hash) : std::optional<Hash32>();
}

Result<std::optional<std::uint64_t>> MemoryTransaction::FindEntryKey(const CaseId& case_id,
                                                                     const EntryKey& key) {
  return Find(c_.keys, {case_id, key});
}

Result<std::vector<EntryRow>> MemoryTransaction::ReadEntries(const CaseId& case_id,
                                                             std::uint64_t first,
                                                             std::uint64_t last,
                                                             std::size_t max_entries,
                                                             std::size_t max_bytes) {
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

Result<std::optional<Bytes>> MemoryTransaction::FindGroupInfo(const CaseId& case_id) {
  return Find(c_.group_infos, case_id);
}

Result<std::vector<Span>> MemoryTransaction::SpansOf(const CaseId& case_id,
                                                     const PersonRef& person) {
  std::vector<Span> out;
  for (const auto& [id, span] : c_.spans) {
    if (span.case_id == case_id && span.person == person) {
      out.push_back(span.span);
    }
  }
  return out;
}

Result<std::vector<std::pair<CaseId, Span>>> MemoryTransaction::ThreadsOf(const PersonRef& person) {
  std::map<CaseId, Span> newest;
  for (const auto& [id, span] : c_.spans) {
    if (span.person == person) {
      newest[span.case_id] = span.span;
    }
  }
  return std::vector<std::pair<CaseId, Span>>(newest.begin(), newest.end());
}

Status MemoryTransaction::PutThread(const ThreadRow& row) {
  return Put(c_.threads, row.case_id, row);
}

Status MemoryTransaction::AddEntry(const CaseId& case_id, const NewEntry& entry) {
  const auto behind = c_.entries.lower_bound({case_id, entry.at.seq});
  const bool is_taken = behind != c_.entries.end() && behind->first.first == case_id;
  const bool follows = entry.at.seq == 1 || c_.entries.contains({case_id, entry.at.seq - 1});
  if (is_taken || !follows) {
    return Error(Code::kConflict, "store: an entry must follow the last one");
  }
  if (entry.key && c_.keys.contains({case_id, *entry.key})) {
    return Error(Code::kConflict, "store: the row is there already");
  }
  if (entry.key) {
    RENKEI_TRY(Put(c_.keys, {case_id, *entry.key}, entry.at.seq));
  }
  const EntryRow row{entry.at.seq, entry.kind, entry.at.received_at, ToBytes(entry.payload),
                     entry.at.hash};
  return Put(c_.entries, {case_id, entry.at.seq}, Content::Entry{row, entry.key});
}

Status MemoryTransaction::PutGroupInfo(const CaseId& case_id, ByteView group_info) {
  return Put(c_.group_infos, case_id, ToBytes(group_info));
}

Status MemoryTransaction::AddSpan(const CaseId& case_id, const PersonRef& person,
                                  const Span& span) {
  return Put(c_.spans, ++c_.last_id, Content::PersonSpan{case_id, person, span});
}

Status MemoryTransaction::EndSpan(const CaseId& case_id, const PersonRef& person,
                                  std::uint64_t last) {
  for (const auto& [id, span] : c_.spans) {
    if (span.case_id == case_id && span.person == person && !span.span.last) {
      Content::PersonSpan ended = span;
      ended.span.last = last;
      return Put(c_.spans, id, ended);
    }
  }
  return Ok();
}

}  // namespace renkei::test
