#include "server/backup_pages.h"

#include "server/backup_manifest.h"
#include "tests/server/main/backup_fixture.h"

namespace renkei::test {
namespace {

constexpr std::size_t kPage = 512;

class BackupPages : public BackupFixture {
 protected:
  // Something with a database's header and so many pages of 512 bytes; each page's letter.
  Path Database(const char* name, const std::string& pages) {
    std::string bytes;
    for (const char letter : pages) {
      bytes += std::string(kPage, letter);
    }
    bytes.replace(0, 18, std::string("SQLite format 3\0\x02\0", 18));
    std::filesystem::remove(folder / name);
    EXPECT_TRUE(server::WriteText(folder / name, bytes));
    return folder / name;
  }
  std::uint64_t Changes(const Path& now, const Path& before) {
    std::filesystem::remove(folder / "changed");
    return server::WriteChanged(now, server::HashPages(now).value(),
                                server::HashPages(before).value(), folder / "changed")
        .value_or(999);
  }
};

TEST_F(BackupPages, DatabaseBeforeAndChangesAreTheDatabaseNow) {
  const Path before = Database("before", "aabcdef");
  for (const auto& [pages, count] :
       {std::pair{"aabcdef", 0}, std::pair{"axbcdef", 1}, std::pair{"aabcdefgh", 2},
        std::pair{"aab", 0}, std::pair{"afedcba", 6}, std::pair{"axb", 1}}) {
    const Path now = Database("now", pages);
    EXPECT_EQ(Changes(now, before), static_cast<std::uint64_t>(count)) << pages;
    const Path again = folder / "again";
    std::filesystem::copy_file(before, again, std::filesystem::copy_options::overwrite_existing);
    ASSERT_TRUE(
        server::ApplyChanged(folder / "changed", kPage, std::filesystem::file_size(now), again));
    EXPECT_EQ(server::ReadText(again), server::ReadText(now)) << pages;
  }
}

TEST_F(BackupPages, OtherPageSizeChangesEverything) {
  const Path now = Database("now", "aabc");
  auto before = server::HashPages(now).value();
  before.page_bytes = 4096;
  EXPECT_EQ(server::WriteChanged(now, server::HashPages(now).value(), before, folder / "changed"),
            4U);
}

TEST_F(BackupPages, ListComesBackAndWhatIsNoneIsNone) {
  const auto list = server::HashPages(Database("now", "abc")).value();
  ASSERT_EQ(list.pages.size(), 3U);
  ASSERT_TRUE(server::WritePages(folder / "pages", list));
  EXPECT_FALSE(server::WritePages(folder / "pages", list)) << "never over another";
  const auto read = server::ReadPages(folder / "pages");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->page_bytes, kPage);
  EXPECT_EQ(read->pages, list.pages);
  EXPECT_FALSE(server::ReadPages(folder / "nowhere"));
  for (const std::string& bad : {std::string(), std::string("abc"), std::string(4, '\0'),
                                 std::string("\0\0\2\0x", 5), std::string("\0\0\3\0", 4)}) {
    std::filesystem::remove(folder / "bad");
    ASSERT_TRUE(server::WriteText(folder / "bad", bad));
    EXPECT_FALSE(server::ReadPages(folder / "bad"));
  }
}

TEST_F(BackupPages, WhatIsNoDatabaseHasNoPages) {
  EXPECT_FALSE(server::HashPages(folder / "nowhere"));
  const Path torn = Database("torn", "abc");
  std::filesystem::resize_file(torn, 1000);
  EXPECT_FALSE(server::HashPages(torn)) << "ends within a page";
  FlipByte(torn, 0);
  EXPECT_FALSE(server::HashPages(torn));
}

TEST_F(BackupPages, ChangesOutsideTheDatabaseOrTornAreRefused) {
  const Path database = Database("now", "abc");
  const auto applied = [&](const std::string& changed, std::uint64_t bytes = 3 * kPage) {
    std::filesystem::remove(folder / "changed");
    EXPECT_TRUE(server::WriteText(folder / "changed", changed));
    return server::ApplyChanged(folder / "changed", kPage, bytes, database);
  };
  const auto item = [](char number) {
    return std::string(7, '\0') + number + std::string(kPage, 'x');
  };
  EXPECT_TRUE(applied(item(3)));
  EXPECT_FALSE(applied(item(0)));
  EXPECT_FALSE(applied(item(4)));
  EXPECT_FALSE(applied(std::string(8, '\x7f') + std::string(kPage, 'x')));
  EXPECT_FALSE(applied(item(1).substr(0, 100)));
  EXPECT_FALSE(applied(item(1), 1000)) << "no whole pages";
  EXPECT_FALSE(server::ApplyChanged(folder / "nowhere", kPage, 3 * kPage, database));
  EXPECT_FALSE(server::ApplyChanged(folder / "changed", 0, 3 * kPage, database));
}

}  // namespace
}  // namespace renkei::test
