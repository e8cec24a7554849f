#include "tests/crash/play.h"

#include <cstdio>
#include <thread>

namespace renkei::crash {
namespace {

constexpr int kMostPauses = 10'000;  // of a millisecond, until the first acknowledgement

}  // namespace

void Play::PauseFor(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

void Play::Start() {
  if (!relay_.Start()) {
    Fail("the relay does not start on a sound store: " + relay_.said());
  }
}

bool Play::StartsOrRefuses(const std::string& after) {
  if (relay_.Start()) {
    return true;
  }
  const std::string said = relay_.said();
  if (relay_.exit_code() != 1 || said.find("renkei-relay restore") == std::string::npos) {
    Fail("after " + after + " the relay ended with " + std::to_string(relay_.exit_code()) +
         ", without the way to restore: " + said);
  }
  return false;
}

void Play::LoadAndKill() {
  const std::uint64_t before = load_.counts().acknowledged;
  load_.Start(relay_.port());
  // Everybody is connected then, and something can be lost.
  for (int i = 0; i < kMostPauses && load_.counts().acknowledged == before; ++i) {
    PauseFor(std::chrono::milliseconds(1));
  }
  Pause();
  if (relay_.HasDied()) {
    Fail("the relay crashed by itself: " + relay_.said());
  }
  relay_.Kill();
  load_.Stop();
}

void Play::RetryAndCheck(bool all) {
  // In either order: what the relay has may be read before or after the retries.
  if (dice_() % 2 == 0) {
    load_.Check(relay_.port(), all);
  }
  load_.Retry(relay_.port());
  load_.Check(relay_.port(), all);
}

void Play::Verify() {
  const RelayProcess::Verified verified = relay_.Verify();
  if (!verified.is_sound) {
    Fail("verify finds damage: " + verified.said);
  }
}

void Play::Finish(const char* kind, const std::string& more) {
  load_.Check(relay_.port(), true);
  relay_.Stop();
  Verify();
  Start();
  load_.Check(relay_.port(), true);
  relay_.Stop();
  const Counts& counts = load_.counts();
  std::printf(
      "{\"fault\":\"%s\",\"rounds\":%d,\"seed\":%llu,\"acknowledged\":%llu,\"commits\":%llu,"
      "\"unanswered\":%llu,\"duplicates\":%llu,\"stored_but_unanswered\":%llu%s,\"lost\":0}\n",
      kind, options_.rounds, static_cast<unsigned long long>(options_.seed),
      static_cast<unsigned long long>(counts.acknowledged),
      static_cast<unsigned long long>(counts.commits),
      static_cast<unsigned long long>(counts.unanswered),
      static_cast<unsigned long long>(counts.duplicates),
      static_cast<unsigned long long>(counts.stored_unseen), more.c_str());
  std::fflush(stdout);
}

}  // namespace renkei::crash
