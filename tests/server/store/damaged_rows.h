// Rows that were damaged without SQLite noticing: told as kCorrupt, never served, never a crash.
#ifndef RENKEI_TESTS_SERVER_STORE_DAMAGED_ROWS_H_
#define RENKEI_TESTS_SERVER_STORE_DAMAGED_ROWS_H_

#include <sqlite3.h>

#include "server/store/store_files.h"
#include "server/store/store_mark.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {

class DamagedRows : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_TRUE(WriteTo(*store, Fill).ok());
    store.reset();
  }
  static Status Fill(server::WriteTransaction& t) {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry"), KeyOf(1)));
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("head")));  // which the start looks at
    RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {1, std::nullopt}));
    const DeviceId device = DeviceOf(1);
    RENKEI_TRY(t.AddMail(std::span(&device, 1), CaseOf(1), 1, AsBytes("welcome")));
    server::CertificateRow certificate{
        HashOf(1), pki::CertRole::kInstitution, PersonOf(1), DeviceOf(1), {}, {}, ToBytes("der")};
    RENKEI_TRY(t.AddCertificate(certificate));
    RENKEI_TRY(t.AddRevocations({{}, 1, ToBytes("list")}));
    server::TicketRow ticket;
    ticket.ticket.bytes.fill(1);
    ticket.purpose = 2;
    ticket.creator = PersonOf(1);
    ticket.expires_at = {1000};
    ticket.state = server::TicketState::kRequested;
    ticket.certificates = {ToBytes("certificate")};
    RENKEI_TRY(t.PutTicket(ticket));
    RENKEI_TRY(t.AddAudit({1, {1}, PersonOf(1), DeviceOf(1), "action", "done", {}, HashOf(1)}));
    // Whose hash the start looks at.
    return t.AddAudit({2, {1}, PersonOf(1), DeviceOf(1), "action", "done", {}, HashOf(2)});
  }
  void Open() {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  // Changes the file of the closed store, and opens it again.
  void Damage(const std::string& sql) {
    store.reset();
    const std::string path = folder.store() / server::kDatabaseFile;
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    ASSERT_EQ(sqlite3_changes(db), 1) << sql;
    sqlite3_close(db);
    // What notices the damage here is to be the reading, not the start.
    std::filesystem::remove(path + server::kMarkSuffix);
    Open();
  }
  template <typename Read>
  std::string Told(const Read& read) {
    const Status status = store->Read([&](server::ReadTransaction& t) -> Status {
      RENKEI_TRY(read(t));
      return Ok();
    });
    return status.ok() ? "ok" : CodeName(status.error().code());
  }
  template <typename Read>
  void ExpectDamageTold(const std::string& sql, const Read& read) {
    Open();
    ASSERT_EQ(Told(read), "ok") << "before the damage";
    Damage(sql);
    EXPECT_EQ(Told(read), "kCorrupt") << sql;
    EXPECT_FALSE(store->healthy());
    store.reset();
  }

  static constexpr auto kFindCertificate = [](server::ReadTransaction& t) {
    return t.FindCertificate(HashOf(1));
  };
  static constexpr auto kFindIssuers = [](server::ReadTransaction& t) { return t.FindIssuers({}); };
  static constexpr auto kFindTicket = [](server::ReadTransaction& t) {
    TicketId ticket;
    ticket.bytes.fill(1);
    return t.FindTicket(ticket);
  };

  StoreFolder folder;
  std::unique_ptr<server::SqliteStore> store;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_DAMAGED_ROWS_H_
