#include "server/core/alert_calls.h"

#include "server/core/watch_hub.h"
#include "server/core/watch_session.h"
#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

using testing::ElementsAre;

struct Listener : server::WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why) override {}
  int wakes = 0;
};

class AlertCalls : public AlertFixture {
 protected:
  std::shared_ptr<server::WatchSession> Watch(const Handset& handset) {
    auto session = std::make_shared<server::WatchSession>(
        store, handset.Caller(), [] { return true; }, listener);
    relay->hub().Add(session);
    EXPECT_TRUE(session->Start({}).ok());
    return session;
  }
  static bool IsCalled(server::WatchSession& session) {
    bool alert = false;
    for (;;) {
      const auto output = session.Next();
      if (!output.ok() || output->empty()) {
        return alert;
      }
      alert = alert || output->pings.alert;
    }
  }

  std::shared_ptr<Listener> listener = std::make_shared<Listener>();
};

TEST_F(AlertCalls, ReachTheStreamsOfWhomTheyCallAndNobodyElses) {
  const auto of_doctor = Watch(doctor);
  const auto of_deputy = Watch(deputy);
  EXPECT_FALSE(IsCalled(*of_doctor));
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  EXPECT_TRUE(IsCalled(*of_doctor));
  EXPECT_FALSE(IsCalled(*of_deputy));
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:rang"));
  relay->hub().Remove(*of_doctor);
  relay->hub().Remove(*of_deputy);
}

TEST_F(AlertCalls, AreToldToWhoOpensAStreamLater) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  const auto of_doctor = Watch(doctor);
  const auto of_deputy = Watch(deputy);
  EXPECT_TRUE(IsCalled(*of_doctor));
  EXPECT_FALSE(IsCalled(*of_deputy));
  relay->hub().Remove(*of_doctor);
  relay->hub().Remove(*of_deputy);
}

TEST_F(AlertCalls, WaitInTheMailboxUntilTheAlertIsOver) {
  const std::uint64_t seq = Begin(nurse);
  EXPECT_EQ(AlertsThatCall(doctor), 0U) << "not called yet";
  RunDue();
  EXPECT_EQ(AlertsThatCall(doctor), 1U);
  EXPECT_EQ(AlertsThatCall(deputy), 0U);
  GoOn(Minutes(5));
  RunDue();
  EXPECT_EQ(AlertsThatCall(deputy), 1U);
  ASSERT_EQ(NameOfAck(Acknowledge(deputy, Reply(deputy), seq)), "accepted");
  EXPECT_EQ(AlertsThatCall(doctor), 0U);
  EXPECT_EQ(AlertsThatCall(deputy), 0U);
}

TEST_F(AlertCalls, OfAProfessionWaitForItsMembers) {
  plan.steps[0].targets = {
      {std::nullopt, std::nullopt, static_cast<std::uint32_t>(pki::Profession::kNurse)}};
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  EXPECT_EQ(AlertsThatCall(doctor), 1U) << "everybody here is a nurse by licence";
  EXPECT_EQ(AlertsThatCall(nurse), 0U) << "but the sender";
  EXPECT_EQ(AlertsThatCall(stranger), 0U) << "and who is no member";
}

TEST_F(AlertCalls, MembersAreEachPersonOnceWithTheirProfession) {
  std::vector<thread::AlertMember> members;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(members, server::MembersOf(transaction, relay->directory(),
                                                             parts.card.card, clock.Now()));
                    return Ok();
                  })
                  .ok());
  ASSERT_EQ(members.size(), 3U);
  for (const thread::AlertMember& member : members) {
    EXPECT_EQ(member.profession, static_cast<std::uint32_t>(pki::Profession::kNurse));
    EXPECT_TRUE(member.has_device);
  }
}

TEST_F(AlertCalls, ExpiredDevicesDoNotCount) {
  std::vector<thread::AlertMember> members;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(
                        members, server::MembersOf(transaction, relay->directory(), parts.card.card,
                                                   clock.Now() + Days(365 * 30)));
                    return Ok();
                  })
                  .ok());
  ASSERT_EQ(members.size(), 3U);
  EXPECT_FALSE(members[0].has_device);
}

}  // namespace
}  // namespace renkei::test
