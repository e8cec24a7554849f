#include "server/store/scrub.h"

#include "tests/server/store/scrubbed_store.h"

namespace renkei::test {
namespace {

using server::Database;

// Puts the file back as it was.
class KeptFile {
 public:
  explicit KeptFile(std::filesystem::path file) : file_(std::move(file)) {
    std::filesystem::copy_file(file_, Copy());
  }
  ~KeptFile() { std::filesystem::rename(Copy(), file_); }
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

 private:
  std::filesystem::path Copy() const { return file_.string() + ".kept"; }
  const std::filesystem::path file_;
};

class TheScrub : public ScrubbedStore {
 protected:
  // "sound", or what it ended with.
  std::string Found() {
    auto database = Database::Open(File(), Database::Mode::kReadOnly);
    server::Scrub scrub(**database);
    for (slices = 1;; ++slices) {
      const auto more = scrub.Next();
      if (!more.ok()) {
        return CodeName(more.error().code());
      }
      if (!*more) {
        return "sound";
      }
    }
  }
  // What a look at the newest 10 says.
  std::string Newest() {
    auto database = Database::Open(File(), Database::Mode::kReadOnly);
    const Status status = server::CheckNewest(**database, 10);
    return status.ok() ? "sound" : CodeName(status.error().code());
  }

  int slices = 0;
};

TEST_F(TheScrub, GoesThroughASoundStoreInSlices) {
  EXPECT_EQ(Found(), "sound");
  EXPECT_GT(slices, kEntries / 256);
  EXPECT_EQ(Newest(), "sound");
}

TEST_F(TheScrub, EmptyStoreIsSound) {
  Sql("DELETE FROM entries; DELETE FROM threads");
  EXPECT_EQ(Found(), "sound");
  EXPECT_EQ(Newest(), "sound");
}

TEST_F(TheScrub, G5_OldEntryThatIsNotWhatWasChainedIsFound) {
  for (const char* damage : {"payload = CAST('an entrz' AS BLOB)", "hash = zeroblob(32)",
                             "received_at = 1", "kind = 1"}) {
    SCOPED_TRACE(damage);
    const KeptFile kept(File());
    Sql("UPDATE entries SET " + std::string(damage) + " WHERE id = 20");
    EXPECT_EQ(Found(), "kCorrupt");
    EXPECT_EQ(Newest(), "sound") << "it stands further back";
  }
  EXPECT_EQ(Found(), "sound");
}

TEST_F(TheScrub, NewestEntriesAreLookedAtByTheirOwnCheck) {
  Sql("UPDATE entries SET hash = zeroblob(32) WHERE id = " + std::to_string(kEntries - 8));
  EXPECT_EQ(Newest(), "kCorrupt");
}

TEST_F(TheScrub, EntryThatIsGoneIsFound) {
  Sql("DELETE FROM entries WHERE id = 300");
  EXPECT_EQ(Found(), "kCorrupt");
}

// Who comes again with it would be told that it was never there, and it would be stored twice.
TEST_F(TheScrub, KeyThatAnIndexLostIsFound) {
  // In a block of keys, and behind the last whole one.
  for (const char* id : {"300", "690"}) {
    const KeptFile kept(File());
    SqlBehindTheIndex("entries_by_seq",
                      std::string("UPDATE entries SET key = zeroblob(16) WHERE id = ") + id);
    EXPECT_EQ(Found(), "kCorrupt");
  }
  EXPECT_EQ(Found(), "sound");
}

TEST_F(TheScrub, BlockOfKeysThatIsNotTheThreadsIsFound) {
  for (const char* damage :
       {"DELETE FROM key_prints WHERE thread = 2 AND first = 129",
        "UPDATE key_prints SET prints = zeroblob(520) WHERE thread = 2 AND first = 129",
        "UPDATE key_prints SET prints = (SELECT prints FROM key_prints WHERE thread = 2 AND first "
        "= 1)"
        " WHERE thread = 2 AND first = 129",
        "UPDATE meta SET value = zeroblob(16) WHERE name = 'key_prints'",
        "DELETE FROM meta WHERE name = 'key_prints'"}) {
    SCOPED_TRACE(damage);
    const KeptFile kept(File());
    Sql(damage);
    EXPECT_EQ(Found(), "kCorrupt");
  }
  EXPECT_EQ(Found(), "sound");
}

TEST_F(TheScrub, PlaceThatAnIndexLostIsFound) {
  SqlBehindTheIndex("entries_by_seq", "UPDATE entries SET seq = 9999 WHERE id = 300");
  EXPECT_EQ(Found(), "kCorrupt");
}

TEST_F(TheScrub, EntryOfNoCaseIsFoundAndOneOfACaseBeingDeletedIsNot) {
  Sql("INSERT INTO deletions SELECT no, case_id, 0, x'', x'', 1 FROM threads WHERE no = 1;"
      "DELETE FROM threads WHERE no = 1");
  EXPECT_EQ(Found(), "sound");
  Sql("UPDATE deletions SET remains = 0");
  EXPECT_EQ(Found(), "kCorrupt");
}

TEST_F(TheScrub, HeadThatIsNotTheLastEntryIsFound) {
  Sql("UPDATE threads SET head_seq = head_seq - 1 WHERE no = 2");
  EXPECT_EQ(Found(), "kCorrupt");
  EXPECT_EQ(Newest(), "kCorrupt");
}

TEST_F(TheScrub, DamagedPageOfAnyTableIsFound) {
  OverwriteRootOf("tickets");
  EXPECT_EQ(Found(), "kCorrupt");
  EXPECT_EQ(Newest(), "sound");
}

TEST_F(TheScrub, LooksAtEveryTableThatThereIs) {
  for (const std::string& row :
       RowsOf(File(),
              "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'entries' AND name"
              " NOT LIKE 'sqlite_%'")) {
    const std::string name = row.substr(0, row.size() - 1);
    SCOPED_TRACE(name);
    const KeptFile kept(File());
    OverwriteRootOf(name);
    EXPECT_EQ(Found(), "kCorrupt");
  }
  EXPECT_EQ(Found(), "sound");
}

TEST_F(TheScrub, SliceThatCannotBeReadNowIsTheNextOne) {
  Sql("PRAGMA journal_mode = DELETE");
  auto database = Database::Open(File(), Database::Mode::kReadOnly);
  ASSERT_TRUE((*database)->Execute("PRAGMA busy_timeout = 1").ok());
  server::Scrub scrub(**database);
  ASSERT_TRUE(*scrub.Next());
  auto other = Database::Open(File(), Database::Mode::kReadWrite);
  ASSERT_TRUE((*other)->Execute("BEGIN EXCLUSIVE").ok());
  const auto refused = scrub.Next();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  ASSERT_TRUE((*other)->Execute("COMMIT").ok());
  Sql("UPDATE entries SET hash = zeroblob(32) WHERE id = 257");  // the next slice's first
  const auto found = scrub.Next();
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::test
