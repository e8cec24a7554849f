#include "server/core/live_entries.h"

#include <gmock/gmock.h>

namespace renkei::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kEntryBytes = 2048;

class Live : public ::testing::Test {
 protected:
  static PersonRef Person(std::uint8_t number) {
    PersonRef out;
    out.person.bytes.fill(number);
    return out;
  }
  static CaseId Case(std::uint8_t number) {
    CaseId out;
    out.bytes.fill(number);
    return out;
  }
  void Add(std::uint8_t thread, std::uint64_t seq) {
    live.Add(Case(thread), {seq, std::make_shared<const Bytes>(kEntryBytes), readers});
  }
  // Sequence numbers; nothing: {999}.
  std::vector<std::uint64_t> After(std::uint8_t thread, std::uint64_t after,
                                   std::uint8_t person = 1, std::size_t max_entries = 100,
                                   std::size_t max_bytes = 1'000'000) {
    const auto run = live.After(Case(thread), Person(person), after, max_entries, max_bytes);
    if (!run) {
      return {999};
    }
    complete = run->complete;
    std::vector<std::uint64_t> out;
    for (const LiveEntry& entry : run->entries) {
      out.push_back(entry.seq);
    }
    return out;
  }

  std::shared_ptr<const std::vector<PersonRef>> readers =
      std::make_shared<const std::vector<PersonRef>>(std::vector{Person(1), Person(3)});
  LiveEntries live{10 * kEntryBytes};
  bool complete = false;
};

TEST_F(Live, ServesWhoStandsRightBefore) {
  Add(1, 5);
  Add(1, 6);
  EXPECT_THAT(After(1, 4), ElementsAre(5, 6));
  EXPECT_TRUE(complete);
  EXPECT_THAT(After(1, 5), ElementsAre(6));
  EXPECT_THAT(After(1, 6), IsEmpty());
}

TEST_F(Live, SendsAllOthersToTheLog) {
  Add(1, 5);
  EXPECT_THAT(After(1, 3), ElementsAre(999)) << "4 is missing here";
  EXPECT_THAT(After(1, 6), ElementsAre(999)) << "ahead of the thread";
  EXPECT_THAT(After(2, 4), ElementsAre(999)) << "another thread";
}

TEST_F(Live, G1_GivesNothingToWhoIsNotOnTheRosterOfEachEntry) {
  Add(1, 5);
  EXPECT_THAT(After(1, 4, 2), ElementsAre(999));
  EXPECT_THAT(After(1, 4, 3), ElementsAre(5));
  readers = std::make_shared<const std::vector<PersonRef>>(1, Person(1));
  Add(1, 6);
  EXPECT_THAT(After(1, 4, 3), ElementsAre(999)) << "not on the second one's";
  EXPECT_THAT(After(1, 4, 1), ElementsAre(5, 6));
}

TEST_F(Live, AGapBeginsAnew) {
  Add(1, 5);
  Add(1, 7);
  EXPECT_THAT(After(1, 4), ElementsAre(999));
  EXPECT_THAT(After(1, 6), ElementsAre(7));
  EXPECT_EQ(live.bytes(), kEntryBytes);
}

TEST_F(Live, WhatIsForgottenIsGone) {
  Add(1, 5);
  Add(2, 1);
  live.Forget(Case(1));
  live.Forget(Case(9));
  EXPECT_THAT(After(1, 4), ElementsAre(999));
  EXPECT_THAT(After(2, 0), ElementsAre(1));
  EXPECT_EQ(live.bytes(), kEntryBytes);
}

TEST_F(Live, KeepsTheNewestWithinItsBound) {
  for (std::uint64_t seq = 1; seq <= 30; ++seq) {
    Add(static_cast<std::uint8_t>(1 + seq % 2), seq / 2 + 1);
  }
  EXPECT_LE(live.bytes(), 10 * kEntryBytes);
  EXPECT_THAT(After(1, 11), ElementsAre(12, 13, 14, 15, 16));
  EXPECT_THAT(After(1, 9), ElementsAre(999));
}

TEST_F(Live, AThreadThatIsForgottenAgainAndAgainCostsNothing) {
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
    Add(1, seq);
    live.Forget(Case(1));
  }
  EXPECT_EQ(live.bytes(), 0U);
  for (std::uint64_t seq = 1001; seq <= 1010; ++seq) {
    Add(1, seq);
  }
  EXPECT_THAT(After(1, 1009), ElementsAre(1010));
}

TEST_F(Live, StopsAtALimitButNotBeforeTheFirst) {
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    Add(1, seq);
  }
  EXPECT_THAT(After(1, 0, 1, 2), ElementsAre(1, 2));
  EXPECT_FALSE(complete);
  EXPECT_THAT(After(1, 0, 1, 100, 3 * kEntryBytes), ElementsAre(1, 2, 3));
  EXPECT_THAT(After(1, 0, 1, 100, 1), ElementsAre(1));
}

}  // namespace
}  // namespace renkei::server
