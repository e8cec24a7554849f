// What the relay has promised about one thread, and whether the thread as it reads keeps it.
#ifndef RENKEI_TESTS_CRASH_LEDGER_H_
#define RENKEI_TESTS_CRASH_LEDGER_H_

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "crypto/base/hash.h"
#include "crypto/thread/chain.h"

namespace renkei::crash {

// An entry as its sender knows it: the hash of a record, or of a commit's card.
using What = Hash32;

// Any thread, but checking is for when nothing is under way.
class Ledger {
 public:
  explicit Ledger(const CaseId& case_id) : case_id_(case_id), at_(thread::StartOf(case_id)) {}

  const CaseId& case_id() const { return case_id_; }

  // From now on it may be in the thread, once.
  void Sending(const What& what);
  // It is there, at this place, for ever. A sentence if that was promised to something else.
  std::string Acknowledged(const What& what, const thread::Position& at);
  // The relay refused it: never there, unless it is sent again.
  void Refused(const What& what);

  // Where the checks have come to. A whole check begins anew.
  const thread::Position& at() const { return at_; }
  void BeginAnew();
  // The next entry that was read: chained, sent by somebody, there for the first time, and what was
  // acknowledged at its place. A sentence, or nothing.
  std::string Take(const thread::EntryView& entry);
  // The thread ends here: everything that was acknowledged came.
  std::string End() const;

  std::size_t acknowledged() const;

 private:
  struct Promise {
    What what{};
    Hash32 hash{};
  };

  const CaseId case_id_;
  mutable std::mutex mutex_;
  std::set<What> sent_;
  std::map<std::uint64_t, Promise> promised_;
  std::map<What, std::uint64_t> came_;
  thread::Position at_;
};

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_LEDGER_H_
