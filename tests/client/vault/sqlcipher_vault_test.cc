#include "client/vault/sqlcipher_vault.h"

#include <gtest/gtest.h>

#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

// A vault whose database key the test knows, so that it can look and meddle inside.
class SqlcipherVaultTest : public testing::Test {
 protected:
  SqlcipherVaultTest() : path_(root_.path() + "/vault.db") {
    RENKEI_CHECK(store_.Create(id_, key_).ok());
    RENKEI_CHECK(CreateFile(path_, {}).ok());
    RENKEI_CHECK(SqlcipherVault::CreateIn(path_, key_, id_).ok());
  }

  Result<std::unique_ptr<SqlcipherVault>> TryOpen() {
    return SqlcipherVault::Open(root_.path(), path_, key_, id_, store_,
                                FileLock::Acquire(root_.path() + "/lock").value());
  }
  void Meddle(const char* sql) {
    const auto database = Database::Open(path_, key_);
    ASSERT_TRUE((*database)->Execute(sql).ok());
  }

  TempDirectory root_;
  FileDeviceKeyStore store_{root_.path() + "/keys"};
  SecretBytes key_ = SecretBytes::CopyOf(Bytes(kDatabaseKeyBytes, 5));
  VaultId id_ = {{1, 2, 3}};
  std::string path_;
};

TEST_F(SqlcipherVaultTest, NewerSchemaIsRefused) {
  Meddle("UPDATE vault_state SET schema_version = 2");
  EXPECT_EQ(Outcome(TryOpen()), "kUnsupported: vault: made by a newer program");
}

TEST_F(SqlcipherVaultTest, DatabaseOfAnotherVaultUnderTheSameKeyIsRefused) {
  Meddle("UPDATE vault_state SET vault_id = zeroblob(16)");
  EXPECT_EQ(Outcome(TryOpen()), "kCorrupt: vault: not this vault's database");
}

TEST_F(SqlcipherVaultTest, DatabaseWithoutItsStateIsRefused) {
  Meddle("DELETE FROM vault_state");
  EXPECT_EQ(Outcome(TryOpen()), "kCorrupt: vault: not this vault's database");
  Meddle("DROP TABLE vault_state");
  EXPECT_EQ(Outcome(TryOpen()), "kCorrupt: vault: the database is damaged");
}

TEST_F(SqlcipherVaultTest, TableThatAnUpdateBroughtIsAdded) {
  Meddle("DROP TABLE trust");
  const auto vault = TryOpen();
  ASSERT_EQ(Outcome(vault), "ok");
  EXPECT_TRUE((*vault)->Put(Table::kTrust, AsBytes("k"), AsBytes("v")).ok());
}

TEST_F(SqlcipherVaultTest, IndexOfOtherFoldingRulesIsStaleUntilReset) {
  Meddle("UPDATE vault_state SET fold_version = 0");
  {
    const auto vault = TryOpen();
    EXPECT_TRUE((*vault)->IndexIsStale());
    {
      const auto transaction = Transaction::Begin(**vault);
      ASSERT_TRUE((*vault)->ResetIndex().ok());
      EXPECT_FALSE((*vault)->IndexIsStale());
    }
    EXPECT_TRUE((*vault)->IndexIsStale());
    ASSERT_TRUE((*vault)->ResetIndex().ok());
  }
  EXPECT_FALSE((*TryOpen())->IndexIsStale());
}

TEST_F(SqlcipherVaultTest, DamageMetInsideATransactionSpoilsIt) {
  {
    const auto vault = TryOpen();
    for (int i = 0; i < 100; ++i) {
      const auto number = static_cast<std::uint8_t>(i);
      ASSERT_TRUE((*vault)->Put(Table::kEntries, ByteView(&number, 1), Bytes(4000, number)).ok());
    }
  }
  const std::size_t size = ReadAll(path_).size();
  for (std::size_t at = 4096 * 60 + 100; at < size; at += 4096) {
    FlipByte(path_, at);
  }
  const auto vault = TryOpen();
  if (!vault.ok()) {
    EXPECT_EQ(vault.error().code(), Code::kCorrupt);
    return;
  }
  ASSERT_TRUE((*vault)->Begin().ok());
  ASSERT_TRUE((*vault)->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
  bool met = false;
  for (int i = 0; i < 100 && !met; ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    const auto status = (*vault)->Put(Table::kEntries, ByteView(&number, 1), {});
    met = !status.ok();
    if (met) {
      EXPECT_EQ(status.error().code(), Code::kCorrupt);
    }
  }
  ASSERT_TRUE(met);
  EXPECT_FALSE((*vault)->Commit().ok());
  (*vault)->Rollback();
  EXPECT_FALSE((*(*vault)->Get(Table::kMeta, AsBytes("k"))).has_value());
}

TEST_F(SqlcipherVaultTest, TooLargeValueDoesNotSpoilATransaction) {
  const auto vault = TryOpen();
  auto transaction = Transaction::Begin(**vault);
  EXPECT_EQ(
      (*vault)->Put(Table::kMeta, AsBytes("k"), Bytes(kMaxVaultValueBytes + 1)).error().code(),
      Code::kTooLarge);
  EXPECT_TRUE((*vault)->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
  EXPECT_TRUE(transaction->Commit().ok());
}

using SqlcipherVaultDeathTest = SqlcipherVaultTest;

TEST_F(SqlcipherVaultDeathTest, CommitWithoutBeginIsOurBug) {
  const auto vault = TryOpen();
  EXPECT_DEATH(static_cast<void>((*vault)->Commit()), "in_transaction_");
}

TEST_F(SqlcipherVaultDeathTest, UnknownTableIsOurBug) {
  const auto vault = TryOpen();
  EXPECT_DEATH(static_cast<void>((*vault)->Get(static_cast<Table>(99), AsBytes("k"))),
               "kTableCount");
}

}  // namespace
}  // namespace renkei::client
