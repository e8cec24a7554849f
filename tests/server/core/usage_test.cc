#include "server/core/usage.h"

#include "crypto/thread/entry.h"
#include "tests/server/core/returns_fixture.h"
#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

using server::BytesOfCommit;
using server::BytesOfRow;
using server::StoredLimits;
using server::UsageOf;

class StoredBytes : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
  }
  Bytes RecordOf(const Handset& by, std::size_t bytes) {
    return world.Record(first.card, by, HeadOf(first.card.card.case_id), bytes);
  }
  void OpenWith(std::uint64_t device_bytes, std::uint64_t institution_bytes) {
    limits = {device_bytes, institution_bytes};
    Open();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
  CommitParts first;
};

std::uint64_t CommitBytes(const CommitParts& parts) {
  const Bytes payload = thread::SerializeCommitPayload(parts.card, parts.commit).value();
  std::uint64_t out =
      BytesOfCommit(parts.card.card, payload.size()) + BytesOfRow(parts.group_info.size());
  for (const auto& [devices, welcome] : parts.welcomes) {
    out += BytesOfRow(welcome.size());
  }
  return out;
}

TEST_F(StoredBytes, CountForTheDeviceAndItsInstitution) {
  const std::uint64_t certificates = StoredByOffice(nurse) - StoredBy(nurse);
  EXPECT_EQ(StoredBy(nurse), CommitBytes(first));
  const Bytes record = RecordOf(nurse, 2064);
  ASSERT_EQ(NameOf(Append(nurse, record)), "accepted");
  EXPECT_EQ(StoredBy(nurse), CommitBytes(first) + BytesOfRow(record.size()));
  EXPECT_EQ(StoredByOffice(nurse), StoredBy(nurse) + certificates);
  EXPECT_EQ(StoredBy(colleague), 0U);
}

TEST_F(StoredBytes, OfAnEnvelopeAreNoFewerThanItTakes) {
  for (const thread::Envelope& envelope : first.envelopes) {
    EXPECT_LE(BytesOfRow(thread::SerializeEnvelope(envelope).size()), server::kEnvelopeBytes);
  }
  ASSERT_FALSE(first.envelopes.empty());
}

TEST_F(StoredBytes, OfAGroupInfoThatIsReplacedCountNoMore) {
  const CommitParts second = world.NextCommit(first.card, nurse, {&nurse, &colleague});
  ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
  const std::uint64_t without_group_info = CommitBytes(first) - BytesOfRow(first.group_info.size());
  EXPECT_EQ(StoredBy(nurse), without_group_info + CommitBytes(second));
  // By another: whose it was is relieved, not who replaces it.
  const CommitParts third = world.NextCommit(second.card, colleague, {&nurse, &colleague});
  ASSERT_EQ(NameOf(Commit(colleague, third)), "accepted");
  EXPECT_EQ(StoredBy(nurse),
            without_group_info + CommitBytes(second) - BytesOfRow(second.group_info.size()));
  EXPECT_EQ(StoredBy(colleague), CommitBytes(third));
}

TEST_F(StoredBytes, AreCountedOnceForARetryAndNotForARefusal) {
  const Bytes record = RecordOf(nurse, 1040);
  ASSERT_EQ(NameOf(Append(nurse, record)), "accepted");
  const std::uint64_t once = StoredBy(nurse);
  EXPECT_EQ(NameOf(Append(nurse, record)), "duplicate");
  EXPECT_EQ(NameOf(Append(colleague, RecordOf(colleague, 1040))), "not a member");
  EXPECT_EQ(StoredBy(nurse), once);
  EXPECT_EQ(StoredBy(colleague), 0U);
}

TEST_F(StoredBytes, OfCertificatesCountOnceAndForTheInstitution) {
  const std::uint64_t before = StoredByOffice(nurse);
  PublishAll();
  EXPECT_EQ(StoredByOffice(nurse), before);
  world.AddMember(station);
  PublishAll();
  EXPECT_GT(StoredByOffice(nurse), before);
  EXPECT_EQ(Stored(UsageOf::kInstitution, InstitutionId{}.bytes), 0U) << "the region's own";
}

TEST_F(StoredBytes, OverADevicesLimitNothingIsTakenAndReadingGoesOn) {
  const std::uint64_t limit = StoredBy(nurse) + 10'000;
  OpenWith(limit, limit * 100);
  std::string said;
  int taken = 0;
  while ((said = NameOf(Append(nurse, RecordOf(nurse, 2064)))) == "accepted") {
    ++taken;
  }
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(said, std::string("error kThrottled ") + server::kDeviceIsFull);
  EXPECT_LE(StoredBy(nurse), limit);
  const auto head = HeadOf(first.card.card.case_id);
  EXPECT_NE(NameOf(Commit(nurse, world.NextCommit(first.card, nurse, {&nurse, &colleague}))),
            "accepted");
  EXPECT_EQ(HeadOf(first.card.card.case_id), head);
  EXPECT_TRUE(relay->reader().Read(nurse.Caller(), first.card.card.case_id, 0, 10).ok());
  // Not the colleague's limit, nor the end of it when there is more.
  EXPECT_EQ(NameOf(Create(colleague, world.NewCase(colleague))), "accepted");
  OpenWith(limit + 10'000, limit * 100);
  EXPECT_EQ(NameOf(Append(nurse, RecordOf(nurse, 2064))), "accepted");
}

TEST_F(StoredBytes, OfAnInstitutionAreOneLimitForAllItsDevices) {
  const std::uint64_t limit = StoredByOffice(nurse) + 3'000;
  OpenWith(limit, limit);
  ASSERT_EQ(NameOf(Append(nurse, RecordOf(nurse, 2064))), "accepted");
  EXPECT_EQ(NameOf(Create(colleague, world.NewCase(colleague))),
            std::string("error kThrottled ") + server::kInstitutionIsFull);
  EXPECT_EQ(StoredBy(colleague), 0U);
  Handset& other = world.AddMember(world.AddOffice("医院（架空）"));
  PublishAll();  // a full institution's certificates are taken too
  OpenWith(limit, 2 * StoredByOffice(other) + 20'000);
  EXPECT_EQ(NameOf(Create(other, world.NewCase(other))), "accepted") << "not its limit";
}

TEST_F(StoredBytes, CertificatesAreTakenFromAFullInstitutionButNotWithoutEnd) {
  OpenWith(1, 1);
  const std::uint64_t before = StoredByOffice(nurse);
  world.AddMember(station);
  PublishAll();
  EXPECT_GT(StoredByOffice(nurse), before);
  store.Write(
      [&](server::WriteTransaction& t) {
        return t.AddStoredBytes(UsageOf::kInstitution, nurse.person->Ref().institution.bytes,
                                static_cast<std::int64_t>(server::kStoredReserve));
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  world.AddMember(station);
  const std::vector<Bytes> ders = world.CertificatesOf(station);
  const std::vector<ByteView> views = {ders.back()};
  const auto refused = Await<server::PublishOutcome>(
      [&](const auto& reply) { relay->directory().Publish(nurse.Caller(), views, reply); });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kThrottled);
}

class FullAlerts : public AlertFixture {};

TEST_F(FullAlerts, AnAlertAndItsAcknowledgementGetThroughAlthoughTheInstitutionIsFull) {
  limits = {1, 1};
  Open();
  ASSERT_NE(NameOf(Append(nurse, world.Record(parts.card, nurse, HeadOf(case_id)))), "accepted");
  const std::uint64_t before = StoredBy(nurse);
  const std::uint64_t seq = Begin(nurse);
  ASSERT_NE(seq, 0U);
  EXPECT_GT(StoredBy(nurse), before + server::kAlertBytes);
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, Reply(doctor), seq)), "accepted");
}

class ReturnedBytes : public Returning {};

TEST_F(ReturnedBytes, AreCountedAsTheFirstTimeAndNoLimitIsInTheWay) {
  const std::uint64_t of_nurse = StoredBy(nurse);
  const std::uint64_t of_doctor = StoredBy(doctor);
  limits = {1, 1};
  Restore();
  ASSERT_LT(StoredBy(nurse), of_nurse);
  ASSERT_LT(StoredBy(doctor), of_doctor);
  ASSERT_TRUE(GiveBack(nurse, Giving()).ok());
  ASSERT_EQ(HeadOf(case_id), held);
  EXPECT_EQ(StoredBy(doctor), of_doctor);
  // Neither its GroupInfo (a byte stands for it) nor its welcome come back.
  EXPECT_EQ(StoredBy(nurse), of_nurse - third.group_info.size() + 1 -
                                 BytesOfRow(third.welcomes.at(0).second.size()));
}

TEST(StoredBytesOf, AnEntryAreItsAuthorsAndOfTheRelaysNoteNobodys) {
  RelayWorld world{9};
  Handset& nurse = world.AddMember(world.AddOffice("office"));
  Handset& stranger = world.AddMember(world.AddOffice("other"));
  const CommitParts parts = world.NewCase(nurse);
  const Bytes record = world.Record(parts.card, nurse, {0, {}, {}});
  const auto cost = server::CostOfEntry(thread::EntryKind::kRecord, record, parts.card.card);
  ASSERT_TRUE(cost.ok() && *cost);
  EXPECT_EQ((*cost)->payer.device, nurse.device.id);
  EXPECT_EQ((*cost)->payer.institution, nurse.person->Ref().institution);
  EXPECT_EQ((*cost)->bytes, BytesOfRow(record.size()));
  const Bytes foreign = world.Record(parts.card, stranger, {0, {}, {}});
  EXPECT_FALSE(*server::CostOfEntry(thread::EntryKind::kRecord, foreign, parts.card.card));
  EXPECT_FALSE(*server::CostOfEntry(thread::EntryKind::kRelayNote, record, parts.card.card));
  EXPECT_FALSE(
      server::CostOfEntry(thread::EntryKind::kRecord, AsBytes("none"), parts.card.card).ok());
}

}  // namespace
}  // namespace renkei::test
