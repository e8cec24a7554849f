#include "server/core/usage.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Owner;
using server::Usage;

class TheQuota : public RelayFixture {
 protected:
  void SetUp() override {}
  void OpenWith(const server::StoredLimits& limits) {
    relay = std::move(
        server::Relay::Open(store, clock, world.random(), world.Identity(), limits).value());
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
  }
  std::string Post(const Handset& by, std::size_t bytes) {
    const Bytes record = world.Record(first.card, by, HeadOf(first.card.card.case_id), bytes);
    written += record.size();
    return NameOf(Append(by, record));
  }
  Usage UsedBy(Owner owner, const ByteArray<kIdBytes>& id) {
    Usage out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.FindUsage(owner, id));
                      return Ok();
                    })
                    .ok());
    return out;
  }
  Usage OfNurse() { return UsedBy(Owner::kDevice, nurse.device.id.bytes); }
  Usage OfStation() { return UsedBy(Owner::kInstitution, nurse.person->Ref().institution.bytes); }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
  CommitParts first;
  std::size_t written = 0;
};

TEST_F(TheQuota, WhatIsKeptIsCountedForTheDeviceAndItsInstitution) {
  OpenWith({});
  const Usage begun = OfNurse();
  EXPECT_EQ(begun.threads, 1U);
  EXPECT_GT(begun.kept, first.card.card_bytes.size() + 2 * server::kEnvelopeBytes);
  EXPECT_EQ(begun.passing, first.group_info.size());
  ASSERT_EQ(Post(nurse, 2064), "accepted");
  EXPECT_EQ(OfNurse().kept, begun.kept + written + server::kRowBytes);
  EXPECT_EQ(OfStation(), OfNurse());
}

TEST_F(TheQuota, ARetryAndARefusalCostNothing) {
  OpenWith({});
  const Bytes record = world.Record(first.card, nurse, HeadOf(first.card.card.case_id), 1040);
  ASSERT_EQ(NameOf(Append(nurse, record)), "accepted");
  const Usage once = OfNurse();
  EXPECT_EQ(NameOf(Append(nurse, record)), "duplicate");
  EXPECT_EQ(Post(colleague, 1040), "not a member");
  EXPECT_EQ(OfNurse(), once);
  EXPECT_EQ(OfStation(), once);
}

TEST_F(TheQuota, OverItNothingIsTakenAndReadingGoesOn) {
  server::StoredLimits limits;
  limits.device_bytes = 20'000;
  OpenWith(limits);
  std::string said;
  int taken = 0;
  while ((said = Post(nurse, 2064)) == "accepted") {
    ++taken;
  }
  EXPECT_GT(taken, 3);
  EXPECT_LT(taken, 10);
  EXPECT_NE(said.find("kThrottled"), std::string::npos) << said;
  EXPECT_LE(OfNurse().kept + OfNurse().passing, limits.device_bytes);
  const auto head = HeadOf(first.card.card.case_id);
  EXPECT_NE(Post(nurse, 2064), "accepted");
  EXPECT_EQ(HeadOf(first.card.card.case_id), head);
  EXPECT_TRUE(relay->reader().Read(nurse.Caller(), first.card.card.case_id, 0, 10).ok());
}

TEST_F(TheQuota, AnInstitutionHasOneForAllItsDevices) {
  server::StoredLimits limits;
  limits.institution_threads = 2;
  OpenWith(limits);
  EXPECT_EQ(NameOf(Create(colleague, world.NewCase(colleague))), "accepted");
  EXPECT_NE(NameOf(Create(colleague, world.NewCase(colleague))).find("kThrottled"),
            std::string::npos);
  EXPECT_EQ(OfStation().threads, 2U);
  Handset& other = world.AddMember(world.AddOffice("医院（架空）"));
  PublishAll();
  EXPECT_EQ(NameOf(Create(other, world.NewCase(other))), "accepted") << "not its limit";
}

TEST_F(TheQuota, AnEntryIsPaidForByWhoWroteIt) {
  OpenWith({});
  const Bytes record = world.Record(first.card, nurse, HeadOf(first.card.card.case_id), 1040);
  EXPECT_EQ(*server::PayerOf(thread::EntryKind::kRecord, record), nurse.device.id);
  EXPECT_FALSE(server::PayerOf(thread::EntryKind::kRecord, AsBytes("no record")).ok());
  EXPECT_EQ(*server::PayerOf(thread::EntryKind::kRelayNote, AsBytes("x")), std::nullopt);
}

}  // namespace
}  // namespace renkei::test
