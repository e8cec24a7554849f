// A vault put back to an earlier state must notice, or its old MLS states would be used again.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

class OlderCopy : public testing::Test {
 protected:
  static void Put(Vault& vault, std::string_view value) {
    ASSERT_TRUE(vault.Put(Table::kGroups, AsBytes("state"), AsBytes(value)).ok());
  }
  bool OpensOlder() { return place_.Open()->OpenedOlderCopy(); }

  TempVault place_;
};

TEST_F(OlderCopy, OrdinaryReopeningIsNone) {
  Put(*place_.Create(), "1");
  for (int i = 0; i < 3; ++i) {
    const auto vault = place_.Open();
    EXPECT_FALSE(vault->OpenedOlderCopy());
    Put(*vault, "2");
  }
}

TEST_F(OlderCopy, RestoredBackupIsNoticed) {
  Put(*place_.Create(), "1");
  place_.CopyTo("backup");
  Put(*place_.Open(), "2");
  place_.RestoreFrom("backup");
  EXPECT_TRUE(OpensOlder());
}

TEST_F(OlderCopy, BackupFromBeforeAMereOpeningIsNoticed) {
  Put(*place_.Create(), "1");
  place_.CopyTo("backup");
  place_.Open().reset();
  place_.RestoreFrom("backup");
  EXPECT_TRUE(OpensOlder());
}

TEST_F(OlderCopy, CopyPutBackUnchangedIsNone) {
  Put(*place_.Create(), "1");
  place_.CopyTo("backup");
  place_.RestoreFrom("backup");
  EXPECT_FALSE(OpensOlder());
}

// A snapshot of the disk while the vault is open: only counting each commit tells it apart.
TEST_F(OlderCopy, CopyTakenInTheMiddleOfASessionIsNoticed) {
  {
    const auto vault = place_.Create();
    Put(*vault, "1");
    place_.CopyTo("snapshot");
    Put(*vault, "2");
  }
  place_.RestoreFrom("snapshot");
  const auto vault = place_.Open();
  EXPECT_TRUE(vault->OpenedOlderCopy());
  EXPECT_EQ(ToString(**vault->Get(Table::kGroups, AsBytes("state"))), "1");
}

TEST_F(OlderCopy, CopyWithoutItsWriteAheadLogIsNoticed) {
  {
    const auto vault = place_.Create();
    Put(*vault, "1");
    place_.CopyTo("snapshot");
  }
  place_.RestoreFrom("snapshot");
  std::filesystem::remove(place_.file("vault.db-wal"));
  const auto vault = place_.TryOpen();
  EXPECT_TRUE(!vault.ok() || (*vault)->OpenedOlderCopy());
}

TEST_F(OlderCopy, FlagStaysUntilCleared) {
  Put(*place_.Create(), "1");
  place_.CopyTo("backup");
  Put(*place_.Open(), "2");
  place_.RestoreFrom("backup");
  EXPECT_TRUE(OpensOlder());
  EXPECT_TRUE(OpensOlder());
  {
    const auto vault = place_.Open();
    {
      const auto transaction = Transaction::Begin(*vault);
      ASSERT_TRUE(vault->ClearOlderCopy().ok());
      EXPECT_FALSE(vault->OpenedOlderCopy());
    }
    EXPECT_TRUE(vault->OpenedOlderCopy());  // rolled back
    ASSERT_TRUE(vault->ClearOlderCopy().ok());
    EXPECT_FALSE(vault->OpenedOlderCopy());
  }
  EXPECT_FALSE(OpensOlder());
}

TEST_F(OlderCopy, ClearedCopyIsToldFromTheOneItCameFrom) {
  Put(*place_.Create(), "1");
  place_.CopyTo("backup");
  Put(*place_.Open(), "2");
  place_.RestoreFrom("backup");
  ASSERT_TRUE(place_.Open()->ClearOlderCopy().ok());
  place_.RestoreFrom("backup");
  EXPECT_TRUE(OpensOlder());
}

TEST_F(OlderCopy, LostOrDamagedCounterCountsAsOlder) {
  Put(*place_.Create(), "1");
  std::filesystem::remove(place_.key_file(".counter"));
  EXPECT_TRUE(OpensOlder());
  ASSERT_TRUE(place_.Open()->ClearOlderCopy().ok());
  EXPECT_FALSE(OpensOlder());
  FlipByte(place_.key_file(".counter"), 3);
  EXPECT_TRUE(OpensOlder());
}

TEST_F(OlderCopy, KilledProcessDoesNotMakeOne) {
  Put(*place_.Create(), "1");
  const ::pid_t child = ::fork();
  if (child == 0) {
    const auto vault = place_.Open();
    Put(*vault, "2");
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  const auto vault = place_.Open();
  EXPECT_FALSE(vault->OpenedOlderCopy());
  EXPECT_EQ(ToString(**vault->Get(Table::kGroups, AsBytes("state"))), "2");
}

// The device's counter behind the database: what a loss of power may leave.
TEST_F(OlderCopy, CounterThatMissedTheLastCommitsIsNone) {
  Put(*place_.Create(), "1");
  const std::string counter = ReadAll(place_.key_file(".counter"));
  Put(*place_.Open(), "2");
  WriteAll(place_.key_file(".counter"), counter);
  EXPECT_FALSE(OpensOlder());
}

TEST_F(OlderCopy, ReadingAloneCountsNothing) {
  Put(*place_.Create(), "1");
  const auto vault = place_.Open();
  const std::string counter = ReadAll(place_.key_file(".counter"));
  {
    auto transaction = Transaction::Begin(*vault);
    ASSERT_TRUE(vault->Get(Table::kGroups, AsBytes("state")).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_EQ(ReadAll(place_.key_file(".counter")), counter);
  Put(*vault, "2");
  EXPECT_NE(ReadAll(place_.key_file(".counter")), counter);
}

// Side by side the two would use the same group states, and each would hide the other's commits
// from the counter.
TEST_F(OlderCopy, CopyTakenWhileOpenDoesNotOpenBesideIt) {
  auto vault = place_.Create();
  Put(*vault, "1");
  place_.CopyTo("copy");
  const std::string copy = place_.root() + "/copy";
  EXPECT_EQ(Outcome(place_.unlocker().Open(copy, AsBytes(kPassphrase))),
            "kConflict: vault: open in another process");
  Put(*vault, "2");
  vault.reset();
  const auto opened = place_.unlocker().Open(copy, AsBytes(kPassphrase));
  ASSERT_EQ(Outcome(opened), "ok");
  EXPECT_TRUE((*opened)->OpenedOlderCopy());
}

}  // namespace
}  // namespace renkei::client
