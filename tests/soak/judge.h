// The bounds of a day: what the relay's process and store may have grown to. Each of these ends
// this program with one sentence when it is broken, and else says what was found.
#ifndef RENKEI_TESTS_SOAK_JUDGE_H_
#define RENKEI_TESTS_SOAK_JUDGE_H_

#include <string>
#include <vector>

#include "tests/soak/samples.h"

namespace renkei::soak {

std::string JudgeMemory(const std::vector<Sample>& samples);
std::string JudgeLog(const std::vector<Sample>& samples);
// Database bytes at midnight and when everything was over; what was given to the store meanwhile.
std::string JudgeStore(std::uint64_t before, std::uint64_t after, const Tally& tally);
// Everybody has left: waits until the relay has noticed.
std::string JudgeDescriptors(const Door& door, std::uint64_t at_start);

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_JUDGE_H_
