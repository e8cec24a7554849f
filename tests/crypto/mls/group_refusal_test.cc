// What groups refuse beyond the single rules of the validation_*_tests: that every way in asks for
// them, and that a caller's mistake is told apart from a bad message.
#include <gtest/gtest.h>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::PlainLifetime;
using test::World;

constexpr auto kPrivateExtension = static_cast<ExtensionType>(0xF123);
const Extensions kRepeated{{kPrivateExtension, {}}, {kPrivateExtension, {}}};

template <typename T>
std::string WhereOf(const Result<T>& result) {
  return result.ok() ? "accepted" : result.error().where();
}

class Refusals : public testing::Test {
 protected:
  Refusals() : world_(101), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {}

  std::string Process(const Bytes& message) { return WhereOf(bob_.Process(message, world_.Env())); }
  Bytes Good(const CommitOptions& options = {}) {
    return alice_.Commit(options, world_.Env(), world_.random).value().commit;
  }

  World world_;
  Group alice_;
  Group bob_;
};

// --- processing
// -----------------------------------------------------------------------------------

TEST_F(Refusals, CommitThatAddsTheSameClientTwice) {
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

TEST_F(Refusals, GroupContextExtensionsThatOthersDoNotSupport) {
  CommitOptions options;
  OwnLeaf wide = world_.Leaf("alice");
  wide.capabilities.extensions = {kPrivateExtension};
  options.new_leaf = wide.Clone();
  const Bytes commit = test::RebuildCommit(alice_, Good(options), [](Commit& changed) {
    changed.proposals.push_back({Proposal{GroupContextExtensions{{{kPrivateExtension, {}}}}}});
  });
  EXPECT_EQ(Process(commit), "mls: leaf does not support an extension of the group");
}

TEST_F(Refusals, AddWithACredentialTypeThatAMemberDoesNotSupport) {
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

TEST_F(Refusals, PskWhereTheApplicationHasNone) {
  CommitOptions options;
  options.psks = {Group::NewExternalPsk(AsBytes("x"), world_.random)};
  Environment without = world_.Env();
  without.psks = nullptr;
  EXPECT_EQ(WhereOf(alice_.Commit(options, without, world_.random)),
            "mls: pre-shared key not known");
}

TEST_F(Refusals, WelcomeToAGroupWithUnreadableExtensions) {
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

TEST_F(Refusals, OwnUpdateWhosePrivateHalfIsLost) {
  const auto sent = bob_.ProposeUpdate(nullptr, {}, world_.random);
  world_.Deliver(sent->message, {&alice_});
  CommitOptions options;
  options.references = {sent->ref};
  const Bytes commit = Good(options);
  GroupState::Of(bob_).pending_updates.clear();
  EXPECT_EQ(Process(commit), "mls: private key of our update is lost");
}

TEST_F(Refusals, CommitAfterReInit) {
  CommitOptions options;
  options.reinit = ReInit{Bytes(32, 1), ProtocolVersion::kMls10, kSuite, {}};
  world_.Commit(alice_, {&bob_}, options);
  GroupState::Of(alice_).reinit.reset();  // pretends that nothing happened
  EXPECT_EQ(Process(Good()), "mls: commit after reinit");
}

TEST_F(Refusals, MessagesOfTheWrongKind) {
  const Bytes application = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  EXPECT_EQ(bob_.Process(application, world_.Env()).error().code(), Code::kUnsupported);
  EXPECT_EQ(bob_.Unprotect(Good()).error().code(), Code::kUnsupported);
  CommitOptions in_private;
  in_private.handshake = Handshake::kPrivate;
  EXPECT_EQ(bob_.Unprotect(Good(in_private)).error().code(), Code::kUnsupported);
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  EXPECT_EQ(bob_.Process(carol.message, world_.Env()).error().code(), Code::kUnsupported);
  EXPECT_EQ(Group::JoinWelcome(carol.message, carol, {}, world_.Env()).error().code(),
            Code::kMalformed);
  EXPECT_EQ(Group::ExternalJoin(carol.message, world_.Leaf("x"), {}, world_.Env(), world_.random)
                .error()
                .code(),
            Code::kMalformed);
  CommitOptions options;
  options.add = {application};
  EXPECT_EQ(WhereOf(alice_.Commit(options, world_.Env(), world_.random)), "mls: not a key package");
}

TEST_F(Refusals, MessagesOfAnotherGroup) {
  Group other = world_.Create("alice");
  const auto pending = other.Commit({}, world_.Env(), world_.random);
  EXPECT_EQ(bob_.Process(pending->commit, world_.Env()).error().code(), Code::kUnsupported);
}

TEST_F(Refusals, TooManyWaitingProposals) {
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

// --- making
// ---------------------------------------------------------------------------------------

TEST_F(Refusals, ProposalsThatCouldNotBeCommitted) {
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

TEST_F(Refusals, NewLeafThatWouldNotBeAccepted) {
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
  Status CheckExisting(const Credential&, ByteView, Millis) const override { return Ok(); }
};

TEST_F(Refusals, OwnCredentialThatPolicyRefuses) {
  const RefuseAll policy;
  world_.policy = &policy;
  CommitOptions options;
  options.new_leaf = world_.Leaf("alice");
  EXPECT_EQ(WhereOf(alice_.Commit(options, world_.Env(), world_.random)),
            "test: refused by policy");
  EXPECT_EQ(WhereOf(Group::ExternalJoin(alice_.MakeGroupInfo(true, {}), world_.Leaf("carol"), {},
                                        world_.Env(), world_.random)),
            "test: refused by policy");
}

TEST_F(Refusals, GroupsThatCannotBe) {
  const auto refusal = [&](const OwnLeaf& leaf, Bytes group_id, Extensions extensions) {
    return WhereOf(Group::Create(
        leaf, {std::move(group_id), std::move(extensions), PlainLifetime()}, world_.random));
  };
  OwnLeaf leaf = world_.Leaf("alice");
  EXPECT_EQ(refusal(leaf, {}, {}), "mls: group id of a wrong length");
  EXPECT_EQ(refusal(leaf, Bytes(256), {}), "mls: group id of a wrong length");
  EXPECT_EQ(refusal(leaf, {1}, {{kPrivateExtension, {}}}),
            "mls: leaf does not support an extension of the group");
  EXPECT_EQ(refusal(leaf, {1}, {{ExtensionType::kExternalSenders, {9}}}),
            "wire: input ends inside a field");
  leaf.capabilities.extensions = {kPrivateExtension};
  EXPECT_NE(refusal(leaf, {1}, kRepeated), "accepted");
  leaf.extensions = kRepeated;
  EXPECT_NE(refusal(leaf, {1}, {}), "accepted");
}

// --- external joins
// -------------------------------------------------------------------------------

class OutsideRefusals : public Refusals {
 protected:
  std::string JoinBy(const Bytes& info, const ExternalJoinOptions& options = {}) {
    return WhereOf(
        Group::ExternalJoin(info, world_.Leaf("carol"), options, world_.Env(), world_.random));
  }
  std::string JoinByChanged(const std::function<void(GroupInfo&)>& change) {
    return JoinBy(test::RebuildGroupInfo(alice_, alice_.MakeGroupInfo(true, {}), change));
  }
};

TEST_F(OutsideRefusals, GroupInfoIsJudged) {
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

TEST_F(OutsideRefusals, GroupWeAreInAlready) {
  ExternalJoinOptions options;
  options.existing_group_ids = {ToBytes(alice_.group_id())};
  EXPECT_EQ(JoinBy(alice_.MakeGroupInfo(true, {}), options), "mls: already in a group of this id");
}

TEST_F(OutsideRefusals, ResyncOfNobody) {
  ExternalJoinOptions options;
  options.resync = LeafIndex{5};
  EXPECT_EQ(JoinBy(alice_.MakeGroupInfo(true, {}), options), "mls: remove of a blank leaf");
}

TEST_F(OutsideRefusals, TreeBesideTheGroupInfo) {
  const Bytes info = alice_.MakeGroupInfo(false, {});
  EXPECT_EQ(JoinBy(info), "mls: ratchet tree is missing");
  ExternalJoinOptions options;
  options.ratchet_tree = alice_.ExportTree();
  EXPECT_EQ(JoinBy(info, options), "accepted");
  Group other = world_.Create("alice");
  options.ratchet_tree = other.ExportTree();
  EXPECT_EQ(JoinBy(info, options), "authentication failed");  // signed by another alice
}

TEST_F(Refusals, KeyPackageWithAnothersPrivateKey) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  CommitOptions options;
  options.add = {carol.message};
  const PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  OwnKeyPackage wrong = carol.Clone();
  wrong.encryption_key = world_.KeyPackageFor("dave").encryption_key.Clone();
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending.welcome, wrong, {}, world_.Env())),
            "mls: private keys of another leaf");
}

// --- continuing another group
// ---------------------------------------------------------------------

class ContinuationRefusals : public Refusals {
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
  options.parent = &other;
  EXPECT_EQ(WhereOf(Group::JoinWelcome(*pending->welcome, alices_, options, world_.Env())),
            "mls: the group that this one continues is not given");
}

TEST_F(ContinuationRefusals, SuccessorWeCannotSpeak) {
  GroupState::Of(bob_).reinit->cipher_suite = CipherSuite{1};
  EXPECT_EQ(Successor().error().code(), Code::kUnsupported);
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

// --- storing
// --------------------------------------------------------------------------------------

TEST_F(Refusals, StoredPartsOfTwoStates) {
  const auto refusal = [&](const std::function<void(GroupState&)>& change) {
    Group copy = Group::Deserialize(bob_.Serialize().Expose()).value();
    change(GroupState::Of(copy));
    return WhereOf(Group::Deserialize(copy.Serialize().Expose()));
  };
  const std::string together = "mls: stored group does not fit together";
  EXPECT_EQ(refusal([](GroupState&) {}), "accepted");
  EXPECT_EQ(refusal([](GroupState& state) { state.context.tree_hash[0] ^= 1U; }), together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.signing_key =
                  std::make_shared<const SigningKey>(SigningKey::Generate(world_.random));
            }),
            together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.keys.Set(ToNode(state.own()), HpkeKeyPair::Generate(world_.random));
            }),
            together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.secret_tree = SecretTree(4, world_.random.NextSecret(32));
            }),
            together);
}

}  // namespace
}  // namespace renkei::mls
