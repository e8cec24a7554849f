// The log as it is written; walking it is audit_walk_test.cc's.
#include "server/core/audit.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class TheAudit : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    for (int i = 0; i < 5; ++i) {
      relay->audit().Note(server::EventOf(nurse.Caller(), "test.action", "done"));
    }
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
};

TEST_F(TheAudit, G10_UnchangedLogIsUnbroken) {
  const auto whole = server::VerifyAudit(store);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->broken_at, 0U);
  EXPECT_EQ(whole->rows, 5U);
}

TEST_F(TheAudit, G10_WhatCouldNotBeWrittenIsWrittenLaterAndWhatIsMissingIsCounted) {
  store.FailWrites(true);
  for (std::size_t i = 0; i < server::kMaxAuditNotes + 3; ++i) {
    relay->audit().Note(server::EventOf(nurse.Caller(), "test.action", "denied"));
  }
  clock.Advance(Seconds(5));
  store.FailWrites(false);
  EXPECT_EQ(server::VerifyAudit(store)->rows, 5U);
  relay->audit().Note(server::EventOf(nurse.Caller(), "test.action", "one too many"));
  EXPECT_TRUE(relay->audit().idle());
  const auto whole = server::VerifyAudit(store);
  EXPECT_EQ(whole->broken_at, 0U);
  EXPECT_EQ(whole->rows, 5U + server::kMaxAuditNotes + 1);
  std::vector<server::AuditRow> rows;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(rows, transaction.ReadAudit(whole->rows - 2, 2));
                    return Ok();
                  })
                  .ok());
  EXPECT_EQ(rows[0].outcome, "denied");
  EXPECT_EQ(rows[0].at, clock.Now() - Seconds(5)) << "when it happened, not when it was written";
  EXPECT_EQ(rows[1].action, "audit.lost");
  EXPECT_EQ(rows[1].subject.back(), 4) << "three and the one that asked again";
}

TEST_F(TheAudit, RefusalsOfOneDeviceFillNoLogAndAreCountedUnderItsName) {
  constexpr std::uint64_t kTaken = server::AuditBudget::kRate.burst / server::AuditBudget::kCost;
  for (std::uint64_t i = 0; i < kTaken + 300; ++i) {
    relay->audit().NoteRefusal(server::EventOf(nurse.Caller(), "test.action", "denied"));
  }
  EXPECT_EQ(server::VerifyAudit(store)->rows, 5U + kTaken);
  relay->audit().NoteRefusal(server::EventOf(colleague.Caller(), "test.action", "denied"));
  EXPECT_EQ(server::VerifyAudit(store)->rows, 5U + kTaken + 1) << "others have their own budget";
  clock.Advance(Seconds(6));
  relay->audit().NoteRefusal(server::EventOf(nurse.Caller(), "test.action", "denied again"));
  std::vector<server::AuditRow> rows;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(rows, transaction.ReadAudit(5 + kTaken + 1, 10));
                    return Ok();
                  })
                  .ok());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].action, "audit.lost");
  EXPECT_EQ(rows[0].device, nurse.device.id);
  EXPECT_EQ(rows[0].subject[14] * 256 + rows[0].subject[15], 300);
  EXPECT_EQ(rows[1].outcome, "denied again");
}

TEST_F(TheAudit, WordsDoNotRunIntoEachOther) {
  server::AuditRow a;
  a.action = "ab";
  a.outcome = "c";
  server::AuditRow b = a;
  b.action = "a";
  b.outcome = "bc";
  EXPECT_NE(server::AuditHash({}, a), server::AuditHash({}, b));
}

TEST_F(TheAudit, GoesOnAfterARestart) {
  Open();
  relay->audit().Note(server::EventOf(nurse.Caller(), "test.action", "done"));
  EXPECT_EQ(server::VerifyAudit(store)->rows, 6U);
  EXPECT_EQ(server::VerifyAudit(store)->broken_at, 0U);
}

}  // namespace
}  // namespace renkei::test
