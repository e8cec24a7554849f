// What all rounds share: a region, its relay, and its load.
#ifndef RENKEI_TESTS_CRASH_PLAY_H_
#define RENKEI_TESTS_CRASH_PLAY_H_

#include <chrono>

#include "tests/crash/damage.h"
#include "tests/crash/faults.h"
#include "tests/crash/load.h"
#include "tests/crash/relay_process.h"

namespace renkei::crash {

class Play {
 public:
  // `salt` tells the kinds of faults apart under one seed.
  Play(const Options& options, const std::filesystem::path& folder, std::uint64_t salt)
      : options_(options),
        folder_(folder),
        dice_(options.seed + salt),
        load_(folder_, dice_()),
        relay_(options.relay, options.library, folder_, options.folder / folder_.filename()) {}

  Dice& dice() { return dice_; }
  Load& load() { return load_; }
  RelayProcess& relay() { return relay_; }
  std::filesystem::path store() const { return folder_ / "store"; }

  // A random part of the longest time.
  void Pause() { PauseFor(std::chrono::milliseconds(dice_() % (options_.longest_ms + 1))); }
  static void PauseFor(std::chrono::milliseconds time);
  // It must start.
  void Start();
  // Starts on what may be damaged. False: it refused with exit code 1 and the way to restore.
  bool StartsOrRefuses(const std::string& after);
  // Load for a random time, then kill -9 while calls are under way.
  void LoadAndKill();
  // What has no answer is sent again; then everything that is new is read, or all.
  void RetryAndCheck(bool all);
  // `renkei-relay verify` must find it sound.
  void Verify();
  // Everything once more, stopped in between, and verified; then the line of JSON.
  void Finish(const char* kind, const std::string& more = "");

 private:
  const Options options_;
  const std::filesystem::path folder_;
  Dice dice_;
  Load load_;
  RelayProcess relay_;
};

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_PLAY_H_
