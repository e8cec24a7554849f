#include "client/vault/text_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TextIndexTest : public testing::Test {
 protected:
  TextIndexTest() {
    const std::string path = root_.path() + "/x.db";
    RENKEI_CHECK(CreateFile(path, {}).ok());
    database_ = Database::Open(path, SecretBytes::CopyOf(Bytes(kDatabaseKeyBytes, 1))).value();
    index_ = std::make_unique<TextIndex>(*database_);
    RENKEI_CHECK(index_->Create().ok());
  }

  static RecordId Record(std::uint64_t n) {
    RecordId id;
    for (std::size_t i = 0; i < 8; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
    }
    return id;
  }
  void Index(std::uint64_t record, std::string_view text) {
    ASSERT_TRUE(index_->Index(CaseId{}, Record(record), text).ok());
  }
  std::vector<std::uint64_t> Search(std::string_view query, std::size_t limit = 10'000) {
    const auto hits = index_->Search(query, limit);
    EXPECT_TRUE(hits.ok());
    std::vector<std::uint64_t> found;
    for (const SearchHit& hit : *hits) {
      std::uint64_t n = 0;
      for (std::size_t i = 8; i > 0; --i) {
        n = (n << 8U) | hit.record_id.bytes[i - 1];
      }
      found.push_back(n);
    }
    return found;
  }
  std::int64_t Count(const std::string& what) {
    Query query = database_->Prepare("SELECT count(*) FROM " + what).value();
    EXPECT_TRUE(*query.Step());
    return query.Number(0);
  }
  void Execute(const char* sql) { ASSERT_TRUE(database_->Execute(sql).ok()); }

  TempDirectory root_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<TextIndex> index_;
};

TEST_F(TextIndexTest, FullTailBecomesABlockAndStaysFound) {
  Execute("BEGIN");
  for (std::uint64_t i = 1; i <= 1023; ++i) {
    Index(i, i % 100 == 0 ? "浮腫あり" : "著変なし");
  }
  EXPECT_EQ(Count("search_blocks"), 0);
  Index(1024, "浮腫あり");
  EXPECT_EQ(Count("search_blocks"), 1);
  Index(1025, "浮腫軽減");
  Execute("COMMIT");
  EXPECT_THAT(Search("浮腫"),
              ElementsAre(1025, 1024, 1000, 900, 800, 700, 600, 500, 400, 300, 200, 100));
  EXPECT_THAT(Search("浮腫あ", 2), ElementsAre(1024, 1000));
  EXPECT_THAT(Search("腫 軽"), ElementsAre(1025));
}

TEST_F(TextIndexTest, LongTextsFillATailBySize) {
  Execute("BEGIN");
  std::string text;
  for (int i = 0; text.size() < TextIndex::kTailBytes / 3; ++i) {
    text += "訪問記録" + std::to_string(i) + " ";
  }
  Index(1, text + "嚥下障害");
  Index(2, text);
  EXPECT_EQ(Count("search_blocks"), 0);
  Index(3, text);
  Index(4, "嚥下障害");
  EXPECT_EQ(Count("search_blocks"), 1);
  Execute("COMMIT");
  EXPECT_THAT(Search("嚥下障害"), ElementsAre(4, 1));
  EXPECT_THAT(Search("訪問記録12345"), ElementsAre(3, 2, 1));
}

TEST_F(TextIndexTest, SixteenBlocksBecomeOne) {
  Execute("BEGIN");
  constexpr std::uint64_t kAll = 16 * 1024;
  for (std::uint64_t i = 1; i <= kAll + 5; ++i) {
    Index(i, "記録" + std::to_string(i % 1000) + (i % 5000 == 7 ? "吐血" : ""));
  }
  Execute("COMMIT");
  EXPECT_EQ(Count("search_blocks"), 1);
  EXPECT_EQ(Count("search_blocks WHERE small = 0"), 1);
  EXPECT_EQ(Count("(SELECT DISTINCT block FROM search_postings)"), 1);
  EXPECT_THAT(Search("吐血"), ElementsAre(15'007, 10'007, 5007, 7));
  EXPECT_EQ(Search("記録999").size(), 16U);
  EXPECT_EQ(Search("記録", 7),
            (std::vector<std::uint64_t>{16'389, 16'388, 16'387, 16'386, 16'385, 16'384, 16'383}));
  EXPECT_EQ(Search("記録").size(), kMaxSearchHits);
}

TEST_F(TextIndexTest, RolledBackTailIsCountedAnew) {
  Execute("BEGIN");
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    Index(i, "著変なし");
  }
  Execute("COMMIT");
  for (int round = 0; round < 2; ++round) {
    Execute("BEGIN");
    for (std::uint64_t i = 2001; i <= 2100; ++i) {
      Index(i, "取り消し");
    }
    EXPECT_EQ(Count("search_blocks"), 1);
    Execute("ROLLBACK");
    index_->OnRollback();
  }
  EXPECT_EQ(Count("search_blocks"), 0);
  EXPECT_THAT(Search("取り消し"), IsEmpty());
  Execute("BEGIN");
  for (std::uint64_t i = 1001; i <= 1024; ++i) {
    Index(i, "著変なし");
  }
  Execute("COMMIT");
  EXPECT_EQ(Count("search_blocks"), 1);
  EXPECT_EQ(Search("著変").size(), 1024U);
}

TEST_F(TextIndexTest, ReplacedTextInABlockIsGone) {
  Execute("BEGIN");
  for (std::uint64_t i = 1; i <= 1024; ++i) {
    Index(i, i == 500 ? "誤記の内容" : "著変なし");
  }
  Index(500, "正しい内容");
  Execute("COMMIT");
  EXPECT_THAT(Search("誤記"), IsEmpty());
  EXPECT_THAT(Search("正しい内容"), ElementsAre(500));
  EXPECT_EQ(Count("search_texts WHERE instr(folded, CAST('誤記' AS BLOB)) > 0"), 0);
}

TEST_F(TextIndexTest, IndexThatWasReplacedInMemoryFindsItsTailAgain) {
  Index(1, "疼痛");
  index_ = std::make_unique<TextIndex>(*database_);
  Index(2, "疼痛");
  EXPECT_THAT(Search("疼痛"), ElementsAre(2, 1));
}

TEST_F(TextIndexTest, ResetAcrossBlocksLeavesNothing) {
  Execute("BEGIN");
  for (std::uint64_t i = 1; i <= 1030; ++i) {
    Index(i, "疼痛");
  }
  ASSERT_TRUE(index_->Reset().ok());
  Execute("COMMIT");
  EXPECT_EQ(Count("search_postings"), 0);
  EXPECT_THAT(Search("疼痛"), IsEmpty());
  Index(1, "疼痛");
  EXPECT_THAT(Search("疼痛"), ElementsAre(1));
}

TEST_F(TextIndexTest, DamagedBlockIsToldNotGuessed) {
  Execute("BEGIN");
  for (std::uint64_t i = 1; i <= 1024; ++i) {
    Index(i, "疼痛");
  }
  Execute("UPDATE search_postings SET docs = x'0080'; COMMIT");
  EXPECT_EQ(index_->Search("疼痛", 1).error().code(), Code::kCorrupt);
}

// Made-up words of few letters, so that everything is nearly found everywhere; against a search
// that reads all texts.
TEST_F(TextIndexTest, FindsExactlyWhatReadingEverythingFinds) {
  static constexpr const char* kLetters[] = {"熱", "痛", "薬", "カ", "キ",
                                             "ク", "1",  "2",  ".",  " "};
  SeededRandom random(11);
  const auto make = [&random](std::uint64_t length) {
    std::string text;
    for (std::uint64_t i = 0; i < length; ++i) {
      text += kLetters[random.NextUint64() % std::size(kLetters)];
    }
    return text;
  };
  std::vector<std::pair<std::uint64_t, std::vector<std::u32string>>> model;  // in order indexed
  Execute("BEGIN");
  for (int i = 0; i < 3500; ++i) {
    const std::uint64_t record = random.NextUint64() % 3000;
    const std::string text = make(random.NextUint64() % 16);
    Index(record, text);
    std::erase_if(model, [record](const auto& row) { return row.first == record; });
    model.emplace_back(record, *FoldWords(text));
  }
  Execute("COMMIT");
  EXPECT_GE(Count("search_blocks"), 3);
  for (int i = 0; i < 300; ++i) {
    const std::string query = make(1 + random.NextUint64() % 6);
    const auto words = *FoldQuery(query);
    std::vector<std::uint64_t> expected;
    for (auto row = model.rbegin(); row != model.rend(); ++row) {
      const bool all = std::all_of(words.begin(), words.end(), [&](const std::u32string& word) {
        return std::any_of(row->second.begin(), row->second.end(), [&](const std::u32string& in) {
          return in.find(word) != std::u32string::npos;
        });
      });
      if (all && !words.empty()) {
        expected.push_back(row->first);
      }
    }
    ASSERT_EQ(Search(query), expected) << query;
  }
}

}  // namespace
}  // namespace renkei::client
