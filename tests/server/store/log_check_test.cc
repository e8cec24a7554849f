#include "server/store/log_check.h"

#include "tests/server/store/crashed_store.h"

namespace renkei::test {
namespace {

constexpr std::uintmax_t kHeader = 32;
constexpr std::uintmax_t kFrame = 4096 + 24;

class LogCheck : public CrashedStore {
 protected:
  Path Log() const { return File(server::kLogSuffix); }
  server::LogReading Read() const {
    const auto out = server::ReadLog(Log());
    EXPECT_TRUE(out);
    return out.value_or(server::LogReading{});
  }
  void FlipBit(std::uintmax_t place) const {
    std::ifstream in(Log(), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(place));
    const char byte = static_cast<char>(in.get() ^ 0x10);
    Overwrite(Log(), place, std::string(1, byte));
  }
  std::uintmax_t frames() const { return (std::filesystem::file_size(Log()) - kHeader) / kFrame; }
};

TEST_F(LogCheck, WholeLogIsReadToItsEnd) {
  ASSERT_GT(frames(), 10U);
  const auto reading = Read();
  EXPECT_FALSE(reading.is_damaged);
  EXPECT_EQ(reading.committed.frames, frames());
  EXPECT_NE(reading.committed.salts, ByteArray<8>{});
}

TEST_F(LogCheck, WhatIsNotThereOrHasNoFrameIsEmptyAndSound) {
  for (const std::uintmax_t size : {std::uintmax_t{0}, std::uintmax_t{20}, kHeader}) {
    std::filesystem::resize_file(Log(), size);
    EXPECT_EQ(Read().committed.frames, 0U);
    EXPECT_FALSE(Read().is_damaged);
  }
  std::filesystem::remove(Log());
  EXPECT_FALSE(Read().is_damaged);
  EXPECT_FALSE(server::ReadLog(folder.path())) << "a folder cannot be read";
}

// As the power leaves a transaction that was never acknowledged.
TEST_F(LogCheck, TornLastTransactionIsNoDamage) {
  const std::uintmax_t whole = frames();
  std::filesystem::resize_file(Log(), kHeader + (whole - 1) * kFrame + 100);
  EXPECT_FALSE(Read().is_damaged);
  EXPECT_LT(Read().committed.frames, whole);
  EXPECT_GT(Read().committed.frames, 0U);
}

TEST_F(LogCheck, GarbageBehindTheEndIsNoDamage) {
  const std::uintmax_t whole = frames();
  Overwrite(Log(), kHeader + whole * kFrame, std::string(3 * kFrame, 'x'));
  EXPECT_FALSE(Read().is_damaged);
  EXPECT_EQ(Read().committed.frames, whole);
}

// Every byte that counts, frame by frame: the page number, the salts, the checksum, the page.
TEST_F(LogCheck, FrameInFrontOfLaterTransactionsIsDamage) {
  const std::uintmax_t last = frames() - 8;  // of the transactions before the last ones
  for (std::uintmax_t frame = 0; frame < last; ++frame) {
    for (const std::uintmax_t at : {2U, 9U, 17U, 24U, 2000U, 4119U}) {
      Crash();
      FlipBit(kHeader + frame * kFrame + at);
      EXPECT_TRUE(Read().is_damaged) << frame << ", " << at;
      EXPECT_LE(Read().committed.frames, frame);
    }
  }
}

TEST_F(LogCheck, LogWithFramesAndWithoutHeaderIsDamaged) {
  for (std::uintmax_t at = 0; at < kHeader; ++at) {
    Crash();
    FlipBit(at);
    EXPECT_TRUE(Read().is_damaged) << at;
    EXPECT_EQ(Read().committed.frames, 0U);
  }
}

// SQLite begins the log anew over the frames of its life before.
TEST_F(LogCheck, FramesOfAnEarlierLifeAreNoDamage) {
  const auto before = Read().committed;
  {
    const auto outside = server::Database::Open(File(), server::Database::Mode::kReadWrite);
    ASSERT_TRUE(outside.ok());
    (*outside)->KeepLogOnClose(true);
    ASSERT_TRUE((*outside)->Execute("SELECT * FROM meta").ok());
    const auto copied = (*outside)->Checkpoint();
    ASSERT_TRUE(copied.ok());
    EXPECT_EQ(copied->copied, copied->in_log);
    ASSERT_TRUE((*outside)->Execute("INSERT INTO meta (name, value) VALUES ('x', x'00')").ok());
  }
  EXPECT_EQ(frames(), before.frames) << "the old ones are still there";
  const auto reading = Read();
  EXPECT_FALSE(reading.is_damaged);
  EXPECT_NE(reading.committed.salts, before.salts);
  EXPECT_LT(reading.committed.frames, before.frames);
  EXPECT_GT(reading.committed.frames, 0U);
}

TEST_F(LogCheck, SaltsOfAFileWithoutHeaderAreZeros) {
  EXPECT_EQ(server::ReadSalts(-1), ByteArray<8>{});
}

}  // namespace
}  // namespace renkei::test
