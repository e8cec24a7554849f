// What every vault must do, run for the SQLCipher vault and the one in memory alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/core/text_fold.h"
#include "tests/client/vault/vault_bed.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct BedParam {
  const char* name;
  std::unique_ptr<VaultBed> (*make)();
};

class VaultConformance : public testing::TestWithParam<BedParam> {
 protected:
  VaultConformance() : bed_(GetParam().make()) {}

  Vault& vault() { return bed_->vault(); }
  void Reopen() { bed_->Reopen(); }

  void Put(Table table, std::string_view key, std::string_view value) {
    ASSERT_TRUE(vault().Put(table, AsBytes(key), AsBytes(value)).ok());
  }
  // "-": there is none.
  std::string Get(Table table, std::string_view key) {
    const auto value = vault().Get(table, AsBytes(key));
    if (!value.ok()) {
      return value.error().where();
    }
    return value->has_value() ? ToString(**value) : "-";
  }
  std::vector<std::string> Keys(std::string_view prefix, const ScanOptions& options = {}) {
    std::vector<std::string> keys;
    const auto rows = vault().Scan(Table::kEntries, AsBytes(prefix), options);
    EXPECT_TRUE(rows.ok());
    for (const Row& row : *rows) {
      keys.push_back(ToString(row.key));
      EXPECT_EQ(ToString(row.value), "v" + keys.back());
    }
    return keys;
  }
  void PutEntries(std::initializer_list<const char*> keys) {
    for (const std::string key : keys) {
      Put(Table::kEntries, key, "v" + key);
    }
  }

  static RecordId Record(std::uint8_t n) {
    RecordId id;
    id.bytes[15] = n;
    return id;
  }
  static CaseId Case(std::uint8_t n) {
    CaseId id;
    id.bytes[0] = n;
    return id;
  }
  void Index(std::uint8_t record, std::string_view text) {
    ASSERT_TRUE(vault().IndexText(Case(1), Record(record), text).ok());
  }
  // The last bytes of the record ids found, in order.
  std::vector<int> Search(std::string_view query, std::size_t limit = 100) {
    std::vector<int> found;
    const auto hits = vault().Search(query, limit);
    EXPECT_TRUE(hits.ok());
    for (const SearchHit& hit : *hits) {
      EXPECT_EQ(hit.case_id, Case(1));
      found.push_back(hit.record_id.bytes[15]);
    }
    return found;
  }

  std::unique_ptr<VaultBed> bed_;
};

TEST_P(VaultConformance, WhatIsPutIsThereAfterARestart) {
  Put(Table::kMeta, "name", "value");
  Put(Table::kOutbox, "name", "");
  Reopen();
  EXPECT_EQ(Get(Table::kMeta, "name"), "value");
  EXPECT_EQ(Get(Table::kOutbox, "name"), "");
  EXPECT_EQ(Get(Table::kKeys, "name"), "-");
}

TEST_P(VaultConformance, EveryTableIsApartFromTheOthers) {
  for (std::uint8_t i = 1; i <= kTableCount; ++i) {
    Put(static_cast<Table>(i), "key", std::to_string(i));
  }
  for (std::uint8_t i = 1; i <= kTableCount; ++i) {
    EXPECT_EQ(Get(static_cast<Table>(i), "key"), std::to_string(i));
  }
}

TEST_P(VaultConformance, PutOverwritesAndEraseForgets) {
  Put(Table::kRecords, "a", "1");
  Put(Table::kRecords, "a", "2");
  EXPECT_EQ(Get(Table::kRecords, "a"), "2");
  ASSERT_TRUE(vault().Erase(Table::kRecords, AsBytes("a")).ok());
  EXPECT_EQ(Get(Table::kRecords, "a"), "-");
  EXPECT_TRUE(vault().Erase(Table::kRecords, AsBytes("a")).ok());
}

TEST_P(VaultConformance, SecretsComeBackAsSecrets) {
  const Bytes key(32, 7);
  ASSERT_TRUE(vault().Put(Table::kKeys, AsBytes("k"), key).ok());
  auto secret = vault().GetSecret(Table::kKeys, AsBytes("k"));
  ASSERT_TRUE(secret.ok() && secret->has_value());
  EXPECT_TRUE(Equal((*secret)->Expose(), key));
  auto none = vault().GetSecret(Table::kKeys, AsBytes("x"));
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
}

TEST_P(VaultConformance, KeysAndValuesHaveLimits) {
  const Bytes longest(kMaxVaultKeyBytes, 1);
  EXPECT_TRUE(vault().Put(Table::kMeta, longest, AsBytes("x")).ok());
  EXPECT_EQ(vault().Put(Table::kMeta, Bytes(kMaxVaultKeyBytes + 1, 1), {}).error().code(),
            Code::kInternal);
  EXPECT_EQ(vault().Put(Table::kMeta, {}, {}).error().code(), Code::kInternal);
  EXPECT_EQ(vault().Put(Table::kMeta, AsBytes("k"), Bytes(kMaxVaultValueBytes + 1)).error().code(),
            Code::kTooLarge);
}

TEST_P(VaultConformance, LargeValuesComeBackWhole) {
  Bytes large(3 << 20);
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<std::uint8_t>(i * 7 + i / 4096);
  }
  ASSERT_TRUE(vault().Put(Table::kRecords, AsBytes("photo"), large).ok());
  Reopen();
  EXPECT_EQ(**vault().Get(Table::kRecords, AsBytes("photo")), large);
}

TEST_P(VaultConformance, ScanGivesAPrefixInByteOrder) {
  PutEntries({"b2", "a", "b1", "c", "b", "b\xFF", "b3"});
  EXPECT_THAT(Keys("b"), ElementsAre("b", "b1", "b2", "b3", "b\xFF"));
  EXPECT_THAT(Keys(""), ElementsAre("a", "b", "b1", "b2", "b3", "b\xFF", "c"));
  EXPECT_THAT(Keys("x"), IsEmpty());
}

TEST_P(VaultConformance, ScanOfAPrefixOfHighestBytesEnds) {
  PutEntries({"\xFE", "\xFF", "\xFF\xFF", "\xFF\xFF\x01", "a"});
  EXPECT_THAT(Keys("\xFF\xFF"), ElementsAre("\xFF\xFF", "\xFF\xFF\x01"));
  EXPECT_THAT(Keys("\xFF", {.after = {}, .limit = 0, .descending = true}),
              ElementsAre("\xFF\xFF\x01", "\xFF\xFF", "\xFF"));
}

TEST_P(VaultConformance, ScanGoesOnAfterAKeyInBothDirections) {
  PutEntries({"a9", "b1", "b2", "b3", "b4", "c"});
  EXPECT_THAT(Keys("b", {.after = ToBytes("b2"), .limit = 0, .descending = false}),
              ElementsAre("b3", "b4"));
  EXPECT_THAT(Keys("b", {.after = ToBytes("b3"), .limit = 0, .descending = true}),
              ElementsAre("b2", "b1"));
  EXPECT_THAT(Keys("b", {.after = ToBytes("a"), .limit = 0, .descending = false}),
              ElementsAre("b1", "b2", "b3", "b4"));
  EXPECT_THAT(Keys("b", {.after = ToBytes("z"), .limit = 0, .descending = true}),
              ElementsAre("b4", "b3", "b2", "b1"));
  EXPECT_THAT(Keys("b", {.after = ToBytes("c"), .limit = 0, .descending = false}), IsEmpty());
  EXPECT_THAT(Keys("b", {.after = ToBytes("a"), .limit = 0, .descending = true}), IsEmpty());
}

TEST_P(VaultConformance, ScanStopsAtItsLimit) {
  PutEntries({"b1", "b2", "b3", "b4"});
  EXPECT_THAT(Keys("b", {.after = {}, .limit = 2, .descending = false}), ElementsAre("b1", "b2"));
  EXPECT_THAT(Keys("b", {.after = ToBytes("b4"), .limit = 2, .descending = true}),
              ElementsAre("b3", "b2"));
}

TEST_P(VaultConformance, ErasePrefixTakesThoseAndNoOthers) {
  PutEntries({"a", "b", "b1", "b\xFF", "b\xFF\xFF", "c"});
  Put(Table::kGroups, "b1", "other table");
  ASSERT_TRUE(vault().ErasePrefix(Table::kEntries, AsBytes("b")).ok());
  EXPECT_THAT(Keys(""), ElementsAre("a", "c"));
  EXPECT_EQ(Get(Table::kGroups, "b1"), "other table");
  ASSERT_TRUE(vault().ErasePrefix(Table::kEntries, AsBytes("b")).ok());
  PutEntries({"\xFF", "\xFF\xFF"});
  ASSERT_TRUE(vault().ErasePrefix(Table::kEntries, AsBytes("\xFF")).ok());
  EXPECT_THAT(Keys(""), ElementsAre("a", "c"));
  EXPECT_EQ(vault().ErasePrefix(Table::kEntries, {}).error().code(), Code::kInternal);
  EXPECT_EQ(vault().ErasePrefix(Table::kEntries, Bytes(kMaxVaultKeyBytes + 1, 1)).error().code(),
            Code::kInternal);
  EXPECT_THAT(Keys(""), ElementsAre("a", "c"));
}

TEST_P(VaultConformance, ErasePrefixIsPartOfItsTransaction) {
  PutEntries({"b1", "b2"});
  {
    auto transaction = Transaction::Begin(vault());
    PutEntries({"b3"});
    ASSERT_TRUE(vault().ErasePrefix(Table::kEntries, AsBytes("b")).ok());
    EXPECT_THAT(Keys("b"), IsEmpty());
  }
  EXPECT_THAT(Keys("b"), ElementsAre("b1", "b2"));
  ASSERT_TRUE(vault().ErasePrefix(Table::kEntries, AsBytes("b")).ok());
  Reopen();
  EXPECT_THAT(Keys("b"), IsEmpty());
}

TEST_P(VaultConformance, SecretsAreScannedInOrderByPrefix) {
  for (const char* key : {"c", "b2", "a", "b1", "b"}) {
    Put(Table::kGroups, key, std::string("of ") + key);
  }
  const auto rows = vault().ScanSecrets(Table::kGroups, AsBytes("b"));
  ASSERT_TRUE(rows.ok());
  std::vector<std::string> found;
  for (const SecretRow& row : *rows) {
    found.push_back(ToString(row.key) + ": " + ToString(row.value.Expose()));
  }
  EXPECT_THAT(found, ElementsAre("b: of b", "b1: of b1", "b2: of b2"));
  EXPECT_TRUE(vault().ScanSecrets(Table::kGroups, AsBytes("d"))->empty());
}

TEST_P(VaultConformance, CommitKeepsAllOfATransaction) {
  {
    auto transaction = Transaction::Begin(vault());
    ASSERT_TRUE(transaction.ok());
    Put(Table::kGroups, "g", "1");
    Put(Table::kOutbox, "o", "1");
    Index(1, "嚥下");
    EXPECT_EQ(Get(Table::kGroups, "g"), "1");
    EXPECT_THAT(Search("嚥下"), ElementsAre(1));
    ASSERT_TRUE(transaction->Commit().ok());
  }
  Reopen();
  EXPECT_EQ(Get(Table::kGroups, "g"), "1");
  EXPECT_EQ(Get(Table::kOutbox, "o"), "1");
  EXPECT_THAT(Search("嚥下"), ElementsAre(1));
}

TEST_P(VaultConformance, TransactionThatGoesAwayLeavesNothing) {
  Put(Table::kGroups, "g", "1");
  Index(1, "嚥下");
  {
    auto transaction = Transaction::Begin(vault());
    Put(Table::kGroups, "g", "2");
    Put(Table::kGroups, "h", "2");
    ASSERT_TRUE(vault().Erase(Table::kGroups, AsBytes("g")).ok());
    Index(1, "褥瘡");
    Index(2, "嚥下");
  }
  EXPECT_EQ(Get(Table::kGroups, "g"), "1");
  EXPECT_EQ(Get(Table::kGroups, "h"), "-");
  EXPECT_THAT(Search("嚥下"), ElementsAre(1));
  EXPECT_THAT(Search("褥瘡"), IsEmpty());
  Reopen();
  EXPECT_EQ(Get(Table::kGroups, "g"), "1");
}

TEST_P(VaultConformance, RestartInATransactionLeavesNothingOfIt) {
  ASSERT_TRUE(vault().Begin().ok());
  Put(Table::kMeta, "k", "1");
  Index(1, "転倒");
  Reopen();
  EXPECT_EQ(Get(Table::kMeta, "k"), "-");
  EXPECT_THAT(Search("転倒"), IsEmpty());
  EXPECT_TRUE(vault().Begin().ok());
}

TEST_P(VaultConformance, RollbackWithoutATransactionDoesNothing) {
  Put(Table::kMeta, "k", "1");
  vault().Rollback();
  EXPECT_EQ(Get(Table::kMeta, "k"), "1");
}

using VaultConformanceDeathTest = VaultConformance;

TEST_P(VaultConformanceDeathTest, SecondBeginIsOurBug) {
  ASSERT_TRUE(vault().Begin().ok());
  EXPECT_DEATH(static_cast<void>(vault().Begin()), "in_transaction_");
}

TEST_P(VaultConformance, SearchFindsWordsInsideText) {
  Index(1, "昨夜から発熱、咳嗽あり。SpO2 93%");
  Index(2, "食欲不振が続いている");
  EXPECT_THAT(Search("発熱"), ElementsAre(1));
  EXPECT_THAT(Search("不振が続"), ElementsAre(2));
  EXPECT_THAT(Search("spo2"), ElementsAre(1));
  EXPECT_THAT(Search("93%"), ElementsAre(1));
  EXPECT_THAT(Search("吐血"), IsEmpty());
}

TEST_P(VaultConformance, SearchFindsOneLetterAnywhere) {
  Index(1, "咳が出る");
  Index(2, "空咳");
  Index(3, "痰");
  EXPECT_THAT(Search("咳"), ElementsAre(2, 1));
  EXPECT_THAT(Search("出"), ElementsAre(1));
  EXPECT_THAT(Search("痰"), ElementsAre(3));
}

TEST_P(VaultConformance, SearchNeedsEveryWordInAnyOrder) {
  Index(1, "発熱と咳");
  Index(2, "発熱のみ");
  Index(3, "咳のみ");
  EXPECT_THAT(Search("咳 発熱"), ElementsAre(1));
  EXPECT_THAT(Search("　発熱、咳。"), ElementsAre(1));
}

TEST_P(VaultConformance, LettersMustFollowEachOther) {
  Index(1, "服薬 薬歴");  // holds 服薬 and 薬歴, but not 服薬歴
  Index(2, "服薬歴");
  EXPECT_THAT(Search("服薬歴"), ElementsAre(2));
  EXPECT_THAT(Search("服薬 薬歴"), ElementsAre(2, 1));
  Index(3, "一二三四五六七八九");
  EXPECT_THAT(Search("一二三四五六七八九"), ElementsAre(3));
  EXPECT_THAT(Search("一二三四五六七九"), IsEmpty());
}

TEST_P(VaultConformance, SearchFoldsWidthKanaAndCase) {
  Index(1, "ﾛｷｿﾌﾟﾛﾌｪﾝ錠60mg「トーワ」");
  Index(2, "ケアマネージャーの髙橋さん（佐々木町）");
  EXPECT_THAT(Search("ロキソプロフェン"), ElementsAre(1));
  EXPECT_THAT(Search("ろきそぷろふぇん錠６０ＭＧ"), ElementsAre(1));
  EXPECT_THAT(Search("ケアマネジャー 高橋"), ElementsAre(2));
  EXPECT_THAT(Search("佐佐木"), ElementsAre(2));
}

TEST_P(VaultConformance, NewestIndexedComesFirstUpToTheLimit) {
  for (std::uint8_t i = 1; i <= 9; ++i) {
    Index(i, "浮腫");
  }
  EXPECT_THAT(Search("浮腫", 3), ElementsAre(9, 8, 7));
  EXPECT_THAT(Search("浮腫", 0), IsEmpty());
  Index(4, "浮腫 再掲");
  EXPECT_THAT(Search("浮腫", 3), ElementsAre(4, 9, 8));
}

TEST_P(VaultConformance, IndexingAgainReplaces) {
  Index(1, "右下肢");
  Index(2, "右上肢");
  Index(1, "左下肢");
  EXPECT_THAT(Search("右下肢"), IsEmpty());
  EXPECT_THAT(Search("左下肢"), ElementsAre(1));
  Index(1, "");
  EXPECT_THAT(Search("左下肢"), IsEmpty());
  EXPECT_THAT(Search("右上肢"), ElementsAre(2));
  Reopen();
  EXPECT_THAT(Search("左下肢"), IsEmpty());
}

TEST_P(VaultConformance, SameRecordIdInAnotherCaseIsAnotherRecord) {
  ASSERT_TRUE(vault().IndexText(Case(1), Record(1), "褥瘡").ok());
  ASSERT_TRUE(vault().IndexText(Case(2), Record(1), "褥瘡").ok());
  const auto hits = vault().Search("褥瘡", 10);
  ASSERT_EQ(hits->size(), 2U);
  EXPECT_EQ((*hits)[0].case_id, Case(2));
  EXPECT_EQ((*hits)[1].case_id, Case(1));
}

TEST_P(VaultConformance, QueryWithoutLettersFindsNothing) {
  Index(1, "発熱");
  for (const char* query : {"", " ", "、。", "\"", "*", "ー", "\xFF"}) {
    EXPECT_THAT(Search(query), IsEmpty()) << query;
  }
}

TEST_P(VaultConformance, QueryIsNeverACommandToTheIndex) {
  Index(1, "and or not near 発熱");
  EXPECT_THAT(Search("NOT 発熱"), ElementsAre(1));
  EXPECT_THAT(Search("発熱 OR 吐血"), IsEmpty());
  EXPECT_THAT(Search("\" OR \""), ElementsAre(1));
  EXPECT_THAT(Search("発*"), ElementsAre(1));
  EXPECT_THAT(Search("words:発熱"), IsEmpty());
}

TEST_P(VaultConformance, TooMuchTextOrQueryIsRefused) {
  const std::string text(kMaxIndexedTextBytes + 1, 'a');
  EXPECT_EQ(vault().IndexText(Case(1), Record(1), text).error().code(), Code::kTooLarge);
  EXPECT_EQ(vault().Search(std::string(kMaxQueryBytes + 1, 'a'), 1).error().code(),
            Code::kTooLarge);
  std::string words;
  for (std::size_t i = 1; i <= kMaxQueryWords; ++i) {
    words += std::to_string(i * 1001) + " ";
  }
  Index(1, words);
  EXPECT_THAT(Search(words), ElementsAre(1));
}

TEST_P(VaultConformance, LongestQueryWordWorks) {
  std::string word;
  for (int i = 0; word.size() + 3 <= kMaxQueryBytes; ++i) {
    word += std::string("\xE5\xA0") + static_cast<char>(0x80 + i % 64);
  }
  Index(1, word);
  EXPECT_THAT(Search(word), ElementsAre(1));
}

TEST_P(VaultConformance, ResetForgetsTheIndexOnly) {
  Put(Table::kRecords, "r", "1");
  Index(1, "発熱");
  EXPECT_FALSE(vault().IndexIsStale());
  ASSERT_TRUE(vault().ResetIndex().ok());
  EXPECT_THAT(Search("発熱"), IsEmpty());
  EXPECT_EQ(Get(Table::kRecords, "r"), "1");
  Index(1, "発熱");
  EXPECT_THAT(Search("発熱"), ElementsAre(1));
  {
    auto transaction = Transaction::Begin(vault());
    ASSERT_TRUE(vault().ResetIndex().ok());
    Index(2, "発熱");
    EXPECT_THAT(Search("発熱"), ElementsAre(2));
  }
  EXPECT_THAT(Search("発熱"), ElementsAre(1));
}

TEST_P(VaultConformance, FreshVaultIsNoOlderCopy) {
  EXPECT_FALSE(vault().OpenedOlderCopy());
  Put(Table::kMeta, "k", "1");
  Reopen();
  EXPECT_FALSE(vault().OpenedOlderCopy());
  EXPECT_TRUE(vault().ClearOlderCopy().ok());
}

INSTANTIATE_TEST_SUITE_P(Each, VaultConformance,
                         testing::Values(BedParam{"Memory", &MakeMemoryBed},
                                         BedParam{"Sqlcipher", &MakeSqlcipherBed}),
                         [](const auto& bed) { return std::string(bed.param.name); });
INSTANTIATE_TEST_SUITE_P(Each, VaultConformanceDeathTest,
                         testing::Values(BedParam{"Memory", &MakeMemoryBed},
                                         BedParam{"Sqlcipher", &MakeSqlcipherBed}),
                         [](const auto& bed) { return std::string(bed.param.name); });

}  // namespace
}  // namespace renkei::client
