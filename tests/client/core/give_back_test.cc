// A relay that was restored from a backup gets back what this device holds, answer by answer; one
// that lies about it gains nothing (G4). (Against the real relay: tests/sim/restore_test.cc.)
#include "client/core/give_back.h"

#include <algorithm>
#include <utility>

#include "client/core/keys.h"
#include "client/core/outbox_store.h"
#include "crypto/thread/head.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Table;
using client::Warning;
using testing::IsEmpty;
using testing::SizeIs;

namespace v1 = relay::v1;

class GivingBack : public CaseFixture {
 protected:
  GivingBack()
      : relay_(region_.relay.ConnectionFor(manager_->device(), manager_->person())),
        open_(inside_.Open(case_)),
        held_(open_.row.position.seq) {
    open_.relay_returning = true;
    Answer([&](const v1::GiveBackRequest& request) {
      for (const auto& entry : request.entries()) {
        has_ = std::max(has_, entry.seq());
      }
      return Standing(has_, has_ >= held_);
    });
  }

  // What the relay says to each call; it is counted and kept.
  void Answer(const std::function<v1::GiveBackResponse(const v1::GiveBackRequest&)>& answer) {
    region_.relay.give_back = [=, this](const v1::GiveBackRequest& request) {
      requests_.push_back(request);
      return answer(request);
    };
  }
  v1::GiveBackResponse Standing(std::uint64_t seq, bool open) {
    thread::Head head{.case_id = case_,
                      .seq = seq,
                      .hash = inside_.core().cases.HashAt(case_, seq).value().value_or(Hash32{}),
                      .received_at = region_.clock.Now(),
                      .incarnation = incarnation_};
    const Bytes bytes = thread::SignHead(head, region_.relay_signing.key);
    v1::GiveBackResponse response;
    auto* standing = response.mutable_standing();
    EXPECT_TRUE(
        standing->mutable_head()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    standing->set_head_seq(seq);
    standing->set_restored_to(restored_to_);
    standing->set_open(open);
    return response;
  }
  static v1::GiveBackResponse Refused(v1::GiveBackResponse::Refusal why) {
    v1::GiveBackResponse response;
    response.set_refused(why);
    return response;
  }
  Status Give() { return client::GiveBack(inside_.core(), *relay_, open_, changes_); }
  Status GoOn() { return client::GoOnWithoutOthers(inside_.core(), *relay_, open_, changes_); }
  std::optional<Bytes> Returned() {
    return manager_->vault()
        .Get(Table::kTrust, client::RowKey("returned/").Add(case_.view()).bytes())
        .value();
  }

  Insider inside_{region_, *manager_};
  std::unique_ptr<client::Relay> relay_;
  client::OpenCase open_;
  client::Changes changes_;
  std::vector<v1::GiveBackRequest> requests_;
  std::uint64_t held_ = 0;         // what this device holds
  std::uint64_t has_ = 1;          // what the relay has
  std::uint64_t restored_to_ = 1;  // what was in the backup
  thread::IncarnationId incarnation_ = thread::IncarnationId::Generate(region_.authority.random());
};

TEST_F(GivingBack, OnlyARelayThatSaysSoIsAsked) {
  open_.relay_returning = false;
  ASSERT_TRUE(Give().ok());
  EXPECT_THAT(requests_, IsEmpty());
}

TEST_F(GivingBack, SaysWhereItStandsFirstAndThenGivesWhatIsMissingVerbatim) {
  ASSERT_TRUE(Give().ok());
  ASSERT_THAT(requests_, SizeIs(2));
  EXPECT_THAT(requests_[0].entries(), IsEmpty());
  EXPECT_EQ(requests_[0].held_seq(), held_);
  EXPECT_EQ(requests_[0].held_hash(), ToString(open_.row.position.hash));
  EXPECT_FALSE(requests_[0].go_on());
  const auto& entries = region_.relay.entries(case_);
  ASSERT_EQ(static_cast<std::uint64_t>(requests_[1].entries_size()), held_ - 1);
  for (int i = 0; i < requests_[1].entries_size(); ++i) {
    EXPECT_EQ(requests_[1].entries(i).SerializeAsString(),
              entries[static_cast<std::size_t>(i) + 1].SerializeAsString());
  }
  EXPECT_FALSE(open_.relay_returning);
  EXPECT_THAT(changes_.notices, SizeIs(1));
  EXPECT_FALSE(Warned(*manager_, Warning::kRelayBehind));
}

TEST_F(GivingBack, ProvesThemByTheRelaysOwnSignature) {
  ASSERT_TRUE(Give().ok());
  const auto head = thread::VerifyHead(AsBytes(requests_[1].proof().SerializeAsString()),
                                       region_.relay_signing.key.public_key());
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->seq, held_);
  EXPECT_EQ(head->hash, open_.row.position.hash);
}

TEST_F(GivingBack, G7_EnvelopesOfTheCommitsAmongThemComeToo) {
  ASSERT_TRUE(Give().ok());
  int recipients = 0;
  const auto cards = inside_.core().cases.Cards(case_).value();
  for (const client::StoredCardAt& card : cards) {
    recipients += card.seq > 1 ? static_cast<int>(card.card.card.recipients.size()) : 0;
  }
  EXPECT_GT(recipients, 0);
  EXPECT_EQ(requests_[1].envelopes_size(), recipients);
}

TEST_F(GivingBack, ARelayThatLostTheWholeCaseGetsItFromTheStart) {
  bool first = true;
  Answer([&](const v1::GiveBackRequest& request) {
    v1::GiveBackResponse response;
    if (first) {
      first = false;
      response.mutable_not_a_member();
      return response;
    }
    return Standing(static_cast<std::uint64_t>(request.entries_size()), true);
  });
  ASSERT_TRUE(Give().ok());
  ASSERT_THAT(requests_, SizeIs(2));
  EXPECT_EQ(static_cast<std::uint64_t>(requests_[1].entries_size()), held_);
  EXPECT_FALSE(open_.relay_returning);
}

TEST_F(GivingBack, G4_ARelayThatDoesNotTakeItIsSaidAndNothingIsDropped) {
  for (const auto why : {v1::GiveBackResponse::REFUSAL_FORK, v1::GiveBackResponse::REFUSAL_UNPROVEN,
                         v1::GiveBackResponse::REFUSAL_GAP}) {
    Answer([=](const v1::GiveBackRequest&) { return Refused(why); });
    ASSERT_TRUE(Give().ok());
    EXPECT_TRUE(Warned(*manager_, Warning::kRelayBehind));
    EXPECT_TRUE(open_.relay_returning);
    EXPECT_EQ(inside_.Open(case_).row.position, open_.row.position);
    EXPECT_EQ(Returned(), std::nullopt);
  }
  EXPECT_THAT(requests_, SizeIs(3));
}

TEST_F(GivingBack, G4_AnswersThatBringNothingOnAreTheLast) {
  Answer([&](const v1::GiveBackRequest&) { return Standing(1, false); });
  ASSERT_TRUE(Give().ok());
  EXPECT_THAT(requests_, SizeIs(2));
  EXPECT_TRUE(Warned(*manager_, Warning::kRelayBehind));
  requests_.clear();
  Answer([](const v1::GiveBackRequest&) {
    v1::GiveBackResponse response;
    response.mutable_not_a_member();
    return response;
  });
  ASSERT_TRUE(Give().ok());
  EXPECT_THAT(requests_, SizeIs(2));
}

TEST_F(GivingBack, WithoutAProofNothingIsGiven) {
  const Bytes row = client::RowKey("head/").Add(case_.view()).bytes();
  const auto proof = manager_->vault().Get(Table::kTrust, row).value().value();
  Bytes forged = proof;
  forged.back() ^= 1U;
  ASSERT_TRUE(manager_->vault().Put(Table::kTrust, row, forged).ok());
  ASSERT_TRUE(Give().ok());
  EXPECT_THAT(requests_, SizeIs(1));
  EXPECT_TRUE(Warned(*manager_, Warning::kRelayBehind));
  ASSERT_TRUE(manager_->vault().Erase(Table::kTrust, row).ok());
  ASSERT_TRUE(Give().ok());
  EXPECT_THAT(requests_, SizeIs(2));
  ASSERT_TRUE(manager_->vault().Put(Table::kTrust, row, proof).ok());
  ASSERT_TRUE(Give().ok());  // and with it the warning goes
  EXPECT_FALSE(Warned(*manager_, Warning::kRelayBehind));
}

TEST_F(GivingBack, ARelayThatWasNotRestoredAfterAllIsReadAsEver) {
  Answer([](const v1::GiveBackRequest&) {
    return Refused(v1::GiveBackResponse::REFUSAL_NOT_RESTORED);
  });
  ASSERT_TRUE(Give().ok());
  EXPECT_FALSE(open_.relay_returning);
}

TEST_F(GivingBack, WhileOthersAreMissingWhatWaitsSaysSo) {
  region_.relay.down = true;
  ASSERT_TRUE((*manager_)->Post(case_, NoteForm("待つ"), {}).ok());
  region_.relay.down = false;
  Answer([&](const v1::GiveBackRequest&) { return Standing(held_, false); });
  ASSERT_TRUE(Give().ok());
  EXPECT_TRUE(open_.relay_returning);
  const auto items = client::OutboxStore(manager_->vault()).Items(case_).value();
  ASSERT_FALSE(items.empty());
  for (const client::OutboxItem& item : items) {
    EXPECT_EQ(item.waiting, client::WaitReason::kReturning);
  }
}

TEST_F(GivingBack, OncePerIncarnationOwnPacksAreOwedAgainAndEnvelopesCompared) {
  manager_->Sync();
  open_ = inside_.Open(case_);
  held_ = open_.row.position.seq;
  open_.relay_returning = true;
  ASSERT_TRUE(open_.row.checked);
  ASSERT_TRUE(Give().ok());
  EXPECT_EQ(Returned(), ToBytes(incarnation_.view()));
  EXPECT_FALSE(inside_.Open(case_).row.checked);
  const auto owed = client::OutboxStore(manager_->vault()).Items(case_).value();
  ASSERT_FALSE(owed.empty());  // the nurse got a pack when she was added
  EXPECT_TRUE(owed[0].is_pack());
  open_.row.checked = true;
  open_.relay_returning = true;
  changes_ = {};
  ASSERT_TRUE(Give().ok());
  EXPECT_TRUE(open_.row.checked);
  EXPECT_THAT(changes_.notices, IsEmpty());
  EXPECT_EQ(client::OutboxStore(manager_->vault()).Items(case_).value().size(), owed.size());
  incarnation_ = thread::IncarnationId::Generate(region_.authority.random());
  open_.relay_returning = true;
  ASSERT_TRUE(Give().ok());
  EXPECT_FALSE(open_.row.checked);
}

TEST_F(GivingBack, WithTheRelayDownNothingChanges) {
  region_.relay.down = true;
  EXPECT_EQ(Give().error().code(), Code::kUnavailable);
  EXPECT_FALSE(Warned(*manager_, Warning::kRelayBehind));
}

TEST_F(GivingBack, OnlyACaseThatWaitsGoesOnWithoutOthers) {
  EXPECT_EQ(GoOn().error().code(), Code::kNotFound);
  EXPECT_THAT(requests_, IsEmpty());
}

TEST_F(GivingBack, G8_AStewardsWordLetsTheCaseGoOn) {
  region_.relay.returning = true;
  Answer([&](const v1::GiveBackRequest& request) {
    region_.relay.returning = !request.go_on();
    return Standing(held_, request.go_on());
  });
  ASSERT_TRUE(GoOn().ok());
  ASSERT_THAT(requests_, SizeIs(1));
  EXPECT_TRUE(requests_[0].go_on());
  EXPECT_FALSE(open_.relay_returning);
}

TEST_F(GivingBack, G3_WhoIsNoStewardOrHoldsLessIsDenied) {
  region_.relay.returning = true;
  Answer([&](const v1::GiveBackRequest&) { return Standing(held_, false); });
  EXPECT_EQ(GoOn().error().code(), Code::kDenied);
  Answer([](const v1::GiveBackRequest&) { return Refused(v1::GiveBackResponse::REFUSAL_FORK); });
  EXPECT_EQ(GoOn().error().code(), Code::kDenied);
  Answer([](const v1::GiveBackRequest&) {
    return Refused(v1::GiveBackResponse::REFUSAL_NOT_RESTORED);
  });
  EXPECT_EQ(GoOn().error().code(), Code::kDenied);
}

TEST_F(GivingBack, GroupInfoIsBroughtOnceForEachTimeThatTheRelayWasRestored) {
  const std::uint64_t before = open_.row.at.epoch;
  const auto bring = [&] {
    EXPECT_TRUE(client::BringGroupInfo(inside_.core(), *relay_, open_, changes_).ok());
    return open_.row.at.epoch - before;
  };
  open_.relay_wants_commit = region_.relay.wants_commit = true;
  EXPECT_EQ(bring(), 0U);  // it has not got back what is here
  ASSERT_TRUE(Give().ok());
  open_.relay_wants_commit = false;
  EXPECT_EQ(bring(), 0U);  // it does not want it
  open_.relay_wants_commit = true;
  std::optional<mls::Group> group = std::move(open_.group);
  open_.group.reset();
  EXPECT_EQ(bring(), 0U);  // who cannot send brings nothing
  open_.group = std::move(group);
  EXPECT_EQ(bring(), 1U);
  open_.relay_wants_commit = region_.relay.wants_commit = true;
  EXPECT_EQ(bring(), 1U);  // once
}

}  // namespace
}  // namespace renkei::test
