#include "server/store_probe.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <utility>

#include "tests/support/memory_store.h"

namespace renkei::test {
namespace {

using server::StoreProbe;
using std::chrono::seconds;

// A store that answers when the test says so, and as it says.
class SlowStore final : public server::Store {
 public:
  void Write(Work work, Done done) override {
    ++asked;
    work_ = std::move(work);
    done_ = std::move(done);
  }
  void AfterDones(std::function<void()> /*hook*/) override {}
  Status Read(const View&) override { return Ok(); }

  // Runs the work in a good store.
  void Answer() { good_.Write(std::exchange(work_, nullptr), std::exchange(done_, nullptr)); }
  void Answer(const Status& status) { std::exchange(done_, nullptr)(status); }

  int asked = 0;

 private:
  MemoryStore good_;
  Work work_;
  Done done_;
};

class StoreProbeTest : public ::testing::Test {
 protected:
  bool LookAt(int second) { return probe->Look(StoreProbe::Moment(seconds(second))); }

  SlowStore store;
  std::unique_ptr<StoreProbe> probe = std::make_unique<StoreProbe>(store, seconds(5), seconds(15));
};

TEST_F(StoreProbeTest, AsksAtOnceAndThenEveryInterval) {
  EXPECT_TRUE(LookAt(100));
  EXPECT_EQ(store.asked, 1);
  store.Answer();
  for (int second = 101; second < 105; ++second) {
    EXPECT_TRUE(LookAt(second));
    EXPECT_EQ(store.asked, 1);
  }
  EXPECT_TRUE(LookAt(105));
  EXPECT_EQ(store.asked, 2);
}

TEST_F(StoreProbeTest, AFailureCountsUntilTheNextGoodAnswer) {
  EXPECT_TRUE(LookAt(0));
  store.Answer(Error(Code::kUnavailable, "full"));
  EXPECT_FALSE(LookAt(1));
  EXPECT_FALSE(LookAt(5));
  EXPECT_FALSE(LookAt(6)) << "asked again, not answered";
  store.Answer();
  EXPECT_TRUE(LookAt(7));
}

TEST_F(StoreProbeTest, AStoreThatHangsIsNoticedAfterTheTimeoutAndNotAskedTwice) {
  EXPECT_TRUE(LookAt(0));
  EXPECT_TRUE(LookAt(15));
  EXPECT_FALSE(LookAt(16));
  EXPECT_FALSE(LookAt(1000));
  EXPECT_EQ(store.asked, 1);
  store.Answer();
  EXPECT_TRUE(LookAt(1001));
  EXPECT_EQ(store.asked, 2);
}

TEST_F(StoreProbeTest, ABusyStoreIsAskedAgainAndNotJudgedUntilTheTimeout) {
  EXPECT_TRUE(LookAt(0));
  for (int second = 5; second <= 15; second += 5) {
    store.Answer(Error(Code::kThrottled, "too much waits"));
    EXPECT_TRUE(LookAt(second));
  }
  EXPECT_EQ(store.asked, 4);
  store.Answer(Error(Code::kThrottled, "too much waits"));
  EXPECT_FALSE(LookAt(20)) << "nobody was served for 20 seconds";
  store.Answer();
  EXPECT_TRUE(LookAt(21));
}

TEST_F(StoreProbeTest, AnAnswerThatComesWhenTheProbeIsGoneHarmsNothing) {
  EXPECT_TRUE(LookAt(0));
  probe.reset();
  store.Answer();
}

TEST(StoreProbe, AFullStoreAndBackAgain) {
  MemoryStore store;
  StoreProbe probe(store, seconds(5), seconds(15));
  EXPECT_TRUE(probe.Look(StoreProbe::Moment(seconds(0))));
  store.FailWrites(true);
  EXPECT_FALSE(probe.Look(StoreProbe::Moment(seconds(5))));
  store.FailWrites(false);
  EXPECT_TRUE(probe.Look(StoreProbe::Moment(seconds(10))));
}

}  // namespace
}  // namespace renkei::test
