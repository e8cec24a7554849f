// What a device writes into its cases, and what must come of it: taken and entered in the case's
// ledger, told as a duplicate, or, what is wrong, refused.
#ifndef RENKEI_TESTS_SOAK_PEN_H_
#define RENKEI_TESTS_SOAK_PEN_H_

#include <random>
#include <string>

#include "crypto/thread/head.h"
#include "crypto/thread/record_header.h"
#include "tests/soak/line.h"

namespace renkei::relay::v1 {
class AppendRequest;
class AppendResponse;
}  // namespace renkei::relay::v1

namespace renkei::soak {

using Dice = std::mt19937_64;

// One thread.
class Pen {
 public:
  Pen(const Scene& scene, Dice& dice) : scene_(scene), dice_(dice) {}

  // A record; now and then the same bytes once more.
  void Record(Line& line, CaseFile& file);
  // An urgent record that calls `called`, who acknowledges it over a connection of their own.
  void Urgent(Line& line, CaseFile& file, const Member& called);
  // Earlier secrets for the archive key of another member.
  void Pack(Line& line, CaseFile& file);
  // One of what must be refused: no record, one in another's name, of a case of others, with a
  // past that was not.
  void Mistake(Line& line, CaseFile& file, const CaseFile& of_others);

 private:
  struct Place {
    bool is_stale = false;
    thread::Head head{};
  };

  thread::SealedRecord Draft(const Member& by, const bench::Case& now);
  // Sends it; enters it in the ledger, unless its epoch is over.
  Place Send(Line& line, CaseFile& file, const relay::v1::AppendRequest& request);
  Place Enter(CaseFile& file, const crash::What& what, const relay::v1::AppendResponse& response,
              int tries);
  void SendAgain(Line& line, CaseFile& file, const relay::v1::AppendRequest& request);
  void Acknowledge(const Member& called, CaseFile& file, std::uint64_t alert);

  const Scene scene_;
  Dice& dice_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_PEN_H_
