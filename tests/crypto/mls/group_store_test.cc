#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/state_codec.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::WhereOf;
using test::World;

class StoredGroups : public test::Pair {
 protected:
  // Bob's stored state with `from` replaced by `to`, which is as long.
  std::string LoadWith(const Bytes& from, const Bytes& to) {
    Bytes stored = ToBytes(bob_.Serialize().Expose());
    const auto at = std::search(stored.begin(), stored.end(), from.begin(), from.end());
    EXPECT_NE(at, stored.end());
    std::copy(to.begin(), to.end(), at);
    return WhereOf(Group::Deserialize(stored));
  }
  static Bytes Joined(const Bytes& a, const Bytes& b) {
    Bytes both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
  }
  // Both in their order must load; swapped, or one twice, must not.
  void ExpectIncreasing(const Bytes& a, const Bytes& b) {
    const std::string where = "mls: stored group out of order";
    EXPECT_EQ(LoadWith(Joined(a, b), Joined(a, b)), "accepted");
    EXPECT_EQ(LoadWith(Joined(a, b), Joined(b, a)), where);
    EXPECT_EQ(LoadWith(Joined(a, b), Joined(a, a)), where);
  }
};

TEST(GroupStates, GoThroughTheVaultUnchanged) {
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

TEST(GroupStates, WithBytesMissingOrAddedAreRefused) {
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

TEST_F(StoredGroups, HoldWaitingProposalsInOrder) {
  for (const std::uint32_t leaf : {0U, 1U}) {
    const auto sent = alice_.Propose({Remove{{leaf}}}, {}, world_.Env(), world_.random);
    world_.Deliver(sent->message, {&bob_});
  }
  std::vector<Bytes> removes;
  for (const StoredProposal& stored : bob_.Proposals()) {
    removes.push_back(wire::Serialize(stored));
  }
  ASSERT_EQ(removes.size(), 2U);
  ExpectIncreasing(removes[0], removes[1]);
}

TEST_F(StoredGroups, HoldOwnUpdatesInOrder) {
  (void)bob_.ProposeUpdate(nullptr, {}, world_.random);
  (void)bob_.ProposeUpdate(nullptr, {}, world_.random);
  std::vector<Bytes> updates;
  for (const auto& [ref, update] : GroupState::Of(bob_).pending_updates) {
    updates.push_back(Joined(wire::Serialize(ref), wire::Serialize(update)));
  }
  ASSERT_EQ(updates.size(), 2U);
  ExpectIncreasing(updates[0], updates[1]);
}

TEST_F(StoredGroups, HoldEarlierEpochsInOrderUpToTheLimit) {
  world_.Commit(alice_, {&bob_}, {});
  world_.Commit(alice_, {&bob_}, {});
  auto& past = GroupState::Of(bob_).past_resumption;
  std::vector<Bytes> epochs;
  for (const auto& [epoch, secret] : past) {
    epochs.push_back(Joined(wire::Serialize(epoch), ToBytes(secret->Expose())));
  }
  ASSERT_EQ(epochs.size(), 2U);
  ExpectIncreasing(epochs[0], epochs[1]);
  for (std::uint64_t i = 100; past.size() < kMaxPastEpochs; ++i) {
    past[Epoch{i}] = past.begin()->second;
  }
  EXPECT_TRUE(Group::Deserialize(bob_.Serialize().Expose()).ok());
  past[Epoch{99}] = past.begin()->second;
  EXPECT_EQ(Group::Deserialize(bob_.Serialize().Expose()).error().code(), Code::kMalformed);
}

TEST_F(StoredGroups, HoldNoMoreProposalsThanMayWait) {
  auto& proposals = GroupState::Of(bob_).proposals;
  for (std::uint32_t i = 0; i < kMaxStoredProposals; ++i) {
    const ProposalRef ref{wire::Serialize(i)};
    proposals[ref] = std::make_shared<const StoredProposal>(
        StoredProposal{ref, Sender{MemberSender{{0}}}, Proposal{Remove{{1}}}, {}});
  }
  EXPECT_TRUE(Group::Deserialize(bob_.Serialize().Expose()).ok());
  const ProposalRef one_more{Bytes(32, 0xff)};
  proposals[one_more] = std::make_shared<const StoredProposal>(
      StoredProposal{one_more, Sender{MemberSender{{0}}}, Proposal{Remove{{1}}}, {}});
  EXPECT_EQ(Group::Deserialize(bob_.Serialize().Expose()).error().code(), Code::kMalformed);
}

TEST_F(StoredGroups, PendingCommitComesBackWithEverything) {
  CommitOptions options;
  options.add = {world_.KeyPackageFor("carol").message};
  for (int i = 0; i < 2; ++i) {
    const auto pending = alice_.Commit(options, world_.Env(), world_.random);
    ASSERT_TRUE(pending.ok());
    const auto loaded = PendingCommit::Deserialize(pending->Serialize().Expose());
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->commit, pending->commit);
    EXPECT_EQ(loaded->welcome, pending->welcome);
    EXPECT_EQ(loaded->group_info, pending->group_info);
    EXPECT_TRUE(Equal(loaded->next.Serialize(), pending->next.Serialize()));
    options = {};  // and once without Welcome and GroupInfo
    options.publish.group_info = false;
  }
}

TEST_F(StoredGroups, PendingCommitCutLengthenedOrOfAnotherFormatIsRefused) {
  Bytes stored =
      ToBytes(alice_.Commit({}, world_.Env(), world_.random).value().Serialize().Expose());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(PendingCommit::Deserialize(ByteView(stored).first(size)).ok()) << size;
  }
  stored.push_back(0);
  EXPECT_EQ(PendingCommit::Deserialize(stored).error().code(), Code::kMalformed);
  stored.pop_back();
  stored[0] = 99;
  EXPECT_EQ(PendingCommit::Deserialize(stored).error().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace renkei::mls
