// A database looked at, and changed, behind our own code's back.
#ifndef RENKEI_TESTS_SERVER_STORE_RAW_SQLITE_H_
#define RENKEI_TESTS_SERVER_STORE_RAW_SQLITE_H_

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <vector>

namespace renkei::test {

// Every row that `sql` gives, columns between bars.
inline std::vector<std::string> RowsOf(const std::filesystem::path& file, const std::string& sql) {
  std::vector<std::string> out;
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  const auto add = [](void* rows, int count, char** values, char**) {
    std::string row;
    for (int i = 0; i < count; ++i) {
      row += std::string(values[i] != nullptr ? values[i] : "NULL") + "|";
    }
    static_cast<std::vector<std::string>*>(rows)->push_back(row);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), add, &out, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
  return out;
}

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_RAW_SQLITE_H_
