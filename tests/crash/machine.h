// What the preloaded library (faulty_machine.cc) makes the relay's machine do, set from outside.
#ifndef RENKEI_TESTS_CRASH_MACHINE_H_
#define RENKEI_TESTS_CRASH_MACHINE_H_

#include <atomic>
#include <cstdint>

namespace renkei::crash {

enum class Disk : std::uint32_t { kGood = 0, kFull = 1, kReadOnly = 2 };

// The bytes of a file that both sides map.
struct MachineState {
  std::atomic<Disk> disk;
  std::atomic<std::int64_t> clock_seconds;  // what the wall clock is wrong by
};

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_MACHINE_H_
