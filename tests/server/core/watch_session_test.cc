// What a session reads and tells; who is told is watch_hub_test.cc's.
#include "server/core/watch_session.h"

#include <algorithm>
#include <map>

#include "crypto/thread/entry.h"
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

// With what is new served from memory, and all of it read from the log.
class Watching : public RelayFixture, public testing::WithParamInterface<bool> {
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
        store, handset.Caller(), [this] { return valid; }, told,
        GetParam() ? &relay->hub().live() : nullptr);
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
        out.push_back(item.seq);
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

TEST_P(Watching, BringsWhatWasMissedThenSaysThatItHasCaughtUp) {
  auto session = Watch(doctor, listener);
  server::WatchPings pings;
  bool caught_up = false;
  EXPECT_THAT(Drain(*session, &pings, &caught_up), ElementsAre(1, 2));
  EXPECT_TRUE(caught_up);
  EXPECT_TRUE(pings.mailbox);
  EXPECT_EQ(listener->wakes, 0);
}

TEST_P(Watching, WakesOnceForWhatComesAndBringsIt) {
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

TEST_P(Watching, GoesOnFromThePositionsNamed) {
  auto session = Watch(doctor, listener, {{case_id, 1}});
  EXPECT_THAT(Drain(*session), ElementsAre(2));
  auto ahead = Watch(nurse, listener, {{case_id, 500}});
  EXPECT_THAT(Drain(*ahead), IsEmpty());
}

TEST_P(Watching, G1_TellsNothingOfOthersThreads) {
  auto session = Watch(stranger, listener, {{case_id, 0}});
  EXPECT_THAT(Drain(*session), IsEmpty());
  Post();
  EXPECT_EQ(listener->wakes, 0);
  EXPECT_THAT(Drain(*session), IsEmpty());
}

TEST_P(Watching, NewMemberIsToldOfTheThreadAndTheWelcome) {
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

TEST_P(Watching, RemovedMemberIsToldOfTheRemovalAndNothingAfter) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  const CommitParts removal = world.NextCommit(parts.card, nurse, {&nurse});
  ASSERT_EQ(NameOf(Commit(nurse, removal)), "accepted");
  parts = removal;
  EXPECT_THAT(Drain(*session), ElementsAre(3));
  Post();
  EXPECT_THAT(Drain(*session), IsEmpty());
}

TEST_P(Watching, LongBacklogComesInSeveralMessages) {
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

TEST_P(Watching, FaultOfTheStoreLosesNothing) {
  auto session = Watch(doctor, listener);
  store.FailReads(true);
  EXPECT_FALSE(session->Next().ok());
  store.FailReads(false);
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), ElementsAre(1, 2));
  EXPECT_TRUE(pings.mailbox);
}

TEST_P(Watching, PingsAreToldOnceAndMergedUntilThen) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  session->MarkPings({.directory = true});
  session->MarkPings({.enrolment = true});
  EXPECT_EQ(listener->wakes, 1);
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), IsEmpty());
  EXPECT_TRUE(pings.enrolment && pings.directory);
  EXPECT_FALSE(pings.mailbox);
  pings = {};
  (void)Drain(*session, &pings);
  EXPECT_FALSE(pings.any());
}

TEST_P(Watching, WakesOnlyWhoHasBeenToldEverything) {
  auto session = Watch(doctor, listener);
  auto first = session->Next();
  ASSERT_TRUE(first.ok() && !first->empty());
  Post();
  session->MarkPings({.directory = true});
  EXPECT_EQ(listener->wakes, 0) << "its owner asks again anyway";
  server::WatchPings pings;
  EXPECT_THAT(Drain(*session, &pings), ElementsAre(3));
  EXPECT_TRUE(pings.directory);
}

TEST_P(Watching, EntriesOfAMebibyteEndAMessage) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(NameOf(Append(nurse, world.Record(parts.card, nurse, HeadOf(case_id), 600'000))),
              "accepted");
  }
  for (std::uint64_t seq = 3; seq <= 5; ++seq) {
    const auto output = session->Next();
    ASSERT_TRUE(output.ok());
    ASSERT_EQ(output->entries.size(), 1U);
    EXPECT_EQ(output->entries[0].seq, seq);
  }
  EXPECT_TRUE(session->Next()->empty());
}

// What is in memory needs no store, also where it fills more than one message.
TEST_P(Watching, AFullMessageDoesNotAskTheLogForTheNextThread) {
  const CommitParts other = world.NewCase(doctor);
  const CaseId other_case = other.card.card.case_id;
  ASSERT_EQ(NameOf(Create(doctor, other)), "accepted");
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  for (int i = 0; i < 500; ++i) {
    Post();
    ASSERT_EQ(NameOf(Append(doctor, world.Record(other.card, doctor, HeadOf(other_case)))),
              "accepted");
  }
  store.FailReads(GetParam());
  for (int i = 0; i < 2; ++i) {
    const auto output = session->Next();
    ASSERT_TRUE(output.ok()) << i;
    EXPECT_EQ(output->entries.size(), 500U);
  }
  EXPECT_TRUE(session->Next()->empty());
}

// Several threads in one message, and the rest of the last one in the next.
TEST_P(Watching, MessageHoldsFiveHundredEntriesOfAllThreadsTogether) {
  for (int i = 0; i < 300; ++i) {
    Post();
  }
  const CommitParts other = world.NewCase(doctor);
  const CaseId other_case = other.card.card.case_id;
  ASSERT_EQ(NameOf(Create(doctor, other)), "accepted");
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(NameOf(Append(doctor, world.Record(other.card, doctor, HeadOf(other_case)))),
              "accepted");
  }
  auto session = Watch(doctor, listener);
  std::map<CaseId, std::uint64_t> reached;
  std::vector<std::size_t> sizes;
  for (auto output = session->Next(); output.ok() && !output->empty(); output = session->Next()) {
    for (const WatchOutput::Item& item : output->entries) {
      EXPECT_EQ(item.seq, ++reached[item.case_id]) << "in order, each once";
    }
    sizes.push_back(output->entries.size());
  }
  EXPECT_THAT(sizes, ElementsAre(500, 103));
  EXPECT_EQ(reached[case_id], 302U);
  EXPECT_EQ(reached[other_case], 301U);
}

// Two threads of the doctor, the smaller case id first.
TEST_P(Watching, PositionsAreEachThreadsOwnInWhateverOrderTheyAreNamed) {
  const CommitParts other = world.NewCase(doctor);
  ASSERT_EQ(NameOf(Create(doctor, other)), "accepted");
  const CaseId lesser = std::min(case_id, other.card.card.case_id);
  const CaseId greater = std::max(case_id, other.card.card.case_id);
  const auto read_after = [&](const std::vector<WatchPosition>& positions) {
    auto session = Watch(doctor, std::make_shared<Listener>(), positions);
    std::map<CaseId, std::vector<std::uint64_t>> out;
    for (auto output = session->Next(); output.ok() && !output->empty(); output = session->Next()) {
      for (const WatchOutput::Item& item : output->entries) {
        out[item.case_id].push_back(item.seq);
      }
    }
    return out;
  };
  const auto only_greater = read_after({{greater, 500}});
  EXPECT_FALSE(only_greater.contains(greater));
  EXPECT_EQ(only_greater.at(lesser).front(), 1U) << "who is not named begins at the first entry";
  EXPECT_TRUE(read_after({{greater, 500}, {lesser, 500}}).empty());
}

TEST_P(Watching, ThreadBehindAFullMessageWaitsForTheNext) {
  const CommitParts other = world.NewCase(doctor);
  const CaseId other_case = other.card.card.case_id;
  ASSERT_EQ(NameOf(Create(doctor, other)), "accepted");
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  constexpr std::size_t kLargest = thread::kMaxCiphertextBytes;
  ASSERT_EQ(NameOf(Append(nurse, world.Record(parts.card, nurse, HeadOf(case_id), kLargest))),
            "accepted");
  ASSERT_EQ(NameOf(Append(doctor, world.Record(other.card, doctor, HeadOf(other_case), kLargest))),
            "accepted");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(session->Next()->entries.size(), 1U) << "a mebibyte and a little more";
  }
  EXPECT_TRUE(session->Next()->empty());
}

TEST_P(Watching, FaultAtTheStartIsTold) {
  auto session = std::make_shared<WatchSession>(
      store, doctor.Caller(), [] { return true; }, listener);
  store.FailReads(true);
  const Status status = session->Start({});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
}

TEST_P(Watching, ListenerIsCutAndMayBeGone) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  EXPECT_TRUE(session->StillValid());
  valid = false;
  EXPECT_FALSE(session->StillValid());
  session->Cut(WatchListener::Why::kReplaced);
  EXPECT_EQ(listener->cut, WatchListener::Why::kReplaced);
  listener.reset();
  session->Cut(WatchListener::Why::kShutdown);
  session->MarkThread(case_id);
}

TEST_P(Watching, PositionsAreLimitedAndNamedOnce) {
  auto session = std::make_shared<WatchSession>(
      store, doctor.Caller(), [] { return true; }, listener);
  const std::vector<WatchPosition> twice = {{case_id, 0}, {case_id, 1}};
  EXPECT_EQ(session->Start(twice).error().code(), Code::kMalformed);
  std::vector<WatchPosition> many(10000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].case_id.bytes[0] = static_cast<std::uint8_t>(i);
    many[i].case_id.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
  }
  EXPECT_TRUE(session->Start(many).ok());
  many.push_back({case_id, 0});
  EXPECT_EQ(session->Start(many).error().code(), Code::kMalformed);
}

TEST_P(Watching, WhatIsNewIsServedWithoutTheLogWhereItIsInMemory) {
  auto session = Watch(doctor, listener);
  (void)Drain(*session);
  Post();
  Post();
  store.FailReads(true);
  auto output = session->Next();
  if (!GetParam()) {
    EXPECT_FALSE(output.ok());
    store.FailReads(false);
    output = session->Next();
  }
  ASSERT_TRUE(output.ok());
  ASSERT_EQ(output->entries.size(), 2U);
  store.FailReads(false);
  const auto entry = thread::ParseEntry(*output->entries[1].encoded);
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->seq, 4U);
  EXPECT_EQ(entry->hash, HeadOf(case_id).hash);
}

TEST_P(Watching, G6_WhoWasRemovedGetsNothingFromMemoryEither) {
  auto session = Watch(doctor, listener);
  auto stays = Watch(nurse, listener);
  (void)Drain(*session);
  (void)Drain(*stays);
  Post();
  const CommitParts removal = world.NextCommit(parts.card, nurse, {&nurse});
  ASSERT_EQ(NameOf(Commit(nurse, removal)), "accepted");
  parts = removal;
  Post();
  Post();
  EXPECT_THAT(Drain(*session), ElementsAre(3, 4));
  EXPECT_THAT(Drain(*stays), ElementsAre(3, 4, 5, 6));
}

TEST_P(Watching, GoesIdleOnlyWhenThereIsNothingToTell) {
  auto session = Watch(doctor, listener);
  EXPECT_FALSE(session->GoIdle()) << "it has not been told that it has caught up";
  auto output = session->Next();
  while (output.ok() && !output->caught_up) {
    output = session->Next();
  }
  EXPECT_TRUE(session->GoIdle());
  Post();
  EXPECT_EQ(listener->wakes, 1);
  EXPECT_FALSE(session->GoIdle());
  relay->hub().DirectoryChanged();
  EXPECT_THAT(Drain(*session), ElementsAre(3));
}

INSTANTIATE_TEST_SUITE_P(FromMemoryOrLog, Watching, testing::Bool(),
                         [](const auto& which) { return which.param ? "Memory" : "Log"; });

}  // namespace
}  // namespace renkei::test
