// The thread that carries alerts on, over the machine's own clock: no step waits for anybody to
// ask.
#include "server/alert_driver.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

// The store in memory answers on the caller's thread: one lock for driver and test.
class LockedStore final : public server::Store {
 public:
  explicit LockedStore(server::Store& store) : store_(store) {}
  void Write(Work work, Done done) override {
    const std::lock_guard lock(mutex_);
    store_.Write(std::move(work), std::move(done));
  }
  Status Read(const View& view) override {
    const std::lock_guard lock(mutex_);
    return store_.Read(view);
  }
  void AfterDones(std::function<void()> hook) override { store_.AfterDones(std::move(hook)); }

 private:
  std::recursive_mutex mutex_;
  server::Store& store_;
};

class DrivenAlerts : public AlertFixture {
 protected:
  void SetUp() override {
    AlertFixture::SetUp();
    relay.reset();
    auto opened =
        server::Relay::Open(locked, clock, world.random(), world.Identity(), &system_elapsed);
    ASSERT_TRUE(opened.ok());
    relay = std::move(*opened);
    plan.steps = {{{Whom(doctor)}, Seconds(1)}, {{Whom(deputy)}, Seconds(1)}};
  }
  // True once the alert has come so far, within a generous time.
  bool Reaches(std::uint64_t seq, server::AlertState state, std::uint32_t step) {
    for (int i = 0; i < 600; ++i) {
      std::optional<server::AlertRow> row;
      EXPECT_TRUE(locked
                      .Read([&](server::ReadTransaction& transaction) -> Status {
                        RENKEI_ASSIGN(row, transaction.FindAlert(case_id, seq));
                        return Ok();
                      })
                      .ok());
      if (row && row->state == state && row->next_step >= step) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  LockedStore locked{store};
  server::SystemElapsedClock system_elapsed;
};

TEST_F(DrivenAlerts, GoThroughTheirListByThemselves) {
  std::optional<server::AlertDriver> driver(std::in_place, relay->alerts());
  const std::uint64_t seq = Begin(nurse);
  ASSERT_NE(seq, 0U);
  EXPECT_TRUE(Reaches(seq, server::AlertState::kEnded, 2));
  driver.reset();
}

TEST_F(DrivenAlerts, ThatADeadRelayLeftAreTakenUpAtTheStart) {
  const std::uint64_t seq = Begin(nurse);
  ASSERT_NE(seq, 0U);
  const server::AlertDriver driver(relay->alerts());
  EXPECT_TRUE(Reaches(seq, server::AlertState::kOpen, 1));
}

TEST_F(DrivenAlerts, DriverOfNothingStopsAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  { const server::AlertDriver driver(relay->alerts()); }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace renkei::test
