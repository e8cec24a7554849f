#include "server/store/usage_count.h"

#include "server/core/relay.h"
#include "server/store/sqlite_transaction.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"
#include "tests/server/store/store_fixture.h"
#include "tests/support/relay_world.h"

namespace renkei::server {
namespace {

TEST(UsageRow, IsThreeNumbers) {
  const Usage usage{0x0102030405060708, 9, 10};
  EXPECT_EQ(*ParseUsage(SerializeUsage(usage)), usage);
  EXPECT_EQ(ParseUsage(Bytes(23)).error().code(), Code::kCorrupt);
  EXPECT_EQ(ParseUsage(Bytes(25)).error().code(), Code::kCorrupt);
}

// A relay's store with a case of two offices, and what was noted while it was written.
class UsageCount : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    relay = std::move(Relay::Open(*opened.store, clock, world.random(), world.Identity()).value());
    world.PublishAll(*relay);
    const test::CommitParts first = world.NewCase(nurse);
    const test::CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    const auto wait = [](const auto& call) {
      std::promise<bool> done;
      call([&done](const Result<PostOutcome>& outcome) {
        done.set_value(outcome.ok() && std::holds_alternative<Accepted>(*outcome));
      });
      ASSERT_TRUE(done.get_future().get());
    };
    const CommitView one = first.View();
    wait([&](auto reply) { relay->threads().Create(nurse.Caller(), one, reply); });
    const CommitView two = second.View();
    wait([&](auto reply) { relay->threads().Commit(nurse.Caller(), two, reply); });
    for (const test::Handset* by : {&nurse, &doctor, &doctor}) {
      const Bytes record = world.Record(second.card, *by, {0, {}, {}});
      wait([&](auto reply) { relay->threads().Append(by->Caller(), record, reply); });
    }
    relay.reset();
    opened.store.reset();
    database = std::move(
        Database::Open(folder.store() / kDatabaseFile, Database::Mode::kReadWrite).value());
  }

  test::StoreFolder folder;
  ManualClock clock{test::kRegionStart + Days(30)};
  test::RelayWorld world{51};
  test::Office& station = world.AddOffice("訪問看護ステーション（架空）");
  test::Office& clinic = world.AddOffice("医院（架空）");
  test::Handset& nurse = world.AddMember(station);
  test::Handset& doctor = world.AddMember(clinic);
  std::unique_ptr<Relay> relay;
  std::unique_ptr<Database> database;
};

TEST_F(UsageCount, WhatIsThereIsWhatWasNoted) {
  const auto counted = CountUsage(*database);
  const auto noted = ReadUsage(*database);
  ASSERT_TRUE(counted.ok());
  ASSERT_TRUE(noted.ok());
  ASSERT_EQ(counted->size(), 4U) << "two devices, two institutions";
  ASSERT_EQ(noted->size(), 4U);
  for (const auto& [name, usage] : *counted) {
    EXPECT_EQ(noted->at(name).kept, usage.kept) << name;
    EXPECT_EQ(noted->at(name).threads, usage.threads) << name;
    EXPECT_GT(usage.kept, 0U);
  }
  EXPECT_TRUE(VerifyStore(folder.store() / kDatabaseFile).findings.empty());
}

TEST_F(UsageCount, AWrongNoteIsFoundByVerify) {
  const std::string name = UsageName(Owner::kDevice, doctor.device.id.bytes);
  SqliteTransaction transaction(*database, false);
  Usage wrong = ReadUsage(*database)->at(name);
  wrong.kept -= 1;
  ASSERT_TRUE(transaction.PutMeta(name, SerializeUsage(wrong)).ok());
  const StoreReport report = VerifyStore(folder.store() / kDatabaseFile);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_NE(report.findings[0].find(name), std::string::npos);
}

TEST_F(UsageCount, AStoreFromBeforeIsCountedOnce) {
  const auto before = *ReadUsage(*database);
  ASSERT_TRUE(database->Execute("DELETE FROM meta WHERE name LIKE 'usage %'").ok());
  ASSERT_TRUE(CountUsageIfNew(*database).ok());
  for (const auto& [name, usage] : before) {
    EXPECT_EQ(ReadUsage(*database)->at(name).kept, usage.kept) << name;
  }
  ASSERT_TRUE(database->Execute("DELETE FROM meta WHERE name LIKE 'usage d %'").ok());
  ASSERT_TRUE(CountUsageIfNew(*database).ok());
  EXPECT_EQ(ReadUsage(*database)->size(), 2U) << "not again";
}

}  // namespace
}  // namespace renkei::server
