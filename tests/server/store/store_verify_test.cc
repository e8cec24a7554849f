// VerifyStore over a store that a relay has filled, and then somebody has changed.
#include <sqlite3.h>

#include "server/store/store_files.h"
#include "server/store/store_tools.h"
#include "tests/server/store/store_fixture.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using server::PostOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StoreVerify : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    auto relay = server::Relay::Open(*opened.store, clock, world.random(), world.Identity());
    ASSERT_TRUE(relay.ok());
    Office& office = world.AddOffice("office");
    const Handset& nurse = world.AddMember(office);
    const Handset& doctor = world.AddMember(office);
    world.PublishAll(**relay);
    CommitParts parts = world.NewCase(nurse);
    case_id = parts.card.card.case_id;
    Commit(**relay, nurse, parts, true);
    for (const auto& members : {std::vector<const Handset*>{&nurse, &doctor}, {&nurse}}) {
      parts = world.NextCommit(parts.card, nurse, members);
      Commit(**relay, nurse, parts, false);
    }
    Append(**relay, *opened.store, nurse, parts);
    Append(**relay, *opened.store, nurse, parts);
  }
  template <typename Start>
  void Await(const Start& start) {
    std::promise<bool> done;
    start([&](Result<PostOutcome> outcome) {
      done.set_value(outcome.ok() && std::holds_alternative<server::Accepted>(*outcome));
    });
    ASSERT_TRUE(done.get_future().get());
  }
  void Commit(server::Relay& relay, const Handset& by, const CommitParts& parts, bool is_new) {
    const server::CommitView view = parts.View();
    Await([&](const server::Reply<PostOutcome>& reply) {
      is_new ? relay.threads().Create(by.Caller(), view, reply)
             : relay.threads().Commit(by.Caller(), view, reply);
    });
  }
  void Append(server::Relay& relay, server::Store& store, const Handset& by,
              const CommitParts& parts) {
    const auto row =
        ReadFrom(store, [&](server::ReadTransaction& t) { return t.FindThread(case_id); });
    ASSERT_TRUE(row);
    const Bytes record = world.Record(parts.card, by, row->head);
    Await([&](const server::Reply<PostOutcome>& reply) {
      relay.threads().Append(by.Caller(), record, reply);
    });
  }
  std::string Path() const { return folder.store() / server::kDatabaseFile; }
  // The findings after `sql`.
  std::vector<std::string> After(const std::string& sql) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(Path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
    const auto report = server::VerifyStore(Path());
    EXPECT_EQ(report.problem, "");
    return report.findings;
  }

  StoreFolder folder;
  ManualClock clock{kRegionStart + Days(30)};
  RelayWorld world{7};
  CaseId case_id;
};

TEST_F(StoreVerify, SoundStoreHasNoFindings) {
  const auto report = server::VerifyStore(Path());
  EXPECT_EQ(report.problem, "");
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.threads, 1U);
  EXPECT_EQ(report.entries, 5U);
  EXPECT_GT(report.audit_rows, 0U);
}

TEST_F(StoreVerify, ChangedPayloadIsNamedByCaseAndEntry) {
  EXPECT_THAT(After("UPDATE entries SET payload = CAST(payload || x'00' AS BLOB) WHERE seq = 4"),
              ElementsAre("case " + case_id.Text() +
                          " entry 4: the entry does not continue the hash chain"));
}

TEST_F(StoreVerify, RowsThatNoEntryAccountsForAreFound) {
  EXPECT_THAT(After("INSERT INTO spans (thread, institution, person, first)"
                    " VALUES (1, zeroblob(16), zeroblob(16), 1)"),
              ElementsAre(HasSubstr("a reader who is on no card")));
  EXPECT_THAT(After("DELETE FROM spans WHERE institution = zeroblob(16); INSERT INTO envelopes"
                    " (thread, key_id, generation, epoch, envelope) VALUES (1, x'00', 0, 0, x'')"),
              ElementsAre(HasSubstr("an envelope that no card names")));
  EXPECT_THAT(After("DELETE FROM envelopes WHERE key_id = x'00'; INSERT INTO packs"
                    " (thread, key_id, seq, pack) VALUES (1, x'00', 1, x'')"),
              ElementsAre(HasSubstr("a pack that no entry announces")));
  EXPECT_THAT(After("UPDATE packs SET thread = 99"), ElementsAre(HasSubstr("packs: 1 rows")));
  EXPECT_THAT(After("DELETE FROM packs; INSERT INTO welcomes (welcome) VALUES (x'')"),
              ElementsAre(HasSubstr("welcomes: 1 rows")));
  EXPECT_THAT(After("DELETE FROM welcomes WHERE id NOT IN (SELECT welcome FROM mail);"
                    " INSERT INTO key_prints (thread, first, prints) VALUES (99, 1, x'')"),
              ElementsAre(HasSubstr("key_prints: 1 rows")));
}

TEST_F(StoreVerify, KeyThatIsNotTheEntrysIsFound) {
  EXPECT_THAT(After("UPDATE entries SET key = zeroblob(16) WHERE seq = 4"),
              ElementsAre("case " + case_id.Text() +
                          " entry 4: the key that tells a retry is not the entry's"));
}

TEST_F(StoreVerify, BlockOfKeysThatIsNotTheThreadsIsFound) {
  EXPECT_THAT(After("INSERT INTO key_prints (thread, first, prints) VALUES (1, 1, zeroblob(520))"),
              ElementsAre("case " + case_id.Text() + ": cannot be read"));
}

TEST_F(StoreVerify, DirectoryAndAuditLogAreWalked) {
  EXPECT_THAT(After("UPDATE directory SET der = x'3000' WHERE position = 3"),
              testing::Contains("directory position 3: the certificate cannot be read"));
  EXPECT_THAT(After("UPDATE audit SET outcome = 'other' WHERE seq = 2"),
              testing::Contains("audit log: row 2 does not continue the chain"));
  EXPECT_EQ(server::VerifyAuditLog(Path()).broken_at, 2U);
}

TEST_F(StoreVerify, DamagedPagesAreFound) {
  {
    std::FILE* file = std::fopen(Path().c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    std::fseek(file, 3 * 4096, SEEK_SET);
    const std::string garbage(6 * 4096, 'Z');
    std::fwrite(garbage.data(), 1, garbage.size(), file);
    std::fclose(file);
  }
  EXPECT_FALSE(server::VerifyStore(Path()).findings.empty());
}

TEST_F(StoreVerify, FileThatIsNoStoreIsAProblemNotAFinding) {
  EXPECT_NE(server::VerifyStore(folder.path() / "nowhere").problem, "");
}

}  // namespace
}  // namespace renkei::test
