// The Transaction: what it leaves behind however it ends. (The Vault itself: tests/client/vault.)
#include "client/core/vault.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

class Transactions : public testing::Test {
 protected:
  void Put(std::string_view value) {
    ASSERT_TRUE(vault_.Put(Table::kMeta, AsBytes("key"), AsBytes(value)).ok());
  }
  std::string Stored() {
    const auto value = vault_.Get(Table::kMeta, AsBytes("key")).value();
    return value.has_value() ? ToString(*value) : "nothing";
  }

  MemoryVault vault_;
};

TEST_F(Transactions, ThatAreCommittedStay) {
  {
    auto transaction = Transaction::Begin(vault_).value();
    Put("a");
    ASSERT_TRUE(transaction.Commit().ok());
  }
  vault_.Reopen();
  EXPECT_EQ(Stored(), "a");
}

TEST_F(Transactions, ThatGoWithoutCommitLeaveNothing) {
  Put("before");
  {
    auto transaction = Transaction::Begin(vault_).value();
    Put("a");
  }
  EXPECT_EQ(Stored(), "before");
  EXPECT_TRUE(Transaction::Begin(vault_).ok());  // and the next one can begin
}

TEST_F(Transactions, WhoseCommitFailsLeaveNothing) {
  {
    auto transaction = Transaction::Begin(vault_).value();
    Put("a");
    vault_.FailAtWrite(1, MemoryVault::Fault::kFailOnce);
    EXPECT_EQ(transaction.Commit().error().code(), Code::kUnavailable);
  }
  EXPECT_EQ(Stored(), "nothing");
  auto again = Transaction::Begin(vault_).value();
  Put("b");
  EXPECT_TRUE(again.Commit().ok());
  EXPECT_EQ(Stored(), "b");
}

TEST_F(Transactions, ThatWereMovedAreEndedOnce) {
  {
    auto first = Transaction::Begin(vault_).value();
    Put("a");
    auto second = std::move(first);
    ASSERT_TRUE(second.Commit().ok());
    auto third = Transaction::Begin(vault_).value();
    Put("b");
    ASSERT_TRUE(third.Commit().ok());
  }
  EXPECT_EQ(Stored(), "b");
}

TEST_F(Transactions, OfAVaultThatCannotBeginAreAnError) {
  vault_.Crash();
  EXPECT_EQ(Transaction::Begin(vault_).error().code(), Code::kUnavailable);
}

TEST(TransactionDeathTest, CommittingTwiceIsOurBug) {
  MemoryVault vault;
  auto transaction = Transaction::Begin(vault).value();
  ASSERT_TRUE(transaction.Commit().ok());
  EXPECT_DEATH((void)transaction.Commit(), "check failed");
}

}  // namespace
}  // namespace renkei::client
