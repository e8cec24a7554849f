// Joining by an external commit (RFC 9420 §12.4.3.2); its rules one by one: validation_commit_test,
// validation_proposals_test.
#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/message.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::WhereOf;
using test::World;

class FromAGroupInfo : public test::Pair {
 protected:
  std::string JoinBy(const Bytes& info, const ExternalJoinOptions& options = {}) {
    return WhereOf(
        Group::ExternalJoin(info, world_.Leaf("carol"), options, world_.Env(), world_.random));
  }
  std::string JoinByChanged(const std::function<void(GroupInfo&)>& change) {
    return JoinBy(test::RebuildGroupInfo(alice_, alice_.MakeGroupInfo(true, {}), change));
  }
};

TEST(ExternalJoins, OutsiderJoinsByExternalCommit) {
  World world(12);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  Group carol = world.ExternalJoin("carol", {&alice, &bob});
  EXPECT_TRUE(Agree(alice, bob));
  EXPECT_TRUE(Agree(alice, carol));
  world.Commit(carol, {&alice, &bob}, {});
  EXPECT_TRUE(Agree(alice, carol));
}

TEST(ExternalJoins, ReplacedLeafResyncsByExternalCommit) {
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

TEST(ExternalJoins, LeafWithTheSameSigningKeyResyncs) {
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

TEST_F(FromAGroupInfo, GroupInfoIsJudged) {
  EXPECT_EQ(JoinByChanged([](GroupInfo&) {}), "accepted");
  EXPECT_EQ(JoinByChanged([](GroupInfo& info) { info.group_context.cipher_suite = {}; }),
            "mls: group of another version or suite");
  EXPECT_EQ(JoinByChanged([](GroupInfo& info) { info.signer = {1}; }), "authentication failed");
  EXPECT_EQ(JoinByChanged([](GroupInfo& info) {
              info.group_context.extensions = {{ExtensionType::kExternalSenders, {9}}};
            }),
            "wire: input ends inside a field");
  EXPECT_EQ(JoinByChanged([](GroupInfo& info) { info.group_context.tree_hash[0] ^= 1U; }),
            "mls: not the group's tree");
}

TEST_F(FromAGroupInfo, GroupWeAreInAlready) {
  ExternalJoinOptions options;
  options.existing_group_ids = {ToBytes(alice_.group_id())};
  EXPECT_EQ(JoinBy(alice_.MakeGroupInfo(true, {}), options), "mls: already in a group of this id");
}

TEST_F(FromAGroupInfo, ResyncOfNobody) {
  ExternalJoinOptions options;
  options.resync = LeafIndex{5};
  EXPECT_EQ(JoinBy(alice_.MakeGroupInfo(true, {}), options), "mls: remove of a blank leaf");
}

TEST_F(FromAGroupInfo, TreeBesideTheGroupInfo) {
  const Bytes info = alice_.MakeGroupInfo(false, {});
  EXPECT_EQ(JoinBy(info), "mls: ratchet tree is missing");
  ExternalJoinOptions options;
  options.ratchet_tree = alice_.ExportTree();
  EXPECT_EQ(JoinBy(info, options), "accepted");
  Group other = world_.Create("alice");
  options.ratchet_tree = other.ExportTree();
  EXPECT_EQ(JoinBy(info, options), "authentication failed");  // signed by another alice
}

TEST_F(FromAGroupInfo, OtherMessagesAreNone) {
  EXPECT_EQ(JoinBy(world_.KeyPackageFor("carol").message), "mls: not a group info");
}

class RefuseAll final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return Error(Code::kDenied, "test: refused by policy");
  }
  Status CheckExisting(const Credential&, ByteView, Millis) const override { return Ok(); }
};

TEST_F(FromAGroupInfo, OwnCredentialThatPolicyRefuses) {
  const RefuseAll policy;
  world_.policy = &policy;
  EXPECT_EQ(JoinBy(alice_.MakeGroupInfo(true, {})), "test: refused by policy");
}

TEST_F(FromAGroupInfo, PskAndAuthenticatedDataAreInTheCommit) {
  ExternalJoinOptions options;
  options.authenticated_data = ToBytes("card");
  options.psks = {Group::NewExternalPsk(AsBytes("psk"), world_.random)};
  const Bytes info = alice_.MakeGroupInfo(true, {});
  EXPECT_EQ(JoinBy(info, options), "test: no such psk");
  world_.psks.external[ToBytes("psk")] = world_.random.NextBytes(32);
  auto pending =
      Group::ExternalJoin(info, world_.Leaf("carol"), options, world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  EXPECT_FALSE(pending->welcome.has_value());
  auto processed = alice_.Process(pending->commit, world_.Env());
  ASSERT_TRUE(processed.ok());
  const auto& staged = std::get<StagedCommit>(*processed);
  EXPECT_EQ(ToString(staged.authenticated_data), "card");
  EXPECT_TRUE(Agree(*staged.next, pending->next));
  world_.psks.external[ToBytes("psk")][0] ^= 1U;
  EXPECT_EQ(alice_.Process(pending->commit, world_.Env()).error().code(), Code::kAuthFailed);
}

TEST_F(FromAGroupInfo, NewGroupInfoLetsTheNextOneIn) {
  auto carol = Group::ExternalJoin(alice_.MakeGroupInfo(true, {}), world_.Leaf("carol"), {},
                                   world_.Env(), world_.random);
  ASSERT_TRUE(carol.ok());
  auto dave =
      Group::ExternalJoin(*carol->group_info, world_.Leaf("dave"), {}, world_.Env(), world_.random);
  ASSERT_TRUE(dave.ok());
  world_.Deliver(carol->commit, {&alice_});
  world_.Deliver(dave->commit, {&alice_, &carol->next});
  EXPECT_TRUE(Agree(alice_, dave->next));
  ExternalJoinOptions quiet;
  quiet.publish.group_info = false;
  const auto erin = Group::ExternalJoin(*dave->group_info, world_.Leaf("erin"), quiet, world_.Env(),
                                        world_.random);
  ASSERT_TRUE(erin.ok());
  EXPECT_FALSE(erin->group_info.has_value());
}

}  // namespace
}  // namespace renkei::mls
