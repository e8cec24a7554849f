#include "crypto/mls/group.h"

#include <gtest/gtest.h>

#include "crypto/mls/message.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::kNow;
using test::NameOf;
using test::World;

std::vector<std::string> Names(const Group& group) {
  std::vector<std::string> names;
  for (const Member& member : group.Members()) {
    names.push_back(NameOf(member.leaf));
  }
  return names;
}

TEST(Group, CreatorIsAloneInEpochZero) {
  World world(1);
  const Group alice = world.Create("alice");
  EXPECT_EQ(alice.epoch(), Epoch{0});
  EXPECT_EQ(Names(alice), std::vector<std::string>{"alice"});
  EXPECT_TRUE(alice.ConfirmedTranscriptHash().empty());
}

TEST(Group, AddedMemberJoinsWithTheWelcome) {
  World world(2);
  Group alice = world.Create("alice");
  const Group bob = world.Add(alice, {}, "bob");
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_EQ(bob.own_leaf_index(), LeafIndex{1});
  EXPECT_EQ(Names(bob), (std::vector<std::string>{"alice", "bob"}));
  EXPECT_EQ(ToHex(alice.Export("label", AsBytes("context"), 32).Expose()),
            ToHex(bob.Export("label", AsBytes("context"), 32).Expose()));
  EXPECT_EQ(ToHex(alice.ResumptionSecret().Expose()), ToHex(bob.ResumptionSecret().Expose()));
}

TEST(Group, OneWelcomeServesAllAddedMembers) {
  World world(3);
  Group alice = world.Create("alice");
  std::vector<OwnKeyPackage> key_packages;
  CommitOptions options;
  for (const char* name : {"bob", "carol", "dave", "erin", "frank"}) {
    key_packages.push_back(world.KeyPackageFor(name));
    options.add.push_back(key_packages.back().message);
  }
  const PendingCommit pending = world.Commit(alice, {}, options);
  for (const OwnKeyPackage& key_package : key_packages) {
    const auto joined = Group::JoinWelcome(*pending.welcome, key_package, {}, world.Env());
    ASSERT_TRUE(joined.ok());
    EXPECT_TRUE(Agree(alice, *joined));
  }
}

TEST(Group, TreeMayComeBesideTheWelcome) {
  World world(4);
  Group alice = world.Create("alice");
  const OwnKeyPackage key_package = world.KeyPackageFor("bob");
  CommitOptions options;
  options.add = {key_package.message};
  options.publish.tree_in_welcome = false;
  const PendingCommit pending = world.Commit(alice, {}, options);
  const auto without = Group::JoinWelcome(*pending.welcome, key_package, {}, world.Env());
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().code(), Code::kNotFound);
  JoinOptions join;
  join.ratchet_tree = alice.ExportTree();
  const auto with = Group::JoinWelcome(*pending.welcome, key_package, join, world.Env());
  ASSERT_TRUE(with.ok());
  EXPECT_TRUE(Agree(alice, *with));
}

TEST(Group, StagedCommitSaysWhatItDoes) {
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

TEST(Group, StagingLeavesTheGroupWhereItIs) {
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

TEST(Group, RemovedMemberLearnsItAndNothingElse) {
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

TEST(Group, UpdateByReferenceGivesTheMemberAFreshKey) {
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

TEST(Group, CommitMayChangeTheCommittersLeaf) {
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

TEST(Group, ProposalsOfAllKindsAreCommittedByReference) {
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

TEST(Group, ResumptionSecretOfAnOldEpochGoesIntoALaterOne) {
  World world(11);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  world.Commit(alice, {&bob}, {});
  CommitOptions options;
  options.psks = {Group::NewResumptionPsk(alice.group_id(), Epoch{1}, world.random)};
  options.force_path = false;
  world.Commit(alice, {&bob}, options);
  EXPECT_TRUE(Agree(alice, bob));
  options.psks = {Group::NewResumptionPsk(alice.group_id(), Epoch{77}, world.random)};
  const auto unknown = alice.Commit(options, world.Env(), world.random);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), Code::kNotFound);
}

TEST(Group, OutsiderJoinsByExternalCommit) {
  World world(12);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.ExternalJoin("carol", {&alice, &bob});
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_TRUE(Agree(alice, carol));
  world.Commit(carol, {&alice, &bob}, {});
  EXPECT_TRUE(Agree(alice, carol));
}

TEST(Group, ReplacedLeafResyncsByExternalCommit) {
  World world(13);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.Add(alice, {&bob}, "carol");
  ExternalJoinOptions options;
  options.resync = bob.own_leaf_index();
  options.existing_group_ids = {};
  const OwnLeaf again = world.Leaf("bob");
  auto pending =
      Group::ExternalJoin(alice.MakeGroupInfo(true, {}), again, options, world.Env(), world.random);
  ASSERT_TRUE(pending.ok());
  auto processed = alice.Process(pending->commit, world.Env());
  ASSERT_TRUE(processed.ok());
  const auto& staged = std::get<StagedCommit>(*processed);
  EXPECT_TRUE(staged.is_external);
  EXPECT_EQ(staged.committer, bob.own_leaf_index());  // the freed leaf is the leftmost
  ASSERT_EQ(staged.removed.size(), 1U);
  world.Deliver(pending->commit, {&alice, &carol});
  EXPECT_TRUE(Agree(alice, carol));
  EXPECT_TRUE(Agree(alice, pending->next));
  EXPECT_EQ(alice.member_count(), 3U);
}

TEST(Group, LeafWithTheSameSigningKeyResyncs) {
  World world(14);
  Group alice = world.Create("alice");
  const OwnLeaf bob_leaf = world.Leaf("bob");
  auto first =
      Group::ExternalJoin(alice.MakeGroupInfo(true, {}), bob_leaf, {}, world.Env(), world.random);
  ASSERT_TRUE(first.ok());
  world.Deliver(first->commit, {&alice});
  ExternalJoinOptions options;
  options.resync = first->next.own_leaf_index();
  auto again = Group::ExternalJoin(alice.MakeGroupInfo(true, {}), bob_leaf, options, world.Env(),
                                   world.random);
  ASSERT_TRUE(again.ok());
  world.Deliver(again->commit, {&alice});
  EXPECT_TRUE(Agree(alice, again->next));
  EXPECT_EQ(alice.member_count(), 2U);
}

TEST(Group, MessagesOpenOutOfOrderAndOnce) {
  World world(15);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  std::vector<Bytes> messages;
  for (int i = 0; i < 5; ++i) {
    MessageOptions options;
    options.authenticated_data = ToBytes("aad");
    options.padding_size = 100;
    messages.push_back(
        alice.Protect(AsBytes("message " + std::to_string(i)), options, world.random).value());
  }
  for (const int i : {3, 0, 4, 1, 2}) {
    const auto opened = bob.Unprotect(messages[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(ToString(opened->content.Expose()), "message " + std::to_string(i));
    EXPECT_EQ(opened->sender, alice.own_leaf_index());
    EXPECT_EQ(ToString(opened->authenticated_data), "aad");
    EXPECT_EQ(bob.Unprotect(messages[static_cast<std::size_t>(i)]).error().code(), Code::kNotFound);
  }
}

TEST(Group, MessageMustWaitForWaitingProposals) {
  World world(16);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const auto sent = bob.ProposeUpdate(nullptr, {}, world.random);
  world.Deliver(sent->message, {&alice});
  EXPECT_EQ(alice.Protect(AsBytes("too early"), {}, world.random).error().code(), Code::kConflict);
}

TEST(Group, StateGoesThroughTheVaultUnchanged) {
  World world(17);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.Add(bob, {&alice}, "carol");
  const Bytes early = alice.Protect(AsBytes("first"), {}, world.random).value();
  const Bytes late = alice.Protect(AsBytes("second"), {}, world.random).value();
  ASSERT_TRUE(bob.Unprotect(late).ok());
  const auto sent = bob.ProposeUpdate(nullptr, {}, world.random);
  world.Deliver(sent->message, {&alice, &carol});
  for (Group* group : {&alice, &bob, &carol}) {
    const SecretBytes stored = group->Serialize();
    auto loaded = Group::Deserialize(stored.Expose());
    ASSERT_TRUE(loaded.ok());
    EXPECT_TRUE(Equal(loaded->Serialize(), stored));
    *group = std::move(loaded).value();
  }
  EXPECT_TRUE(bob.Unprotect(early).ok());
  CommitOptions options;
  options.references = {sent->ref};
  world.Commit(carol, {&alice, &bob}, options);
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_TRUE(Agree(alice, carol));
}

TEST(Group, StoredStateWithBytesMissingOrAddedIsRefused) {
  World world(18);
  Group alice = world.Create("alice");
  const Group bob = world.Add(alice, {}, "bob");
  const SecretBytes stored = bob.Serialize();
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(Group::Deserialize(stored.Expose().first(size)).ok());
  }
  Bytes longer = ToBytes(stored.Expose());
  longer.push_back(0);
  EXPECT_EQ(Group::Deserialize(longer).error().code(), Code::kMalformed);
  longer.pop_back();
  longer[0] = 99;
  EXPECT_EQ(Group::Deserialize(longer).error().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace renkei::mls
