// A store as a process that was killed leaves it: its files, copied while it was open.
#ifndef RENKEI_TESTS_SERVER_STORE_CRASHED_STORE_H_
#define RENKEI_TESTS_SERVER_STORE_CRASHED_STORE_H_

#include <fstream>

#include "server/store/store_files.h"
#include "server/store/store_mark.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {

class CrashedStore : public ::testing::Test {
 protected:
  using Path = std::filesystem::path;

  void SetUp() override {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    open_ = std::move(opened.store);
    for (int i = 0; i < 5; ++i) {
      Append();
    }
    Crash();
  }
  // Entries of 3000 bytes, so that each transaction has several frames.
  void Append() {
    const std::string payload(3000, static_cast<char>('a' + count_++ % 26));
    ASSERT_TRUE(WriteTo(*open_, [&](server::WriteTransaction& transaction) {
                  return AppendTo(transaction, CaseOf(1), AsBytes(payload));
                }).ok());
  }
  // The files as they are now.
  void Crash() {
    std::filesystem::remove_all(crashed());
    std::filesystem::copy(folder.store(), crashed());
    std::filesystem::remove(File("-shm"));
  }
  Path crashed() const { return folder.path() / "crashed"; }
  Path File(const char* suffix = "") const {
    return crashed() / (std::string(server::kDatabaseFile) + suffix);
  }
  void Overwrite(const Path& file, std::uintmax_t at, const std::string& bytes) const {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(at));
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(out.good());
  }
  // How many entries a start finds; -1: refused, as `problem` says.
  int Start() {
    auto opened = server::SqliteStore::Open(crashed(), {});
    problem = opened.problem;
    if (!opened.store) {
      return -1;
    }
    const auto row = ReadFrom(*opened.store, [](server::ReadTransaction& transaction) {
      return transaction.FindThread(CaseOf(1));
    });
    return row ? static_cast<int>(row->head.seq) : 0;
  }

  StoreFolder folder;
  std::unique_ptr<server::SqliteStore> open_;
  int count_ = 0;
  std::string problem;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_CRASHED_STORE_H_
