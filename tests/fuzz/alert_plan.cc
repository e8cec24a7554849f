#include "crypto/thread/alert_plan.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

// What parses is written again as the same bytes, and every step of it can be carried out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const auto plan = thread::ParseAlertPlan(input);
  if (!plan.ok()) {
    return 0;
  }
  const Bytes again = thread::SerializeAlertPlan(*plan);
  RENKEI_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()));
  std::vector<thread::AlertMember> members(3);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].person.person.bytes[0] = static_cast<std::uint8_t>(i + 1);
    members[i].profession = static_cast<std::uint32_t>(i + 1);
    members[i].has_device = i != 1;
  }
  for (std::uint32_t k = 0; k < thread::CallsIn(*plan); ++k) {
    const auto calls = thread::CallsAt(*plan, k, members, members[0].person);
    RENKEI_CHECK(!calls.empty());
  }
  return 0;
}
