#include "client/vault/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

unsigned Mode(const std::string& path) {
  struct ::stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 0777U;
}

class Files : public testing::Test {
 protected:
  std::string Path(const char* name) const { return root_.path() + "/" + name; }
  static std::string Outcome(const Status& status) {
    return status.ok() ? "ok" : CodeName(status.error().code());
  }

  TempDirectory root_;
};

TEST_F(Files, CreatedFileIsTheOwnersAlone) {
  const ::mode_t before = ::umask(0);
  EXPECT_TRUE(CreateFile(Path("a"), AsBytes("text")).ok());
  EXPECT_TRUE(MakeDirectories(Path("x/y/z")).ok());
  ::umask(before);
  EXPECT_EQ(Mode(Path("a")), 0600U);
  EXPECT_EQ(Mode(Path("x")), 0700U);
  EXPECT_EQ(Mode(Path("x/y/z")), 0700U);
  EXPECT_EQ(ReadAll(Path("a")), "text");
}

TEST_F(Files, CreateNeverOverwrites) {
  ASSERT_TRUE(CreateFile(Path("a"), AsBytes("1")).ok());
  EXPECT_EQ(Outcome(CreateFile(Path("a"), AsBytes("2"))), "kConflict");
  EXPECT_EQ(ReadAll(Path("a")), "1");
  EXPECT_EQ(Outcome(CreateFile(Path("missing/a"), {})), "kUnavailable");
}

TEST_F(Files, ReplacePutsANewFileInPlace) {
  ASSERT_TRUE(ReplaceFile(Path("a"), AsBytes("1")).ok());
  WriteAll(Path("a.new"), "left over from a crash");
  ASSERT_TRUE(ReplaceFile(Path("a"), AsBytes("2")).ok());
  EXPECT_EQ(ReadAll(Path("a")), "2");
  EXPECT_FALSE(FileExists(Path("a.new")));
  EXPECT_EQ(Outcome(ReplaceFile(Path("missing/a"), {})), "kUnavailable");
}

TEST_F(Files, OverwriteNeedsAFile) {
  EXPECT_EQ(Outcome(OverwriteFile(Path("a"), AsBytes("1"), true)), "kNotFound");
  ASSERT_TRUE(CreateFile(Path("a"), AsBytes("12345")).ok());
  EXPECT_TRUE(OverwriteFile(Path("a"), AsBytes("abc"), true).ok());
  EXPECT_EQ(ReadAll(Path("a")), "abc45");
}

TEST_F(Files, ReadHasALimit) {
  ASSERT_TRUE(CreateFile(Path("a"), AsBytes("12345")).ok());
  Bytes exact(5);
  EXPECT_EQ(*ReadFile(Path("a"), exact), 5U);
  EXPECT_EQ(ToString(exact), "12345");
  Bytes larger(9);
  EXPECT_EQ(*ReadFile(Path("a"), larger), 5U);
  Bytes smaller(4);
  EXPECT_EQ(ReadFile(Path("a"), smaller).error().code(), Code::kTooLarge);
  EXPECT_EQ(ReadFile(Path("b"), larger).error().code(), Code::kNotFound);
  EXPECT_EQ(ReadFile(Path("a/b"), larger).error().code(), Code::kNotFound);
  EXPECT_EQ(ReadFile(root_.path(), larger).error().code(), Code::kUnavailable);
}

TEST_F(Files, SymbolicLinksAreNotFollowed) {
  WriteAll(Path("target"), "x");
  ASSERT_EQ(::symlink(Path("target").c_str(), Path("link").c_str()), 0);
  Bytes bytes(9);
  EXPECT_FALSE(ReadFile(Path("link"), bytes).ok());
  EXPECT_FALSE(OverwriteFile(Path("link"), AsBytes("y"), false).ok());
  EXPECT_EQ(Outcome(CreateFile(Path("link"), AsBytes("y"))), "kConflict");
  EXPECT_FALSE(FileLock::Acquire(Path("link")).ok());
  EXPECT_EQ(ReadAll(Path("target")), "x");
}

TEST_F(Files, RemoveIsOkTwice) {
  WriteAll(Path("a"), "x");
  EXPECT_TRUE(RemoveFile(Path("a")).ok());
  EXPECT_TRUE(RemoveFile(Path("a")).ok());
  EXPECT_FALSE(FileExists(Path("a")));
  EXPECT_EQ(Outcome(RemoveFile(root_.path())), "kUnavailable");
}

TEST_F(Files, DirectoriesCannotLieUnderAFile) {
  WriteAll(Path("a"), "x");
  EXPECT_EQ(Outcome(MakeDirectories(Path("a/b"))), "kUnavailable");
  EXPECT_EQ(Outcome(MakeDirectories(Path("a"))), "kUnavailable");
  EXPECT_EQ(Outcome(MakeDirectories("")), "kUnavailable");
  EXPECT_TRUE(MakeDirectories(root_.path()).ok());
}

TEST_F(Files, LockIsHeldByOne) {
  {
    auto lock = FileLock::Acquire(Path("lock"));
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(FileLock::Acquire(Path("lock")).error().code(), Code::kConflict);
    const FileLock moved = std::move(*lock);
    EXPECT_EQ(FileLock::Acquire(Path("lock")).error().code(), Code::kConflict);
  }
  EXPECT_TRUE(FileLock::Acquire(Path("lock")).ok());
  EXPECT_EQ(FileLock::Acquire(Path("missing/lock")).error().code(), Code::kNotFound);
}

TEST_F(Files, LockOfAKilledProcessIsFree) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const ::pid_t child = ::fork();
  if (child == 0) {
    auto lock = FileLock::Acquire(Path("lock"));
    const char told = lock.ok() ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &told, 1));
    ::pause();
    ::_exit(0);
  }
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  EXPECT_EQ(told, 'y');
  EXPECT_EQ(FileLock::Acquire(Path("lock")).error().code(), Code::kConflict);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(FileLock::Acquire(Path("lock")).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace renkei::client
