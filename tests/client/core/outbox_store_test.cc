#include "client/core/outbox_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/keys.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

CaseId Case(std::uint8_t number) {
  CaseId out;
  out.bytes[15] = number;
  return out;
}

class Outbox : public testing::Test {
 protected:
  OutboxItem Add(const std::string& text, Priority priority, const CaseId& case_id = Case(1)) {
    OutboxItem item;
    item.case_id = case_id;
    item.record_id = RecordId::Generate(random_);
    item.content = ToBytes(text);
    EXPECT_TRUE(store_.Add(item, priority).ok());
    return item;
  }
  std::vector<std::string> Order(const CaseId& case_id = Case(1)) {
    std::vector<std::string> out;
    const auto items = store_.Items(case_id).value();
    for (const OutboxItem& item : items) {
      out.push_back(ToString(item.content));
    }
    return out;
  }

  SeededRandom random_{1};
  MemoryVault vault_;
  OutboxStore store_{vault_};
};

TEST_F(Outbox, GoesUrgentFirstThenAsItWasWritten) {
  Add("quiet", Priority::kQuiet);
  Add("first", Priority::kNormal);
  Add("urgent", Priority::kUrgent);
  Add("second", Priority::kNormal);
  Add("urgent too", Priority::kUrgent);
  EXPECT_THAT(Order(), ElementsAre("urgent", "urgent too", "first", "second", "quiet"));
}

TEST_F(Outbox, KeepsItsOrderWhenTheFirstHasGone) {
  const OutboxItem gone = Add("first", Priority::kNormal);
  Add("second", Priority::kNormal);
  ASSERT_TRUE(store_.Erase(gone.case_id, gone.place).ok());
  Add("third", Priority::kNormal);
  EXPECT_THAT(Order(), ElementsAre("second", "third"));
}

TEST_F(Outbox, KeepsItsOrderBeyondTwoHundredAndFiftySix) {
  for (int i = 0; i < 300; ++i) {
    Add(std::to_string(i), Priority::kNormal);
  }
  const auto order = Order();
  ASSERT_THAT(order, SizeIs(300));
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], std::to_string(i));
  }
}

TEST_F(Outbox, TellsCasesApart) {
  Add("mine", Priority::kNormal, Case(1));
  Add("theirs", Priority::kUrgent, Case(2));
  EXPECT_THAT(Order(Case(1)), ElementsAre("mine"));
  EXPECT_THAT(Order(Case(2)), ElementsAre("theirs"));
  EXPECT_THAT(store_.All().value(), SizeIs(2));
}

TEST_F(Outbox, KeepsEveryFieldOfAnItem) {
  OutboxItem item;
  item.case_id = Case(1);
  item.record_id = RecordId::Generate(random_);
  item.kind = 15;
  item.content = ToBytes("content");
  item.created_at = {1234};
  item.urgent = true;
  item.attempts = 3;
  item.waiting = WaitReason::kThrottled;
  item.retry_at = Millis{1'700'000'000'123};
  item.sealed = ToBytes("sealed");
  item.acknowledged = true;
  item.at = {1, 7};
  ASSERT_TRUE(store_.Add(item, Priority::kUrgent).ok());
  const auto read = store_.FindRecord(Case(1), item.record_id).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->kind, 15U);
  EXPECT_EQ(read->content, ToBytes("content"));
  EXPECT_EQ(read->created_at, Millis{1234});
  EXPECT_TRUE(read->urgent);
  EXPECT_EQ(read->attempts, 3U);
  EXPECT_EQ(read->waiting, WaitReason::kThrottled);
  EXPECT_EQ(read->retry_at, Millis{1'700'000'000'123});
  EXPECT_EQ(read->sealed, ToBytes("sealed"));
  EXPECT_TRUE(read->acknowledged);
  EXPECT_EQ(read->at, (thread::EpochRef{1, 7}));
  EXPECT_FALSE(read->is_pack());
  EXPECT_EQ(read->place, item.place);
}

TEST_F(Outbox, SavingAgainChangesTheItemAndNotItsPlace) {
  OutboxItem item = Add("before", Priority::kNormal);
  Add("other", Priority::kNormal);
  item.content = ToBytes("after");
  ASSERT_TRUE(store_.Save(item).ok());
  EXPECT_THAT(Order(), ElementsAre("after", "other"));
}

TEST_F(Outbox, APackIsNoRecord) {
  const Hash32 key = Sha256(AsBytes("an archive key"));
  ASSERT_TRUE(store_.AddPack(Case(1), key, {5}).ok());
  const auto items = store_.Items(Case(1)).value();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_TRUE(items[0].is_pack());
  EXPECT_EQ(items[0].pack_key, key);
  EXPECT_EQ(store_.FindRecord(Case(1), RecordId{}).value().has_value(), false)
      << "its empty record id is nobody's";
}

TEST_F(Outbox, ARolledBackItemWasNeverThere) {
  {
    auto transaction = Transaction::Begin(vault_).value();
    Add("taken back", Priority::kUrgent);
  }
  EXPECT_THAT(store_.All().value(), IsEmpty());
}

TEST_F(Outbox, DamagedRowsAreAnErrorAndNotSkipped) {
  const OutboxItem item = Add("x", Priority::kNormal);
  const Bytes key = RowKey(item.case_id.view()).Add(item.place).bytes();
  ASSERT_TRUE(vault_.Put(Table::kOutbox, key, Bytes{0x0A, 0x02, 1, 2}).ok());  // a short id
  EXPECT_EQ(store_.Items(Case(1)).error().code(), Code::kCorrupt);
  ASSERT_TRUE(vault_.Erase(Table::kOutbox, key).ok());
  ASSERT_TRUE(vault_.Put(Table::kOutbox, RowKey(Case(1).view()).AddU8(1).bytes(), {}).ok());
  EXPECT_EQ(store_.All().error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
