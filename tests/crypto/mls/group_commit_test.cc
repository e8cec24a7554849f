// What making commits and proposals holds to (RFC 9420 §12.1, §12.4.1).
#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::NameOf;
using test::WhereOf;
using test::World;

std::vector<std::string> Names(const Group& group) {
  std::vector<std::string> names;
  for (const Member& member : group.Members()) {
    names.push_back(NameOf(member.leaf));
  }
  return names;
}

class MakingCommits : public test::Pair {};

TEST(CommittedGroups, UpdateByReferenceGivesTheMemberAFreshKey) {
  World world(8);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const Bytes old_key = bob.Leaf(bob.own_leaf_index())->encryption_key;
  const OwnLeaf fresh = world.Leaf("bob");
  const auto sent = bob.ProposeUpdate(&fresh, {}, world.random);
  ASSERT_TRUE(sent.ok());
  world.Deliver(sent->message, {&alice});
  ASSERT_EQ(alice.Proposals().size(), 1U);
  EXPECT_EQ(alice.Proposals()[0].ref, sent->ref);
  CommitOptions options;
  options.references = {sent->ref};
  bob = Group::Deserialize(bob.Serialize().Expose()).value();  // the private half is stored
  world.Commit(alice, {&bob}, options);
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_NE(alice.Leaf(LeafIndex{1})->encryption_key, old_key);
  EXPECT_EQ(alice.Leaf(LeafIndex{1})->signature_key, ToBytes(fresh.signing_key.public_key()));
  world.Commit(bob, {&alice}, {});  // signs with the new key
  EXPECT_TRUE(Agree(alice, bob));
}

TEST(CommittedGroups, CommitMayChangeTheCommittersLeaf) {
  World world(9);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  CommitOptions options;
  options.new_leaf = world.Leaf("alice with a new certificate");
  world.Commit(alice, {&bob}, options);
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_EQ(Names(bob)[0], "alice with a new certificate");
  world.Commit(alice, {&bob}, {});
  EXPECT_TRUE(Agree(alice, bob));
}

TEST(CommittedGroups, ProposalsOfAllKindsAreCommittedByReference) {
  World world(10);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.Add(alice, {&bob}, "carol");
  world.psks.external[ToBytes("psk")] = world.random.NextBytes(32);
  const OwnKeyPackage dave = world.KeyPackageFor("dave");
  const auto key_package = ParseMessage(dave.message);
  const Extensions extensions{
      MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})};
  const std::vector<Proposal> proposals = {
      {Add{std::get<KeyPackage>(key_package->value)}},
      {Remove{carol.own_leaf_index()}},
      {PreSharedKey{Group::NewExternalPsk(AsBytes("psk"), world.random)}},
      {GroupContextExtensions{extensions}}};
  CommitOptions commit;
  for (const Proposal& proposal : proposals) {
    MessageOptions options;
    options.handshake =
        commit.references.size() % 2 == 0 ? Handshake::kPrivate : Handshake::kPublic;
    const auto sent = bob.Propose(proposal, options, world.Env(), world.random);
    ASSERT_TRUE(sent.ok());
    world.Deliver(sent->message, {&alice, &carol});
    commit.references.push_back(sent->ref);
  }
  const PendingCommit pending = world.Commit(alice, {&bob}, commit);
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_EQ(bob.extensions(), extensions);
  const auto joined = Group::JoinWelcome(*pending.welcome, dave, {}, world.Env());
  ASSERT_TRUE(joined.ok());
  EXPECT_TRUE(Agree(alice, *joined));
  EXPECT_TRUE(bob.Proposals().empty());
}

TEST_F(MakingCommits, ProposalsThatCouldNotBeCommitted) {
  EXPECT_EQ(alice_.Propose({Update{*alice_.Leaf(LeafIndex{0})}}, {}, world_.Env(), world_.random)
                .error()
                .code(),
            Code::kUnsupported);
  EXPECT_EQ(WhereOf(alice_.Propose({Remove{{9}}}, {}, world_.Env(), world_.random)),
            "mls: remove of a blank leaf");
  OwnLeaf broken = world_.Leaf("alice");
  broken.capabilities.versions.clear();
  EXPECT_EQ(WhereOf(alice_.ProposeUpdate(&broken, {}, world_.random)),
            "mls: leaf does not speak the group's version or suite");
  EXPECT_TRUE(alice_.Proposals().empty());
}

TEST_F(MakingCommits, NewLeafThatWouldNotBeAccepted) {
  CommitOptions options;
  options.new_leaf = world_.Leaf("alice");
  options.new_leaf->capabilities.versions.clear();
  EXPECT_EQ(WhereOf(alice_.Commit(options, world_.Env(), world_.random)),
            "mls: leaf does not speak the group's version or suite");
}

class RefuseAll final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return Error(Code::kDenied, "test: refused by policy");
  }
};

TEST_F(MakingCommits, OwnCredentialThatPolicyRefuses) {
  const RefuseAll policy;
  world_.policy = &policy;
  CommitOptions options;
  options.new_leaf = world_.Leaf("alice");
  EXPECT_EQ(RefusalOf(options), "test: refused by policy");
}

TEST_F(MakingCommits, OtherMessagesAreNoKeyPackages) {
  CommitOptions options;
  options.add = {Good()};
  EXPECT_EQ(RefusalOf(options), "mls: not a key package");
}

TEST_F(MakingCommits, ReferenceToNothingIsNotFound) {
  CommitOptions options;
  options.references = {ProposalRef{Bytes(32, 1)}};
  EXPECT_EQ(alice_.Commit(options, world_.Env(), world_.random).error().code(), Code::kNotFound);
}

// What others send may have expired on the way; what we send must hold now.
TEST_F(MakingCommits, ExpiredKeyPackageIsNotSentWhateverIsForgivenToOthers) {
  const OwnLeaf carol = world_.Leaf("carol");
  const auto expired = CreateKeyPackage(carol, {{1, 2}, {}}, world_.random);
  Environment forgiving = world_.Env();
  forgiving.check_lifetime = false;
  CommitOptions options;
  options.add = {expired->message};
  const std::string refusal = "mls: key package is not valid at this time";
  EXPECT_EQ(WhereOf(alice_.Commit(options, forgiving, world_.random)), refusal);
  const auto message = ParseMessage(expired->message);
  const Proposal add{Add{std::get<KeyPackage>(message->value)}};
  EXPECT_EQ(WhereOf(alice_.Propose(add, {}, forgiving, world_.random)), refusal);
}

TEST_F(MakingCommits, RefusedCommitsAndProposalsLeaveTheGroupAsItWas) {
  const SecretBytes before = alice_.Serialize();
  CommitOptions options;
  options.handshake = Handshake::kPrivate;
  options.remove = {LeafIndex{9}};
  EXPECT_EQ(RefusalOf(options), "mls: remove of a blank leaf");
  options.remove.clear();
  options.padding_size = kMaxMessageBytes;
  EXPECT_EQ(alice_.Commit(options, world_.Env(), world_.random).error().code(), Code::kTooLarge);
  MessageOptions padded;
  padded.handshake = Handshake::kPrivate;
  padded.padding_size = kMaxMessageBytes;
  EXPECT_EQ(alice_.ProposeUpdate(nullptr, padded, world_.random).error().code(), Code::kTooLarge);
  const Proposal nobody{Remove{{9}}};
  EXPECT_FALSE(alice_.Propose(nobody, padded, world_.Env(), world_.random).ok());
  EXPECT_TRUE(Equal(alice_.Serialize(), before));
}

TEST_F(MakingCommits, OnlyPrivateHandshakesUseUpAKey) {
  const SecretBytes before = alice_.Serialize();
  CommitOptions options;
  EXPECT_EQ(RefusalOf(options), "accepted");
  EXPECT_TRUE(Equal(alice_.Serialize(), before));
  options.handshake = Handshake::kPrivate;
  EXPECT_EQ(RefusalOf(options), "accepted");
  EXPECT_FALSE(Equal(alice_.Serialize(), before));
}

TEST_F(MakingCommits, CommitCarriesWhatItsOptionsSay) {
  CommitOptions options;
  options.authenticated_data = ToBytes("card");
  options.force_path = false;
  options.psks = {Group::NewResumptionPsk(alice_.group_id(), Epoch{1}, world_.random)};
  options.proposals = {{GroupContextExtensions{}}};
  const auto pending = alice_.Commit(options, world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  EXPECT_FALSE(pending->welcome.has_value());  // nobody was added
  EXPECT_TRUE(pending->group_info.has_value());
  const auto message = ParseMessage(pending->commit);
  const auto& content = std::get<PublicMessage>(message->value).content;
  EXPECT_EQ(ToString(content.authenticated_data), "card");
  const auto& commit = std::get<mls::Commit>(content.content);
  EXPECT_EQ(commit.proposals.size(), 2U);
  EXPECT_TRUE(commit.path.has_value());  // GroupContextExtensions needs one (§12.4)
  options.proposals.clear();
  const auto without = alice_.Commit(options, world_.Env(), world_.random);
  const auto parsed = ParseMessage(without->commit);
  const auto& short_content = std::get<PublicMessage>(parsed->value).content.content;
  EXPECT_FALSE(std::get<mls::Commit>(short_content).path.has_value());
}

TEST_F(MakingCommits, OwnProposalIsKeptAsIfReceived) {
  MessageOptions options;
  options.authenticated_data = ToBytes("why");
  const auto sent = alice_.Propose({Remove{{1}}}, options, world_.Env(), world_.random);
  ASSERT_TRUE(sent.ok());
  ASSERT_EQ(alice_.Proposals().size(), 1U);
  const StoredProposal kept = alice_.Proposals()[0];
  EXPECT_EQ(kept.ref, sent->ref);
  EXPECT_EQ(kept.sender, Sender{MemberSender{alice_.own_leaf_index()}});
  EXPECT_EQ(kept.proposal, Proposal{Remove{{1}}});
  EXPECT_EQ(ToString(kept.authenticated_data), "why");
  world_.Deliver(sent->message, {&bob_});
  ASSERT_EQ(bob_.Proposals().size(), 1U);
  EXPECT_EQ(bob_.Proposals()[0].ref, sent->ref);
  EXPECT_EQ(bob_.Proposals()[0].authenticated_data, kept.authenticated_data);
}

TEST_F(MakingCommits, NewLeafBringsAPathEvenWhereItMayBeLeftOut) {
  CommitOptions options;
  options.force_path = false;
  options.psks = {Group::NewResumptionPsk(alice_.group_id(), Epoch{1}, world_.random)};
  options.new_leaf = world_.Leaf("alice anew");
  world_.Commit(alice_, {&bob_}, options);
  EXPECT_EQ(Names(bob_)[0], "alice anew");
}

}  // namespace
}  // namespace renkei::mls
