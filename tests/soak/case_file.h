// A case as its members know it, and what the relay has promised about it.
#ifndef RENKEI_TESTS_SOAK_CASE_FILE_H_
#define RENKEI_TESTS_SOAK_CASE_FILE_H_

#include <mutex>
#include <vector>

#include "tests/bench/relay/region.h"
#include "tests/crash/ledger.h"

namespace renkei::soak {

// Who belongs to a case does not change, but for the guest, who comes and goes. Guarded.
class CaseFile {
 public:
  // `members`: the steward first, the guest last.
  CaseFile(const bench::Case& at, std::vector<const test::Handset*> members);

  const CaseId& id() const { return ledger_.case_id(); }
  const std::vector<const test::Handset*>& members() const { return members_; }
  crash::Ledger& ledger() { return ledger_; }

  // The card in force and a position on the chain, as far as answers have told.
  bench::Case Now() const;
  // A new card is in force.
  void TakeCard(const thread::SignedCard& card);
  // This entry is there, at this place. A sentence if something else was promised there.
  std::string Acknowledged(const crash::What& what, const thread::Position& at);
  // The commits with which the case began, which nobody sent over the network.
  void AdoptCards(server::SqliteStore& store);

 private:
  const std::vector<const test::Handset*> members_;
  crash::Ledger ledger_;
  mutable std::mutex mutex_;
  bench::Case now_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_CASE_FILE_H_
