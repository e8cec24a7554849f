// Receiving handshakes (RFC 9420 §12.1, §12.4.2); the rules one by one: validation_*_test.
#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::kPrivateExtension;
using test::NameOf;
using test::PlainLifetime;
using test::WhereOf;
using test::World;

class Processing : public test::Pair {};

TEST(StagedCommits, SayWhatTheyDo) {
  World world(5);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.Add(alice, {&bob}, "carol");
  CommitOptions options;
  options.remove = {carol.own_leaf_index()};
  options.add = {world.KeyPackageFor("dave").message};
  options.authenticated_data = ToBytes("card");
  const auto pending = alice.Commit(options, world.Env(), world.random);
  ASSERT_TRUE(pending.ok());
  auto processed = bob.Process(pending->commit, world.Env());
  ASSERT_TRUE(processed.ok());
  const auto& staged = std::get<StagedCommit>(*processed);
  EXPECT_EQ(staged.committer, alice.own_leaf_index());
  EXPECT_FALSE(staged.is_external);
  ASSERT_EQ(staged.added.size(), 1U);
  EXPECT_EQ(NameOf(staged.added[0].leaf), "dave");
  EXPECT_EQ(staged.added[0].index, LeafIndex{2});
  ASSERT_EQ(staged.removed.size(), 1U);
  EXPECT_EQ(NameOf(staged.removed[0].leaf), "carol");
  EXPECT_EQ(ToString(staged.authenticated_data), "card");
  EXPECT_TRUE(Agree(*staged.next, pending->next));
}

TEST(StagedCommits, LeaveTheGroupWhereItIs) {
  World world(6);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  for (const Handshake handshake : {Handshake::kPublic, Handshake::kPrivate}) {
    CommitOptions options;
    options.handshake = handshake;
    const auto pending = alice.Commit(options, world.Env(), world.random);
    ASSERT_TRUE(pending.ok());
    for (int again = 0; again < 2; ++again) {  // judged, dropped, judged again
      const auto processed = bob.Process(pending->commit, world.Env());
      ASSERT_TRUE(processed.ok());
      EXPECT_TRUE(Agree(alice, bob));
      EXPECT_TRUE(Agree(*std::get<StagedCommit>(*processed).next, pending->next));
    }
  }
}

TEST(StagedCommits, TellARemovedMemberThatAndNothingElse) {
  World world(7);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.Add(alice, {&bob}, "carol");
  CommitOptions options;
  options.remove = {bob.own_leaf_index()};
  const auto pending = alice.Commit(options, world.Env(), world.random);
  ASSERT_TRUE(pending.ok());
  const auto processed = bob.Process(pending->commit, world.Env());
  ASSERT_TRUE(processed.ok());
  EXPECT_FALSE(std::get<StagedCommit>(*processed).next.has_value());
  world.Deliver(pending->commit, {&carol});
  EXPECT_TRUE(Agree(pending->next, carol));
}

TEST_F(Processing, CommitThatAddsTheSameClientTwice) {
  const OwnLeaf carol = world_.Leaf("carol");
  const Bytes commit = test::RebuildCommit(alice_, Good(), [&](Commit& changed) {
    for (int i = 0; i < 2; ++i) {
      const auto made = CreateKeyPackage(carol, {PlainLifetime(), {}}, world_.random);
      const auto message = ParseMessage(made->message);
      changed.proposals.push_back({Proposal{Add{std::get<KeyPackage>(message->value)}}});
    }
  });
  EXPECT_EQ(Process(commit), "mls: two leaves with the same signature key");
}

TEST_F(Processing, GroupContextExtensionsThatOthersDoNotSupport) {
  CommitOptions options;
  OwnLeaf wide = world_.Leaf("alice");
  wide.capabilities.extensions = {kPrivateExtension};
  options.new_leaf = wide.Clone();
  const Bytes commit = test::RebuildCommit(alice_, Good(options), [](Commit& changed) {
    changed.proposals.push_back({Proposal{GroupContextExtensions{{{kPrivateExtension, {}}}}}});
  });
  EXPECT_EQ(Process(commit), "mls: leaf does not support an extension of the group");
}

TEST_F(Processing, AddWithACredentialTypeThatAMemberDoesNotSupport) {
  OwnLeaf narrow = world_.Leaf("alice");
  narrow.capabilities.credentials = {CredentialType::kBasic};
  CommitOptions replace;
  replace.new_leaf = narrow.Clone();
  world_.Commit(alice_, {&bob_}, replace);
  OwnLeaf carol = world_.Leaf("carol");
  carol.credential.value = X509Credential{{{1}}};
  CommitOptions options;
  options.force_path = false;
  const auto made = CreateKeyPackage(carol, {PlainLifetime(), {}}, world_.random);
  options.add = {made->message};
  const std::string unsupported = "mls: credential type not supported by all members";
  EXPECT_EQ(WhereOf(alice_.Commit(options, world_.Env(), world_.random)), unsupported);
  options.add = {world_.KeyPackageFor("dave").message};
  const auto message = ParseMessage(made->message);
  const Bytes commit = test::RebuildCommit(alice_, Good(options), [&](Commit& changed) {
    changed.proposals[0] = {Proposal{Add{std::get<KeyPackage>(message->value)}}};
  });
  EXPECT_EQ(Process(commit), unsupported);
}

TEST_F(Processing, OwnUpdateWhosePrivateHalfIsLost) {
  const auto sent = bob_.ProposeUpdate(nullptr, {}, world_.random);
  world_.Deliver(sent->message, {&alice_});
  CommitOptions options;
  options.references = {sent->ref};
  const Bytes commit = Good(options);
  GroupState::Of(bob_).pending_updates.clear();
  EXPECT_EQ(Process(commit), "mls: private key of our update is lost");
}

TEST_F(Processing, CommitAfterReInit) {
  CommitOptions options;
  options.reinit = ReInit{Bytes(32, 1), ProtocolVersion::kMls10, kSuite, {}};
  world_.Commit(alice_, {&bob_}, options);
  GroupState::Of(alice_).reinit.reset();  // pretends that nothing happened
  EXPECT_EQ(Process(Good()), "mls: commit after reinit");
}

TEST_F(Processing, MessagesOfAnotherGroup) {
  Group other = world_.Create("alice");
  const auto pending = other.Commit({}, world_.Env(), world_.random);
  EXPECT_EQ(bob_.Process(pending->commit, world_.Env()).error().code(), Code::kUnsupported);
}

TEST_F(Processing, TooManyWaitingProposals) {
  const auto sent = alice_.ProposeUpdate(nullptr, {}, world_.random);
  auto& proposals = GroupState::Of(bob_).proposals;
  for (std::uint32_t i = 0; i < kMaxStoredProposals; ++i) {
    wire::Writer ref;
    ref.U32(i);
    proposals[ProposalRef{ToBytes(ref.view())}] = nullptr;
  }
  EXPECT_EQ(bob_.Process(sent->message, world_.Env()).error().code(), Code::kTooLarge);
  EXPECT_EQ(bob_.ProposeUpdate(nullptr, {}, world_.random).error().code(), Code::kTooLarge);
}

// Each within kMaxMessageBytes, together more than is kept; also once stored and loaded.
TEST_F(Processing, TooLargeWaitingProposals) {
  const Group before = CopyOf(alice_);
  MessageOptions options;
  options.authenticated_data = Bytes(std::size_t{15} << 20U);
  std::vector<Bytes> messages;
  for (std::uint8_t i = 0; i < 4; ++i) {
    options.authenticated_data[0] = i;
    messages.push_back(
        alice_.Propose({Remove{{1}}}, options, world_.Env(), world_.random)->message);
    EXPECT_EQ(Process(messages.back()), "accepted");
  }
  EXPECT_EQ(Process(messages.back()), "accepted");  // is there already, and does not count twice
  options.authenticated_data[0] = 4;
  const auto own = alice_.Propose({Remove{{1}}}, options, world_.Env(), world_.random);
  ASSERT_FALSE(own.ok());
  EXPECT_EQ(own.error().code(), Code::kTooLarge);
  EXPECT_EQ(alice_.Proposals().size(), 4U);
  Group fresh = CopyOf(before);
  const Bytes last = fresh.Propose({Remove{{1}}}, options, world_.Env(), world_.random)->message;
  EXPECT_EQ(bob_.Process(last, world_.Env()).error().code(), Code::kTooLarge);
  EXPECT_EQ(bob_.Proposals().size(), 4U);
  Group loaded = CopyOf(bob_);
  EXPECT_EQ(loaded.Process(last, world_.Env()).error().code(), Code::kTooLarge);
  options.authenticated_data.resize(std::size_t{3} << 20U);
  fresh = CopyOf(before);
  EXPECT_EQ(Process(fresh.Propose({Remove{{1}}}, options, world_.Env(), world_.random)->message),
            "accepted");
}

TEST_F(Processing, ProposalThatCannotBeSentIsNotKept) {
  MessageOptions options;
  options.handshake = Handshake::kPrivate;
  options.padding_size = std::size_t{17} << 20U;
  const auto refused = alice_.Propose({Remove{{1}}}, options, world_.Env(), world_.random);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kTooLarge);
  EXPECT_TRUE(alice_.Proposals().empty());
  EXPECT_EQ(GroupState::Of(alice_).proposal_bytes, 0U);
}

TEST_F(Processing, MessagesOfTheWrongKind) {
  const Bytes application = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  EXPECT_EQ(bob_.Process(application, world_.Env()).error().code(), Code::kUnsupported);
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  EXPECT_EQ(bob_.Process(carol.message, world_.Env()).error().code(), Code::kUnsupported);
}

TEST_F(Processing, OwnCommitThatComesBack) {
  for (const Handshake handshake : {Handshake::kPublic, Handshake::kPrivate}) {
    CommitOptions options;
    options.handshake = handshake;
    const Bytes commit = Good(options);
    EXPECT_EQ(alice_.Process(commit, world_.Env()).error().code(), Code::kUnsupported);
    EXPECT_EQ(Process(commit), "accepted");
  }
}

TEST_F(Processing, OwnPrivateMessagesThatComeBack) {
  const Bytes words = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  EXPECT_EQ(alice_.Unprotect(words).error().code(), Code::kUnsupported);
  MessageOptions options;
  options.handshake = Handshake::kPrivate;
  const auto sent = alice_.ProposeUpdate(nullptr, options, world_.random);
  EXPECT_EQ(alice_.Process(sent->message, world_.Env()).error().code(), Code::kUnsupported);
  EXPECT_EQ(alice_.Proposals().size(), 1U);
}

TEST_F(Processing, ConfirmationTagOfAnotherEpoch) {  // §12.4.2
  auto message = ParseMessage(Good());
  auto& commit = std::get<PublicMessage>(message->value);
  commit.auth.confirmation_tag[0] ^= 1U;
  const GroupState& state = GroupState::Of(alice_);
  AuthenticatedContent content{WireFormat::kPublicMessage, commit.content, commit.auth};
  const auto tagged =
      ProtectPublic(std::move(content), &state.secrets.membership_key, state.encoded_context);
  EXPECT_EQ(Process(wire::Serialize(MlsMessage{*tagged})), "authentication failed");
}

TEST_F(Processing, RefusedHandshakesLeaveTheGroupAsItWas) {
  MessageOptions options;
  options.handshake = Handshake::kPrivate;
  const auto first = alice_.ProposeUpdate(nullptr, options, world_.random);
  world_.Deliver(first->message, {&bob_});  // so that Alice's ratchet is grown
  CommitOptions in_private;
  in_private.handshake = Handshake::kPrivate;
  std::vector<Bytes> bad = {Good(), Good(in_private)};
  for (Bytes& message : bad) {
    message.back() ^= 1U;
  }
  const Proposal bobs{Remove{bob_.own_leaf_index()}};
  const Bytes proposal = alice_.Propose(bobs, options, world_.Env(), world_.random)->message;
  bad.push_back(proposal);
  GroupState& state = GroupState::Of(bob_);
  const SecretBytes before = bob_.Serialize();
  const RatchetTree tree = state.tree;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    if (i == 2) {  // the one that opens and then is refused: there is nobody to be removed
      RatchetTree one;
      ASSERT_TRUE(one.AddLeaf(*tree.Leaf(LeafIndex{0})).ok());
      state.tree = one;
    }
    EXPECT_NE(Process(bad[i]), "accepted") << i;
    state.tree = tree;
    EXPECT_TRUE(Equal(bob_.Serialize(), before)) << i;
  }
  EXPECT_EQ(Process(proposal), "accepted");  // its key was not used up
  EXPECT_EQ(bob_.Process(proposal, world_.Env()).error().code(), Code::kNotFound);  // now it is
  EXPECT_EQ(bob_.Proposals().size(), 2U);
}

TEST_F(Processing, ProposalIsKeptAsItCame) {
  MessageOptions options;
  options.authenticated_data = ToBytes("why");
  const auto sent = alice_.Propose({Remove{{1}}}, options, world_.Env(), world_.random);
  const auto processed = bob_.Process(sent->message, world_.Env());
  ASSERT_TRUE(processed.ok());
  const auto& stored = std::get<StoredProposal>(*processed);
  EXPECT_EQ(stored.ref, sent->ref);
  EXPECT_EQ(stored.sender, Sender{MemberSender{alice_.own_leaf_index()}});
  EXPECT_EQ(stored.proposal, Proposal{Remove{{1}}});
  EXPECT_EQ(ToString(stored.authenticated_data), "why");
  ASSERT_EQ(bob_.Proposals().size(), 1U);
  EXPECT_EQ(bob_.Proposals()[0].ref, sent->ref);
}

TEST_F(Processing, StagedCommitNamesProposalsUpdatesAndExtensions) {
  const auto update = bob_.ProposeUpdate(nullptr, {}, world_.random);
  world_.Deliver(update->message, {&alice_});
  CommitOptions options;
  options.references = {update->ref};
  options.group_context_extensions = {
      MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})};
  auto processed = bob_.Process(Good(options), world_.Env());
  ASSERT_TRUE(processed.ok());
  const auto& staged = std::get<StagedCommit>(*processed);
  EXPECT_TRUE(staged.has_path);
  EXPECT_EQ(staged.sender, Sender{MemberSender{alice_.own_leaf_index()}});
  EXPECT_EQ(staged.updated, (std::vector<LeafIndex>{{1}, {0}}));
  EXPECT_EQ(staged.extensions, options.group_context_extensions);
  ASSERT_EQ(staged.proposals.size(), 2U);
  EXPECT_TRUE(staged.proposals[0].ref.value.empty());  // by value: the committer's
  EXPECT_EQ(staged.proposals[0].sender, staged.sender);
  EXPECT_EQ(staged.proposals[1].ref, update->ref);
  EXPECT_EQ(staged.proposals[1].sender, Sender{MemberSender{bob_.own_leaf_index()}});

  options = {};
  options.force_path = false;
  options.psks = {Group::NewResumptionPsk(alice_.group_id(), Epoch{1}, world_.random)};
  processed = bob_.Process(Good(options), world_.Env());
  ASSERT_TRUE(processed.ok());
  const auto& without = std::get<StagedCommit>(*processed);
  EXPECT_FALSE(without.has_path);
  EXPECT_TRUE(without.updated.empty());
  EXPECT_FALSE(without.extensions.has_value());
}

}  // namespace
}  // namespace renkei::mls
