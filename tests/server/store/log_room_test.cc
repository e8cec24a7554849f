#include "server/store/log_room.h"

#include <algorithm>
#include <fstream>

#include "server/store/log_check.h"
#include "server/store/store_files.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::MakeLogRoom;

constexpr std::uint64_t kBytes = 3 << 20U;

class LogRoom : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder.store());
    std::ofstream(log) << "what is there";
  }
  std::string Content() const {
    std::ifstream file(log, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  StoreFolder folder;
  std::filesystem::path log = folder.path() / "some-wal";
};

TEST_F(LogRoom, IsZerosBehindWhatIsThere) {
  ASSERT_TRUE(MakeLogRoom(log, kBytes, 0));
  const std::string content = Content();
  ASSERT_EQ(content.size(), kBytes);
  EXPECT_EQ(content.substr(0, 13), "what is there");
  EXPECT_TRUE(std::all_of(content.begin() + 13, content.end(), [](char c) { return c == 0; }));
}

TEST_F(LogRoom, LogThatIsLargeEnoughStaysAsItIs) {
  EXPECT_TRUE(MakeLogRoom(log, 13, 0));
  EXPECT_TRUE(MakeLogRoom(log, 5, 0));
  EXPECT_EQ(Content(), "what is there");
}

TEST_F(LogRoom, DiskWithLittleLeftIsLeftAlone) {
  EXPECT_FALSE(MakeLogRoom(log, kBytes, std::uint64_t{1} << 60U));
  EXPECT_EQ(Content(), "what is there");
}

TEST_F(LogRoom, LogThatIsNotThereIsNotMade) {
  std::filesystem::remove(log);
  EXPECT_FALSE(MakeLogRoom(log, kBytes, 0));
  EXPECT_FALSE(std::filesystem::exists(log));
}

// As after a kill: nobody closed it.
TEST_F(LogRoom, G5_StoreReadsWhatItCommittedAndNotTheRoom) {
  const auto copy = folder.path() / "copy";
  {
    server::SqliteOptions options;
    options.log_room = true;
    auto opened = server::SqliteStore::Open(folder.store(), options);
    ASSERT_TRUE(opened.store) << opened.problem;
    const auto wal = folder.store() / (std::string(server::kDatabaseFile) + server::kLogSuffix);
    EXPECT_GE(std::filesystem::file_size(wal), server::kUsualLogBytes);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(WriteTo(*opened.store, [](server::WriteTransaction& t) {
                    return AppendTo(t, CaseOf(1), AsBytes("an entry"));
                  }).ok());
    }
    const auto reading = server::ReadLog(wal);
    ASSERT_TRUE(reading);
    EXPECT_FALSE(reading->is_damaged);
    EXPECT_GT(reading->committed.frames, 3U);
    std::filesystem::copy(folder.store(), copy);
  }
  std::filesystem::remove(copy / (std::string(server::kDatabaseFile) + "-shm"));
  auto again = server::SqliteStore::Open(copy, {});
  ASSERT_TRUE(again.store) << again.problem;
  EXPECT_EQ(ReadFrom(*again.store,
                     [](server::ReadTransaction& t) {
                       return t.ReadEntries(CaseOf(1), 1, 100, 10, 1000);
                     })
                .size(),
            3U);
}

}  // namespace
}  // namespace renkei::test
