// Stewards who ask a guest into a case, and let them go again: each a new epoch.
#ifndef RENKEI_TESTS_SOAK_COMMITS_H_
#define RENKEI_TESTS_SOAK_COMMITS_H_

#include <set>
#include <thread>

#include "tests/soak/day.h"
#include "tests/soak/pen.h"

namespace renkei::soak {

class Commits {
 public:
  // `commits`: of the whole day. Begins at once.
  Commits(const Scene& scene, const Day& day, std::uint64_t commits, std::uint64_t seed);
  // Midnight has come.
  void Finish() { thread_.join(); }

 private:
  void Run(std::uint64_t commits, std::uint64_t seed);
  void Commit(CaseFile& file, bool again);
  // The guest takes the welcome out of their mailbox.
  void TakeWelcomes(const test::Handset& guest);
  static const Member& MemberOf(const std::vector<std::unique_ptr<Member>>& group,
                                const test::Handset& handset);

  const Scene scene_;
  const Day& day_;
  std::set<CaseId> without_guest_;
  std::thread thread_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_COMMITS_H_
