// One case in memory and in the vault, and what they must not say of each other.
#include "client/core/core.h"

#include "client/core/keys.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using testing::ElementsAre;

class OpenCases : public CaseFixture {
 protected:
  client::Core& core() { return inside_.core(); }
  Result<client::OpenCase> Load() { return client::LoadCase(core(), case_); }

  Insider inside_{region_, *manager_};
};

TEST_F(OpenCases, AreLoadedWithEverythingOfTheEpochInForce) {
  const auto open = Load();
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->id(), case_);
  ASSERT_NE(open->card_or_null(), nullptr);
  EXPECT_EQ(open->card->card.at, open->row.at);
  ASSERT_TRUE(open->group.has_value());
  EXPECT_EQ(open->group->epoch().value, open->row.at.epoch);
  EXPECT_TRUE(open->secret.has_value());
  EXPECT_FALSE(open->sent.has_value());
  EXPECT_FALSE(open->next.has_value());
  EXPECT_FALSE(open->group_changed);
  EXPECT_FALSE(open->relay_returning);
  EXPECT_TRUE(client::CanSend(core(), *open));
}

TEST_F(OpenCases, ThatAreNotHereAreNotFound) {
  EXPECT_EQ(client::LoadCase(core(), CaseId{}).error().code(), Code::kNotFound);
}

TEST_F(OpenCases, WithoutTheirCardOrWithAnotherAreDamage) {
  auto open = Load().value();
  open.row.card_hash[0] ^= 1U;
  ASSERT_TRUE(core().cases.SaveRow(open.row).ok());
  EXPECT_EQ(Load().error().code(), Code::kCorrupt);
  open.row.card_hash[0] ^= 1U;
  open.row.at.epoch += 1;
  ASSERT_TRUE(core().cases.SaveRow(open.row).ok());
  EXPECT_EQ(Load().error().code(), Code::kCorrupt);
}

TEST_F(OpenCases, OfWhichNothingWasReadBeginAtTheStart) {
  const client::OpenCase fresh = client::NewOpenCase(case_);
  EXPECT_EQ(fresh.row.position, thread::StartOf(case_));
  EXPECT_EQ(fresh.card_or_null(), nullptr);
  EXPECT_FALSE(client::CanSend(core(), fresh));
}

TEST_F(OpenCases, AreSavedWithTheirGroupOnlyIfItChanged) {
  auto open = Load().value();
  const SecretBytes before = open.group->Serialize();
  (void)open.group->Protect(AsBytes("x"), {}, core().random);
  open.row.unread = 7;
  ASSERT_TRUE(client::SaveCase(core(), open).ok());
  EXPECT_EQ(Load()->row.unread, 7U);
  EXPECT_TRUE(Equal(Load()->group->Serialize(), before));
  open.group_changed = true;
  ASSERT_TRUE(client::SaveCase(core(), open).ok());
  EXPECT_FALSE(open.group_changed);
  EXPECT_TRUE(Equal(Load()->group->Serialize(), open.group->Serialize()));
}

TEST_F(OpenCases, ThatDropTheirGroupReadOnAndDoNotSend) {
  auto open = Load().value();
  open.group_changed = true;
  ASSERT_TRUE(client::DropGroup(core(), open).ok());
  ASSERT_TRUE(client::SaveCase(core(), open).ok());
  EXPECT_FALSE(client::CanSend(core(), open));
  const auto again = Load();
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->group.has_value());
  EXPECT_TRUE(again->secret.has_value());
  EXPECT_FALSE(core().groups.Find(case_)->has_value());
}

TEST_F(OpenCases, CarryACommitUnderWayUntilItIsDropped) {
  auto open = Load().value();
  client::SentCommit sent;
  sent.request = ToBytes("request");
  sent.at = {0, open.row.at.epoch + 1};
  ASSERT_TRUE(client::SaveSent(core(), open, sent, *open.group).ok());
  open = Load().value();
  ASSERT_TRUE(open.sent.has_value());
  EXPECT_EQ(open.sent->request, sent.request);
  EXPECT_TRUE(open.next.has_value());
  ASSERT_TRUE(client::DropSent(core(), open).ok());
  EXPECT_FALSE(open.sent.has_value() || open.next.has_value());
  open = Load().value();
  EXPECT_FALSE(open.sent.has_value() || open.next.has_value());
}

TEST_F(OpenCases, SendOnlyWithEverythingThatSendingNeeds) {
  const auto can_send_after = [&](const std::function<void(client::OpenCase&)>& change) {
    auto open = Load().value();
    change(open);
    return client::CanSend(core(), open);
  };
  EXPECT_TRUE(can_send_after([](client::OpenCase&) {}));
  EXPECT_FALSE(can_send_after([](client::OpenCase& open) { open.group.reset(); }));
  EXPECT_FALSE(can_send_after([](client::OpenCase& open) { open.card.reset(); }));
  EXPECT_FALSE(can_send_after([](client::OpenCase& open) { open.row.removed = true; }));
  EXPECT_FALSE(can_send_after([](client::OpenCase& open) { open.row.rejoin = true; }));
  EXPECT_FALSE(can_send_after([](client::OpenCase& open) { open.secret.reset(); }));
  EXPECT_FALSE(can_send_after([&](client::OpenCase& open) {
    std::erase_if(open.card->card.members, [&](const thread::CardMember& member) {
      return member.device == manager_->device();
    });
  }));
}

TEST_F(OpenCases, ArchiveKeysAreFoundByTheirCertificatesHash) {
  const client::Identity& identity = core().identity;
  const client::ArchiveKey& own = identity.person_archive_keys.front();
  EXPECT_EQ(client::OwnArchiveKey(identity, Sha256(own.certificate)), &own);
  EXPECT_EQ(client::OwnArchiveKey(identity, Hash32{}), nullptr);
}

TEST(SyncNotices, AreSaidOnceInTheOrderInWhichTheyCame) {
  client::Changes changes;
  client::Notice(changes, "b");
  client::Notice(changes, "a");
  client::Notice(changes, "b");
  EXPECT_THAT(changes.notices, ElementsAre("b", "a"));
}

}  // namespace
}  // namespace renkei::test
