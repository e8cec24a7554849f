#include "tests/server/core/closing_fixture.h"

namespace renkei::test {
namespace {

using thread::ClosingAction;

class Closings : public ClosingFixture {};

TEST_F(Closings, StewardEndsTheCaseAndItStandsInTheThread) {
  const thread::ClosingNotice notice = Notice(nurse, ClosingAction::kClose);
  ASSERT_EQ(NameOf(Send(nurse, notice)), "accepted");
  EXPECT_EQ(NameOf(Send(nurse, notice)), "duplicate");
  EXPECT_EQ(Row()->closing, (thread::Closing{4, true, 0, clock.Now()}));
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 3, 10);
  ASSERT_TRUE(page.ok() && *page);
  ASSERT_EQ((*page)->entries.size(), 1U);
  EXPECT_EQ((*page)->entries[0].kind, thread::EntryKind::kClosing);
  const auto read = thread::ParseClosingNotice((*page)->entries[0].payload);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->notice, notice);
  EXPECT_TRUE(IsAudited(nurse, "threads.close", "accepted"));
}

TEST_F(Closings, G3_WhoIsNoStewardEndsNothing) {
  EXPECT_EQ(NameOf(Close(doctor)), "policy");
  EXPECT_EQ(NameOf(Close(stranger)), "not a member");
  thread::ClosingNotice borrowed = Notice(nurse, ClosingAction::kClose);
  // In the nurse's name, by the doctor's device; signed with another key than the card's.
  EXPECT_EQ(NameOf(Send(doctor, borrowed)).substr(0, 13), "error kDenied");
  const Bytes forged = thread::MakeClosingNotice(borrowed, doctor.device.signing.key).value();
  const auto outcome =
      Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
        relay->threads().AppendClosing(nurse.Caller(), forged, reply);
      });
  EXPECT_EQ(NameOf(outcome), "policy");
  EXPECT_EQ(Row()->closing, thread::Closing{});
  EXPECT_TRUE(IsAudited(doctor, "threads.append_closing", "policy"));
}

TEST_F(Closings, WhatIsNotOnTheChainOrComesTwiceIsRefused) {
  thread::ClosingNotice off = Notice(nurse, ClosingAction::kClose);
  off.seen_hash[3] ^= 1U;
  EXPECT_EQ(NameOf(Send(nurse, off)), "bad position");
  const thread::ClosingNotice early = Notice(nurse, ClosingAction::kClose);
  EXPECT_EQ(NameOf(Reopen(nurse)), "bad position") << "it is open";
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  EXPECT_EQ(NameOf(Close(nurse)), "bad position") << "it is closed";
  ASSERT_EQ(NameOf(Reopen(nurse)), "accepted");
  thread::ClosingNotice again = early;
  again.created_at = again.created_at + Millis{1};
  EXPECT_EQ(NameOf(Send(nurse, again)), "bad position") << "made before the newest notice";
  EXPECT_FALSE(Row()->closing.is_closed);
}

TEST_F(Closings, AnotherEpochIsTold) {
  const thread::ClosingNotice notice = Notice(nurse, ClosingAction::kClose);
  const CommitParts next = world.NextCommit(parts.card, doctor, {&nurse, &doctor});
  ASSERT_EQ(NameOf(Commit(doctor, next)), "accepted");
  EXPECT_EQ(NameOf(Send(nurse, notice)), "stale epoch");
}

// Nobody's care is kept out because somebody thought that the case was over.
TEST_F(Closings, RecordsAreTakenAsEverAndCountedFrom) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  clock.Advance(Days(3));
  ASSERT_EQ(NameOf(Append(doctor, Record(doctor))), "accepted");
  EXPECT_EQ(Row()->closing.counted_from, clock.Now());
  EXPECT_TRUE(Row()->closing.is_closed);
  // A commit is no record.
  const Millis counted = clock.Now();
  clock.Advance(Days(3));
  ASSERT_EQ(NameOf(Commit(doctor, world.NextCommit(parts.card, doctor, {&nurse, &doctor}))),
            "accepted");
  EXPECT_EQ(Row()->closing.counted_from, counted);
}

// Nor is it a way to write on and on where records are refused.
TEST_F(Closings, WhoHasTooMuchInTheStoreEndsNothing) {
  const auto store_more = [&](std::int64_t bytes) {
    store.Write(
        [&](server::WriteTransaction& transaction) {
          return transaction.AddStoredBytes(server::UsageOf::kDevice, nurse.device.id.bytes, bytes);
        },
        [](const Status& status) { EXPECT_TRUE(status.ok()); });
  };
  store_more(std::int64_t{200} << 30U);
  EXPECT_EQ(NameOf(Close(nurse)).substr(0, 16), "error kThrottled");
  EXPECT_EQ(Row()->closing, thread::Closing{});
  store_more(-(std::int64_t{200} << 30U));
  EXPECT_EQ(NameOf(Close(nurse)), "accepted");
}

TEST_F(Closings, UnknownThreadIsTold) {
  thread::ClosingNotice notice = Notice(nurse, ClosingAction::kClose);
  notice.case_id = CaseId::Generate(world.random());
  EXPECT_EQ(NameOf(Send(nurse, notice)), "unknown thread");
}

}  // namespace
}  // namespace renkei::test
