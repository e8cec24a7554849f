// The card and envelopes that go with a commit of ours (G3), and judging it before it is sent.
#include "client/core/make_card.h"

#include <set>

#include "client/core/credential.h"
#include "crypto/seal/archive.h"
#include "renkei/relay/v1/threads.pb.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class MakeCard : public CaseFixture {
 protected:
  // A commit that only renews keys, with everything that goes with it.
  client::MadeRequest Make() {
    const client::CertificatePolicy policy(inside_.core().certificates());
    const mls::Environment environment{.credentials = policy, .now = inside_.core().now()};
    pending_.emplace(open_.group->Commit({}, environment, inside_.core().random).value());
    const client::NewEpoch epoch{.group = pending_->next,
                                 .commit = pending_->commit,
                                 .group_info = *pending_->group_info,
                                 .welcome = pending_->welcome,
                                 .welcome_for = {},
                                 .policy = open_.card->card.policy,
                                 .evidence = {}};
    return client::MakeRequest(inside_.core(), open_, epoch).value();
  }

  Insider inside_{region_, *manager_};
  client::OpenCase open_ = inside_.Open(case_);
  std::optional<mls::PendingCommit> pending_;
};

TEST_F(MakeCard, G3_HasOneRecipientForEachMemberAndInstitutionAndNobodyElse) {
  const thread::Card card = Make().card.card;
  std::set<std::pair<InstitutionId, std::optional<PersonId>>> wanted;
  for (const Actor* actor : {manager_.get(), nurse_.get()}) {
    wanted.emplace(actor->person().institution, std::nullopt);
    wanted.emplace(actor->person().institution, actor->person().person);
  }
  std::set<std::pair<InstitutionId, std::optional<PersonId>>> named;
  for (const thread::CardRecipient& each : card.recipients) {
    EXPECT_TRUE(named.emplace(each.institution, each.person).second);
  }
  EXPECT_EQ(named, wanted);
}

TEST_F(MakeCard, SealsAnEnvelopeToEachRecipientAndChainsToTheCardBefore) {
  const client::MadeRequest made = Make();
  relay::v1::CommitRequest request;
  ASSERT_TRUE(request.ParseFromString(ToString(made.sent.request)));
  std::set<std::string> envelopes;
  for (const auto& envelope : request.envelopes()) {
    envelopes.insert(envelope.key_id());
  }
  std::set<std::string> recipients;
  for (const thread::CardRecipient& each : made.card.card.recipients) {
    recipients.insert(ToString(each.key_id));
  }
  EXPECT_EQ(envelopes, recipients);
  EXPECT_EQ(made.card.card.previous_card_hash, open_.card->hash);
  EXPECT_EQ(made.card.card.at.epoch, open_.card->card.at.epoch + 1);
  EXPECT_EQ(made.sent.card_hash, made.card.hash);
  EXPECT_FALSE(made.sent.create);
  EXPECT_THAT(made.sent.new_keys, IsEmpty()) << "nobody is new, nobody is owed a pack";
}

TEST_F(MakeCard, OurOwnCommitHoldsBeforeItIsSent) {
  const client::MadeRequest made = Make();
  const Status judged = client::JudgeOwn(inside_.core(), open_, made, pending_->next);
  EXPECT_TRUE(judged.ok()) << judged.error().where();
}

TEST_F(MakeCard, G3_ACommitThatOthersWouldRefuseIsNotSent) {
  client::MadeRequest made = Make();
  thread::Card lying = made.card.card;
  lying.epoch_id[0] ^= 1;
  made.card = thread::SignCard(lying, manager_->Identity().signing_key).value();
  made.sent.card_hash = made.card.hash;
  EXPECT_EQ(client::JudgeOwn(inside_.core(), open_, made, pending_->next).error().code(),
            Code::kDenied);
}

TEST_F(MakeCard, G3_ACommitSignedWithAnotherKeyIsNotSent) {
  client::MadeRequest made = Make();
  made.card = thread::SignCard(made.card.card, nurse_->Identity().signing_key).value();
  made.sent.card_hash = made.card.hash;
  EXPECT_FALSE(client::JudgeOwn(inside_.core(), open_, made, pending_->next).ok());
}

TEST_F(MakeCard, JudgingChangesNothing) {
  const client::MadeRequest made = Make();
  const auto position = open_.row.position;
  const std::size_t writes = manager_->vault().writes();
  ASSERT_TRUE(client::JudgeOwn(inside_.core(), open_, made, pending_->next).ok());
  EXPECT_EQ(open_.row.position, position);
  EXPECT_EQ(manager_->vault().writes(), writes);
}

}  // namespace
}  // namespace renkei::test
