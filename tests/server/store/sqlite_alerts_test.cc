// Rows of urgent alerts, in every store.
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::AlertRow;
using server::AlertState;
using server::ReadTransaction;
using server::WriteTransaction;
using testing::ElementsAre;
using testing::IsEmpty;

class AlertRows : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "sqlite") {
      auto opened = server::SqliteStore::Open(folder.store(), {});
      ASSERT_TRUE(opened.store) << opened.problem;
      store = std::move(opened.store);
    } else {
      store = std::make_unique<MemoryStore>();
    }
    ASSERT_TRUE(WriteTo(*store, [](WriteTransaction& t) -> Status {
                  RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                  RENKEI_TRY(AppendTo(t, CaseOf(2), AsBytes("one")));
                  RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {1, std::nullopt}));
                  RENKEI_TRY(t.AddSpan(CaseOf(2), PersonOf(1), {1, std::nullopt}));
                  return t.AddSpan(CaseOf(2), PersonOf(2), {1, std::nullopt});
                }).ok());
  }
  static AlertRow Alert(std::uint8_t case_n, std::uint64_t seq) {
    AlertRow row;
    row.case_id = CaseOf(case_n);
    row.seq = seq;
    row.record.bytes.fill(static_cast<std::uint8_t>(seq));
    row.sender = PersonOf(7);
    row.sender_device = DeviceOf(static_cast<std::uint8_t>(case_n + 40));
    row.next_step = 3;
    row.timer.boot.fill(9);
    row.timer.elapsed = {12345678901};
    row.timer.wall = {1700000000000};
    row.timer.wait = {300000};
    row.plan = ToBytes("plan");
    return row;
  }
  Status Put(const AlertRow& row) {
    return WriteTo(*store, [&](WriteTransaction& t) { return t.PutAlert(row); });
  }
  std::optional<AlertRow> Find(std::uint8_t case_n, std::uint64_t seq) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.FindAlert(CaseOf(case_n), seq); });
  }
  std::vector<AlertRow> Open() {
    return ReadFrom(*store, [](ReadTransaction& t) { return t.OpenAlerts(); });
  }
  std::vector<AlertRow> OpenOf(std::uint8_t person) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.OpenAlertsOf(PersonOf(person)); });
  }

  StoreFolder folder;
  std::unique_ptr<server::Store> store;
};

TEST_P(AlertRows, ComeBackAsTheyWereWritten) {
  AlertRow row = Alert(1, 1);
  ASSERT_TRUE(Put(row).ok());
  EXPECT_EQ(Find(1, 1), row);
  row.state = AlertState::kAcknowledged;
  row.responder = DeviceOf(3);
  row.next_step = 4;
  row.timer.wait = {7};
  ASSERT_TRUE(Put(row).ok());
  EXPECT_EQ(Find(1, 1), row) << "a row is replaced, not added";
  EXPECT_FALSE(Find(1, 2));
  EXPECT_FALSE(Find(2, 1));
}

TEST_P(AlertRows, OpenOnesAreFoundOldestFirst) {
  const AlertRow first = Alert(2, 1);
  const AlertRow second = Alert(1, 1);
  AlertRow over = Alert(1, 2);
  over.state = AlertState::kEnded;
  for (const AlertRow& row : {first, second, over}) {
    ASSERT_TRUE(Put(row).ok());
  }
  ASSERT_TRUE(Put(first).ok()) << "rewriting a step must not move it behind others";
  EXPECT_THAT(Open(), ElementsAre(first, second));
}

TEST_P(AlertRows, AreFoundByWhoIsAMemberNow) {
  const AlertRow one = Alert(1, 1);
  const AlertRow two = Alert(2, 1);
  ASSERT_TRUE(Put(one).ok());
  ASSERT_TRUE(Put(two).ok());
  EXPECT_THAT(OpenOf(1), ElementsAre(one, two));
  EXPECT_THAT(OpenOf(2), ElementsAre(two));
  EXPECT_THAT(OpenOf(3), IsEmpty());
  ASSERT_TRUE(WriteTo(*store, [](WriteTransaction& t) {
                return t.EndSpan(CaseOf(2), PersonOf(2), 5);
              }).ok());
  EXPECT_THAT(OpenOf(2), IsEmpty()) << "a removed member is never called";
}

TEST_P(AlertRows, OpenOnesAreCountedByCaseAndBySender) {
  AlertRow over = Alert(1, 3);
  over.state = AlertState::kAcknowledged;
  over.responder = DeviceOf(3);
  for (const AlertRow& row : {Alert(1, 1), Alert(1, 2), over, Alert(2, 1)}) {
    ASSERT_TRUE(Put(row).ok());
  }
  const auto of_case = [&](std::uint8_t n) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.CountOpenAlerts(CaseOf(n)); });
  };
  const auto of_device = [&](std::uint8_t n) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.CountOpenAlertsOf(DeviceOf(n)); });
  };
  EXPECT_EQ(of_case(1), 2U);
  EXPECT_EQ(of_case(2), 1U);
  EXPECT_EQ(of_case(3), 0U);
  EXPECT_EQ(of_device(41), 2U);
  EXPECT_EQ(of_device(42), 1U);
}

TEST_P(AlertRows, WorkThatFailsLeavesNone) {
  ASSERT_TRUE(Put(Alert(1, 1)).ok());
  EXPECT_FALSE(WriteTo(*store, [](WriteTransaction& t) -> Status {
                 AlertRow row = Alert(1, 1);
                 row.next_step = 9;
                 RENKEI_TRY(t.PutAlert(row));
                 RENKEI_TRY(t.PutAlert(Alert(1, 2)));
                 return Error(Code::kDenied, "test");
               }).ok());
  EXPECT_THAT(Open(), ElementsAre(Alert(1, 1)));
}

INSTANTIATE_TEST_SUITE_P(Stores, AlertRows, ::testing::Values("memory", "sqlite"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace renkei::test
