#include "server/core/thread_entries.h"

#include <algorithm>

namespace renkei::server {

Result<std::optional<Hash32>> HashAt(ReadTransaction& transaction, const ThreadRow& row,
                                     std::uint64_t seq) {
  if (seq == 0) {
    return std::optional(thread::StartOf(row.case_id).hash);
  }
  if (seq == row.head.seq) {
    return std::optional(row.head.hash);
  }
  return transaction.EntryHash(row.case_id, seq);
}

bool IsOnCard(const thread::Card& card, const PersonRef& person, const DeviceId& device) {
  const thread::CardMember* member = thread::FindMember(card, device);
  return member != nullptr && member->person == person;
}

Status StoreMembership(WriteTransaction& transaction, const CardInForce& card,
                       const std::vector<PersonRef>& before, std::uint64_t seq) {
  const CaseId& case_id = card.card().case_id;
  const bool reads_all = card.card().policy.newcomer_history == thread::History::kAll;
  for (const PersonRef& person : card.persons) {
    if (!std::binary_search(before.begin(), before.end(), person)) {
      RENKEI_TRY(transaction.AddSpan(case_id, person, {reads_all ? 1 : seq, std::nullopt}));
    }
  }
  for (const PersonRef& person : before) {
    if (!card.HasPerson(person)) {
      RENKEI_TRY(transaction.EndSpan(case_id, person, seq));
    }
  }
  return Ok();
}

}  // namespace renkei::server
