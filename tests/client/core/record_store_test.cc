#include "client/core/record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/keys.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

template <typename AnyId>
AnyId Numbered(std::uint8_t number) {
  AnyId out;
  out.bytes.fill(0xA0);
  out.bytes[15] = number;
  return out;
}

RecordRow Row(std::uint64_t seq, std::uint8_t id) {
  RecordRow row;
  row.case_id = Numbered<CaseId>(1);
  row.seq = seq;
  row.record_id = Numbered<RecordId>(id);
  row.kind = 10;
  row.author = {Numbered<InstitutionId>(1), Numbered<PersonId>(1)};
  row.device = Numbered<DeviceId>(1);
  return row;
}

class Records : public testing::Test {
 protected:
  std::vector<std::uint64_t> Found(std::string_view text, std::size_t limit = 10) {
    std::vector<std::uint64_t> out;
    const auto places = store_.FindPlaces(text, limit).value();
    for (const RecordPlace& place : places) {
      out.push_back(place.seq);
    }
    return out;
  }
  Status Hear(std::uint64_t seq, std::uint64_t received_to) {
    return store_.SaveHeard(case_, nurse_, seq, {static_cast<std::int64_t>(seq * 10)}, received_to);
  }
  std::optional<Millis> ReceivedAt(std::uint64_t seq) {
    return store_.ReceivedAt(case_, nurse_, seq).value();
  }

  const CaseId case_ = Numbered<CaseId>(1);
  const thread::PersonRef nurse_{Numbered<InstitutionId>(2), Numbered<PersonId>(2)};
  MemoryVault vault_;
  RecordStore store_{vault_};
};

TEST_F(Records, KeepEveryField) {
  RecordRow row = Row(5, 1);
  row.author_name = "架空 ゆき";
  row.created_at = {100};
  row.received_at = {200};
  row.urgent = true;
  row.content = ToBytes("content");
  row.corrects = Numbered<RecordId>(9);
  row.correction_reason = "誤記";
  row.answers = Numbered<RecordId>(8);
  row.at = {1, 3};
  row.waiting_for_secret = true;
  row.problem = "why";
  row.seen_seq = 4;
  ASSERT_TRUE(store_.Save(row).ok());
  const auto read = store_.Find(case_, 5).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->record_id, row.record_id);
  EXPECT_EQ(read->kind, 10U);
  EXPECT_EQ(read->author, row.author);
  EXPECT_EQ(read->author_name, row.author_name);
  EXPECT_EQ(read->device, row.device);
  EXPECT_EQ(read->created_at, row.created_at);
  EXPECT_EQ(read->received_at, row.received_at);
  EXPECT_TRUE(read->urgent);
  EXPECT_EQ(read->content, row.content);
  EXPECT_EQ(read->corrects, row.corrects);
  EXPECT_EQ(read->correction_reason, "誤記");
  EXPECT_EQ(read->answers, row.answers);
  EXPECT_EQ(read->at, row.at);
  EXPECT_TRUE(read->waiting_for_secret);
  EXPECT_EQ(read->problem, "why");
  EXPECT_EQ(read->seen_seq, 4U);
}

TEST_F(Records, ComeInThreadOrderAfterAPosition) {
  for (const std::uint64_t seq : {300U, 2U, 10U}) {
    ASSERT_TRUE(store_.Save(Row(seq, static_cast<std::uint8_t>(seq))).ok());
  }
  std::vector<std::uint64_t> order;
  const auto rows = store_.Records(case_, 2).value();
  for (const RecordRow& row : rows) {
    order.push_back(row.seq);
  }
  EXPECT_THAT(order, ElementsAre(10, 300));
}

TEST_F(Records, ANumberThatIsTakenStaysWithTheFirst) {
  EXPECT_TRUE(store_.SaveNew(Row(5, 1)).value());
  EXPECT_FALSE(store_.SaveNew(Row(6, 1)).value());
  EXPECT_EQ(store_.Find(case_, 6).value().has_value(), false) << "nothing is written then";
  EXPECT_EQ(store_.FindPlace(Numbered<RecordId>(1)).value()->seq, 5U);
}

TEST_F(Records, ANumberHeldByOneThatDoesNotCountIsFree) {
  RecordRow bad = Row(5, 1);
  ASSERT_TRUE(store_.SaveNew(bad).value());
  bad.problem = "record: its contents are damaged";
  ASSERT_TRUE(store_.Save(bad).ok());
  EXPECT_TRUE(store_.SaveNew(Row(6, 1)).value());
  EXPECT_EQ(store_.FindPlace(Numbered<RecordId>(1)).value()->seq, 6U);
}

TEST_F(Records, AreFoundByTheBeginningOfTheirNumber) {
  RecordRow first = Row(1, 1);
  first.record_id = RecordId::Parse("abcdef01-2345-4789-8abc-def012345678").value();
  RecordRow second = Row(2, 2);
  second.record_id = RecordId::Parse("abcdef01-3345-4789-8abc-def012345678").value();
  ASSERT_TRUE(store_.SaveNew(first).value() && store_.SaveNew(second).value());
  EXPECT_THAT(Found("abcdef01"), SizeIs(2));
  EXPECT_THAT(Found("abcdef01-2"), ElementsAre(1));
  EXPECT_THAT(Found("abcdef013"), ElementsAre(2)) << "an odd number of digits, no dash";
  EXPECT_THAT(Found("ABCDEF01-3345"), ElementsAre(2)) << "capitals";
  EXPECT_THAT(Found("abcdef01-2345-4789-8abc-def012345678"), ElementsAre(1));
  EXPECT_THAT(Found("abce"), IsEmpty());
  EXPECT_THAT(Found("abcdef01", 1), SizeIs(1));
  for (const char* bad : {"", "abc", "wxyz", "abcdef01-2345-4789-8abc-def0123456789"}) {
    EXPECT_EQ(store_.FindPlaces(bad, 10).error().code(), Code::kMalformed) << bad;
  }
}

TEST_F(Records, NameTheirCorrectionsOldestFirst) {
  const RecordId original = Numbered<RecordId>(1);
  for (const std::uint64_t seq : {300U, 7U}) {
    ASSERT_TRUE(
        store_.SaveCorrection(original, {case_, seq, Numbered<RecordId>(2), Numbered<DeviceId>(1)})
            .ok());
  }
  const auto corrections = store_.Corrections(original).value();
  ASSERT_THAT(corrections, SizeIs(2));
  EXPECT_EQ(corrections[0].seq, 7U);
  EXPECT_THAT(store_.Corrections(Numbered<RecordId>(2)).value(), IsEmpty());
}

TEST_F(Records, KeepEachPersonsStandingApart) {
  const RecordId id = Numbered<RecordId>(1);
  Standing standing;
  standing.opened_at = Millis{10};
  standing.acknowledged_at = Millis{20};
  standing.read_back = "了解";
  standing.responding_at = Millis{30};
  standing.opened_here = true;
  ASSERT_TRUE(store_.SaveStanding(case_, id, nurse_, standing).ok());
  const Standing read = store_.FindStanding(case_, id, nurse_).value();
  EXPECT_EQ(read.opened_at, Millis{10});
  EXPECT_EQ(read.acknowledged_at, Millis{20});
  EXPECT_EQ(read.read_back, "了解");
  EXPECT_EQ(read.responding_at, Millis{30});
  EXPECT_TRUE(read.opened_here);
  const Standing none =
      store_.FindStanding(case_, id, {nurse_.institution, Numbered<PersonId>(9)}).value();
  EXPECT_FALSE(none.opened_at.has_value() || none.opened_here);
  const auto all = store_.Standings(case_, id).value();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].first, nurse_);
  EXPECT_THAT(store_.Standings(case_, Numbered<RecordId>(2)).value(), IsEmpty());
}

TEST_F(Records, ReceivedIsTheFirstTimeThatAPersonShowedIt) {
  ASSERT_TRUE(Hear(3, 2).ok());
  ASSERT_TRUE(Hear(8, 5).ok());
  EXPECT_EQ(ReceivedAt(2), Millis{30});
  EXPECT_EQ(ReceivedAt(3), Millis{80});
  EXPECT_EQ(ReceivedAt(6), std::nullopt);
  const auto heard = store_.HeardOf(case_).value();
  ASSERT_THAT(heard, SizeIs(1));
  EXPECT_EQ(heard[0].second.seq, 8U);
  EXPECT_EQ(heard[0].second.received_to, 5U);
}

TEST_F(Records, ReceivedDoesNotDependOnTheOrderOfReading) {
  ASSERT_TRUE(Hear(8, 5).ok());
  ASSERT_TRUE(Hear(3, 2).ok());  // a newcomer opens the older one later
  EXPECT_EQ(ReceivedAt(2), Millis{30});
  EXPECT_EQ(ReceivedAt(3), Millis{80});
  EXPECT_EQ(store_.HeardOf(case_).value()[0].second.seq, 8U) << "the newest stays";
}

TEST_F(Records, BeingHeardShowsNothingReceived) {
  ASSERT_TRUE(Hear(4, 0).ok());
  EXPECT_EQ(ReceivedAt(1), std::nullopt);
}

TEST_F(Records, DamagedRowsAreAnError) {
  ASSERT_TRUE(vault_.Put(Table::kRecords, RowKey(case_.view()).AddU64(1).bytes(), {}).ok());
  EXPECT_EQ(store_.Find(case_, 1).error().code(), Code::kCorrupt);
  EXPECT_EQ(store_.Records(case_, 0).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
