#include "server/rpc/spare_poller.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <list>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/rpc/live_relay.h"

namespace renkei::test {
namespace {

using server::OneIsEnough;
using server::SparePoller;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr OneIsEnough::Limits kLimits{milliseconds(50), milliseconds(10), 3, seconds(1),
                                      seconds(5)};
constexpr milliseconds kSoon(10);
constexpr milliseconds kLate(11);

TEST(OneIsEnoughTest, WhileItComesSoonOrIsLateNowAndThen) {
  OneIsEnough enough(kLimits);
  for (int round = 0; round < 100; ++round) {
    EXPECT_TRUE(enough.Look(kLate));
    EXPECT_TRUE(enough.Look(kLate));
    EXPECT_TRUE(enough.Look(kSoon));
  }
}

TEST(OneIsEnoughTest, NotOnceItIsLateAgainAndAgain) {
  OneIsEnough enough(kLimits);
  EXPECT_TRUE(enough.Look(kLate));
  EXPECT_TRUE(enough.Look(kLate));
  EXPECT_FALSE(enough.Look(kLate));
  (void)enough.Rest();
  EXPECT_TRUE(enough.Look(kLate));  // counted anew
}

TEST(OneIsEnoughTest, NotOnceItDoesNotCome) {
  OneIsEnough enough(kLimits);
  EXPECT_FALSE(enough.Look(std::nullopt));
}

TEST(OneIsEnoughTest, EachRestIsTwiceAsLongUpToTheLongest) {
  OneIsEnough enough(kLimits);
  for (const int expected : {1, 2, 4, 5, 5}) {
    EXPECT_FALSE(enough.Look(std::nullopt));
    EXPECT_EQ(enough.Rest(), seconds(expected));
  }
}

TEST(OneIsEnoughTest, RestIsShortAgainAfterItWasEnoughForTheLongest) {
  OneIsEnough enough(kLimits);
  const auto is_enough_for = [&](milliseconds time) {
    for (auto at = milliseconds::zero(); at < time; at += kLimits.look) {
      EXPECT_TRUE(enough.Look(kSoon));
    }
  };
  EXPECT_EQ(enough.Rest(), seconds(1));
  is_enough_for(seconds(5) - kLimits.look);
  EXPECT_EQ(enough.Rest(), seconds(2));
  is_enough_for(seconds(5));
  EXPECT_EQ(enough.Rest(), seconds(1));
}

// What runs on gRPC's threads for callbacks, each by a call that fails at once.
class OnGrpc {
 public:
  std::future<void> Run(std::function<void()> work) {
    Call& call = calls_.emplace_back();
    auto done = std::make_shared<std::promise<void>>();
    stub_.UnaryCall(&call.context, "/", grpc::StubOptions(), &call.request, &call.response,
                    [work = std::move(work), done](const grpc::Status& /*failed*/) {
                      work();
                      done->set_value();
                    });
    return done->get_future();
  }
  std::thread::id Thread() {
    std::thread::id id;
    Run([&] { id = std::this_thread::get_id(); }).wait();
    return id;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::Slice nothing;
    grpc::ByteBuffer request{&nothing, 1};
    grpc::ByteBuffer response;
  };

  grpc::GenericStub stub_{grpc::CreateChannel("nowhere", nullptr)};
  std::list<Call> calls_;
};

// A thread of gRPC's that is kept in a callback until it is let go.
class Kept {
 public:
  explicit Kept(OnGrpc& grpc)
      : done_(grpc.Run([this] {
          is_inside_.set_value();
          go_on_.get_future().wait();
        })) {
    is_inside_.get_future().wait();
  }
  ~Kept() { LetGo(); }
  void LetGo() {
    if (!std::exchange(was_let_go_, true)) {
      go_on_.set_value();
      done_.wait();
    }
  }

 private:
  std::promise<void> is_inside_;
  std::promise<void> go_on_;
  bool was_let_go_ = false;
  std::future<void> done_;
};

constexpr seconds kLong(20);
constexpr std::chrono::hours kNever(1);
// Lets go after 20 ms, holds again after as long.
constexpr OneIsEnough::Limits kQuick{milliseconds(20), milliseconds(20), 100, milliseconds(20),
                                     milliseconds(20)};
// Once let go it is not held again; a whole look would be for ever.
constexpr OneIsEnough::Limits kOnce{kNever, milliseconds(1), 1, kNever, kNever};

bool Becomes(const SparePoller& spare, bool is_held) {
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (spare.is_held() != is_held && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  return spare.is_held() == is_held;
}

bool Runs(OnGrpc& grpc) {
  return grpc.Run([] {}).wait_for(kLong) == std::future_status::ready;
}

TEST(SparePollerTest, WhileOneIsHeldTheOtherDoesAll) {
  OnGrpc grpc;
  const SparePoller spare(kOnce);
  ASSERT_TRUE(Becomes(spare, true));
  std::set<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    threads.insert(grpc.Thread());
  }
  EXPECT_EQ(threads.size(), 1U);
  // And there is none besides: where that one is kept nothing runs.
  Kept kept(grpc);
  const std::future<void> behind = grpc.Run([] {});
  EXPECT_EQ(behind.wait_for(milliseconds(300)), std::future_status::timeout);
  EXPECT_TRUE(spare.is_held());
  kept.LetGo();
  behind.wait();
}

TEST(SparePollerTest, OneThatDoesNotComeGetsTheOtherAndItIsHeldAgainLater) {
  OnGrpc grpc;
  const SparePoller spare(kQuick);
  ASSERT_TRUE(Becomes(spare, true));
  {
    const Kept kept(grpc);
    EXPECT_TRUE(Runs(grpc));
  }
  EXPECT_TRUE(Becomes(spare, true));
  EXPECT_TRUE(Runs(grpc));
}

TEST(SparePollerTest, OneThatIsLateGetsTheOther) {
  OnGrpc grpc;
  OneIsEnough::Limits limits = kOnce;
  limits.look = seconds(1);
  const SparePoller spare(limits);
  ASSERT_TRUE(Becomes(spare, true));
  std::vector<std::future<void>> slow;
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (spare.is_held() && std::chrono::steady_clock::now() < end) {
    // Each look finds one of these before it, and the answer well within its time.
    slow.push_back(grpc.Run([] { std::this_thread::sleep_for(milliseconds(10)); }));
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_FALSE(spare.is_held());
  for (std::future<void>& one : slow) {
    one.wait();
  }
}

TEST(SparePollerTest, RestsBeforeItIsHeldAgain) {
  OnGrpc grpc;
  OneIsEnough::Limits limits = kOnce;
  limits.look = milliseconds(300);
  limits.late = kLong;
  const SparePoller spare(limits);
  ASSERT_TRUE(Becomes(spare, true));
  {
    const Kept kept(grpc);
    ASSERT_TRUE(Runs(grpc));
  }
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_FALSE(spare.is_held());
}

TEST(SparePollerTest, TwoOfThemDoNotHoldBothForLong) {
  OnGrpc grpc;
  const SparePoller spare(kOnce);
  ASSERT_TRUE(Becomes(spare, true));
  const SparePoller second;
  ASSERT_TRUE(Becomes(second, true));
  EXPECT_TRUE(Runs(grpc));
}

TEST(SparePollerTest, EndsWhileItsQuestionIsNotAnswered) {
  OnGrpc grpc;
  const Kept kept(grpc);
  auto spare = std::make_unique<SparePoller>(kOnce);
  ASSERT_TRUE(Becomes(*spare, true));  // of two threads the other; nobody answers
  spare.reset();
  EXPECT_TRUE(Runs(grpc));
}

TEST(SparePollerTest, GivesItBackAtTheEnd) {
  OnGrpc grpc;
  {
    const SparePoller spare;
    ASSERT_TRUE(Becomes(spare, true));
  }
  const Kept kept(grpc);
  EXPECT_TRUE(Runs(grpc));
}

TEST(SparePollerTest, EndsBeforeItIsHeld) {
  for (int i = 0; i < 100; ++i) {
    const SparePoller spare;
  }
  OnGrpc grpc;
  const Kept kept(grpc);
  EXPECT_TRUE(Runs(grpc));
}

TEST(SparePollerTest, EndsWhileTheOtherIsKept) {
  OnGrpc grpc;
  auto spare = std::make_unique<SparePoller>(kOnce);
  ASSERT_TRUE(Becomes(*spare, true));
  const Kept kept(grpc);
  spare.reset();
  EXPECT_TRUE(Runs(grpc));
}

// Keeps the first call that it is told of, where it begins.
class KeepsTheFirst final : public server::Meter {
 public:
  void CallStarted() override {
    if (!has_one_.exchange(true)) {
      came_.set_value();
      go_on_.get_future().wait();
    }
  }
  void WaitForIt() { came_.get_future().wait(); }
  void LetGo() { go_on_.set_value(); }

 private:
  std::atomic<bool> has_one_ = false;
  std::promise<void> came_;
  std::promise<void> go_on_;
};

class HeldThread : public LiveRelay {
 protected:
  void SetUp() override {
    meter = &keeps;
    LiveRelay::SetUp();
    PublishAll();
    ASSERT_TRUE(Becomes(spare, true));
  }
  grpc::StatusCode List() {
    v1::ListResponse response;
    return v1::Threads::NewStub(ChannelOf(nurse))
        ->List(Context().get(), {}, &response)
        .error_code();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  KeepsTheFirst keeps;
  const SparePoller spare;
};

TEST_F(HeldThread, IsGivenBackBesideACallThatLasts) {
  std::thread kept([&] { EXPECT_EQ(List(), grpc::StatusCode::OK); });
  keeps.WaitForIt();
  EXPECT_EQ(List(), grpc::StatusCode::OK);
  keeps.LetGo();
  kept.join();
}

}  // namespace
}  // namespace renkei::test
