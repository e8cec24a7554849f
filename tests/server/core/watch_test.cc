// The watch without sockets: hub and session.
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::WatchListener;
using server::WatchOutput;
using server::WatchPosition;
using server::WatchSession;

struct Listener : WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why why) override { cut = why; }

  int wakes = 0;
  std::optional<Why> cut;
};

class Watching : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    parts = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, parts)), "accepted");
  }
  std::shared_ptr<WatchSession> Watch(const Handset& handset, const std::shared_ptr<Listener>& told,
                                      const std::vector<WatchPosition>& positions = {}) {
    auto session = std::make_shared<WatchSession>(
        store, handset.Caller(), [this] { return valid; }, told);
    relay->hub().Add(session);
    EXPECT_TRUE(session->Start(positions).ok());
    return session;
  }
  void Post() {
    ASSERT_EQ(NameOf(Append(nurse, world.Record(parts.card, nurse, HeadOf(case_id)))), "accepted");
  }
  // Everything that is to be told now.
  static std::vector<std::uint64_t> Drain(WatchSession& session,
                                          server::WatchPings* pings = nullptr,
                                          bool* caught_up = nullptr) {
    std::vector<std::uint64_t> out;
    for (;;) {
      auto output = session.Next();
      EXPECT_TRUE(output.ok());
      if (!output.ok() || output->empty()) {
        return out;
      }
      for (const WatchOutput::Item& item : output->entries) {
        out.push_back(item.entry.seq);
      }
      if (pings != nullptr) {
        pings->Merge(output->pings);
      }
      if (caught_up != nullptr) {
        *caught_up = *caught_up || output->caught_up;
      }
    }
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  std::shared_ptr<Listener> listener = std::make_shared<Listener>();
  CommitParts parts;
  CaseId case_id;
  bool valid = true;
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Watching, BringsWhatWasMissedThenSaysThatItHasCaughtUp) {
  auto session = Watch(doctor, listener);
  server::WatchPings pings;
  bool caught_up = false;
  EXPECT_THAT(Drain(*session, &pings, &caught_up), ElementsAre(1, 2));
  EXPECT_TRUE(caught_up);
  EXPECT_TRUE(pings.mailbox);
  EXPECT_EQ(listener->wakes, 0);
}

TEST_F(Watching, WakesOnceForWhatComesAndBringsIt) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  Post();
  Post();
  EXPECT_EQ(listener->wakes, 1) << "a slow reader costs a mark, not a queue";
  EXPECT_THAT(Drain(*session), ElementsAre(3, 4));
  Post();
  EXPECT_EQ(listener->wakes, 2);
  EXPECT_THAT(Drain(*session), ElementsAre(5));
}

TEST_F(Watching, GoesOnFromThePositionsNamed) {
  auto session = Watch(doctor, listener, {{case_id, 1}});
  EXPECT_THAT(Drain(*session), ElementsAre(2));
  auto ahead = Watch(nurse, listener, {{case_id, 500}});
  EXPECT_THAT(Drain(*ahead), IsEmpty());
}

TEST_F(Watching, G1_TellsNothingOfOthersThreads) {
  auto session = Watch(stranger, listener, {{case_id, 0}});
  EXPECT_THAT(Drain(*session), IsEmpty());
  Post();
  EXPECT_EQ(listener->wakes, 0);
  EXPECT_THAT(Drain(*session), IsEmpty());
}

TEST_F(Watching, NewMemberIsToldOfTheThreadAndTheWelcome) {
  auto session = Watch(stranger, listener);
  (void)Drain(*session);
  ASSERT_EQ(
      NameOf(Commit(nurse, world.NextCommit(parts.card, nurse, {&nurse, &doctor, &stranger}))),
      "accepted");
  EXPECT_EQ(listener->wakes, 1);
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), ElementsAre(1, 2, 3));
  EXPECT_TRUE(pings.mailbox);
}

TEST_F(Watching, RemovedMemberIsToldOfTheRemovalAndNothingAfter) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  const CommitParts removal = world.NextCommit(parts.card, nurse, {&nurse});
  ASSERT_EQ(NameOf(Commit(nurse, removal)), "accepted");
  parts = removal;
  EXPECT_THAT(Drain(*session), ElementsAre(3));
  Post();
  EXPECT_THAT(Drain(*session), IsEmpty());
}

TEST_F(Watching, LongBacklogComesInSeveralMessages) {
  for (int i = 0; i < 1100; ++i) {
    Post();
  }
  auto session = Watch(doctor, listener);
  auto first = session->Next();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->entries.size(), 500U);
  EXPECT_FALSE(first->caught_up);
  EXPECT_EQ(Drain(*session).size(), 602U);
}

TEST_F(Watching, FaultOfTheStoreLosesNothing) {
  auto session = Watch(doctor, listener);
  store.FailReads(true);
  EXPECT_FALSE(session->Next().ok());
  store.FailReads(false);
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), ElementsAre(1, 2));
  EXPECT_TRUE(pings.mailbox);
}

TEST_F(Watching, SecondStreamOfADeviceCutsTheFirst) {
  auto first = Watch(doctor, listener);
  auto other = std::make_shared<Listener>();
  auto second = Watch(doctor, other);
  EXPECT_EQ(listener->cut, WatchListener::Why::kReplaced);
  EXPECT_FALSE(other->cut);
  relay->hub().Remove(*first);
  EXPECT_EQ(relay->hub().size(), 1U) << "the one that was cut must not take the other with it";
  (void)Drain(*second);
  Post();
  EXPECT_EQ(other->wakes, 1);
  relay->hub().Remove(*second);
  EXPECT_EQ(relay->hub().size(), 0U);
}

TEST_F(Watching, CutsWhoIsNotValidAnyMore) {
  auto session = Watch(doctor, listener);
  relay->hub().CutInvalid();
  EXPECT_FALSE(listener->cut);
  valid = false;
  relay->hub().CutInvalid();
  EXPECT_EQ(listener->cut, WatchListener::Why::kNotValidAnyMore);
}

TEST_F(Watching, PingsOfDirectoryAndEnrolmentReachWhomTheyConcern) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  relay->hub().EnrolmentChanged(nurse.person->Ref());
  EXPECT_EQ(listener->wakes, 0);
  relay->hub().EnrolmentChanged(doctor.person->Ref().institution);
  relay->hub().DirectoryChanged();
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), IsEmpty());
  EXPECT_TRUE(pings.enrolment);
  EXPECT_TRUE(pings.directory);
  EXPECT_FALSE(pings.mailbox);
}

TEST_F(Watching, PositionsAreLimitedAndNamedOnce) {
  auto session = std::make_shared<WatchSession>(
      store, doctor.Caller(), [] { return true; }, listener);
  const std::vector<WatchPosition> twice = {{case_id, 0}, {case_id, 1}};
  EXPECT_EQ(session->Start(twice).error().code(), Code::kMalformed);
  EXPECT_EQ(session->Start(std::vector<WatchPosition>(10001)).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::test
