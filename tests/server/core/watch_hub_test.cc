// Who is registered and who is told; what a session then reads is watch_session_test.cc's.
#include "server/core/watch_hub.h"

#include "server/core/watch_session.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::PersonRef;
using server::WatchListener;
using server::WatchSession;

struct Told : WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why why) override { cuts.push_back(why); }

  int wakes = 0;
  std::vector<Why> cuts;
};

class TheHub : public ::testing::Test {
 protected:
  struct Stream {
    std::shared_ptr<Told> told = std::make_shared<Told>();
    std::shared_ptr<WatchSession> session;
  };

  static PersonRef Person(std::uint8_t institution, std::uint8_t person) {
    PersonRef out;
    out.institution.bytes.fill(institution);
    out.person.bytes.fill(person);
    return out;
  }
  static DeviceId Device(std::uint8_t device) {
    DeviceId out;
    out.bytes.fill(device);
    return out;
  }
  // Registered, and idle: the next mark wakes it.
  Stream Open(const PersonRef& person, std::uint8_t device) {
    Stream out;
    server::Caller caller;
    caller.person = person;
    caller.device = Device(device);
    out.session = std::make_shared<WatchSession>(
        store, caller, [this, device] { return !invalid.contains(device); }, out.told);
    hub.Add(out.session);
    Drain(out);
    return out;
  }
  // Reads until it has nothing more to tell; what it was told.
  static server::WatchPings Drain(const Stream& stream) {
    server::WatchPings pings;
    for (;;) {
      auto output = stream.session->Next();
      if (!output.ok() || output->empty()) {
        EXPECT_TRUE(output.ok());
        return pings;
      }
      pings.Merge(output->pings);
    }
  }

  MemoryStore store;
  server::WatchHub hub;
  std::set<std::uint8_t> invalid;
  const PersonRef nurse = Person(1, 1);
  const PersonRef colleague = Person(1, 2);
  const PersonRef doctor = Person(2, 1);
  const CaseId case_id{{1}};
};

TEST_F(TheHub, EachDeviceOfThePersonsNamedIsToldOfAThread) {
  const Stream phone = Open(nurse, 1);
  const Stream tablet = Open(nurse, 2);
  const Stream other = Open(colleague, 3);
  const Stream third = Open(doctor, 4);
  hub.ThreadChanged(case_id, std::vector<PersonRef>{nurse, doctor});
  EXPECT_EQ(phone.told->wakes, 1);
  EXPECT_EQ(tablet.told->wakes, 1);
  EXPECT_EQ(other.told->wakes, 0);
  EXPECT_EQ(third.told->wakes, 1);
}

TEST_F(TheHub, MailIsToldToItsDeviceOnly) {
  const Stream phone = Open(nurse, 1);
  const Stream tablet = Open(nurse, 2);
  hub.MailArrived(Device(2));
  hub.MailArrived(Device(9));
  EXPECT_EQ(phone.told->wakes, 0);
  EXPECT_EQ(tablet.told->wakes, 1);
  const server::WatchPings pings = Drain(tablet);
  EXPECT_TRUE(pings.mailbox);
  EXPECT_FALSE(pings.enrolment || pings.directory);
}

TEST_F(TheHub, EnrolmentIsToldToThePersonOrTheInstitution) {
  const Stream mine = Open(nurse, 1);
  const Stream beside = Open(colleague, 2);
  const Stream elsewhere = Open(doctor, 3);
  hub.EnrolmentChanged(nurse);
  EXPECT_EQ(mine.told->wakes, 1);
  EXPECT_EQ(beside.told->wakes, 0);
  EXPECT_TRUE(Drain(mine).enrolment);
  hub.EnrolmentChanged(nurse.institution);
  EXPECT_EQ(mine.told->wakes, 2);
  EXPECT_EQ(beside.told->wakes, 1);
  EXPECT_EQ(elsewhere.told->wakes, 0);
}

TEST_F(TheHub, DirectoryIsToldToEverybody) {
  const Stream mine = Open(nurse, 1);
  const Stream elsewhere = Open(doctor, 2);
  hub.DirectoryChanged();
  EXPECT_TRUE(Drain(mine).directory);
  EXPECT_TRUE(Drain(elsewhere).directory);
}

TEST_F(TheHub, LaterStreamOfADeviceReplacesTheFormer) {
  const Stream former = Open(nurse, 1);
  const Stream later = Open(nurse, 1);
  EXPECT_THAT(former.told->cuts, testing::ElementsAre(WatchListener::Why::kReplaced));
  EXPECT_EQ(hub.size(), 1U);
  hub.ThreadChanged(case_id, std::vector<PersonRef>{nurse});
  EXPECT_EQ(former.told->wakes, 0) << "it is in no index any more";
  EXPECT_EQ(later.told->wakes, 1);
}

TEST_F(TheHub, WhoIsRemovedIsToldNothing) {
  const Stream phone = Open(nurse, 1);
  const Stream tablet = Open(nurse, 2);
  hub.Remove(*phone.session);
  hub.Remove(*phone.session);
  EXPECT_EQ(hub.size(), 1U);
  hub.ThreadChanged(case_id, std::vector<PersonRef>{nurse});
  hub.MailArrived(Device(1));
  hub.EnrolmentChanged(nurse);
  EXPECT_EQ(phone.told->wakes, 0);
  EXPECT_EQ(tablet.told->wakes, 1);
  EXPECT_TRUE(phone.told->cuts.empty()) << "it went by itself";
}

TEST_F(TheHub, FormerStreamThatEndsLateDoesNotTakeTheLaterWithIt) {
  const Stream former = Open(nurse, 1);
  const Stream later = Open(nurse, 1);
  hub.Remove(*former.session);
  EXPECT_EQ(hub.size(), 1U);
  hub.ThreadChanged(case_id, std::vector<PersonRef>{nurse});
  EXPECT_EQ(later.told->wakes, 1);
}

TEST_F(TheHub, G9_OnlyWhoIsNotValidAnyMoreIsCut) {
  const Stream phone = Open(nurse, 1);
  const Stream tablet = Open(nurse, 2);
  invalid.insert(2);
  hub.CutInvalid();
  EXPECT_TRUE(phone.told->cuts.empty());
  EXPECT_THAT(tablet.told->cuts, testing::ElementsAre(WatchListener::Why::kNotValidAnyMore));
}

TEST_F(TheHub, ShutdownCutsEverybody) {
  const Stream mine = Open(nurse, 1);
  const Stream elsewhere = Open(doctor, 2);
  hub.CutAll();
  EXPECT_THAT(mine.told->cuts, testing::ElementsAre(WatchListener::Why::kShutdown));
  EXPECT_THAT(elsewhere.told->cuts, testing::ElementsAre(WatchListener::Why::kShutdown));
}

}  // namespace
}  // namespace renkei::test
