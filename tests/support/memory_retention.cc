// Closed and deleted cases.
#include <algorithm>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

Result<std::vector<ThreadRow>> MemoryTransaction::ClosedThreads(Millis counted_until) {
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

Result<std::optional<AnnouncementRow>> MemoryTransaction::FindAnnouncement(const CaseId& case_id) {
  return Find(c_.announcements, case_id);
}

Result<std::optional<DeletionRow>> MemoryTransaction::FindDeletion(const CaseId& case_id) {
  return Find(c_.deletions, case_id);
}

Result<std::vector<DeletionRow>> MemoryTransaction::Deletions(const CaseId& after,
                                                              std::size_t limit) {
  std::vector<DeletionRow> out;
  for (auto it = c_.deletions.upper_bound(after); it != c_.deletions.end() && out.size() < limit;
       ++it) {
    out.push_back(it->second);
  }
  return out;
}

Status MemoryTransaction::PutAnnouncement(const AnnouncementRow& row) {
  return Put(c_.announcements, row.case_id, row);
}

Status MemoryTransaction::DeleteThread(const DeletionRow& row) {
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

Result<bool> MemoryTransaction::DeleteRemains(std::size_t max_rows) {
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

}  // namespace renkei::test
