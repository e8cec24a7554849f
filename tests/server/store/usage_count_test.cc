#include "server/store/usage_count.h"

#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"
#include "server/core/relay.h"
#include "server/store/store_files.h"
#include "server/store/store_tools.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using server::UsageMap;
using server::UsageOf;
using testing::IsEmpty;

// A relay's store with everything in it that counts: two offices, a case of three commits with a
// welcome that was fetched and one that waits, records, a pack. The store of fixtures/v3.sql is
// one.
class UsageCount : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    relay = std::move(
        server::Relay::Open(*opened.store, clock, world.random(), world.Identity()).value());
    world.PublishAll(*relay);
    const CommitParts first = world.NewCase(nurse);
    const CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    const CommitParts third = world.NextCommit(second.card, doctor, {&nurse, &doctor, &deputy});
    Post([&](auto reply) { relay->threads().Create(nurse.Caller(), *Keep(first), reply); });
    Post([&](auto reply) { relay->threads().Commit(nurse.Caller(), *Keep(second), reply); });
    Fetch(doctor);
    Post([&](auto reply) { relay->threads().Commit(doctor.Caller(), *Keep(third), reply); });
    for (const Handset* by : {&nurse, &doctor, &doctor, &nurse, &deputy, &doctor}) {
      const Bytes record = world.Record(third.card, *by, {0, {}, {}});
      Post([&](auto reply) { relay->threads().Append(by->Caller(), record, reply); });
    }
    SendPack(first.card.card.case_id);
    relay.reset();
    opened.store.reset();
    auto database = server::Database::Open(Path(), server::Database::Mode::kReadWrite);
    ASSERT_TRUE(database.ok());
    database_ = std::move(*database);
  }

  const server::CommitView* Keep(const CommitParts& parts) {
    view_ = parts.View();
    return &view_;
  }
  template <typename Call>
  void Post(const Call& call) {
    std::promise<std::string> said;
    call([&said](const Result<server::PostOutcome>& outcome) {
      said.set_value(outcome.ok() ? std::string(server::OutcomeName(*outcome))
                                  : outcome.error().where());
    });
    ASSERT_EQ(said.get_future().get(), "accepted");
  }
  void Fetch(const Handset& by) {
    const auto mail = relay->mailbox().Fetch(by.Caller(), 0);
    ASSERT_EQ(mail->size(), 1U);
    std::promise<bool> done;
    relay->mailbox().Ack(by.Caller(), {(*mail)[0].id},
                         [&done](const Result<bool>& result) { done.set_value(result.ok()); });
    ASSERT_TRUE(done.get_future().get());
  }
  void SendPack(const CaseId& case_id) {
    thread::Pack pack;
    pack.case_id = case_id;
    pack.key_id = doctor.person->archive.fingerprint();
    pack.sender_device = nurse.device.id;
    pack.ciphertext = world.random().NextBytes(200);
    const Bytes pack_bytes = thread::SerializePack(pack);
    thread::PackNotice notice;
    notice.case_id = case_id;
    notice.key_id = pack.key_id;
    notice.sender_device = nurse.device.id;
    notice.pack_hash = Sha256(pack_bytes);
    notice.last = {0, 1};
    notice.created_at = clock.Now();
    const Bytes notice_bytes = thread::MakePackNotice(notice, nurse.device.signing.key).value();
    Post([&](auto reply) {
      relay->threads().AppendPack(nurse.Caller(), pack_bytes, notice_bytes, reply);
    });
  }
  std::string Path() const { return folder.store() / server::kDatabaseFile; }

  StoreFolder folder;
  ManualClock clock{kRegionStart + Days(30)};
  RelayWorld world{51};
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  std::unique_ptr<server::Relay> relay;
  std::unique_ptr<server::Database> database_;

 private:
  server::CommitView view_;
};

TEST_F(UsageCount, WhatIsThereIsWhatWasNoted) {
  const auto counted = server::CountUsage(*database_);
  const auto noted = server::ReadUsage(*database_);
  ASSERT_TRUE(counted.ok() && noted.ok());
  EXPECT_EQ(*counted, *noted);
  EXPECT_EQ(counted->size(), 6U) << "three devices, three institutions with the operator's";
  for (const auto& [owner, bytes] : *counted) {
    EXPECT_GT(bytes, 0U);
  }
  EXPECT_THAT(server::VerifyStore(Path()).miscounted, IsEmpty());
}

TEST_F(UsageCount, AWrongNoteIsFoundByVerify) {
  RowsOf(Path(), "UPDATE stored_bytes SET bytes = bytes - 1 WHERE owner = 1 AND id = x'" +
                     ToHex(doctor.device.id.view()) + "'");
  const auto report = server::VerifyStore(Path());
  EXPECT_THAT(report.findings, IsEmpty()) << "nothing is damaged";
  ASSERT_EQ(report.miscounted.size(), 1U);
  EXPECT_THAT(report.miscounted[0],
              testing::HasSubstr("stored_bytes: device " + ToHex(doctor.device.id.view())));
}

TEST_F(UsageCount, AMissingAndAnInventedNoteAreFound) {
  RowsOf(Path(), "DELETE FROM stored_bytes WHERE owner = 2 AND id = x'" +
                     ToHex(doctor.person->Ref().institution.view()) + "'");
  RowsOf(Path(), "INSERT INTO stored_bytes VALUES (1, zeroblob(16), 5)");
  EXPECT_EQ(server::VerifyStore(Path()).miscounted.size(), 2U);
}

TEST_F(UsageCount, NotMoreThanAnybodyReadsAreNamed) {
  RowsOf(Path(),
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 205)"
         " INSERT INTO stored_bytes SELECT 1, CAST(printf('%016d', i) AS BLOB), 5 FROM n");
  const auto report = server::VerifyStore(Path());
  ASSERT_EQ(report.miscounted.size(), server::kMaxReported + 1);
  EXPECT_EQ(report.miscounted.back(), "and 5 more");
}

TEST_F(UsageCount, WrongNotesArePutRight) {
  const auto before = *server::ReadUsage(*database_);
  RowsOf(Path(), "UPDATE stored_bytes SET bytes = bytes + 7 WHERE owner = 1 AND id = x'" +
                     ToHex(doctor.device.id.view()) + "'");
  RowsOf(Path(), "INSERT INTO stored_bytes VALUES (1, zeroblob(16), 5)");
  const auto wrong = server::RewriteUsage(*database_);
  ASSERT_TRUE(wrong.ok());
  EXPECT_EQ(*wrong, 2U);
  EXPECT_EQ(*server::ReadUsage(*database_), before);
  EXPECT_EQ(*server::RewriteUsage(*database_), 0U);
}

TEST_F(UsageCount, WhereItCannotBeDoneNothingIsChanged) {
  RowsOf(Path(), "UPDATE stored_bytes SET bytes = 1");
  RowsOf(Path(), "ALTER TABLE packs RENAME TO elsewhere");
  const auto before = *server::ReadUsage(*database_);
  EXPECT_FALSE(server::RewriteUsage(*database_).ok());
  EXPECT_EQ(*server::ReadUsage(*database_), before);
  EXPECT_TRUE(database_->Execute("BEGIN EXCLUSIVE").ok()) << "a transaction is still open";
}

TEST_F(UsageCount, AStoreFromBeforeIsCounted) {
  const auto before = *server::ReadUsage(*database_);
  ASSERT_TRUE(database_->Execute("DELETE FROM stored_bytes").ok());
  ASSERT_TRUE(server::WriteUsage(*database_).ok());
  EXPECT_EQ(*server::ReadUsage(*database_), before);
}

TEST(UsageDifferences, AreThoseOfEitherSide) {
  const ByteArray<kIdBytes> a{1};
  const ByteArray<kIdBytes> b{2};
  const UsageMap counted = {{{UsageOf::kDevice, a}, 1}, {{UsageOf::kDevice, b}, 2}};
  const UsageMap noted = {{{UsageOf::kDevice, b}, 2}, {{UsageOf::kInstitution, a}, 3}};
  const auto out = server::DifferencesOf(counted, noted);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out.at({UsageOf::kDevice, a}), (std::pair<std::uint64_t, std::uint64_t>(1, 0)));
  EXPECT_EQ(out.at({UsageOf::kInstitution, a}), (std::pair<std::uint64_t, std::uint64_t>(0, 3)));
}

}  // namespace
}  // namespace renkei::test
