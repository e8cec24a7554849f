#include "crypto/mls/group_state.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/grease.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/transcript.h"
#include "crypto/mls/validation_join.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::kPrivateExtension;
using test::WhereOf;
using test::World;

class EpochState : public test::Pair {
 protected:
  const GroupState& alice() const { return GroupState::Of(alice_); }

  // Some commit of Alice's, signed.
  AuthenticatedContent SomeCommit() const {
    FramedContent content{alice().context.group_id,
                          alice().context.epoch,
                          Sender{MemberSender{alice().own()}},
                          {},
                          Commit{}};
    return SignFramedContent(WireFormat::kPublicMessage, std::move(content), *alice().signing_key,
                             alice().encoded_context);
  }
  PreSharedKeyId Resumption(ByteView group_id, Epoch epoch) {
    return Group::NewResumptionPsk(group_id, epoch, world_.random);
  }
};

TEST_F(EpochState, SuccessorTakesOverWhatLastsAndNothingElse) {
  (void)alice_.ProposeUpdate(nullptr, {}, world_.random);
  GroupState::Of(alice_).reinit = ReInit{};
  const SecretBytes before = alice_.Serialize();
  const auto next = alice().Successor();
  EXPECT_EQ(next->context.epoch.value, alice().context.epoch.value + 1);
  GroupContext same = next->context;
  same.epoch = alice().context.epoch;
  EXPECT_EQ(same, alice().context);
  EXPECT_EQ(next->tree.Serialize(), alice().tree.Serialize());
  EXPECT_EQ(next->own(), alice().own());
  EXPECT_TRUE(next->keys.Matches(next->tree));
  EXPECT_EQ(next->signing_key, alice().signing_key);
  EXPECT_TRUE(next->proposals.empty());
  EXPECT_TRUE(next->pending_updates.empty());
  EXPECT_FALSE(next->reinit.has_value());
  EXPECT_TRUE(next->secrets.init_secret.empty());
  EXPECT_EQ(next->secret_tree.leaf_count(), 0U);
  EXPECT_TRUE(Equal(alice_.Serialize(), before));
}

TEST_F(EpochState, SuccessorKeepsResumptionSecretsUpToTheLimitNewestFirst) {  // RFC 9420 §8.6
  auto state = alice().Successor();
  ASSERT_EQ(state->past_resumption.size(), 2U);  // epoch 0, in which Bob came, and 1
  EXPECT_TRUE(
      Equal(*state->past_resumption.at(alice().context.epoch), alice().secrets.resumption_psk));
  while (state->past_resumption.size() < kMaxPastEpochs) {
    state->secrets.resumption_psk = world_.random.NextSecret(32);
    state = state->Successor();
  }
  EXPECT_TRUE(state->past_resumption.contains(Epoch{0}));
  state->secrets.resumption_psk = world_.random.NextSecret(32);
  const Epoch newest = state->context.epoch;
  state = state->Successor();
  EXPECT_EQ(state->past_resumption.size(), kMaxPastEpochs);
  EXPECT_FALSE(state->past_resumption.contains(Epoch{0}));
  EXPECT_TRUE(state->past_resumption.contains(Epoch{1}));
  EXPECT_TRUE(state->past_resumption.contains(newest));
}

TEST_F(EpochState, BlankLeavesHaveNoSignatureKey) {
  const TreeMemberKeys members(alice().tree);
  const Bytes* key = members.SignatureKeyOf(bob_.own_leaf_index());
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(*key, bob_.Leaf(bob_.own_leaf_index())->signature_key);
  EXPECT_EQ(members.SignatureKeyOf({2}), nullptr);
}

TEST_F(EpochState, TreeHashGoesIntoTheEncodedContext) {
  const auto next = alice().Successor();
  next->tree.SetLeaf(next->own(), test::MakeLeaf(world_.random));
  UpdateTreeHash(*next);
  EXPECT_EQ(next->context.tree_hash, ToBytes(next->tree.TreeHash()));
  EXPECT_NE(next->context.tree_hash, alice().context.tree_hash);
  EXPECT_EQ(next->encoded_context, wire::Serialize(next->context));
}

TEST_F(EpochState, CommitterAndJoinerEnterTheSameEpoch) {
  const auto next = alice().Successor();
  const SecretBytes zero = ZeroSecret();
  const SecretBytes psk = world_.random.NextSecret(32);
  const EpochOutputs outputs =
      EnterEpoch(*next, alice().interim_transcript_hash, SomeCommit(), {zero, zero, psk});
  EXPECT_EQ(next->context.confirmed_transcript_hash,
            ToBytes(ConfirmedTranscriptHash(alice().interim_transcript_hash, SomeCommit())));
  const auto joiner = std::make_unique<GroupState>(next->signing_key);
  joiner->context = next->context;
  joiner->tree = next->tree;
  const JoinedSecret joined(outputs.joiner_secret, psk);
  EnterEpochAsJoiner(*joiner, joined);
  EXPECT_EQ(joiner->encoded_context, next->encoded_context);
  EXPECT_TRUE(Equal(joiner->secrets.epoch_authenticator, next->secrets.epoch_authenticator));
  EXPECT_TRUE(Equal(joined.DeriveWelcomeKeys().key, outputs.welcome_keys.key));
}

TEST_F(EpochState, EpochDependsOnEverythingThatGoesIntoIt) {
  const SecretBytes zero = ZeroSecret();
  const SecretBytes other = world_.random.NextSecret(32);
  const auto entered = [&](const EpochInputs& inputs, ByteView interim, std::uint64_t epoch) {
    const auto next = alice().Successor();
    next->context.epoch.value += epoch;
    EnterEpoch(*next, interim, SomeCommit(), inputs);
    return ToHex(next->secrets.epoch_authenticator.Expose());
  };
  const Bytes interim = alice().interim_transcript_hash;
  const std::string one = entered({zero, zero, zero}, interim, 0);
  EXPECT_EQ(entered({zero, zero, zero}, interim, 0), one);
  EXPECT_NE(entered({other, zero, zero}, interim, 0), one);
  EXPECT_NE(entered({zero, other, zero}, interim, 0), one);
  EXPECT_NE(entered({zero, zero, other}, interim, 0), one);
  EXPECT_NE(entered({zero, zero, zero}, Bytes(32), 0), one);
  EXPECT_NE(entered({zero, zero, zero}, interim, 1), one);
}

TEST_F(EpochState, EncryptionSecretIsInTheSecretTreeOnly) {  // RFC 9420 §9
  const auto next = alice().Successor();
  BeginEpoch(*next, EpochSecrets::FromEpochSecret(world_.random.NextSecret(32)));
  EXPECT_TRUE(next->secrets.encryption_secret.empty());
  EXPECT_EQ(next->secret_tree.leaf_count(), next->tree.leaf_slots());
}

TEST_F(EpochState, ConfirmationTagEndsTheTranscript) {
  const auto next = alice().Successor();
  const Bytes tag(32, 7);
  FinishEpoch(*next, tag);
  EXPECT_EQ(next->confirmation_tag, tag);
  EXPECT_EQ(next->interim_transcript_hash,
            ToBytes(InterimTranscriptHash(next->context.confirmed_transcript_hash, tag)));
}

TEST(EpochSecretsKept, ResumptionSecretOfAnOldEpochGoesIntoALaterOne) {
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

TEST_F(EpochState, PskWhereTheApplicationHasNone) {
  CommitOptions options;
  options.psks = {Group::NewExternalPsk(AsBytes("x"), world_.random)};
  Environment without = world_.Env();
  without.psks = nullptr;
  EXPECT_EQ(WhereOf(alice_.Commit(options, without, world_.random)),
            "mls: pre-shared key not known");
}

TEST_F(EpochState, OwnResumptionSecretsAreNotAskedOfTheApplication) {
  const Bytes group_id = alice().context.group_id;
  const Epoch now = alice().context.epoch;
  world_.psks.resumption[{group_id, now}] = Bytes(32, 9);
  const std::vector<PreSharedKeyId> own{Resumption(group_id, now)};
  const auto ours = LookUpPskSecret(own, &alice(), world_.Env());
  const auto asked = LookUpPskSecret(own, nullptr, world_.Env());  // in no group yet
  ASSERT_TRUE(ours.ok() && asked.ok());
  EXPECT_FALSE(Equal(*ours, *asked));
  world_.psks.resumption.clear();
  EXPECT_EQ(LookUpPskSecret(own, nullptr, world_.Env()).error().code(), Code::kNotFound);
  EXPECT_TRUE(Equal(*LookUpPskSecret(own, &alice(), world_.Env()), *ours));
}

// A member that came back to the group has its older secrets, if at all, from the application.
TEST_F(EpochState, ResumptionSecretsOfOwnGroupThatItDoesNotHaveAreAskedOfTheApplication) {
  const Bytes group_id = alice().context.group_id;
  const std::vector<PreSharedKeyId> other{Resumption(group_id, Epoch{77})};
  EXPECT_EQ(LookUpPskSecret(other, &alice(), world_.Env()).error().code(), Code::kNotFound);
  world_.psks.resumption[{group_id, Epoch{77}}] = Bytes(32, 9);
  const auto found = LookUpPskSecret(other, &alice(), world_.Env());
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(Equal(*found, *LookUpPskSecret(other, nullptr, world_.Env())));
  Environment without = world_.Env();
  without.psks = nullptr;
  EXPECT_STREQ(LookUpPskSecret(other, &alice(), without).error().where(),
               "mls: resumption secret not kept");
}

TEST(EpochSecretsKept, MemberThatResyncedFollowsWithASecretThatItsApplicationKept) {  // §8.6
  World world(12);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const Epoch kept = bob.epoch();
  world.psks.resumption[{ToBytes(bob.group_id()), kept}] = ToBytes(bob.ResumptionSecret().Expose());
  ExternalJoinOptions resync;
  resync.resync = bob.own_leaf_index();
  auto back = Group::ExternalJoin(alice.MakeGroupInfo(true, {}), world.Leaf("bob"), resync,
                                  world.Env(), world.random);
  ASSERT_TRUE(back.ok());
  world.Deliver(back->commit, {&alice});
  CommitOptions options;
  options.psks = {Group::NewResumptionPsk(alice.group_id(), kept, world.random)};
  world.Commit(alice, {&back->next}, options);
  EXPECT_TRUE(Agree(alice, back->next));
}

TEST_F(EpochState, SecretsOfOthersAreAskedOfTheApplication) {
  const std::vector<PreSharedKeyId> ids{Resumption(AsBytes("another group"), Epoch{3}),
                                        Group::NewExternalPsk(AsBytes("x"), world_.random)};
  EXPECT_EQ(LookUpPskSecret(ids, &alice(), world_.Env()).error().code(), Code::kNotFound);
  world_.psks.resumption[{ToBytes("another group"), Epoch{3}}] = Bytes(32, 1);
  EXPECT_EQ(LookUpPskSecret(ids, &alice(), world_.Env()).error().code(), Code::kNotFound);
  world_.psks.external[ToBytes("x")] = Bytes(32, 2);
  const auto found = LookUpPskSecret(ids, &alice(), world_.Env());
  ASSERT_TRUE(found.ok());
  const auto swapped = LookUpPskSecret({ids[1], ids[0]}, &alice(), world_.Env());
  EXPECT_FALSE(Equal(*found, *swapped));  // in order (§8.4)
  EXPECT_TRUE(Equal(*LookUpPskSecret({}, &alice(), world_.Env()), ZeroSecret()));
}

TEST_F(EpochState, GroupInfoHasThePartsThatAreAskedFor) {
  const Extensions more{{kPrivateExtension, {1}}};
  GroupInfoParts parts;
  const auto has = [&](ExtensionType type) {
    const GroupInfo info = MakeSignedGroupInfo(alice(), parts);
    EXPECT_TRUE(CheckGroupInfoSignature(info, alice().tree).ok());
    EXPECT_EQ(info.group_context, alice().context);
    EXPECT_EQ(info.confirmation_tag, alice().confirmation_tag);
    EXPECT_EQ(info.signer, alice().own());
    return FindExtension(info.extensions, type) != nullptr;
  };
  EXPECT_TRUE(has(ExtensionType::kRatchetTree));
  EXPECT_TRUE(has(ExtensionType::kExternalPub));
  EXPECT_FALSE(has(kPrivateExtension));
  parts = {false, false, &more};
  EXPECT_FALSE(has(ExtensionType::kRatchetTree));
  EXPECT_FALSE(has(ExtensionType::kExternalPub));
  EXPECT_TRUE(has(kPrivateExtension));
}

TEST_F(EpochState, GreaseInAGroupInfoPassesOverTheApplicationsOwn) {  // RFC 9420 §13.4, §13.5
  Extensions more;
  GroupInfoParts parts;
  parts.more = &more;
  for (std::uint64_t i = 0; i <= kGreaseValues; ++i) {
    const GroupInfo info = MakeSignedGroupInfo(alice(), parts);
    EXPECT_TRUE(CheckNoRepeatedExtension(info.extensions).ok()) << i;
    EXPECT_EQ(info.extensions.size(), 2 + std::min(i + 1, kGreaseValues)) << i;
    // What stands last is the GREASE; now the application has that value too.
    more.push_back(info.extensions.back());
  }
}

TEST_F(EpochState, WhatIsPublishedComesOnceAndIsNotOurs) {
  const Extension one{kPrivateExtension, {}};
  const auto refusals = [&](const Extensions& published) {
    CommitOptions commit;
    commit.publish.extensions = published;
    ExternalJoinOptions join;
    join.publish.extensions = published;
    const std::string refusal = RefusalOf(commit);
    EXPECT_EQ(refusal,
              WhereOf(Group::ExternalJoin(alice_.MakeGroupInfo(true, {}), world_.Leaf("carol"),
                                          join, world_.Env(), world_.random)));
    return refusal;
  };
  EXPECT_EQ(refusals({one}), "accepted");
  EXPECT_EQ(refusals({one, one}), "mls: extension type repeated");
  for (const ExtensionType ours : {ExtensionType::kRatchetTree, ExtensionType::kExternalPub}) {
    EXPECT_EQ(refusals({{ours, {}}}), "mls: tree or external_pub among the extensions to publish");
  }
}

}  // namespace
}  // namespace renkei::mls
