// What is looked at every ten minutes of the day.
#ifndef RENKEI_TESTS_SOAK_SAMPLES_H_
#define RENKEI_TESTS_SOAK_SAMPLES_H_

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "tests/soak/day.h"
#include "tests/soak/door.h"
#include "tests/soak/proc.h"
#include "tests/soak/tally.h"

namespace renkei::soak {

struct Sample {
  double hour = 0;
  int life = 0;                   // of the relay; 0: it does not run
  std::optional<ProcessUse> use;  // nothing: it does not run
  StoreSize store;
  std::optional<double> streams;  // open, as the relay's metrics say
  double p50_ms = 0;              // of what was acknowledged since the sample before
  double p99_ms = 0;
  std::uint64_t acknowledged = 0;  // records since the sample before
  std::uint64_t all = 0;           // since midnight
  bool backup = false;             // one was made since the sample before
};

// One look. Not `acknowledged`, `all` and times of calls.
Sample LookAt(const Door& door, const std::filesystem::path& data, double hour);

// One thread of its own; the rest is for whoever made it.
class Sampler {
 public:
  // Begins at once. Each sample is a line of `file`; each hour one of stdout.
  Sampler(const Day& day, const Door& door, Tally& tally, std::filesystem::path data,
          const std::filesystem::path& file);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // A backup begins, or has ended; the next sample says so, however short it was.
  void BeginBackup();
  void EndBackup() { is_backup_ = false; }
  // After midnight: all of them.
  std::vector<Sample> Finish();

 private:
  void Run();
  Sample Look(double hour);
  void Write(const Sample& sample);

  const Day& day_;
  const Door& door_;
  Tally& tally_;
  const std::filesystem::path data_;
  std::FILE* const file_;
  std::atomic<bool> is_backup_ = false;
  std::atomic<bool> had_backup_ = false;
  std::vector<Sample> samples_;
  std::uint64_t before_ = 0;  // records, at the sample before
  std::thread thread_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_SAMPLES_H_
