// Rows that were damaged without SQLite noticing: told as kCorrupt, never served, never a crash.
#include <sqlite3.h>

#include "server/store/store_files.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::SqliteStore;
using server::WriteTransaction;

class DamagedRows : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_TRUE(WriteTo(*store, Fill).ok());
    store.reset();
  }
  static Status Fill(WriteTransaction& t) {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("entry"), KeyOf(1)));
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
    return t.AddAudit({1, {1}, PersonOf(1), DeviceOf(1), "action", "done", {}, HashOf(1)});
  }
  void Open() {
    auto opened = SqliteStore::Open(folder.store(), {});
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
    Open();
  }
  template <typename Read>
  std::string Told(const Read& read) {
    const Status status = store->Read([&](ReadTransaction& t) -> Status {
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

  static constexpr auto kFindCertificate = [](ReadTransaction& t) {
    return t.FindCertificate(HashOf(1));
  };
  static constexpr auto kFindIssuers = [](ReadTransaction& t) { return t.FindIssuers({}); };
  static constexpr auto kFindTicket = [](ReadTransaction& t) {
    TicketId ticket;
    ticket.bytes.fill(1);
    return t.FindTicket(ticket);
  };

  StoreFolder folder;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(DamagedRows, CardHashOfAThreadHasItsLength) {
  ExpectDamageTold("UPDATE threads SET card_hash = x'00'",
                   [](ReadTransaction& t) { return t.FindThread(CaseOf(1)); });
}

TEST_F(DamagedRows, CaseIdHasItsLengthInMail) {
  ExpectDamageTold("UPDATE threads SET case_id = x'0101'",
                   [](ReadTransaction& t) { return t.ReadMail(DeviceOf(1), 0, 10, 1000); });
}

TEST_F(DamagedRows, CaseIdHasItsLengthInThePersonsList) {
  ExpectDamageTold("UPDATE threads SET case_id = x''",
                   [](ReadTransaction& t) { return t.ThreadsOf(PersonOf(1)); });
}

TEST_F(DamagedRows, FingerprintHasItsLength) {
  ExpectDamageTold("UPDATE directory SET fingerprint = x'0101' WHERE fingerprint IS NOT NULL",
                   kFindIssuers);
}

TEST_F(DamagedRows, InstitutionOfACertificateHasItsLength) {
  ExpectDamageTold("UPDATE directory SET institution = x'01' WHERE fingerprint IS NOT NULL",
                   kFindCertificate);
}

TEST_F(DamagedRows, RoleThatDoesNotExistIsToldAndEndsNothing) {
  ExpectDamageTold("UPDATE directory SET role = 99 WHERE fingerprint IS NOT NULL", kFindIssuers);
}

TEST_F(DamagedRows, RoleOfZeroIsTold) {
  ExpectDamageTold("UPDATE directory SET role = 0 WHERE fingerprint IS NOT NULL", kFindCertificate);
}

TEST_F(DamagedRows, IssuerOfARevocationListHasItsLength) {
  ExpectDamageTold("UPDATE directory SET subject_key_id = x'01' WHERE fingerprint IS NULL",
                   [](ReadTransaction& t) { return t.NewestRevocations(); });
}

TEST_F(DamagedRows, CreatorOfATicketHasItsLength) {
  ExpectDamageTold("UPDATE tickets SET person = x'01'", kFindTicket);
}

TEST_F(DamagedRows, CertificatesOfATicketMustNotEndInALength) {
  ExpectDamageTold("UPDATE tickets SET certificates = x'0000'", kFindTicket);
}

TEST_F(DamagedRows, CertificateOfATicketMustNotReachBeyondItsRow) {
  ExpectDamageTold("UPDATE tickets SET certificates = x'ffffffff01'", kFindTicket);
}

TEST_F(DamagedRows, HashOfAnAuditRowHasItsLength) {
  ExpectDamageTold("UPDATE audit SET hash = x'01'",
                   [](ReadTransaction& t) { return t.ReadAudit(0, 10); });
}

TEST_F(DamagedRows, DeviceOfTheLastAuditRowHasItsLength) {
  ExpectDamageTold("UPDATE audit SET device = x'01'",
                   [](ReadTransaction& t) { return t.LastAudit(); });
}

}  // namespace
}  // namespace renkei::test
