// How much may be on its way to readers that take it slowly, by institution: whoever opens many
// streams and reads from none holds so much of the relay's memory and no more, and holds up nobody
// but their own colleagues. A reader that has gone is noticed by keepalive (transport.cc).
#ifndef RENKEI_SERVER_RPC_READER_BUDGET_H_
#define RENKEI_SERVER_RPC_READER_BUDGET_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "crypto/base/ids.h"

namespace renkei::server {

class Pumped;

// Any thread.
class ReaderBudget {
 public:
  explicit ReaderBudget(std::size_t of_institution) : of_institution_(of_institution) {}

  // Whether this reader may read more now. If not it waits here, at most once, and a later
  // Release() gives it back.
  bool Enter(const InstitutionId& institution, const std::shared_ptr<Pumped>& reader);
  // What was read and is not taken yet. One message may go over the budget.
  void Hold(const InstitutionId& institution, std::size_t bytes);
  // It was taken, or its reader is gone. Returns the readers to be pumped now.
  std::vector<std::shared_ptr<Pumped>> Release(const InstitutionId& institution, std::size_t bytes);
  std::size_t held(const InstitutionId& institution) const;

 private:
  struct Account {
    std::size_t held = 0;
    std::vector<std::weak_ptr<Pumped>> waiting;  // one that has gone is not kept alive
  };

  const std::size_t of_institution_;
  mutable std::mutex mutex_;
  std::map<InstitutionId, Account> accounts_;  // of those that hold anything
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_READER_BUDGET_H_
