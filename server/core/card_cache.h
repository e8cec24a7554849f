// Cards in force, parsed, by their hash. A card never changes, so nothing here can be out of date,
// whichever relay of several wrote it. Guarded.
#ifndef RENKEI_SERVER_CORE_CARD_CACHE_H_
#define RENKEI_SERVER_CORE_CARD_CACHE_H_

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "crypto/thread/card.h"
#include "server/core/store.h"

namespace renkei::server {

struct CardInForce {
  thread::SignedCard signed_card;
  std::vector<PersonRef> persons;  // ascending, no duplicate

  const thread::Card& card() const { return signed_card.card; }
  bool HasPerson(const PersonRef& person) const;
};

// The card's persons, which keep it alive; null: no card.
std::shared_ptr<const std::vector<PersonRef>> PersonsOf(
    const std::shared_ptr<const CardInForce>& card);

std::shared_ptr<const CardInForce> MakeCardInForce(thread::SignedCard signed_card);

class CardCache {
 public:
  explicit CardCache(std::size_t capacity) : capacity_(capacity) {}

  // The card that `row` names. kCorrupt if the store's entry is not that card.
  Result<std::shared_ptr<const CardInForce>> Get(ReadTransaction& transaction,
                                                 const ThreadRow& row);
  void Put(std::shared_ptr<const CardInForce> card);

 private:
  using Order = std::list<std::shared_ptr<const CardInForce>>;  // newest use first

  std::shared_ptr<const CardInForce> Find(const Hash32& hash);

  const std::size_t capacity_;
  std::mutex mutex_;
  Order order_;
  std::map<Hash32, Order::iterator> by_hash_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_CARD_CACHE_H_
