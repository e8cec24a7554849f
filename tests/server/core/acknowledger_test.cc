#include "server/core/acknowledger.h"

#include "server/core/watch_hub.h"
#include "server/core/watch_session.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::Acknowledged;
using server::Duplicate;
using server::PersonRef;
using server::PostOutcome;
using server::WatchListener;
using server::WatchSession;

struct Ear : WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why /*why*/) override {}

  int wakes = 0;
};

class TheAcknowledger : public ::testing::Test {
 protected:
  PostOutcome At(std::uint64_t seq) {
    return Accepted{{{seq, random.NextArray<32>(), kRegionStart}, {}, {}}};
  }
  server::Reply<PostOutcome> Keep() {
    return [this](Result<PostOutcome> outcome) {
      ASSERT_TRUE(outcome.ok());
      replies.push_back(*outcome);
    };
  }
  Result<thread::Head> HeadOf(const PostOutcome& outcome) const {
    const auto* accepted = std::get_if<Accepted>(&outcome);
    const Acknowledged& entry =
        accepted != nullptr ? accepted->entry : std::get<Duplicate>(outcome).entry;
    return thread::VerifyHead(entry.signed_head, signer.key().public_key());
  }
  // Someone who listens, and has read everything.
  std::shared_ptr<WatchSession> Listen() {
    server::Caller caller;
    caller.person = reader;
    auto session = std::make_shared<WatchSession>(
        store, caller, [] { return true; }, listener, &hub.live());
    hub.Add(session);
    while (!session->Next()->empty()) {
    }
    return session;
  }

  SeededRandom random{7};
  server::HeadSigner signer{SigningKey::Generate(random), thread::IncarnationId::Generate(random)};
  server::WatchHub hub;
  server::Acknowledger acknowledger{signer, hub};
  MemoryStore store;
  CaseId case_id = CaseId::Generate(random);
  PersonRef reader{InstitutionId::Generate(random), PersonId::Generate(random)};
  std::shared_ptr<const std::vector<PersonRef>> readers =
      std::make_shared<const std::vector<PersonRef>>(1, reader);
  std::shared_ptr<Ear> listener = std::make_shared<Ear>();
  std::vector<PostOutcome> replies;
};

TEST_F(TheAcknowledger, AnswersARunInOrderEachWithTheHeadOfExactlyItsEntry) {
  std::vector<PostOutcome> posts;
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    posts.push_back(At(seq));
    acknowledger.Add(case_id, posts.back(), nullptr, Keep());
  }
  posts.emplace_back(Duplicate{std::get<Accepted>(posts[2]).entry});
  acknowledger.Add(case_id, posts.back(), nullptr, Keep());
  EXPECT_TRUE(replies.empty()) << "answered by Flush";
  acknowledger.Flush();
  ASSERT_EQ(replies.size(), 6U);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    ASSERT_EQ(replies[i].index(), posts[i].index());
    const auto head = HeadOf(replies[i]);
    ASSERT_TRUE(head.ok()) << i;
    const std::uint64_t seq = i < 5 ? i + 1 : 3;
    EXPECT_EQ(head->seq, seq);
    EXPECT_EQ(head->hash, std::get<Accepted>(posts[seq - 1]).entry.at.hash);
    EXPECT_EQ(head->case_id, case_id);
  }
  acknowledger.Flush();
  EXPECT_EQ(replies.size(), 6U) << "once";
}

TEST_F(TheAcknowledger, WhatWasPreparedKeepsItsHeadAmongOthers) {
  PostOutcome prepared = At(2);
  acknowledger.Prepare(case_id, prepared);
  const Bytes head = std::get<Accepted>(prepared).entry.signed_head;
  acknowledger.Add(case_id, At(1), nullptr, Keep());
  acknowledger.Add(case_id, std::move(prepared), nullptr, Keep());
  acknowledger.Add(case_id, At(3), nullptr, Keep());
  acknowledger.Flush();
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(std::get<Accepted>(replies[1]).entry.signed_head, head);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const auto signed_head = HeadOf(replies[i]);
    ASSERT_TRUE(signed_head.ok()) << i;
    EXPECT_EQ(signed_head->seq, i + 1);
  }
}

TEST_F(TheAcknowledger, ThereIsNothingToPrepareForARefusal) {
  PostOutcome refused = server::Refusal::kBadPosition;
  acknowledger.Prepare(case_id, refused);
  EXPECT_EQ(std::get<server::Refusal>(refused), server::Refusal::kBadPosition);
}

TEST_F(TheAcknowledger, RefusalsAreNotHeldUp) {
  acknowledger.Add(case_id, server::Refusal::kBadPosition, readers, Keep());
  EXPECT_EQ(replies.size(), 1U);
}

TEST_F(TheAcknowledger, AnswersOneAtOnce) {
  acknowledger.Answer(case_id, Duplicate{std::get<Accepted>(At(4)).entry}, Keep());
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(HeadOf(replies.front())->seq, 4U);
}

// Whoever answers may post again on the same thread, as the simulation's clients do.
TEST_F(TheAcknowledger, AReplyMayLeadBackIntoIt) {
  acknowledger.Add(case_id, At(1), nullptr, [this](const Result<PostOutcome>& /*outcome*/) {
    acknowledger.Add(case_id, At(2), nullptr, Keep());
    acknowledger.Flush();
  });
  acknowledger.Flush();
  EXPECT_EQ(replies.size(), 1U);
}

TEST_F(TheAcknowledger, WakesWhoWatchesOnceForARunAndNeverForADuplicate) {
  const auto session = Listen();
  const Bytes record(1100, 1);
  acknowledger.Add(case_id, Duplicate{std::get<Accepted>(At(1)).entry}, readers, Keep(), record);
  acknowledger.Flush();
  EXPECT_EQ(listener->wakes, 0);
  acknowledger.Add(case_id, At(2), readers, Keep(), record);
  acknowledger.Add(case_id, At(3), readers, Keep(), record);
  acknowledger.Flush();
  EXPECT_EQ(listener->wakes, 1);
  const auto live = hub.live().After(case_id, reader, 1, 10, 100000);
  ASSERT_TRUE(live.has_value());
  EXPECT_EQ(live->entries.size(), 2U);
}

// What is no record is read from the log: nobody may be given what stands before it and miss it.
TEST_F(TheAcknowledger, AnEntryOfAnotherKindEndsWhatIsKeptForWatchers) {
  const auto session = Listen();
  const Bytes record(1100, 1);
  acknowledger.Add(case_id, At(1), readers, Keep(), record);
  acknowledger.Add(case_id, At(2), readers, Keep());
  acknowledger.Add(case_id, At(3), readers, Keep(), record);
  acknowledger.Flush();
  EXPECT_FALSE(hub.live().After(case_id, reader, 0, 10, 100000).has_value());
  EXPECT_FALSE(hub.live().After(case_id, reader, 1, 10, 100000).has_value());
  const auto live = hub.live().After(case_id, reader, 2, 10, 100000);
  ASSERT_TRUE(live.has_value());
  EXPECT_EQ(live->entries.front().seq, 3U);
}

// Else whoever is served the record would be told that this is all.
TEST_F(TheAcknowledger, NothingIsKeptForWatchersBehindWhichAnEntryOfAnotherKindStands) {
  const auto session = Listen();
  const Bytes record(1100, 1);
  acknowledger.Add(case_id, At(1), readers, Keep(), record);
  acknowledger.Add(case_id, At(2), readers, Keep());
  acknowledger.Flush();
  EXPECT_FALSE(hub.live().After(case_id, reader, 0, 10, 100000).has_value());
  EXPECT_EQ(listener->wakes, 1);
}

TEST_F(TheAcknowledger, KeepsNothingWhereNobodyListens) {
  acknowledger.Add(case_id, At(1), readers, Keep(), Bytes(1100, 1));
  acknowledger.Flush();
  EXPECT_EQ(hub.live().bytes(), 0U);
}

}  // namespace
}  // namespace renkei::test
