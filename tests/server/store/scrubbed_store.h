// A closed store with entries of two threads, to be damaged and looked through.
#ifndef RENKEI_TESTS_SERVER_STORE_SCRUBBED_STORE_H_
#define RENKEI_TESTS_SERVER_STORE_SCRUBBED_STORE_H_

#include <fstream>

#include "server/store/store_files.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {

class ScrubbedStore : public ::testing::Test {
 protected:
  static constexpr int kEntries = 700;  // more than a slice has; ids from 1 on, threads in turn

  void SetUp() override {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    ASSERT_TRUE(WriteTo(*opened.store, [](server::WriteTransaction& t) -> Status {
                  for (int i = 0; i < kEntries; ++i) {
                    server::EntryKey key{};
                    key[0] = static_cast<std::uint8_t>(i & 0xFF);
                    key[1] = static_cast<std::uint8_t>(i >> 8);
                    RENKEI_TRY(AppendTo(t, CaseOf(i % 3 == 0 ? 1 : 2), AsBytes("an entry"), key));
                  }
                  return Ok();
                }).ok());
  }
  std::filesystem::path File() const { return folder.store() / server::kDatabaseFile; }
  void Sql(const std::string& sql) const { RowsOf(File(), sql); }
  // Overwrites the first page of a table or an index.
  void OverwriteRootOf(const std::string& name) const {
    const std::string page =
        RowsOf(File(), "SELECT rootpage FROM sqlite_schema WHERE name = '" + name + "'").at(0);
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((std::stol(page) - 1) * 4096);
    file << std::string(200, 'Z');
  }
  // Runs `sql` as if there were no such index, so that the index does not follow.
  void SqlBehindTheIndex(const std::string& index, const std::string& sql) const {
    Sql("PRAGMA writable_schema = ON;"
        "CREATE TABLE aside AS SELECT * FROM sqlite_schema WHERE name = '" +
        index +
        "';"
        "DELETE FROM sqlite_schema WHERE name = '" +
        index + "'");
    Sql(sql);
    Sql("PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_schema SELECT * FROM aside; DROP TABLE aside");
  }

  StoreFolder folder;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_SCRUBBED_STORE_H_
