#include "client/core/link_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/case_store.h"
#include "client/core/keys.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

CaseRow Row(std::uint8_t number) {
  CaseRow row;
  row.case_id.bytes[15] = number;
  row.position = {.seq = 10U + number, .hash = Sha256(Bytes{number}), .received_at = {}};
  row.has_card = true;
  row.at = {1, number};
  row.card_hash = Sha256(Bytes{number, number});
  return row;
}

class LinkState : public testing::Test {
 protected:
  void Save(const CaseRow& row) { ASSERT_TRUE(CaseStore(vault_).SaveRow(row).ok()); }

  MemoryVault vault_;
};

TEST_F(LinkState, SaysWhereEachThreadStands) {
  Save(Row(1));
  Save(Row(2));
  const auto positions = LoadThreadPositions(vault_).value();
  ASSERT_THAT(positions, SizeIs(2));
  EXPECT_EQ(positions[0].case_id, Row(1).case_id);
  EXPECT_EQ(positions[0].seq, 11U);
  EXPECT_EQ(positions[0].hash, Row(1).position.hash);
  EXPECT_EQ(positions[0].at, (thread::EpochRef{1, 1}));
  EXPECT_EQ(positions[0].card_hash, Row(1).card_hash);
}

TEST_F(LinkState, LeavesOutCasesThatThePersonLeftOrThatNeverBegan) {
  CaseRow removed = Row(1);
  removed.removed = true;
  Save(removed);
  CaseRow empty = Row(2);
  empty.has_card = false;
  Save(empty);
  EXPECT_THAT(LoadThreadPositions(vault_).value(), IsEmpty());
}

TEST_F(LinkState, IsReadBackByTheNewDevice) {
  const ThreadPosition position{
      .case_id = Row(3).case_id, .seq = 13, .hash = Sha256({}), .at = {2, 5}, .card_hash = {}};
  ASSERT_TRUE(SaveLinkState(vault_, AsBytes("signed link"), {position}).ok());
  EXPECT_EQ(LoadSignedLink(vault_).value(), ToBytes("signed link"));
  const auto read = LoadLinkedPosition(vault_, position.case_id).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->seq, 13U);
  EXPECT_EQ(read->hash, position.hash);
  EXPECT_EQ(read->at, position.at);
  EXPECT_EQ(LoadLinkedPosition(vault_, Row(4).case_id).value(), std::nullopt);
}

TEST_F(LinkState, OfAPersonsFirstDeviceIsEmpty) {
  EXPECT_EQ(LoadSignedLink(vault_).value(), std::nullopt);
}

TEST_F(LinkState, IsAllThereOrNotAtAll) {
  const std::vector<ThreadPosition> positions(3);
  for (std::size_t write = 1; write <= 5; ++write) {
    vault_.FailAtWrite(write, MemoryVault::Fault::kFailOnce);
    {
      auto transaction = Transaction::Begin(vault_).value();
      const Status saved = SaveLinkState(vault_, AsBytes("link"), positions);
      EXPECT_FALSE(saved.ok() && transaction.Commit().ok()) << write;
    }
    EXPECT_EQ(LoadSignedLink(vault_).value(), std::nullopt) << write;
  }
}

TEST_F(LinkState, DamagedIsAnErrorAndNotNothing) {
  ASSERT_TRUE(SaveLinkState(vault_, AsBytes("link"), {ThreadPosition{}}).ok());
  ASSERT_TRUE(
      vault_.Put(Table::kTrust, RowKey("linked/").Add(CaseId{}.view()).bytes(), Bytes{0x0A, 0x01})
          .ok());
  EXPECT_EQ(LoadLinkedPosition(vault_, CaseId{}).error().code(), Code::kCorrupt);
  ASSERT_TRUE(vault_.Put(Table::kCases, Bytes(16, 1), Bytes{0xFF}).ok());
  EXPECT_EQ(LoadThreadPositions(vault_).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
