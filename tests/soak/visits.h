// The telephones of a day: each is taken out, connects, asks what waits for it, writes some
// records, and goes away again; so many of them as the hour wants.
#ifndef RENKEI_TESTS_SOAK_VISITS_H_
#define RENKEI_TESTS_SOAK_VISITS_H_

#include <mutex>
#include <thread>
#include <vector>

#include "tests/soak/day.h"
#include "tests/soak/pen.h"

namespace renkei::soak {

class Visits {
 public:
  // `records`: of the whole day. Begins at once.
  Visits(const Scene& scene, const Day& day, std::uint64_t records, std::uint64_t seed);
  // Midnight has come: waits for the visits under way.
  void Finish();

 private:
  void Run(std::uint64_t seed);
  // How many records the next visit writes; 0: nothing is due.
  std::uint64_t TakeTurn(Dice& dice);
  void Visit(Member& member, std::uint64_t records, Dice& dice);
  // What a client asks first.
  void Arrive(Line& line, Dice& dice);
  void Do(Line& line, CaseFile& file, Dice& dice);
  void ExchangeKeyPackages(Line& line, Dice& dice);
  Member& TakeMember(Dice& dice);

  const Scene scene_;
  const Day& day_;
  const std::uint64_t records_;
  std::mutex mutex_;
  std::uint64_t next_ = 1;     // records of the next visit
  std::vector<Member*> free_;  // telephones in a pocket
  std::vector<std::thread> workers_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_VISITS_H_
