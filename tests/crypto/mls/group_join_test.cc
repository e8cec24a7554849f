// Beginning to be in a group (RFC 9420 §11, §12.4.3.1); the rules on Welcomes one by one:
// validation_join_test.
#include <gtest/gtest.h>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/message.h"
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

std::vector<std::string> Names(const Group& group) {
  std::vector<std::string> names;
  for (const Member& member : group.Members()) {
    names.push_back(NameOf(member.leaf));
  }
  return names;
}

TEST(NewGroups, CreatorIsAloneInEpochZero) {
  World world(1);
  const Group alice = world.Create("alice");
  EXPECT_EQ(alice.epoch(), Epoch{0});
  EXPECT_EQ(Names(alice), std::vector<std::string>{"alice"});
  EXPECT_TRUE(alice.ConfirmedTranscriptHash().empty());
}

class Beginnings : public test::Pair {};

TEST_F(Beginnings, GroupsThatCannotBe) {
  const auto refusal = [&](const OwnLeaf& leaf, Bytes group_id, Extensions extensions) {
    return WhereOf(Group::Create(
        leaf, {std::move(group_id), std::move(extensions), PlainLifetime()}, world_.random));
  };
  OwnLeaf leaf = world_.Leaf("alice");
  EXPECT_EQ(refusal(leaf, {}, {}), "mls: empty group id");
  EXPECT_EQ(refusal(leaf, Bytes(kMaxGroupIdBytes), {}), "accepted");
  EXPECT_EQ(refusal(leaf, Bytes(kMaxGroupIdBytes + 1), {}), "mls: group id over kMaxGroupIdBytes");
  EXPECT_EQ(refusal(leaf, {1}, {{kPrivateExtension, {}}}),
            "mls: leaf does not support an extension of the group");
  EXPECT_EQ(refusal(leaf, {1}, {{ExtensionType::kExternalSenders, {9}}}),
            "wire: input ends inside a field");
  leaf.capabilities.extensions = {kPrivateExtension};
  const Extensions repeated{{kPrivateExtension, {}}, {kPrivateExtension, {}}};
  EXPECT_EQ(refusal(leaf, {1}, repeated), "mls: extension type repeated");
  leaf.extensions = repeated;
  EXPECT_EQ(refusal(leaf, {1}, {}), "mls: extension type repeated");
  leaf.extensions.pop_back();
  EXPECT_EQ(refusal(leaf, Bytes(255), {}), "accepted");
}

TEST(JoinedGroups, AddedMemberJoinsWithTheWelcome) {
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

TEST(JoinedGroups, OneWelcomeServesAllAddedMembers) {
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

TEST(JoinedGroups, TreeMayComeBesideTheWelcome) {
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

TEST_F(Beginnings, WelcomeToAGroupWithUnreadableExtensions) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  CommitOptions options;
  options.add = {carol.message};
  const PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  const auto refusal = [&](ExtensionType type) {
    const Bytes welcome = test::RebuildWelcome(
        alice_, *pending.welcome, carol,
        [&](GroupSecrets&, GroupInfo& info) {
          info.group_context.extensions = {{type, {9}}};
        },
        world_.random);
    return WhereOf(Group::JoinWelcome(welcome, carol, {}, world_.Env()));
  };
  EXPECT_EQ(refusal(ExtensionType::kExternalSenders), "wire: input ends inside a field");
}

TEST_F(Beginnings, KeyPackageWithAnothersPrivateKey) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  CommitOptions options;
  options.add = {carol.message};
  const PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  OwnKeyPackage wrong = carol.Clone();
  wrong.encryption_key = world_.KeyPackageFor("dave").encryption_key.Clone();
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending.welcome, wrong, {}, world_.Env())),
            "mls: private keys of another leaf");
}

TEST_F(Beginnings, OtherMessagesAreNoWelcome) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  EXPECT_EQ(WhereOf(Group::JoinWelcome(carol.message, carol, {}, world_.Env())),
            "mls: not a welcome");
  CommitOptions options;
  options.add = {carol.message};
  const PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  OwnKeyPackage wrong = carol.Clone();
  wrong.message = *pending.welcome;
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending.welcome, wrong, {}, world_.Env())),
            "mls: not a key package");
}

// --- what a Welcome says about the group it continues
// ---------------------------------------------

class ContinuationRefusals : public test::Pair {
 protected:
  ContinuationRefusals() : alices_(world_.KeyPackageFor("alice")) {
    CommitOptions options;
    options.reinit = ReInit{Bytes(32, 1), ProtocolVersion::kMls10, kSuite, {}};
    world_.Commit(alice_, {&bob_}, options);
  }
  Result<PendingCommit> Successor() {
    return bob_.Reinitialize(world_.Leaf("bob"), {alices_.message}, {}, PlainLifetime(),
                             world_.Env(), world_.random);
  }
  std::string Join(const PendingCommit& pending) {
    JoinOptions options;
    options.parent = &alice_;
    return WhereOf(Group::JoinWelcome(*pending.welcome, alices_, options, world_.Env()));
  }

  OwnKeyPackage alices_;
};

TEST_F(ContinuationRefusals, SuccessorOtherThanAskedFor) {
  GroupState::Of(bob_).reinit->group_id = Bytes(32, 2);
  EXPECT_EQ(Join(*Successor()), "mls: not the group that reinit asked for");
}

TEST_F(ContinuationRefusals, SuccessorOfAGroupThatGoesOn) {
  GroupState::Of(alice_).reinit.reset();
  EXPECT_EQ(Join(*Successor()), "mls: the old group's last commit is no reinit");
}

TEST_F(ContinuationRefusals, SuccessorPastItsFirstEpoch) {
  auto first = bob_.Reinitialize(world_.Leaf("bob"), {world_.KeyPackageFor("alice").message}, {},
                                 PlainLifetime(), world_.Env(), world_.random);
  const GroupState& old = GroupState::Of(bob_);
  world_.psks.resumption[{old.context.group_id, old.context.epoch}] =
      ToBytes(old.secrets.resumption_psk.Expose());
  CommitOptions options;
  options.add = {alices_.message};
  options.psks = {
      {ResumptionPsk{ResumptionPskUsage::kReInit, old.context.group_id, old.context.epoch},
       Bytes(32, 7)}};
  const auto second = MakeCommit(GroupState::Of(first->next), options, world_.Env(), world_.random,
                                 ResumptionPskUsage::kReInit);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(Join(*second), "mls: continuing group is past its first epoch");
}

TEST_F(ContinuationRefusals, SuccessorOfAnotherGroupThanGiven) {
  const GroupState& old = GroupState::Of(bob_);
  world_.psks.resumption[{old.context.group_id, old.context.epoch}] =
      ToBytes(old.secrets.resumption_psk.Expose());
  const auto pending = Successor();
  const Group other = world_.Create("alice");
  JoinOptions options;
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending->welcome, alices_, options, world_.Env())),
            "mls: the group that this one continues is not given");
  options.parent = &other;
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending->welcome, alices_, options, world_.Env())),
            "mls: the group that this one continues is not given");
}

TEST_F(ContinuationRefusals, WelcomeThatContinuesNoGroup) {
  Group stranger = world_.Create("mallory");
  CommitOptions options;
  options.add = {alices_.message};
  const auto pending = stranger.Commit(options, world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  EXPECT_EQ(Join(*pending), "mls: welcome does not continue the group that was given");
}

TEST_F(ContinuationRefusals, SuccessorWithoutAMember) {
  const auto pending = Successor();
  EXPECT_EQ(Join(*pending), "accepted");
  ASSERT_TRUE(GroupState::Of(alice_).tree.AddLeaf(test::MakeLeaf(world_.random)).ok());
  EXPECT_EQ(Join(*pending), "mls: reinit leaves a member out");
}

TEST_F(ContinuationRefusals, BranchOfAnotherSuiteOrWithAStranger) {
  const auto branch = [&](const OwnKeyPackage& member) {
    return bob_.Branch(world_.Leaf("bob"), {world_.random.NextBytes(32), {}, PlainLifetime()},
                       {member.message}, {}, world_.Env(), world_.random);
  };
  const auto good = branch(alices_);
  EXPECT_EQ(Join(*good), "accepted");
  const RatchetTree tree = GroupState::Of(alice_).tree;
  GroupState::Of(alice_).tree.RemoveLeaf(bob_.own_leaf_index());
  EXPECT_EQ(Join(*good), "mls: branch with a member that the parent has not");
  GroupState::Of(alice_).tree = tree;
  GroupState::Of(alice_).context.cipher_suite = CipherSuite{1};
  EXPECT_EQ(Join(*good), "mls: branch with another version or suite");
}

TEST_F(ContinuationRefusals, SuccessorThatProvesAnEpochBeforeTheLast) {
  const GroupState& old = GroupState::Of(bob_);
  const Epoch before{old.context.epoch.value - 1};
  world_.psks.resumption[{old.context.group_id, before}] =
      ToBytes(old.past_resumption.at(before)->Expose());
  Group fresh =
      Group::Create(world_.Leaf("bob"), {old.reinit->group_id, {}, PlainLifetime()}, world_.random)
          .value();
  CommitOptions options;
  options.add = {alices_.message};
  options.psks = {
      {ResumptionPsk{ResumptionPskUsage::kReInit, old.context.group_id, before}, Bytes(32, 7)}};
  const auto pending = MakeCommit(GroupState::Of(fresh), options, world_.Env(), world_.random,
                                  ResumptionPskUsage::kReInit);
  ASSERT_TRUE(pending.ok());
  EXPECT_EQ(Join(*pending), "mls: the old group's last commit is no reinit");
}

}  // namespace
}  // namespace renkei::mls
