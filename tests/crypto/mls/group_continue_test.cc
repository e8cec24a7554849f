#include <gtest/gtest.h>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::PlainLifetime;
using test::World;

class Continuation : public testing::Test {
 protected:
  Continuation()
      : world_(31), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {}

  ReInit Successor() {
    return {world_.random.NextBytes(32),
            ProtocolVersion::kMls10,
            kSuite,
            {MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})}};
  }
  void CommitReInit(const ReInit& reinit) {
    CommitOptions options;
    options.reinit = reinit;
    options.force_path = false;
    world_.Commit(alice_, {&bob_}, options);
  }
  GroupOptions BranchOptions() { return {world_.random.NextBytes(32), {}, PlainLifetime()}; }
  Result<Group> Join(const PendingCommit& pending, const OwnKeyPackage& key_package,
                     const Group* parent) {
    JoinOptions options;
    options.parent = parent;
    return Group::JoinWelcome(*pending.welcome, key_package, options, world_.Env());
  }

  World world_;
  Group alice_;
  Group bob_;
};

TEST_F(Continuation, ReinitializedGroupFallsSilent) {
  CommitReInit(Successor());
  EXPECT_TRUE(Agree(alice_, bob_));
  ASSERT_TRUE(bob_.reinit().has_value());
  EXPECT_EQ(bob_.Protect(AsBytes("x"), {}, world_.random).error().code(), Code::kDenied);
  EXPECT_EQ(bob_.Commit({}, world_.Env(), world_.random).error().code(), Code::kDenied);
  EXPECT_EQ(bob_.ProposeUpdate(nullptr, {}, world_.random).error().code(), Code::kDenied);
  const Group stored = Group::Deserialize(bob_.Serialize().Expose()).value();
  EXPECT_EQ(stored.reinit(), bob_.reinit());
}

TEST_F(Continuation, AnyMemberMakesTheSuccessor) {
  const ReInit reinit = Successor();
  CommitReInit(reinit);
  const OwnKeyPackage alice = world_.KeyPackageFor("alice");
  const auto pending = bob_.Reinitialize(world_.Leaf("bob"), {alice.message}, {}, PlainLifetime(),
                                         world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  const auto joined = Join(*pending, alice, &alice_);
  ASSERT_TRUE(joined.ok());
  EXPECT_TRUE(Agree(*joined, pending->next));
  EXPECT_EQ(ToBytes(joined->group_id()), reinit.group_id);
  EXPECT_EQ(joined->extensions(), reinit.extensions);
  EXPECT_EQ(joined->epoch(), Epoch{1});
}

TEST_F(Continuation, SuccessorMayKeepTheGroupId) {  // §11.2
  ReInit reinit = Successor();
  reinit.group_id = ToBytes(alice_.group_id());
  CommitReInit(reinit);
  const OwnKeyPackage alice = world_.KeyPackageFor("alice");
  const auto pending = bob_.Reinitialize(world_.Leaf("bob"), {alice.message}, {}, PlainLifetime(),
                                         world_.Env(), world_.random);
  ASSERT_EQ(test::WhereOf(pending), "accepted");
  const auto joined = Join(*pending, alice, &alice_);
  ASSERT_EQ(test::WhereOf(joined), "accepted");
  EXPECT_TRUE(Agree(*joined, pending->next));
  EXPECT_EQ(ToBytes(joined->group_id()), ToBytes(alice_.group_id()));
}

// Even where the new group has the id and epoch of its parent.
TEST_F(Continuation, FirstCommitTakesTheParentsSecret) {
  const Group fresh = world_.Create("carol");
  CommitOptions options;
  options.psks = {{ResumptionPsk{ResumptionPskUsage::kBranch, ToBytes(fresh.group_id()), Epoch{0}},
                   Bytes(32, 5)}};
  const auto authenticator = [&](std::uint8_t secret) {
    world_.psks.resumption[{ToBytes(fresh.group_id()), Epoch{0}}] = Bytes(32, secret);
    Group group = Group::Deserialize(fresh.Serialize().Expose()).value();
    SeededRandom same(7);
    const auto pending =
        MakeCommit(GroupState::Of(group), options, world_.Env(), same, ResumptionPskUsage::kBranch);
    return ToHex(pending->next.EpochAuthenticator());
  };
  EXPECT_EQ(authenticator(1), authenticator(1));
  EXPECT_NE(authenticator(1), authenticator(2));
}

TEST_F(Continuation, SuccessorWithoutReInitIsDenied) {
  EXPECT_EQ(
      bob_.Reinitialize(world_.Leaf("bob"), {}, {}, PlainLifetime(), world_.Env(), world_.random)
          .error()
          .code(),
      Code::kDenied);
}

TEST_F(Continuation, SuccessorThatWeCannotSpeakIsUnsupported) {
  for (const bool version : {true, false}) {
    ReInit reinit = Successor();
    if (version) {
      reinit.version = ProtocolVersion{2};
    } else {
      reinit.cipher_suite = CipherSuite{1};
    }
    GroupState::Of(bob_).reinit = reinit;
    EXPECT_EQ(bob_.Reinitialize(world_.Leaf("bob"), {world_.KeyPackageFor("alice").message}, {},
                                PlainLifetime(), world_.Env(), world_.random)
                  .error()
                  .code(),
              Code::kUnsupported);
  }
}

TEST_F(Continuation, SuccessorThatLeavesAMemberOutIsRefused) {
  CommitReInit(Successor());
  const auto pending =
      bob_.Reinitialize(world_.Leaf("bob"), {}, {}, PlainLifetime(), world_.Env(), world_.random);
  ASSERT_FALSE(pending.ok());
  EXPECT_STREQ(pending.error().where(), "mls: reinit leaves a member out");
}

TEST_F(Continuation, WelcomeToASuccessorNeedsTheOldGroup) {
  CommitReInit(Successor());
  const OwnKeyPackage alice = world_.KeyPackageFor("alice");
  const auto pending = bob_.Reinitialize(world_.Leaf("bob"), {alice.message}, {}, PlainLifetime(),
                                         world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  EXPECT_EQ(Join(*pending, alice, nullptr).error().code(), Code::kNotFound);
}

TEST_F(Continuation, BranchHoldsSomeOfTheMembers) {
  Group carol = world_.Add(alice_, {&bob_}, "carol");
  const OwnKeyPackage bob = world_.KeyPackageFor("bob");
  const auto pending = alice_.Branch(world_.Leaf("alice"), BranchOptions(), {bob.message}, {},
                                     world_.Env(), world_.random);
  ASSERT_TRUE(pending.ok());
  const auto joined = Join(*pending, bob, &bob_);
  ASSERT_TRUE(joined.ok());
  EXPECT_TRUE(Agree(*joined, pending->next));
  world_.Commit(alice_, {&bob_, &carol}, {});  // the old group goes on
  EXPECT_TRUE(Agree(alice_, carol));
}

TEST_F(Continuation, FirstCommitMayHaveNoPath) {
  const OwnKeyPackage bob = world_.KeyPackageFor("bob");
  PublishOptions publish;
  for (const bool path : {false, true}) {
    publish.force_path = path;
    const auto pending = alice_.Branch(world_.Leaf("alice"), BranchOptions(), {bob.message},
                                       publish, world_.Env(), world_.random);
    ASSERT_TRUE(pending.ok());
    const auto message = ParseMessage(pending->commit);
    const auto& content = std::get<PublicMessage>(message->value).content.content;
    EXPECT_EQ(std::get<Commit>(content).path.has_value(), path);
    const auto joined = Join(*pending, bob, &bob_);
    ASSERT_TRUE(joined.ok());
    EXPECT_TRUE(Agree(*joined, pending->next));
  }
}

TEST_F(Continuation, BranchWithAStrangerIsRefused) {
  const OwnKeyPackage mallory = world_.KeyPackageFor("mallory");
  const auto pending = alice_.Branch(world_.Leaf("alice"), BranchOptions(), {mallory.message}, {},
                                     world_.Env(), world_.random);
  ASSERT_FALSE(pending.ok());
  EXPECT_STREQ(pending.error().where(), "mls: branch with a member that the parent has not");
}

TEST_F(Continuation, BranchOfAnEarlierEpochIsJoinedLater) {
  const OwnKeyPackage bob = world_.KeyPackageFor("bob");
  const auto pending = alice_.Branch(world_.Leaf("alice"), BranchOptions(), {bob.message}, {},
                                     world_.Env(), world_.random);
  world_.Commit(alice_, {&bob_}, {});
  const auto joined = Join(*pending, bob, &bob_);
  ASSERT_TRUE(joined.ok());
  EXPECT_TRUE(Agree(*joined, pending->next));
}

}  // namespace
}  // namespace renkei::mls
