// What the command line asks for.
#ifndef RENKEI_TESTS_SOAK_OPTIONS_H_
#define RENKEI_TESTS_SOAK_OPTIONS_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace renkei::soak {

struct Options {
  std::string relay;             // the program renkei-relay
  std::filesystem::path folder;  // on the disk to use; made, and removed at the end
  std::filesystem::path out;     // where soak.jsonl and soak.svg are left
  std::uint64_t seed = 0;
  double minutes = 20;  // real ones, of the day
  std::uint64_t records = 200'000;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_OPTIONS_H_
