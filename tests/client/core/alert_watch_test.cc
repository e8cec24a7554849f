#include "client/core/alert_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Millis kWall{1'700'000'000'000};
constexpr Millis kStart{500'000};

AlertPlace Place(std::uint8_t number) {
  CaseId case_id;
  case_id.bytes[0] = number;
  return {case_id, 7};
}

AlertWatch::OpenAlert Alert(std::uint32_t step, Millis wait, std::uint8_t number = 1) {
  AlertProgress progress;
  progress.begun = step > 0;
  progress.step = step;
  progress.last_at = kWall;
  progress.wait = wait;
  return {Place(number), progress};
}

TEST(FollowedAlerts, AreLateOnceTheirWaitAndTheGraceAreOver) {
  AlertWatch watch;
  watch.Follow({Alert(1, Minutes(5))}, kWall, kStart);
  EXPECT_EQ(watch.UntilNext(kStart), Minutes(5) + kAlertGrace);
  const Millis end = kStart + Minutes(5) + kAlertGrace;
  EXPECT_THAT(watch.TakeLate(end - Millis{1}), IsEmpty());
  EXPECT_THAT(watch.TakeLate(end), ElementsAre(Place(1)));
  EXPECT_THAT(watch.TakeLate(end + Hours(1)), IsEmpty()) << "told once for each step";
  EXPECT_EQ(watch.UntilNext(end), std::nullopt);
}

TEST(FollowedAlerts, GetNewTimeWithEachStepAndNoneByBeingLookedAtAgain) {
  AlertWatch watch;
  watch.Follow({Alert(1, Minutes(5))}, kWall, kStart);
  watch.Follow({Alert(1, Minutes(5))}, kWall + Minutes(4), kStart + Minutes(4));
  EXPECT_EQ(watch.UntilNext(kStart + Minutes(4)), Minutes(1) + kAlertGrace);
  auto next = Alert(2, Minutes(10));
  next.progress.last_at = kWall + Minutes(5);
  watch.Follow({next}, kWall + Minutes(5), kStart + Minutes(5));
  EXPECT_EQ(watch.UntilNext(kStart + Minutes(5)), Minutes(10) + kAlertGrace);
}

TEST(FollowedAlerts, ThatTheRelayHasNotBegunAreLateAfterTheGrace) {
  AlertWatch watch;
  watch.Follow({Alert(0, Millis{0})}, kWall, kStart);
  EXPECT_EQ(watch.UntilNext(kStart), kAlertGrace);
}

TEST(FollowedAlerts, CountWhatHadGoneByBeforeThisClientCame) {
  AlertWatch watch;
  watch.Follow({Alert(1, Minutes(5))}, kWall + Minutes(3), kStart);
  EXPECT_EQ(watch.UntilNext(kStart), Minutes(2) + kAlertGrace);
  AlertWatch wrong_clock;
  wrong_clock.Follow({Alert(1, Minutes(5))}, kWall - Days(400), kStart);
  EXPECT_EQ(wrong_clock.UntilNext(kStart), Minutes(5) + kAlertGrace);
  AlertWatch other_way;
  other_way.Follow({Alert(1, Minutes(5))}, kWall + Days(400), kStart);
  EXPECT_EQ(other_way.UntilNext(kStart), kAlertGrace) << "never without the grace";
}

TEST(FollowedAlerts, ThatAreOverAreForgotten) {
  AlertWatch watch;
  watch.Follow({Alert(1, Minutes(5), 1), Alert(1, Minutes(1), 2)}, kWall, kStart);
  watch.Follow({Alert(1, Minutes(5), 1)}, kWall, kStart);
  EXPECT_THAT(watch.TakeLate(kStart + Hours(1)), ElementsAre(Place(1)));
}

}  // namespace
}  // namespace renkei::client
