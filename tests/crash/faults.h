// One function for each kind of fault: so many rounds of load, fault, start, check. Each makes its
// own region, prints one line of JSON at its end, and ends the program when the relay does not keep
// what it promised.
#ifndef RENKEI_TESTS_CRASH_FAULTS_H_
#define RENKEI_TESTS_CRASH_FAULTS_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace renkei::crash {

struct Options {
  std::string relay;             // the program renkei-relay
  std::string library;           // faulty_machine.cc; empty: what needs it is skipped
  std::filesystem::path folder;  // on the disk to use; made, and removed at the end
  std::uint64_t seed = 0;
  int rounds = 20;
  int verify_every = 25;
  int longest_ms = 250;  // of load in a round
};

// kill -9 at any moment.
void KillRounds(const Options& options);
// kill -9, then the end of the write-ahead log is torn.
void TornRounds(const Options& options);
// kill -9 or a stop, then bits are flipped in the database or its log.
void FlipRounds(const Options& options);
// A small tmpfs without a byte left, under load and at a start. Root only, else skipped.
void FullRounds(const Options& options);
// A disk that becomes read-only under load; at a start, where root may remount one.
void ReadOnlyRounds(const Options& options);
// A wall clock that jumps to and fro by up to a day under load.
void ClockRounds(const Options& options);

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_FAULTS_H_
