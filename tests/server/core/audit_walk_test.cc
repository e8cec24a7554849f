#include "server/core/audit_walk.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/memory_store.h"

namespace renkei::test {
namespace {

using server::AuditRow;
using server::AuditVerdict;

// A log of so many rows, as whoever edits the database behind the relay's back may leave it.
class AuditWalk : public ::testing::Test {
 protected:
  static std::vector<AuditRow> Rows(std::uint64_t count) {
    std::vector<AuditRow> out;
    Hash32 head{};
    for (std::uint64_t seq = 1; seq <= count; ++seq) {
      AuditRow row;
      row.seq = seq;
      row.at = {1000 + static_cast<std::int64_t>(seq)};
      row.action = "test.action";
      row.outcome = "done";
      row.hash = server::AuditHash(head, row);
      head = row.hash;
      out.push_back(row);
    }
    return out;
  }
  static AuditVerdict Walk(const std::vector<AuditRow>& rows) {
    MemoryStore store;
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          for (const AuditRow& row : rows) {
            RENKEI_TRY(transaction.AddAudit(row));
          }
          return Ok();
        },
        [](const Status& status) { EXPECT_TRUE(status.ok()); });
    AuditVerdict verdict;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(verdict, server::WalkAudit(transaction));
                      return Ok();
                    })
                    .ok());
    return verdict;
  }
  // Where the walk breaks when row 3 of 5 was changed.
  static std::uint64_t BrokenAt(const std::function<void(AuditRow&)>& change) {
    std::vector<AuditRow> rows = Rows(5);
    change(rows[2]);
    const AuditVerdict verdict = Walk(rows);
    EXPECT_EQ(verdict.rows, 2U) << "those before it are good";
    EXPECT_EQ(verdict.head, rows[1].hash);
    return verdict.broken_at;
  }
};

TEST_F(AuditWalk, EmptyLogIsUnbroken) {
  const AuditVerdict verdict = Walk({});
  EXPECT_EQ(verdict.rows, 0U);
  EXPECT_EQ(verdict.broken_at, 0U);
  EXPECT_EQ(verdict.head, Hash32{});
}

TEST_F(AuditWalk, G10_UnchangedLogIsUnbrokenHoweverLong) {
  for (const std::uint64_t count : {1U, 999U, 1000U, 1001U, 2500U}) {  // read in pages of 1000
    const std::vector<AuditRow> rows = Rows(count);
    const AuditVerdict verdict = Walk(rows);
    EXPECT_EQ(verdict.broken_at, 0U) << count;
    EXPECT_EQ(verdict.rows, count);
    EXPECT_EQ(verdict.head, rows.back().hash);
  }
}

TEST_F(AuditWalk, G10_RowOfWhichAnythingWasChangedIsSeen) {
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.at = row.at + Seconds(1); }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.person.institution.bytes[0] ^= 1; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.person.person.bytes[0] ^= 1; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.device.bytes[0] ^= 1; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.action = "test.other"; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.outcome = "denied"; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.subject[0] ^= 1; }), 3U);
  EXPECT_EQ(BrokenAt([](AuditRow& row) { row.hash[0] ^= 1; }), 3U);
}

TEST_F(AuditWalk, G10_RowThatWasTakenOutIsSeen) {
  std::vector<AuditRow> rows = Rows(5);
  rows.erase(rows.begin() + 2);
  EXPECT_EQ(Walk(rows).broken_at, 3U);
  rows = Rows(5);
  rows.erase(rows.begin());
  EXPECT_EQ(Walk(rows).broken_at, 1U) << "the first one too";
  // Those behind it moved up, each with a hash that fits its new number: the chain is another.
  rows = Rows(5);
  rows.erase(rows.begin() + 2);
  rows[2].seq = 3;
  rows[3].seq = 4;
  EXPECT_EQ(Walk(rows).broken_at, 3U);
}

TEST_F(AuditWalk, G10_RowFarBehindIsSeenToo) {
  std::vector<AuditRow> rows = Rows(2500);
  rows[2100].outcome = "denied";
  EXPECT_EQ(Walk(rows).broken_at, 2101U);
}

// The number is judged too where the hash was made to fit.
TEST_F(AuditWalk, G10_GapIsSeenThoughTheHashesFit) {
  std::vector<AuditRow> rows = Rows(2);
  rows[1].seq = 7;
  rows[1].hash = server::AuditHash(rows[0].hash, rows[1]);
  EXPECT_EQ(Walk(rows).broken_at, 2U);
}

}  // namespace
}  // namespace renkei::test
