#include "server/core/thread_usage.h"

#include <gtest/gtest.h>

#include "crypto/thread/entry.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using thread::EntryKind;

class UsageOfAThread : public ::testing::Test {
 protected:
  static Bytes PayloadOf(const CommitParts& parts) {
    return thread::SerializeCommitPayload(parts.card, parts.commit).value();
  }
  Bytes RecordOf(const CommitParts& parts, const Handset& by) {
    return world.Record(parts.card, by, {0, {}, {}});
  }

  RelayWorld world{11};
  Handset& nurse = world.AddMember(world.AddOffice("office"));
  Handset& doctor = world.AddMember(world.AddOffice("other"));
  const CommitParts first = world.NewCase(nurse);
  const CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
  server::ThreadUsage walk;
};

TEST_F(UsageOfAThread, FollowsTheCardInForce) {
  ASSERT_TRUE(walk.Next(EntryKind::kCommit, PayloadOf(first)));
  EXPECT_FALSE(walk.Next(EntryKind::kRecord, RecordOf(first, doctor))) << "no member yet";
  const auto commit = walk.Next(EntryKind::kCommit, PayloadOf(second));
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->payer.device, nurse.device.id);
  EXPECT_EQ(commit->bytes, server::BytesOfCommit(second.card.card, PayloadOf(second).size()));
  const auto record = walk.Next(EntryKind::kRecord, RecordOf(second, doctor));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->payer.institution, doctor.person->Ref().institution);
}

TEST_F(UsageOfAThread, TheLastCommitterPaysForTheGroupInfo) {
  EXPECT_FALSE(walk.LastCommitter());
  (void)walk.Next(EntryKind::kCommit, PayloadOf(first));
  (void)walk.Next(EntryKind::kCommit, PayloadOf(second));
  (void)walk.Next(EntryKind::kCommit,
                  PayloadOf(world.NextCommit(second.card, doctor, {&nurse, &doctor})));
  ASSERT_TRUE(walk.LastCommitter());
  EXPECT_EQ(walk.LastCommitter()->device, doctor.device.id);
}

TEST_F(UsageOfAThread, WhatCannotBeReadIsNobodys) {
  EXPECT_FALSE(walk.Next(EntryKind::kRecord, RecordOf(first, nurse))) << "before any card";
  EXPECT_FALSE(walk.Next(EntryKind::kCommit, AsBytes("no commit")));
  ASSERT_TRUE(walk.Next(EntryKind::kCommit, PayloadOf(first)));
  EXPECT_FALSE(walk.Next(EntryKind::kRecord, AsBytes("no record")));
  EXPECT_FALSE(walk.Next(EntryKind::kCommit, AsBytes("no commit")));
  EXPECT_TRUE(walk.Next(EntryKind::kRecord, RecordOf(first, nurse))) << "the card is still there";
}

}  // namespace
}  // namespace renkei::test
