// A full or read-only disk: a clear answer, nothing half done, and reading goes on.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

constexpr int kSkip = 77;

// Runs `body` (which returns an exit code) in a child; prints nothing of its own.
template <typename Body>
int InChild(const Body& body) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    const int code = body();
    std::cerr.flush();
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define EXPECT_IN_CHILD(condition)                                               \
  if (!(condition)) {                                                            \
    std::cerr << "line " << __LINE__ << ": not so: " << #condition << std::endl; \
    return 1;                                                                    \
  }

Bytes Key(int i) {
  return {static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
}

// Writes transactions of two rows until one fails; returns how many stand, or -1 if a failure was
// not kUnavailable.
int FillUp(Vault& vault) {
  for (int i = 0; i < 10'000; ++i) {
    auto transaction = Transaction::Begin(vault);
    Status status = vault.Put(Table::kEntries, Key(i), Bytes(3000, 1));
    if (status.ok()) {
      status = vault.Put(Table::kRecords, Key(i), Bytes(3000, 2));
    }
    if (status.ok()) {
      status = transaction->Commit();
    }
    if (!status.ok()) {
      return status.error().code() == Code::kUnavailable ? i : -1;
    }
  }
  return -1;
}

bool HoldsExactly(Vault& vault, int rows) {
  const auto entries = vault.Scan(Table::kEntries, {}, {});
  const auto records = vault.Scan(Table::kRecords, {}, {});
  return entries.ok() && records.ok() && entries->size() == static_cast<std::size_t>(rows) &&
         records->size() == entries->size();
}

void LimitFileSize(::rlim_t bytes) {
  ::rlimit limit = {};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST(DiskFull, WriteThatDoesNotFitIsRefusedWholeAndLaterWorks) {
  TempVault place;
  ASSERT_TRUE(place.Create()->IndexText(CaseId{}, RecordId{}, "浮腫").ok());
  const int code = InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto vault = place.Open();
    LimitFileSize(600'000);
    const int rows = FillUp(*vault);
    EXPECT_IN_CHILD(rows > 10);
    EXPECT_IN_CHILD(HoldsExactly(*vault, rows));
    EXPECT_IN_CHILD(vault->Search("浮腫", 1)->size() == 1);
    EXPECT_IN_CHILD(!vault->Put(Table::kMeta, AsBytes("k"), Bytes(300'000)).ok());
    EXPECT_IN_CHILD(HoldsExactly(*vault, rows));
    LimitFileSize(RLIM_INFINITY);
    EXPECT_IN_CHILD(vault->Put(Table::kMeta, AsBytes("k"), Bytes(300'000)).ok());
    EXPECT_IN_CHILD(HoldsExactly(*vault, rows));
    return 0;
  });
  EXPECT_EQ(code, 0);
  EXPECT_TRUE((*place.Open()->Get(Table::kMeta, AsBytes("k"))).has_value());
}

// SQLite rolls back by itself when a page that must leave its memory does not fit on the disk. A
// write after that would stand alone, outside any transaction.
TEST(DiskFull, NothingOfATransactionStandsAfterAWriteOfItFailed) {
  TempVault place;
  place.Create().reset();
  const int code = InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto vault = place.Open();
    LimitFileSize(600'000);
    EXPECT_IN_CHILD(vault->Begin().ok());
    EXPECT_IN_CHILD(vault->Put(Table::kMeta, AsBytes("before"), AsBytes("v")).ok());
    Status large = Ok();
    for (int i = 0; i < 10 && large.ok(); ++i) {
      large = vault->Put(Table::kRecords, Key(i), Bytes(std::size_t{8} << 20));
    }
    EXPECT_IN_CHILD(!large.ok() && large.error().code() == Code::kUnavailable);
    EXPECT_IN_CHILD(!vault->Put(Table::kMeta, AsBytes("after"), AsBytes("v")).ok());
    EXPECT_IN_CHILD(!vault->Commit().ok());
    vault->Rollback();
    EXPECT_IN_CHILD(!(*vault->Get(Table::kMeta, AsBytes("before"))).has_value());
    EXPECT_IN_CHILD(!(*vault->Get(Table::kMeta, AsBytes("after"))).has_value());
    return 0;
  });
  EXPECT_EQ(code, 0);
}

// Mounts a file system of `size` on `path` that only this process sees.
bool MountSmallDisk(const std::string& path, const char* size) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, size) == 0;
}

// Somebody else's file takes whatever room is left.
void TakeAllRoom(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::setvbuf(file, nullptr, _IONBF, 0);
  const Bytes block(1024, 1);
  while (std::fwrite(block.data(), 1, block.size(), file) == block.size()) {
  }
  std::fclose(file);
}

TEST(DiskFull, FullDiskCanStillBeOpenedAndRead) {
  TempVault place;
  ASSERT_TRUE(MakeDirectories(place.directory()).ok());
  const int code = InChild([&] {
    if (!MountSmallDisk(place.directory(), "size=3m")) {
      return kSkip;
    }
    constexpr int rows = 20;
    {
      const auto vault = place.Create();
      for (int i = 0; i < rows; ++i) {
        EXPECT_IN_CHILD(vault->Put(Table::kEntries, Key(i), Bytes(3000, 1)).ok());
        EXPECT_IN_CHILD(vault->Put(Table::kRecords, Key(i), Bytes(3000, 2)).ok());
      }
    }
    TakeAllRoom(place.file("filler"));
    {
      const auto vault = place.TryOpen();
      EXPECT_IN_CHILD(vault.ok());
      EXPECT_IN_CHILD(HoldsExactly(**vault, rows));
      const Status refused = (*vault)->Put(Table::kMeta, AsBytes("k"), AsBytes("v"));
      EXPECT_IN_CHILD(!refused.ok() && refused.error().code() == Code::kUnavailable);
      EXPECT_IN_CHILD(RemoveFile(place.file("filler")).ok());
      EXPECT_IN_CHILD((*vault)->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
    }
    EXPECT_IN_CHILD(HoldsExactly(*place.Open(), rows));
    return 0;
  });
  if (code == kSkip) {
    GTEST_SKIP() << "this user may not mount a small disk";
  }
  EXPECT_EQ(code, 0);
}

TEST(DiskFull, OlderCopyIsNoticedOnAFullDiskToo) {
  TempVault place;
  ASSERT_TRUE(MakeDirectories(place.directory()).ok());
  const int code = InChild([&] {
    if (!MountSmallDisk(place.directory(), "size=700k")) {
      return kSkip;
    }
    EXPECT_IN_CHILD(place.Create()->Put(Table::kMeta, AsBytes("k"), AsBytes("1")).ok());
    const std::string older = ReadAll(place.file("vault.db"));
    EXPECT_IN_CHILD(place.Open()->Put(Table::kMeta, AsBytes("k"), AsBytes("2")).ok());
    WriteAll(place.file("vault.db"), older);
    TakeAllRoom(place.file("filler"));
    EXPECT_IN_CHILD(place.Open()->OpenedOlderCopy());
    EXPECT_IN_CHILD(place.Open()->OpenedOlderCopy());
    {
      const auto vault = place.Open();
      EXPECT_IN_CHILD(RemoveFile(place.file("filler")).ok());
      EXPECT_IN_CHILD(vault->Put(Table::kMeta, AsBytes("k"), AsBytes("3")).ok());
      EXPECT_IN_CHILD(vault->OpenedOlderCopy());
    }
    EXPECT_IN_CHILD(place.Open()->OpenedOlderCopy());
    return 0;
  });
  if (code == kSkip) {
    GTEST_SKIP() << "this user may not mount a small disk";
  }
  EXPECT_EQ(code, 0);
}

TEST(DiskFull, VaultThatDoesNotFitIsNotMade) {
  TempVault place;
  ASSERT_TRUE(MakeDirectories(place.directory()).ok());
  const int code = InChild([&] {
    if (!MountSmallDisk(place.directory(), "size=64k")) {
      return kSkip;
    }
    const auto refused = place.TryCreate();
    EXPECT_IN_CHILD(!refused.ok() && refused.error().code() == Code::kUnavailable);
    EXPECT_IN_CHILD(!FileExists(place.file("vault.db")));
    EXPECT_IN_CHILD(!FileExists(place.file("vault.header")));
    EXPECT_IN_CHILD(!FileExists(place.file("creating")));
    EXPECT_IN_CHILD(place.key_file(".key").empty());
    EXPECT_IN_CHILD(::mount("tmpfs", place.directory().c_str(), "tmpfs", MS_REMOUNT, "size=2m") ==
                    0);
    EXPECT_IN_CHILD(place.TryCreate().ok());
    return 0;
  });
  if (code == kSkip) {
    GTEST_SKIP() << "this user may not mount a small disk";
  }
  EXPECT_EQ(code, 0);
}

TEST(ReadOnly, DiskMountedReadOnlyIsRefused) {
  TempVault place;
  ASSERT_TRUE(MakeDirectories(place.directory()).ok());
  const int code = InChild([&] {
    if (!MountSmallDisk(place.directory(), "size=2m")) {
      return kSkip;
    }
    EXPECT_IN_CHILD(place.Create()->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
    EXPECT_IN_CHILD(
        ::mount("tmpfs", place.directory().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    EXPECT_IN_CHILD(Outcome(place.TryOpen()).substr(0, 12) == "kUnavailable");
    EXPECT_IN_CHILD(::mount("tmpfs", place.directory().c_str(), "tmpfs", MS_REMOUNT, nullptr) == 0);
    EXPECT_IN_CHILD((*place.Open()->Get(Table::kMeta, AsBytes("k"))).has_value());
    return 0;
  });
  if (code == kSkip) {
    GTEST_SKIP() << "this user may not mount a disk";
  }
  EXPECT_EQ(code, 0);
}

// Rights mean nothing to root, so the child becomes nobody.
void GiveToNobodyAndBecome(const std::string& root) {
  constexpr ::uid_t kNobody = 65534;
  if (::geteuid() == 0) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      static_cast<void>(!::chown(entry.path().c_str(), kNobody, kNobody));
    }
    static_cast<void>(!::chown(root.c_str(), kNobody, kNobody));
    RENKEI_CHECK(::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
  }
}

TEST(ReadOnly, DirectoryWithoutWriteRightIsRefused) {
  namespace fs = std::filesystem;
  TempVault place;
  ASSERT_TRUE(place.Create()->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
  const int code = InChild([&] {
    GiveToNobodyAndBecome(place.root());
    fs::permissions(place.file("vault.db"), fs::perms::owner_read);
    fs::permissions(place.directory(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_IN_CHILD(Outcome(place.TryOpen()).substr(0, 12) == "kUnavailable");
    fs::permissions(place.root(), fs::perms::owner_read | fs::perms::owner_exec);
    FileDeviceKeyStore store(place.root() + "/other/keys");
    EXPECT_IN_CHILD(!store.Create(VaultId{}, SecretBytes(kDeviceKeyBytes)).ok());
    fs::permissions(place.root(), fs::perms::owner_all);
    fs::permissions(place.directory(), fs::perms::owner_all);
    fs::permissions(place.file("vault.db"), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_IN_CHILD((*place.Open()->Get(Table::kMeta, AsBytes("k"))).has_value());
    return 0;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace renkei::client
