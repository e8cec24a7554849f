// The subcommands of the real program; what each does is backup_test.cc's and tests/server/store's.
#include "server/tools.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "server/backup.h"
#include "server/region_files.h"
#include "server/store/store_files.h"
#include "tests/server/main/older_backup.h"
#include "tests/server/main/relay_process.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using std::filesystem::path;
using testing::HasSubstr;
using testing::Not;

// A relay's data: one case of two entries, an audit log of two rows.
class RelayTools : public RelayProcess {
 protected:
  void SetUp() override {
    RelayProcess::SetUp();
    data = folder / "data";
    world.WriteRelayFiles(data);
    auto opened = server::SqliteStore::Open(data / server::kStoreFolder, {});
    ASSERT_TRUE(opened.store) << opened.problem;
    const SystemClock clock;
    auto relay = server::Relay::Open(*opened.store, clock, world.random(), world.Identity());
    ASSERT_TRUE(relay.ok());
    for (int i = 0; i < 2; ++i) {
      (*relay)->audit().Note({{}, {}, "test.action", "done", {}});
    }
  }
  path Database() const { return data / server::kStoreFolder / server::kDatabaseFile; }
  // One line, and nothing but a sentence.
  static void ExpectOneSentence(const Ended& ended) {
    EXPECT_TRUE(ended.said.starts_with("renkei-relay: ")) << ended.said;
    EXPECT_EQ(std::count(ended.said.begin(), ended.said.end(), '\n'), 1) << ended.said;
  }
  Ended Backup(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"backup", "--data", data, "--to", folder / "backup"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  path data;
};

TEST_F(RelayTools, BackupSaysWhatItHoldsAndIsTheRelaysAlone) {
  const Ended made = Backup();
  EXPECT_EQ(made.code, 0) << made.said;
  EXPECT_THAT(made.said, HasSubstr("checked and synced; it holds the relay's keys"));
  EXPECT_TRUE(std::filesystem::exists(folder / "backup" / server::kRelayFolder));
  struct stat info {};
  ASSERT_EQ(stat((folder / "backup").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  const Ended again = Backup();
  EXPECT_EQ(again.code, 1);
  ExpectOneSentence(again);
  EXPECT_THAT(again.said, HasSubstr("left as it is"));
}

TEST_F(RelayTools, BackupWithoutKeysSaysSo) {
  const Ended made = Backup({"--without-keys"});
  EXPECT_EQ(made.code, 0) << made.said;
  EXPECT_THAT(made.said, HasSubstr("without the relay's keys"));
  EXPECT_FALSE(std::filesystem::exists(folder / "backup" / server::kRelayFolder));
}

TEST_F(RelayTools, RetentionNamesWhatIsClosedAndWritesCertificatesOnce) {
  CaseId closed;
  CaseId deleted;
  closed.bytes.fill(1);
  deleted.bytes.fill(2);
  {
    auto opened = server::SqliteStore::Open(data / server::kStoreFolder, {});
    ASSERT_TRUE(opened.store);
    ASSERT_TRUE(WriteTo(*opened.store, [&](server::WriteTransaction& t) -> Status {
                  RENKEI_TRY(AppendTo(t, closed, AsBytes("entry")));
                  RENKEI_TRY(AppendTo(t, deleted, AsBytes("entry")));
                  RENKEI_ASSIGN(auto row, t.FindThread(closed));
                  row->closing = {1, true, 7, {0}};
                  RENKEI_TRY(t.PutThread(*row));
                  RENKEI_TRY(t.PutAnnouncement({closed, {0}, Days(2), {}}));
                  return t.DeleteThread({deleted, Days(3), ToBytes("signed"), {}});
                }).ok());
  }
  const path folder_of_books = folder / "books";
  for (int i = 0; i < 2; ++i) {
    const Ended said = Run({"retention", "--data", data, "--certificates", folder_of_books});
    EXPECT_EQ(said.code, 0) << said.said;
    EXPECT_THAT(said.said, HasSubstr(closed.Text() +
                                     " closed, counted from 1970-01-01T00:00:00Z, asked to be kept "
                                     "7 years, deletion announced 1970-01-03T00:00:00Z\n"));
    EXPECT_THAT(said.said, HasSubstr(deleted.Text() + " deleted 1970-01-04T00:00:00Z\n"));
    EXPECT_THAT(said.said, HasSubstr("1 closed, 1 deleted"));
  }
  std::ifstream file(folder_of_books / (deleted.Text() + ".deletion"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "signed");
  const Ended nowhere = Run({"retention", "--data", folder / "nowhere"});
  EXPECT_EQ(nowhere.code, 1);
  ExpectOneSentence(nowhere);
}

TEST_F(RelayTools, RestoreReplacesOnlyWhenItIsTold) {
  ASSERT_EQ(Backup().code, 0);
  const std::vector<std::string> restore = {"restore", "--from", folder / "backup", "--data", data};
  const Ended refused = Run(restore);
  EXPECT_EQ(refused.code, 1);
  ExpectOneSentence(refused);
  EXPECT_THAT(refused.said, HasSubstr("--replace"));
  std::vector<std::string> replacing = restore;
  replacing.emplace_back("--replace");
  const Ended replaced = Run(replacing);
  EXPECT_EQ(replaced.code, 0) << replaced.said;
  EXPECT_THAT(replaced.said, HasSubstr("restored the backup of "));
  EXPECT_THAT(replaced.said, HasSubstr("new incarnation"));
  EXPECT_EQ(RowsOf(Database(), "SELECT hex(value) FROM meta WHERE name = 'restored'"),
            std::vector<std::string>{"01|"});
}

TEST_F(RelayTools, BackupOfAnOlderRelayIsVerified) {
  ASSERT_EQ(Backup().code, 0);
  MakeOlder(folder / "backup");
  const Ended verified = Run({"verify", "--backup", folder / "backup"});
  EXPECT_EQ(verified.code, 0) << verified.said;
  EXPECT_THAT(verified.said, HasSubstr("of an older relay (schema version 4)"));
  EXPECT_THAT(verified.said, HasSubstr("sound"));
}

TEST_F(RelayTools, WhatRestoreMakesElsewhereIsTheRelaysAlone) {
  ASSERT_EQ(Backup().code, 0);
  const path elsewhere = folder / "elsewhere";
  EXPECT_EQ(Run({"restore", "--from", folder / "backup", "--data", elsewhere}).code, 0);
  struct stat info {};
  ASSERT_EQ(stat(elsewhere.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077U, 0U);
  EXPECT_EQ(Run({"verify", "--data", elsewhere}).code, 0);
}

TEST_F(RelayTools, VerifyCountsWhatIsSound) {
  const Ended sound = Run({"verify", "--data", data});
  EXPECT_EQ(sound.code, 0) << sound.said;
  EXPECT_EQ(sound.said, "0 cases, 0 entries, 2 rows of audit log: sound\n");
  ASSERT_EQ(Backup().code, 0);
  EXPECT_EQ(Run({"verify", "--backup", folder / "backup"}).said, sound.said);
}

TEST_F(RelayTools, UsageListsInstitutionsTheFullestFirst) {
  RowsOf(Database(),
         "INSERT INTO stored_bytes VALUES (1, x'01010101010101010101010101010101', 9000000),"
         " (2, x'02020202020202020202020202020202', 3000000),"
         " (2, x'03030303030303030303030303030303', 7000000)");
  const Ended ended = Run({"usage", "--data", data});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.said,
            "03030303-0303-0303-0303-030303030303 6 MiB (7000000 bytes)\n"
            "02020202-0202-0202-0202-020202020202 2 MiB (3000000 bytes)\n");
  EXPECT_EQ(Run({"usage", "--data", folder / "nowhere"}).code, 1);
}

TEST_F(RelayTools, MiscountedBytesAreNoDamageAndAreCountedAgain) {
  RowsOf(Database(), "INSERT INTO stored_bytes VALUES (1, zeroblob(16), 9000000)");
  const Ended miscounted = Run({"verify", "--data", data});
  EXPECT_EQ(miscounted.code, 1);
  EXPECT_THAT(miscounted.said, HasSubstr("0 bytes are there, 9000000 are noted\n"));
  EXPECT_THAT(miscounted.said, HasSubstr("audit log: sound\n"));
  EXPECT_THAT(miscounted.said, HasSubstr("renkei-relay usage --data DIR --recount"));
  {
    const auto running = server::SqliteStore::Open(data / server::kStoreFolder, {});
    ASSERT_TRUE(running.store);
    const Ended refused = Run({"usage", "--data", data, "--recount"});
    EXPECT_EQ(refused.code, 1);
    ExpectOneSentence(refused);
    EXPECT_THAT(refused.said, HasSubstr("stop it first"));
  }
  const Ended done = Run({"usage", "--data", data, "--recount"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.said, "counted again: 1 devices and institutions had another number\n");
  EXPECT_EQ(Run({"verify", "--data", data}).code, 0);
  EXPECT_TRUE(server::SqliteStore::Open(data / server::kStoreFolder, {}).store);
}

TEST_F(RelayTools, VerifyNamesTheDamageAndFails) {
  RowsOf(Database(), "UPDATE audit SET outcome = 'other' WHERE seq = 2");
  const Ended damaged = Run({"verify", "--data", data});
  EXPECT_EQ(damaged.code, 1);
  EXPECT_THAT(damaged.said, HasSubstr("audit log: row 2 does not continue the chain\n"));
  EXPECT_THAT(damaged.said, HasSubstr("1 rows of audit log: damaged\n")) << "up to there";
  EXPECT_THAT(damaged.said, HasSubstr("renkei-relay: the store is damaged; nothing was changed"));
}

TEST_F(RelayTools, VerifyOfWhatIsNotThereIsAProblem) {
  const Ended missing = Run({"verify", "--data", folder / "nowhere"});
  EXPECT_EQ(missing.code, 1);
  ExpectOneSentence(missing);
}

TEST_F(RelayTools, VerifyLooksAtOneThingOnly) {
  EXPECT_EQ(Run({"verify"}).code, 2);
  const Ended both = Run({"verify", "--data", data, "--backup", folder / "backup"});
  EXPECT_EQ(both.code, 2);
  EXPECT_THAT(both.said, HasSubstr("either --data or --backup"));
}

TEST_F(RelayTools, MigrateLeavesTodaysStoreAlone) {
  const Ended done = Run({"migrate", "--data", data});
  EXPECT_EQ(done.code, 0) << done.said;
  EXPECT_THAT(done.said, HasSubstr("already; nothing was changed"));
}

TEST_F(RelayTools, MigrateSaysWhatWasKept) {
  RowsOf(Database(), "PRAGMA user_version = 0");
  const Ended failed = Run({"migrate", "--data", data});
  EXPECT_EQ(failed.code, 1) << "no step begins at version 0";
  ExpectOneSentence(failed);
  EXPECT_THAT(failed.said, HasSubstr("it is as it was, and a copy is in "));
}

TEST_F(RelayTools, AuditLogIsVerifiedUnderBothNames) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"audit", "verify"}, {"audit-verify"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--data", data});
    const Ended sound = Run(arguments);
    EXPECT_EQ(sound.code, 0) << sound.said;
    const std::string head =
        RowsOf(Database(), "SELECT lower(hex(hash)) FROM audit WHERE seq = 2").at(0);
    EXPECT_EQ(sound.said, "2 rows, unbroken; head " + head.substr(0, 64) + "\n");
  }
  RowsOf(Database(), "UPDATE audit SET at = at + 1 WHERE seq = 1");
  const Ended changed = Run({"audit", "verify", "--data", data});
  EXPECT_EQ(changed.code, 1);
  ExpectOneSentence(changed);
  EXPECT_THAT(changed.said, HasSubstr("row 1 does not continue the chain"));
  EXPECT_EQ(Run({"audit", "verify", "--data", folder / "nowhere"}).code, 1);
}

TEST_F(RelayProcess, HealthIsAskedOfARunningRelay) {
  world.WriteRelayFiles(folder);
  Start(Arguments());
  ReadUntil("listening on 127.0.0.1:");
  std::string port = ReadUntil("\n");
  port.pop_back();
  const std::vector<std::string> health = {"health", "--data", folder, "--at", "127.0.0.1:" + port};
  const pid_t relay = std::exchange(child, 0);
  const int relay_output = std::exchange(output, -1);
  const Ended serving = Run(health);
  EXPECT_EQ(serving.code, 0) << serving.said;
  EXPECT_TRUE(serving.said.starts_with("relay SERVING\n")) << serving.said;
  EXPECT_THAT(serving.said, HasSubstr("\nrenkei.relay.v1.Threads SERVING\n"));
  kill(relay, SIGTERM);
  waitpid(relay, nullptr, 0);
  close(relay_output);
  const Ended gone = Run(health);
  EXPECT_EQ(gone.code, 1);
  EXPECT_EQ(gone.said, "relay NO_ANSWER\n");
  EXPECT_THAT(Run({"health", "--data", folder / "nowhere"}).said, HasSubstr("root.crt.der"));
}

TEST_F(RelayTools, WrongUseIsTwoAndChangesNothing) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"backup", "--data", data},
        {"backup", "--to", folder / "backup"},
        {"restore", "--data", data},
        {"restore", "--from", folder / "backup"},
        {"migrate"},
        {"health"},
        {"audit"},
        {"audit", "verify"},
        {"audit-verify"},
        {"verify", "--data", data, "migrate", "--data", data},
        {"unknown"}}) {
    const Ended ended = Run(wrong);
    EXPECT_EQ(ended.code, 2) << wrong[0] << ": " << ended.said;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "backup"));
}

}  // namespace
}  // namespace renkei::test
