// What acceptance refuses: forged authors (G2), commits and cards that break the rules (G3). The
// relay of these tests judges nothing, so all of it reaches the clients.
#include "client/core/accept.h"

#include <algorithm>

#include "client/core/link_state.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::ElementsAre;
using testing::IsEmpty;

class Acceptance : public CaseFixture {
 protected:
  void Force(const relay::v1::CommitRequest& request) { region_.relay.ForceCommit(request); }
  // A card that the relay's own reading would trip over.
  void ForceUnread(const relay::v1::CommitRequest& request) {
    seal::v1::CommitPayload payload;
    *payload.mutable_card() = request.card();
    payload.set_commit(request.commit());
    region_.relay.ForceEntry(case_, seal::v1::ENTRY_KIND_COMMIT,
                             AsBytes(payload.SerializeAsString()));
  }
  void ForceRecord(const Bytes& record) {
    region_.relay.ForceEntry(case_, seal::v1::ENTRY_KIND_RECORD, record);
  }

  // The manager takes the commit over and has nothing to say against it.
  void ExpectTaken() {
    const std::uint64_t before = Epoch(*manager_);
    const auto report = manager_->Sync();
    EXPECT_THAT(report.notices, IsEmpty());
    EXPECT_EQ(Epoch(*manager_), before + 1);
    EXPECT_FALSE(Warned(*manager_, Warning::kCommitRefused));
    Post(*manager_, "続けられる");
  }

  // The manager does not take the commit over, says so, and can go on with what was before.
  void ExpectRefused() {
    const std::uint64_t before = Epoch(*manager_);
    const auto report = manager_->Sync();
    EXPECT_FALSE(report.notices.empty());
    EXPECT_EQ(Epoch(*manager_), before);
    EXPECT_TRUE(Warned(*manager_, Warning::kCommitRefused));
    EXPECT_TRUE((*manager_)->Records(case_).ok());
  }
};

TEST_F(Acceptance, G2_ARecordUnderSomebodyElsesNameDoesNotCount) {
  Insider nurse(region_, *nurse_);
  ForceRecord(nurse.SealNote(case_, "まきの言葉ではない", [&](thread::RecordHeader& header) {
    header.sender_device = manager_->device();
  }));
  const RecordId after = Post(*manager_, "本物");
  nurse_->Sync();
  EXPECT_THAT(Notes(*manager_), ElementsAre("本物"));
  EXPECT_THAT(Notes(*nurse_), ElementsAre("本物"));
  EXPECT_TRUE(Warned(*nurse_, Warning::kRecordIgnored));
  EXPECT_TRUE((*nurse_)->Record(after).ok());
}

TEST_F(Acceptance, G2_ARecordOfADeviceThatIsNoMemberDoesNotCount) {
  Insider nurse(region_, *nurse_);
  ForceRecord(nurse.SealNote(case_, "誰か", [&](thread::RecordHeader& header) {
    header.sender_device = DeviceId::Generate(region_.authority.random());
  }));
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), IsEmpty());
  EXPECT_TRUE(Warned(*manager_, Warning::kRecordIgnored));
}

TEST_F(Acceptance, ABadRecordIsKeptWithTheReasonAndBlocksNothing) {
  ForceRecord(ToBytes("これは記録ではない"));
  Post(*nurse_, "続き");
  manager_->Sync();
  const auto records = (*manager_)->Records(case_);
  ASSERT_TRUE(records.ok());
  const auto bad = std::find_if(records->begin(), records->end(),
                                [](const auto& record) { return !record.problem.empty(); });
  ASSERT_NE(bad, records->end());
  EXPECT_THAT(Notes(*manager_), ElementsAre("続き"));
}

TEST_F(Acceptance, ARecordWhoseNumberWasUsedIsNotShownTwice) {
  const Bytes record = Insider(region_, *nurse_).SealNote(case_, "一度だけ");
  ForceRecord(record);
  ForceRecord(record);
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), ElementsAre("一度だけ"));
  EXPECT_TRUE(Warned(*manager_, Warning::kRecordIgnored));
}

// What the refusals below are measured against: the same ways, and nothing altered.
TEST_F(Acceptance, AnUnalteredCommitIsTaken) {
  Insider nurse(region_, *nurse_);
  Force(nurse.MakeCommit(case_, {}, [](seal::v1::EpochCard&) {}));
  ExpectTaken();
}

TEST_F(Acceptance, AnUnalteredCommitThatTheRelayDidNotReadIsTaken) {
  Insider nurse(region_, *nurse_);
  const std::uint64_t before = Epoch(*manager_);
  ForceUnread(nurse.MakeCommit(case_, {}, [](seal::v1::EpochCard&) {}));
  manager_->Sync();
  // Its envelopes went with what the relay did not read, which is said; the commit itself counts.
  EXPECT_EQ(Epoch(*manager_), before + 1);
  EXPECT_FALSE(Warned(*manager_, Warning::kCommitRefused));
}

TEST_F(Acceptance, AnExternalCommitWithItsLinkIsTaken) {
  const auto second = region_.AddDevice(*nurse_);
  region_.relay.stale_group_info = 0;  // so that it does not join by itself
  second->Sync();
  region_.relay.stale_group_info.reset();
  const auto link = client::LoadSignedLink(second->vault());
  Insider newcomer(region_, *second);
  Force(newcomer.MakeExternalCommit(case_, **link));
  ExpectTaken();
}

TEST_F(Acceptance, G3_ACommitThatThePolicyForbidsIsRefused) {
  Insider nurse(region_, *nurse_);
  mls::CommitOptions options;
  options.remove = {LeafOf(nurse.Open(case_), manager_->person())};
  Force(nurse.MakeCommit(case_, options));
  ExpectRefused();
}

TEST_F(Acceptance, G3_ACardWithARecipientTooManyIsRefused) {
  Insider nurse(region_, *nurse_);
  const auto stranger = region_.AddPerson("架空他院", pki::InstitutionKind::kHospital, "架空 他人",
                                          pki::Profession::kDoctor);
  nurse_->Sync();
  const auto request = nurse.MakeCommit(case_, {}, [&](seal::v1::EpochCard& card) {
    auto* extra = card.mutable_recipients()->Add();
    *extra = card.recipients(1);
    extra->set_institution(ToString(stranger->person().institution.view()));
    extra->set_person(ToString(stranger->person().person.view()));
    extra->set_key_id(std::string(32, 'x'));
  });
  ForceUnread(request);
  ExpectRefused();
}

TEST_F(Acceptance, G3_ACardWithARecipientTooFewIsRefused) {
  Insider nurse(region_, *nurse_);
  const auto request = nurse.MakeCommit(case_, {}, [&](seal::v1::EpochCard& card) {
    card.mutable_recipients()->DeleteSubrange(0, 1);
  });
  ForceUnread(request);
  ExpectRefused();
}

TEST_F(Acceptance, G3_ARecipientKeyThatNobodyCertifiedStopsTheCase) {
  Insider nurse(region_, *nurse_);
  Force(nurse.MakeCommit(case_, {}, [&](seal::v1::EpochCard& card) {
    card.mutable_recipients(1)->set_key_id(std::string(32, 'x'));
    card.mutable_recipients(1)->set_key_version(2);
  }));
  const std::uint64_t before = Epoch(*manager_);
  const auto report = manager_->Sync();
  EXPECT_FALSE(report.notices.empty());
  EXPECT_EQ(Epoch(*manager_), before);
}

TEST_F(Acceptance, G3_ACardThatHidesAMemberOfTheTreeIsRefused) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  nurse_->Sync();
  Insider nurse(region_, *nurse_);
  // The commit leaves everybody in; the card says that the third is gone.
  Force(nurse.MakeCommit(case_, {}, [&](seal::v1::EpochCard& card) {
    const std::string gone = ToString(third->person().institution.view());
    const auto drop = [&](auto* list) {
      for (int i = list->size() - 1; i >= 0; --i) {
        if (list->Get(i).institution() == gone) {
          list->DeleteSubrange(i, 1);
        }
      }
    };
    drop(card.mutable_members());
    drop(card.mutable_institutions());
    drop(card.mutable_recipients());
  }));
  ExpectRefused();
}

TEST_F(Acceptance, G3_ACardWithAnotherSecretsEpochIdIsRefused) {
  Insider nurse(region_, *nurse_);
  Force(nurse.MakeCommit(
      case_, {}, [](seal::v1::EpochCard& card) { card.set_epoch_id(std::string(32, 'y')); }));
  ExpectRefused();
}

TEST_F(Acceptance, G3_ACardSignedBySomebodyElseIsRefused) {
  Insider nurse(region_, *nurse_);
  auto request = nurse.MakeCommit(case_, {});
  (*request.mutable_card()->mutable_signature())[0] ^= 1;
  Force(request);
  ExpectRefused();
}

TEST_F(Acceptance, G3_AnExternalCommitWithoutLinkIsRefused) {
  const auto second = region_.AddDevice(*nurse_);
  region_.relay.stale_group_info = 0;  // so that it does not join by itself
  second->Sync();
  region_.relay.stale_group_info.reset();
  Insider intruder(region_, *second);
  Force(intruder.MakeExternalCommit(case_, {}));
  ExpectRefused();
}

TEST_F(Acceptance, G3_AnExternalCommitWithAnothersLinkIsRefused) {
  const auto second = region_.AddDevice(*nurse_);
  const auto third = region_.AddDevice(*nurse_);
  region_.relay.stale_group_info = 0;
  second->Sync();
  region_.relay.stale_group_info.reset();
  const auto link = client::LoadSignedLink(third->vault());
  Insider intruder(region_, *second);
  Force(intruder.MakeExternalCommit(case_, **link));
  ExpectRefused();
}

TEST_F(Acceptance, ACommitThatCannotBeAppliedIsHealedByJoiningAgain) {
  Insider nurse(region_, *nurse_);
  auto request = nurse.MakeCommit(case_, {});
  // Garbage inside a frame that the relay accepts: the card names it all the same.
  std::string* commit = request.mutable_commit();
  (*commit)[commit->size() - 40] ^= 1;
  seal::v1::EpochCard card;
  ASSERT_TRUE(card.ParseFromString(request.card().card()));
  card.set_commit_hash(ToString(Sha256(AsBytes(*commit))));
  request.mutable_card()->set_card(card.SerializeAsString());
  request.mutable_card()->set_signature(ToString(nurse_->Identity().signing_key.SignLabelled(
      "Renkei 1.0 epoch card", AsBytes(request.card().card()))));
  Force(request);
  const auto report = manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kGroupLost));
  EXPECT_EQ(report.cases_joined, 1U);
  Post(*manager_, "続けられる");
}

}  // namespace
}  // namespace renkei::test
