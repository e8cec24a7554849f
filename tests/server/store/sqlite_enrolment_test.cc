// Tickets, the audit log and small facts: in every store, and what only SQLite can have.
#include "tests/server/store/damaged_rows.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::TicketRow;
using server::TicketState;
using server::WriteTransaction;

TicketRow Ticket(std::uint8_t n, std::uint8_t purpose, TicketState state) {
  TicketRow row;
  row.ticket.bytes.fill(n);
  row.purpose = purpose;
  row.creator = PersonOf(1);
  row.creator_device = DeviceOf(1);
  row.expires_at = {1000};
  row.state = state;
  row.signed_request = ToBytes("request");
  row.signed_link = ToBytes("link");
  row.sealed_package = Bytes(100, 1);
  row.certificates = {Bytes{1, 2, 3}, Bytes{}, Bytes{4}};
  row.chain = {Bytes(300, 5)};
  return row;
}

class StoredEnrolment : public EveryStore {};

TEST_P(StoredEnrolment, TicketsComeBackAsTheyWent) {
  const TicketRow row = Ticket(1, 2, TicketState::kRequested);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutTicket(row); }).ok());
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindTicket(row.ticket); }), row);
  TicketRow changed = row;
  changed.state = TicketState::kApproved;
  changed.certificates.clear();
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutTicket(changed); }).ok());
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindTicket(row.ticket); }),
            changed);
}

TEST_P(StoredEnrolment, WaitingTicketsAreTheRequestedAndLinkedOnesThatHaveTime) {
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.PutTicket(Ticket(9, 3, TicketState::kRequested)));
                RENKEI_TRY(t.PutTicket(Ticket(2, 3, TicketState::kLinked)));
                RENKEI_TRY(t.PutTicket(Ticket(3, 2, TicketState::kOpen)));
                return t.PutTicket(Ticket(4, 2, TicketState::kApproved));
              }).ok());
  const auto waiting = [&](Millis now) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.WaitingTickets(PersonOf(1), now, 10); });
  };
  ASSERT_EQ(waiting({999}).size(), 2U);
  EXPECT_EQ(waiting({999})[0].ticket.bytes[0], 9) << "the oldest first";
  EXPECT_TRUE(waiting({1000}).empty());
  const auto linked = ReadFrom(*store, [&](ReadTransaction& t) {
    return t.LinkedTickets(PersonOf(1).institution, {0}, 10);
  });
  ASSERT_EQ(linked.size(), 1U);
  EXPECT_EQ(linked[0].ticket.bytes[0], 2);
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.CountTickets(PersonOf(1), {0}); }),
            3U);
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.DeleteTicketsExpiredBefore({1001}); }).ok());
  EXPECT_TRUE(waiting({0}).empty());
}

TEST_P(StoredEnrolment, AuditRowsComeBackAsTheyWent) {
  server::AuditRow row{1, {77}, PersonOf(1), DeviceOf(2), "action", "outcome", {}, HashOf(3)};
  row.subject.fill(4);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).ok());
  row.seq = 2;
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).ok());
  const auto last = ReadFrom(*store, [](ReadTransaction& t) { return t.LastAudit(); });
  ASSERT_TRUE(last);
  EXPECT_EQ(last->seq, 2U);
  EXPECT_EQ(last->action, "action");
  EXPECT_EQ(last->subject, row.subject);
  const auto rows = ReadFrom(*store, [](ReadTransaction& t) { return t.ReadAudit(0, 10); });
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at, Millis{77});
  EXPECT_EQ(rows[0].hash, HashOf(3));
  EXPECT_EQ(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).error().code(),
            Code::kConflict);
}

TEST_P(StoredEnrolment, MetaIsReplacedAndDeleted) {
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.PutMeta("a", AsBytes("1")); }).ok());
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.PutMeta("a", AsBytes("")); }).ok());
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.FindMeta("a"); }), Bytes{});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Write([](WriteTransaction& t) { return t.DeleteMeta("a"); }).ok());
    EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindMeta("a"); }));
  }
}

TEST_P(StoredEnrolment, TicketsAreThoseOfTheirPersonOrInstitutionUpToTheLimit) {
  TicketRow colleagues = Ticket(1, 3, TicketState::kLinked);
  colleagues.creator = PersonOf(2);
  TicketRow elsewhere = Ticket(2, 3, TicketState::kLinked);
  elsewhere.creator.institution.bytes.fill(0xB0);
  TicketRow staff = Ticket(3, 2, TicketState::kLinked);
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.PutTicket(colleagues));
                RENKEI_TRY(t.PutTicket(elsewhere));
                RENKEI_TRY(t.PutTicket(staff));
                return t.PutTicket(Ticket(4, 3, TicketState::kLinked));
              }).ok());
  const auto waiting = [&](std::size_t limit) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.WaitingTickets(PersonOf(1), {0}, limit); });
  };
  ASSERT_EQ(waiting(10).size(), 2U);
  EXPECT_EQ(waiting(10)[0], staff);
  EXPECT_EQ(waiting(1).size(), 1U);
  const auto linked = [&](Millis now, std::size_t limit) {
    return ReadFrom(*store, [&](ReadTransaction& t) {
      return t.LinkedTickets(PersonOf(1).institution, now, limit);
    });
  };
  ASSERT_EQ(linked({0}, 10).size(), 2U) << "devices of the institution, nobody else's";
  EXPECT_EQ(linked({0}, 10)[0], colleagues);
  EXPECT_EQ(linked({0}, 1).size(), 1U);
  EXPECT_TRUE(linked({1000}, 10).empty());
  const auto count = [&](Millis now) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.CountTickets(PersonOf(1), now); });
  };
  EXPECT_EQ(count({0}), 2U);
  EXPECT_EQ(count({1000}), 0U);
}

TEST_P(StoredEnrolment, TicketsAreForgottenFromTheirMomentOnAndNotBefore) {
  const TicketRow row = Ticket(1, 2, TicketState::kOpen);
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.PutTicket(row));
                return t.DeleteTicketsExpiredBefore({1000});
              }).ok());
  EXPECT_TRUE(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindTicket(row.ticket); }));
}

TEST_P(StoredEnrolment, AuditLogIsReadFromARowUpToTheLimit) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                for (std::uint64_t seq = 1; seq <= 5; ++seq) {
                  RENKEI_TRY(t.AddAudit(
                      {seq, {1}, PersonOf(1), DeviceOf(1), "action", "done", {}, HashOf(1)}));
                }
                return Ok();
              }).ok());
  const auto read = [&](std::uint64_t after, std::size_t limit) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.ReadAudit(after, limit); });
  };
  EXPECT_EQ(read(0, 10).size(), 5U);
  ASSERT_EQ(read(2, 2).size(), 2U);
  EXPECT_EQ(read(2, 2)[0].seq, 3U);
  EXPECT_TRUE(read(UINT64_MAX, 10).empty());
}

RENKEI_TEST_EVERY_STORE(StoredEnrolment);

class DamagedEnrolment : public DamagedRows {};

TEST_F(DamagedEnrolment, CreatorOfATicketHasItsLength) {
  ExpectDamageTold("UPDATE tickets SET person = x'01'", kFindTicket);
}

TEST_F(DamagedEnrolment, CertificatesOfATicketMustNotEndInALength) {
  ExpectDamageTold("UPDATE tickets SET certificates = x'0000'", kFindTicket);
}

TEST_F(DamagedEnrolment, CertificateOfATicketMustNotReachBeyondItsRow) {
  ExpectDamageTold("UPDATE tickets SET certificates = x'ffffffff01'", kFindTicket);
}

TEST_F(DamagedEnrolment, HashOfAnAuditRowHasItsLength) {
  ExpectDamageTold("UPDATE audit SET hash = x'01' WHERE seq = 1",
                   [](ReadTransaction& t) { return t.ReadAudit(0, 10); });
}

TEST_F(DamagedEnrolment, DeviceOfTheLastAuditRowHasItsLength) {
  ExpectDamageTold("UPDATE audit SET device = x'01' WHERE seq = 2",
                   [](ReadTransaction& t) { return t.LastAudit(); });
}

}  // namespace
}  // namespace renkei::test
