#include "server/core/card_cache.h"

#include <algorithm>

#include "crypto/thread/entry.h"

namespace renkei::server {

bool CardInForce::HasPerson(const PersonRef& person) const {
  return std::binary_search(persons.begin(), persons.end(), person);
}

std::shared_ptr<const std::vector<PersonRef>> PersonsOf(
    const std::shared_ptr<const CardInForce>& card) {
  return card ? std::shared_ptr<const std::vector<PersonRef>>(card, &card->persons) : nullptr;
}

std::shared_ptr<const CardInForce> MakeCardInForce(thread::SignedCard signed_card) {
  auto out = std::make_shared<CardInForce>();
  out->signed_card = std::move(signed_card);
  for (const thread::CardMember& member : out->card().members) {
    out->persons.push_back(member.person);
  }
  std::sort(out->persons.begin(), out->persons.end());
  out->persons.erase(std::unique(out->persons.begin(), out->persons.end()), out->persons.end());
  return out;
}

Result<std::shared_ptr<const CardInForce>> CardCache::Get(ReadTransaction& transaction,
                                                          const ThreadRow& row) {
  if (auto found = Find(row.card_hash)) {
    return found;
  }
  RENKEI_ASSIGN(const std::optional<EntryRow> entry,
                transaction.FindEntry(row.case_id, row.card_seq));
  if (!entry || entry->kind != thread::EntryKind::kCommit) {
    return Error(Code::kCorrupt, "thread: no card where it should be");
  }
  auto payload = thread::ParseCommitPayload(entry->payload);
  if (!payload.ok() || payload->card.hash != row.card_hash) {
    return Error(Code::kCorrupt, "thread: the card in force cannot be read");
  }
  auto card = MakeCardInForce(std::move(payload->card));
  Put(card);
  return card;
}

std::shared_ptr<const CardInForce> CardCache::Find(const Hash32& hash) {
  const std::lock_guard lock(mutex_);
  const auto it = by_hash_.find(hash);
  if (it == by_hash_.end()) {
    return nullptr;
  }
  order_.splice(order_.begin(), order_, it->second);
  return *it->second;
}

void CardCache::Put(std::shared_ptr<const CardInForce> card) {
  const std::lock_guard lock(mutex_);
  const Hash32 hash = card->signed_card.hash;
  if (by_hash_.contains(hash)) {
    return;
  }
  order_.push_front(std::move(card));
  by_hash_[hash] = order_.begin();
  if (order_.size() > capacity_) {
    by_hash_.erase(order_.back()->signed_card.hash);
    order_.pop_back();
  }
}

}  // namespace renkei::server
