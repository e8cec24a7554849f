// The process dies, or the power goes, at every single write and sync: what was committed is there,
// what was not is not, and nothing in between.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/vault/files.h"
#include "tests/client/vault/faulty_disk.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

constexpr int kLastState = 3;
constexpr const char* kWords[] = {"褥瘡", "嚥下", "転倒", "浮腫"};
constexpr Table kTables[] = {Table::kMeta, Table::kGroups, Table::kOutbox, Table::kRecords};

RecordId TheRecord() {
  return {{9, 9, 9}};
}

// Brings the vault from one state to the next in one transaction that touches everything.
bool WriteState(Vault& vault, int state) {
  auto transaction = Transaction::Begin(vault);
  bool ok = transaction.ok();
  const auto number = static_cast<std::uint8_t>(state);
  for (const Table table : kTables) {
    ok = ok && vault.Put(table, AsBytes("state"), Bytes(3000, number)).ok();
  }
  ok = ok && vault.Put(Table::kEntries, ByteView(&number, 1), AsBytes("entry")).ok();
  ok = ok && vault.IndexText(CaseId{}, TheRecord(), kWords[state]).ok();
  if (state == 2) {
    ok = ok && vault.Erase(Table::kEntries, Bytes{0}).ok();
  }
  return ok && transaction->Commit().ok();
}

// The state that everything in the vault agrees on; -1: it does not.
int ReadState(Vault& vault) {
  const auto first = vault.Get(Table::kMeta, AsBytes("state"));
  if (!first.ok() || !first->has_value() || (*first)->empty()) {
    return -1;
  }
  const int state = (**first)[0];
  for (const Table table : kTables) {
    const auto value = vault.Get(table, AsBytes("state"));
    if (!value.ok() || *value != Bytes(3000, static_cast<std::uint8_t>(state))) {
      return -1;
    }
  }
  for (int i = 0; i <= kLastState; ++i) {
    const auto number = static_cast<std::uint8_t>(i);
    const auto entry = vault.Get(Table::kEntries, ByteView(&number, 1));
    const auto hits = vault.Search(kWords[i], 10);
    const bool expected = i <= state && !(i == 0 && state >= 2);
    if (!entry.ok() || entry->has_value() != expected || !hits.ok() ||
        hits->size() != (i == state ? 1U : 0U)) {
      return -1;
    }
  }
  return state;
}

struct Ended {
  int reached = 0;  // as told by the process before it died
  bool finished = false;
};

class Crash : public testing::TestWithParam<DiskFault> {
 protected:
  // Runs `body` in a child on a faulty disk; it tells each state reached through `tell`.
  template <typename Body>
  Ended RunAndDie(std::size_t nth, const Body& body) {
    int told[2];
    RENKEI_CHECK(::pipe(told) == 0);
    const ::pid_t child = ::fork();
    if (child == 0) {
      InstallFaultyDisk(GetParam(), nth, static_cast<std::uint32_t>(nth));
      const bool ok = body([&](int state) {
        const char byte = static_cast<char>(state);
        static_cast<void>(!::write(told[1], &byte, 1));
      });
      ::_exit(ok ? 0 : 1);
    }
    ::close(told[1]);
    Ended ended;
    char byte = 0;
    while (::read(told[0], &byte, 1) == 1) {
      ended.reached = byte;
    }
    ::close(told[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    ended.finished = WIFEXITED(status);
    return ended;
  }

  void Save() {
    place_.CopyTo("base");
    std::filesystem::copy(place_.key_directory(), place_.root() + "/base-keys");
  }
  void Restore() {
    place_.RestoreFrom("base");
    std::filesystem::remove_all(place_.key_directory());
    std::filesystem::copy(place_.root() + "/base-keys", place_.key_directory());
  }

  TempVault place_;
};

TEST_P(Crash, LeavesBeforeOrAfterNeverBetween) {
  ASSERT_TRUE(WriteState(*place_.Create(), 0));
  Save();
  std::size_t steps = 0;
  for (bool finished = false; !finished;) {
    Restore();
    const Ended ended = RunAndDie(++steps, [this](const auto& tell) {
      auto vault = place_.TryOpen();
      bool ok = vault.ok();
      for (int state = 1; state <= kLastState && ok; ++state) {
        ok = WriteState(**vault, state);
        tell(state);
      }
      return ok;
    });
    finished = ended.finished;
    const auto vault = place_.TryOpen();
    ASSERT_EQ(Outcome(vault), "ok") << steps;
    const int state = ReadState(**vault);
    ASSERT_GE(state, ended.reached) << steps;
    ASSERT_LE(state, ended.reached + 1) << steps;
    ASSERT_FALSE((*vault)->OpenedOlderCopy()) << steps;
  }
  EXPECT_GT(steps, 50U);
}

TEST_P(Crash, WhileMakingAVaultLeavesNoneOrAWholeOne) {
  std::size_t steps = 0;
  for (bool finished = false; !finished;) {
    std::filesystem::remove_all(place_.directory());
    const Ended ended = RunAndDie(++steps, [this](const auto& tell) {
      const bool ok = place_.TryCreate().ok();
      tell(1);
      return ok;
    });
    finished = ended.finished;
    const std::string outcome = Outcome(place_.TryOpen());
    if (outcome != "ok") {
      ASSERT_EQ(outcome, "kNotFound: vault: none there") << steps;
      ASSERT_EQ(ended.reached, 0) << steps;
      ASSERT_EQ(Outcome(place_.TryCreate()), "ok") << steps;
    }
    ASSERT_TRUE(WriteState(*place_.Open(), 0)) << steps;
  }
  EXPECT_GT(steps, 20U);
}

TEST_P(Crash, WhileChangingThePassphraseLeavesOneOfTheTwo) {
  ASSERT_TRUE(WriteState(*place_.Create(), 0));
  Save();
  std::size_t steps = 0;
  for (bool finished = false; !finished;) {
    Restore();
    const Ended ended = RunAndDie(++steps, [this](const auto& tell) {
      const auto vault = place_.TryOpen();
      const bool ok =
          place_.unlocker().ChangePassphrase(**vault, AsBytes(kPassphrase), AsBytes("new")).ok();
      tell(1);
      return ok;
    });
    finished = ended.finished;
    const bool old_opens = place_.TryOpen().ok();
    const bool new_opens = place_.TryOpen("new").ok();
    ASSERT_NE(old_opens, new_opens) << steps;
    ASSERT_TRUE(new_opens || ended.reached == 0) << steps;
  }
}

TEST_P(Crash, WhileTakingAVaultBackLeavesAWholeOneOrNone) {
  std::size_t steps = 0;
  for (bool finished = false; !finished;) {
    std::filesystem::remove_all(place_.root() + "/vault");
    std::filesystem::remove_all(place_.key_directory());
    place_.Create().reset();
    const Ended ended = RunAndDie(++steps, [this](const auto&) {
      return place_.unlocker().Discard(place_.directory()).ok();
    });
    finished = ended.finished;
    const std::string outcome = Outcome(place_.TryOpen());
    if (outcome != "ok" || finished) {
      ASSERT_EQ(outcome, "kNotFound: vault: none there") << steps;
      ASSERT_EQ(Outcome(place_.TryCreate()), "ok") << steps;
    }
    std::size_t keys = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place_.key_directory())) {
      keys += entry.path().extension() == ".key" ? 1 : 0;
    }
    ASSERT_EQ(keys, 1U) << steps;
  }
  EXPECT_GT(steps, 5U);
}

std::string FaultName(const testing::TestParamInfo<DiskFault>& fault) {
  static constexpr const char* kNames[] = {"None", "Kill", "TornWrite", "PowerCut",
                                           "PowerCutParts"};
  return kNames[static_cast<int>(fault.param)];
}

INSTANTIATE_TEST_SUITE_P(Each, Crash,
                         testing::Values(DiskFault::kKill, DiskFault::kTornWrite,
                                         DiskFault::kPowerCut, DiskFault::kPowerCutParts),
                         FaultName);

// What the tests above rest on: a commit does not return before it is synced.
TEST(CommitSync, EveryCommitIsSyncedBeforeItReturns) {
  TempVault place;
  place.Create().reset();
  const ::pid_t child = ::fork();
  if (child == 0) {
    const auto vault = place.TryOpen();
    InstallFaultyDisk(DiskFault::kNone, 0, 0);
    bool ok = vault.ok();
    for (std::size_t i = 1; i <= 5 && ok; ++i) {
      ok = (*vault)->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok() &&
           StepsSoFar().syncs >= i && StepsSoFar().writes >= i;
    }
    ::_exit(ok ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace renkei::client
