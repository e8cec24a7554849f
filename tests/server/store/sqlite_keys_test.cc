// What tells a retry, however long ago the entry came (server/store/sqlite_keys.cc).
#include <map>

#include "server/store/key_prints.h"
#include "server/store/migrations.h"
#include "server/store/store_tools.h"
#include "tests/server/store/damaged_rows.h"
#include "tests/server/store/older_store.h"
#include "tests/server/store/raw_sqlite.h"

namespace renkei::test {
namespace {

using server::KeyPrints;
using server::ReadTransaction;
using server::WriteTransaction;

constexpr std::uint64_t kBlock = KeyPrints::kBlock;

server::EntryKey NumberedKey(std::uint64_t n) {
  const Hash32 hash = Sha256({AsBytes("key"), AsBytes(std::to_string(n))});
  return ToArray<sizeof(server::EntryKey)>(ByteView(hash).first(sizeof(server::EntryKey))).value();
}

Status Append(WriteTransaction& t, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t n = first; n <= last; ++n) {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("an entry"), NumberedKey(n)));
  }
  return Ok();
}

// That keys 1..last of case 1 are found at their places, and no others.
Status ExpectKeys(ReadTransaction& t, std::uint64_t last) {
  for (std::uint64_t n = 1; n <= last; ++n) {
    RENKEI_ASSIGN(const auto seq, t.FindEntryKey(CaseOf(1), NumberedKey(n)));
    EXPECT_EQ(seq, n);
    RENKEI_ASSIGN(const auto elsewhere, t.FindEntryKey(CaseOf(2), NumberedKey(n)));
    EXPECT_EQ(elsewhere, std::nullopt);
  }
  RENKEI_ASSIGN(const auto none, t.FindEntryKey(CaseOf(1), NumberedKey(last + 1)));
  EXPECT_EQ(none, std::nullopt);
  return Ok();
}

class StoredKeys : public EveryStore {
 protected:
  Status AppendAll(std::uint64_t first, std::uint64_t last) {
    return Write([=](WriteTransaction& t) { return Append(t, first, last); });
  }
  void ExpectBoth(std::uint64_t last) {
    SCOPED_TRACE(last);
    EXPECT_TRUE(Write([=](WriteTransaction& t) { return ExpectKeys(t, last); }).ok());
    EXPECT_TRUE(store->Read([=](ReadTransaction& t) { return ExpectKeys(t, last); }).ok());
  }
};

TEST_P(StoredKeys, EveryOneIsFoundByReadersAndTheWriterAndNoneThatWasUndone) {
  ASSERT_TRUE(AppendAll(1, kBlock - 10).ok());
  ExpectBoth(kBlock - 10);
  EXPECT_FALSE(Write([](WriteTransaction& t) -> Status {
                 RENKEI_TRY(Append(t, kBlock - 9, kBlock + 30));
                 return Error(Code::kDenied, "test");
               }).ok());
  ExpectBoth(kBlock - 10);
  ASSERT_TRUE(AppendAll(kBlock - 9, kBlock).ok());
  ExpectBoth(kBlock);
  ASSERT_TRUE(AppendAll(kBlock + 1, 2 * kBlock + 50).ok());
  ExpectBoth(2 * kBlock + 50);
}

TEST_P(StoredKeys, OfAnEntryIsInItsThreadOnce) {
  ASSERT_TRUE(AppendAll(1, kBlock + 1).ok());
  for (const std::uint64_t n : {std::uint64_t{1}, kBlock + 1}) {
    const Status again = AppendAll(n, n);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code(), Code::kConflict);
  }
}

RENKEI_TEST_EVERY_STORE(StoredKeys);

class KeptKeys : public DamagedRows {
 protected:
  static constexpr std::uint64_t kLast = kBlock + 44;

  void SetUp() override {
    Open();
    ASSERT_TRUE(WriteTo(*store, [](WriteTransaction& t) { return Append(t, 1, kLast); }).ok());
    store.reset();
  }
  std::string Added() {
    const Status status =
        WriteTo(*store, [](WriteTransaction& t) { return Append(t, kLast + 1, kLast + 1); });
    return status.ok() ? "ok" : CodeName(status.error().code());
  }
  static constexpr auto kFindLast = [](ReadTransaction& t) {
    return t.FindEntryKey(CaseOf(1), NumberedKey(kLast));
  };
};

TEST_F(KeptKeys, AreFoundAfterARestart) {
  Open();
  EXPECT_TRUE(WriteTo(*store, [](WriteTransaction& t) { return ExpectKeys(t, kLast); }).ok());
  EXPECT_TRUE(store->Read([](ReadTransaction& t) { return ExpectKeys(t, kLast); }).ok());
  ASSERT_TRUE(
      WriteTo(*store, [](WriteTransaction& t) { return Append(t, kLast + 1, 3 * kBlock); }).ok());
  EXPECT_TRUE(store->Read([](ReadTransaction& t) { return ExpectKeys(t, 3 * kBlock); }).ok());
  store.reset();
  EXPECT_EQ(RowsOf(folder.store() / server::kDatabaseFile, "SELECT first FROM key_prints"),
            (std::vector<std::string>{"1|", "129|", "257|"}));
}

TEST_F(KeptKeys, OneThatOnlyLooksLikeAnothersIsNotTakenForIt) {
  const auto rows = RowsOf(folder.store() / server::kDatabaseFile,
                           "SELECT hex(value) FROM meta WHERE name = 'key_prints'");
  ASSERT_EQ(rows.size(), 1U);
  const auto secret =
      ToArray<kShortHashKeyBytes>(FromHex(rows[0].substr(0, 2 * kShortHashKeyBytes)).value());
  ASSERT_TRUE(secret.ok());
  std::map<std::uint32_t, std::uint64_t> seen;
  std::uint64_t one = 0;
  std::uint64_t other = kLast;
  while (one == 0) {
    const auto print = static_cast<std::uint32_t>(ShortHash(*secret, NumberedKey(++other)));
    const auto [it, is_new] = seen.try_emplace(print, other);
    one = is_new ? 0 : it->second;
  }
  Open();
  const auto add = [&](std::uint64_t n) {
    return WriteTo(*store, [=](WriteTransaction& t) { return Append(t, n, n); }).ok();
  };
  const auto find = [&](std::uint64_t n) {
    return ReadFrom(*store,
                    [=](ReadTransaction& t) { return t.FindEntryKey(CaseOf(1), NumberedKey(n)); });
  };
  ASSERT_TRUE(add(one));
  EXPECT_EQ(find(other), std::nullopt);
  ASSERT_TRUE(add(other));
  EXPECT_EQ(find(one), kLast + 1);
  EXPECT_EQ(find(other), kLast + 2);
  EXPECT_FALSE(add(one));
  EXPECT_FALSE(add(other));
}

// A thread whose keys are not all known would take an entry twice. It takes none.
TEST_F(KeptKeys, ThreadThatLacksSomeTakesNothingMore) {
  for (const char* damage :
       {"DELETE FROM key_prints", "UPDATE key_prints SET prints = zeroblob(520)",
        "UPDATE key_prints SET first = 2", "DELETE FROM meta WHERE name = 'key_prints'",
        "UPDATE meta SET value = zeroblob(16) WHERE name = 'key_prints'",
        "UPDATE meta SET value = x'00' WHERE name = 'key_prints'",
        "DELETE FROM entries WHERE seq = 150", "UPDATE entries SET key = x'00' WHERE seq = 150"}) {
    SCOPED_TRACE(damage);
    const StoreFolder before;
    std::filesystem::copy(folder.store(), before.store());
    Damage(damage);
    EXPECT_EQ(Told(kFindLast), "kCorrupt");
    EXPECT_EQ(Added(), "kCorrupt");
    EXPECT_FALSE(store->healthy());
    store.reset();
    std::filesystem::remove_all(folder.store());
    std::filesystem::copy(before.store(), folder.store());
  }
  Open();
  EXPECT_EQ(Told(kFindLast), "ok");
  EXPECT_EQ(Added(), "ok");
}

TEST_F(KeptKeys, OfADeletedCaseAreDeleted) {
  Open();
  ASSERT_TRUE(WriteTo(*store, [](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(2), AsBytes("another")));
                return t.DeleteThread({CaseOf(1), {9}, ToBytes("c"), {}});
              }).ok());
  const auto remains = [&] {
    bool more = false;
    EXPECT_TRUE(WriteTo(*store, [&](WriteTransaction& t) -> Status {
                  RENKEI_ASSIGN(more, t.DeleteRemains(kLast - 1));
                  return Ok();
                }).ok());
    return more;
  };
  EXPECT_TRUE(remains()) << "one entry is left";
  EXPECT_FALSE(remains());
  store.reset();
  EXPECT_THAT(RowsOf(folder.store() / server::kDatabaseFile, "SELECT * FROM key_prints"),
              testing::IsEmpty());
}

TEST_F(KeptKeys, OfAnOlderStoreAreWorkedOut) {
  const auto file = folder.store() / server::kDatabaseFile;
  RowsOf(file, kBackToVersion4);
  RowsOf(file,
         // What is left of a deleted case, which may lack any of its entries.
         "INSERT INTO entries SELECT id + 10000, 2, seq, kind, received_at, hash, key, payload"
         " FROM entries WHERE seq > 5;"
         "INSERT INTO deletions VALUES (2, zeroblob(16), 0, x'', x'', 1);"
         "INSERT INTO meta SELECT 'return/' || lower(hex(case_id)), x'' FROM threads"
         " UNION SELECT 'return/' || lower(hex(case_id)), x'' FROM deletions");
  const auto done = server::MigrateStore(folder.store(), Millis{7}, server::MigrationSteps(),
                                         server::kSchemaVersion);
  ASSERT_EQ(done.problem, "");
  EXPECT_THAT(RowsOf(file, "SELECT thread, first FROM key_prints"), testing::ElementsAre("1|1|"));
  EXPECT_THAT(RowsOf(file, "SELECT name FROM meta WHERE name LIKE 'return/%'"),
              testing::ElementsAre("return/" + ToHex(CaseOf(1).view()) + "|"));
  std::filesystem::remove(file.string() + server::kMarkSuffix);
  Open();
  EXPECT_TRUE(WriteTo(*store, [](WriteTransaction& t) { return ExpectKeys(t, kLast); }).ok());
  EXPECT_EQ(Added(), "ok");
}

}  // namespace
}  // namespace renkei::test
