#include "tests/crash/faults.h"

#include <cstdio>

#include "tests/crash/play.h"

namespace renkei::crash {
namespace {

bool IsTime(int round, int every) {
  return round % every == every - 1;
}

std::string Field(const char* name, std::uint64_t value) {
  return std::string(",\"") + name + "\":" + std::to_string(value);
}

// How damaged stores ended.
struct Outcomes {
  std::uint64_t refused = 0;    // at the start
  std::uint64_t at_read = 0;    // started, and did not give out what was damaged
  std::uint64_t at_verify = 0;  // everything read was right, and verify found it
  std::uint64_t harmless = 0;

  std::string Text() const {
    return Field("refused_at_start", refused) + Field("refused_at_read", at_read) +
           Field("found_by_verify", at_verify) + Field("harmless", harmless);
  }
};

}  // namespace

void KillRounds(const Options& options) {
  Play play(options, options.folder / "kill", 1);
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(IsTime(round, options.verify_every));
    play.LoadAndKill();
    if (IsTime(round, options.verify_every)) {
      play.Verify();
    }
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("kill");
}

void TornRounds(const Options& options) {
  Play play(options, options.folder / "torn", 2);
  Outcomes outcomes;
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(false);
    play.LoadAndKill();
    const Saved saved(play.store());
    const std::string done = TearLog(play.store(), play.dice());
    if (play.StartsOrRefuses(done)) {
      // Then nothing that was acknowledged may have been in what was torn.
      play.load().Check(play.relay().port(), IsTime(round, options.verify_every));
      play.relay().Kill();
      ++outcomes.harmless;
    } else {
      ++outcomes.refused;
      if (play.relay().Verify().exit_code != 1) {
        Fail("verify finds nothing in a store that the relay refuses, after " + done);
      }
    }
    saved.PutBack();
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("torn", outcomes.Text());
}

void FlipRounds(const Options& options) {
  Play play(options, options.folder / "flips", 3);
  Outcomes outcomes;
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(true);
    play.LoadAndKill();
    if (play.dice()() % 2 == 0) {  // everything in the database
      play.Start();
      play.relay().Stop();
    }
    const Saved saved(play.store());
    const std::string done = FlipBits(play.store(), play.dice());
    if (!play.StartsOrRefuses(done)) {
      ++outcomes.refused;
    } else {
      const bool is_read = play.load().Check(play.relay().port(), true, true);
      if (play.relay().HasDied()) {
        Fail("the relay crashed on a damaged store, after " + done + ": " + play.relay().said());
      }
      play.relay().Kill();
      const RelayProcess::Verified verified = play.relay().Verify();
      if (verified.exit_code != 0 && verified.exit_code != 1) {
        Fail("verify crashed, after " + done + ": " + verified.said);
      }
      if (!is_read && verified.is_sound) {
        Fail("what the relay does not read verify finds sound, after " + done);
      }
      ++(!is_read ? outcomes.at_read : verified.is_sound ? outcomes.harmless : outcomes.at_verify);
    }
    saved.PutBack();
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("flips", outcomes.Text());
}

}  // namespace renkei::crash
