// The faults of tests/support/memory_vault.h: what others' tests rely on.
#include "tests/support/memory_vault.h"

#include <gtest/gtest.h>

namespace renkei::client {
namespace {

std::string Get(MemoryVault& vault, std::string_view key) {
  const auto value = vault.Get(Table::kMeta, AsBytes(key));
  return !value.ok() ? "error" : value->has_value() ? ToString(**value) : "-";
}

Status Put(MemoryVault& vault, std::string_view key, std::string_view value) {
  return vault.Put(Table::kMeta, AsBytes(key), AsBytes(value));
}

TEST(MemoryVault, NthWriteFailsOnceAndChangesNothing) {
  MemoryVault vault;
  vault.FailAtWrite(2, MemoryVault::Fault::kFailOnce);
  EXPECT_TRUE(Put(vault, "a", "1").ok());
  EXPECT_EQ(Put(vault, "b", "1").error().code(), Code::kUnavailable);
  EXPECT_TRUE(Put(vault, "c", "1").ok());
  EXPECT_EQ(Get(vault, "b"), "-");
  EXPECT_EQ(vault.writes(), 3U);
}

TEST(MemoryVault, FullDiskStaysFullUntilCleared) {
  MemoryVault vault;
  vault.FailAtWrite(1, MemoryVault::Fault::kFailOn);
  EXPECT_FALSE(Put(vault, "a", "1").ok());
  EXPECT_FALSE(Put(vault, "a", "1").ok());
  EXPECT_EQ(Get(vault, "a"), "-");
  vault.ClearFault();
  EXPECT_TRUE(Put(vault, "a", "1").ok());
}

TEST(MemoryVault, FailedWriteSpoilsItsTransaction) {
  MemoryVault vault;
  vault.FailAtWrite(1, MemoryVault::Fault::kFailOnce);
  ASSERT_TRUE(vault.Begin().ok());
  EXPECT_FALSE(Put(vault, "a", "1").ok());
  EXPECT_FALSE(Put(vault, "b", "1").ok());
  EXPECT_EQ(vault.Commit().error().code(), Code::kUnavailable);
  vault.Rollback();
  EXPECT_EQ(Get(vault, "b"), "-");
}

TEST(MemoryVault, DeathBeforeCommitLosesAfterCommitKeeps) {
  for (const bool after : {false, true}) {
    MemoryVault vault;
    vault.FailAtWrite(2, after ? MemoryVault::Fault::kDieAfter : MemoryVault::Fault::kDieBefore);
    {
      auto transaction = Transaction::Begin(vault);
      ASSERT_TRUE(Put(vault, "a", "1").ok());
      EXPECT_FALSE(transaction->Commit().ok());
    }
    EXPECT_TRUE(vault.crashed());
    EXPECT_EQ(Get(vault, "a"), "error");
    EXPECT_FALSE(vault.Begin().ok());
    vault.Reopen();
    EXPECT_EQ(Get(vault, "a"), after ? "1" : "-");
  }
}

TEST(MemoryVault, RestoredSnapshotIsAnOlderCopyUntilCleared) {
  MemoryVault vault;
  ASSERT_TRUE(Put(vault, "a", "1").ok());
  const auto same = vault.TakeSnapshot();
  vault.Restore(same);
  EXPECT_FALSE(vault.OpenedOlderCopy());
  ASSERT_TRUE(vault.Begin().ok());
  ASSERT_TRUE(Put(vault, "a", "2").ok());
  const auto in_transaction = vault.TakeSnapshot();
  ASSERT_TRUE(vault.Commit().ok());
  vault.Restore(in_transaction);
  EXPECT_EQ(Get(vault, "a"), "1");
  EXPECT_TRUE(vault.OpenedOlderCopy());
  vault.Reopen();
  EXPECT_TRUE(vault.OpenedOlderCopy());
  ASSERT_TRUE(vault.ClearOlderCopy().ok());
  vault.Reopen();
  EXPECT_FALSE(vault.OpenedOlderCopy());
}

TEST(MemoryVault, StaleIndexIsTold) {
  MemoryVault vault;
  vault.MakeIndexStale();
  EXPECT_TRUE(vault.IndexIsStale());
  ASSERT_TRUE(vault.ResetIndex().ok());
  EXPECT_FALSE(vault.IndexIsStale());
}

}  // namespace
}  // namespace renkei::client
