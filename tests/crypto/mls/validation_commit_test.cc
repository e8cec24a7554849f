// Each rule on commits, their paths, and external commits (RFC 9420 §12.4) broken alone.
#include "crypto/mls/validation_commit.h"

#include <gtest/gtest.h>

#include <limits>

#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::World;

// Four members whose tree has keys in all its parents. Alice sends, Bob judges.
class Paths : public testing::Test {
 protected:
  Paths()
      : world_(71),
        alice_(world_.Create("alice")),
        bob_(world_.Add(alice_, {}, "bob")),
        carol_(world_.Add(bob_, {&alice_}, "carol")),
        dave_(world_.Add(carol_, {&alice_, &bob_}, "dave")) {
    for (Group* group : {&dave_, &alice_, &bob_, &carol_}) {
      std::vector<Group*> others;
      for (Group* other : {&alice_, &bob_, &carol_, &dave_}) {
        if (other != group) {
          others.push_back(other);
        }
      }
      world_.Commit(*group, others, {});
    }
  }

  Bytes GoodCommit(const CommitOptions& options = {}) {
    return alice_.Commit(options, world_.Env(), world_.random).value().commit;
  }
  std::string Refusal(const Bytes& message) {
    const SecretBytes before = bob_.Serialize();
    const auto processed = bob_.Process(message, world_.Env());
    EXPECT_TRUE(Equal(bob_.Serialize(), before));
    return processed.ok() ? "accepted" : processed.error().where();
  }
  std::string RefusalOf(const std::function<void(Commit&)>& change) {
    return Refusal(test::RebuildCommit(alice_, GoodCommit(), change));
  }
  // The committer takes a new signing key with the commit, so that its leaf can be signed here.
  std::string RefusalOfLeaf(const std::function<void(LeafNode&)>& change) {
    CommitOptions options;
    const OwnLeaf leaf = world_.Leaf("alice");
    options.new_leaf = leaf.Clone();
    return Refusal(test::RebuildPathLeaf(alice_, GoodCommit(options), leaf.signing_key, change));
  }

  World world_;
  Group alice_;
  Group bob_;
  Group carol_;
  Group dave_;
};

TEST_F(Paths, GoodCommitPasses) {
  EXPECT_EQ(RefusalOf([](Commit&) {}), "accepted");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode&) {}), "accepted");
}

TEST_F(Paths, LastEpochIsFollowedByNone) {
  const Bytes earlier = GoodCommit();
  for (Group* group : {&alice_, &bob_}) {
    GroupState& state = GroupState::Of(*group);
    state.context.epoch.value = std::numeric_limits<std::uint64_t>::max();
    state.encoded_context = wire::Serialize(state.context);
  }
  const std::string refusal = "mls: no epoch comes after this one";
  EXPECT_EQ(Refusal(test::RebuildPublic(
                alice_, earlier, [&](FramedContent& content) { content.epoch = alice_.epoch(); })),
            refusal);
  EXPECT_EQ(test::WhereOf(alice_.Commit({}, world_.Env(), world_.random)), refusal);
  EXPECT_EQ(test::WhereOf(Group::ExternalJoin(alice_.MakeGroupInfo(true, {}), world_.Leaf("erin"),
                                              {}, world_.Env(), world_.random)),
            refusal);
}

TEST_F(Paths, EmptyCommitNeedsAPath) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path.reset(); }),
            "mls: commit without the path it needs");
}

TEST_F(Paths, RemoveNeedsAPath) {
  EXPECT_EQ(RefusalOf([&](Commit& commit) {
              commit.path.reset();
              commit.proposals.push_back({Proposal{Remove{carol_.own_leaf_index()}}});
            }),
            "mls: commit without the path it needs");
}

TEST_F(Paths, GroupContextExtensionsNeedAPath) {
  EXPECT_EQ(RefusalOf([&](Commit& commit) {
              commit.path.reset();
              commit.proposals.push_back({Proposal{GroupContextExtensions{}}});
            }),
            "mls: commit without the path it needs");
}

TEST_F(Paths, AddNeedsNone) {
  CommitOptions options;
  options.add = {world_.KeyPackageFor("erin").message};
  options.force_path = false;
  const Bytes commit = GoodCommit(options);
  const auto message = ParseMessage(commit);
  const auto& content = std::get<PublicMessage>(message->value).content.content;
  EXPECT_FALSE(std::get<Commit>(content).path.has_value());
  EXPECT_EQ(Refusal(commit), "accepted");
}

TEST_F(Paths, TooShortOrTooLongAreRefused) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path->nodes.pop_back(); }),
            "mls: update path of a wrong length");
  EXPECT_EQ(RefusalOf([](Commit& commit) {
              commit.path->nodes.push_back({Bytes(32, 1), {}});
            }),
            "mls: update path of a wrong length");
}

TEST_F(Paths, WrongNumberOfCiphertextsIsRefused) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path->nodes[0].encrypted_path_secret.clear(); }),
            "mls: update path with a wrong number of ciphertexts");
  EXPECT_EQ(RefusalOf([](Commit& commit) {
              auto& sealed = commit.path->nodes[1].encrypted_path_secret;
              sealed.push_back(sealed.front());
            }),
            "mls: update path with a wrong number of ciphertexts");
}

TEST_F(Paths, CiphertextForAnotherIsRefused) {
  EXPECT_EQ(RefusalOf([](Commit& commit) {
              auto& nodes = commit.path->nodes;
              nodes[0].encrypted_path_secret = nodes[1].encrypted_path_secret;
            }),
            "authentication failed");
}

TEST_F(Paths, KeyLengthIsChecked) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path->nodes[0].encryption_key.pop_back(); }),
            "mls: length of a key in a path");
}

TEST_F(Paths, KeyOfAnyNodeInTheTreeIsRefused) {
  EXPECT_EQ(RefusalOf([&](Commit& commit) {
              commit.path->nodes[0].encryption_key = bob_.Leaf(LeafIndex{3})->encryption_key;
            }),
            "mls: path with a key that is in use");
}

TEST_F(Paths, KeyTwiceInThePathIsRefused) {
  EXPECT_EQ(RefusalOf([](Commit& commit) {
              commit.path->nodes[1].encryption_key = commit.path->nodes[0].encryption_key;
            }),
            "mls: path with a key that is in use");
}

TEST_F(Paths, PathThatDoesNotFitTheParentHashIsRefused) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path->nodes[1].encryption_key[3] ^= 1U; }),
            "mls: parent hash of the committer's leaf");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) {
              std::get<CommitSource>(leaf.source_data).parent_hash[0] ^= 1U;
            }),
            "mls: parent hash of the committer's leaf");
}

TEST_F(Paths, LeafMustBeOfSourceCommit) {
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) { leaf.source_data = UpdateSource{}; }),
            "mls: leaf node source does not fit");
}

TEST_F(Paths, LeafSignatureIsChecked) {
  EXPECT_EQ(RefusalOf([](Commit& commit) { commit.path->leaf_node.signature[0] ^= 1U; }),
            "authentication failed");
}

TEST_F(Paths, LeafKeepingItsEncryptionKeyIsRefused) {
  EXPECT_EQ(RefusalOfLeaf([&](LeafNode& leaf) {
              leaf.encryption_key = bob_.Leaf(LeafIndex{0})->encryption_key;
            }),
            "mls: path with a key that is in use");
  const UpdatePath path{*bob_.Leaf(LeafIndex{0}), {}};
  EXPECT_FALSE(CheckPathLeafKeyIsNew(path, *bob_.Leaf(LeafIndex{0})).ok());
}

TEST_F(Paths, LeafThatLacksACapabilityIsRefused) {
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }),
            "mls: leaf does not speak the group's version or suite");
  EXPECT_EQ(RefusalOfLeaf([](LeafNode& leaf) {
              leaf.credential.value = X509Credential{{{1}}};
              leaf.capabilities.credentials = {CredentialType::kX509};
            }),
            "mls: credential type not supported by all members");
}

TEST_F(Paths, SignatureKeyOfAnotherMemberIsRefused) {
  CommitOptions options;
  OwnLeaf leaf = world_.Leaf("alice");
  const OwnKeyPackage erin =
      CreateKeyPackage(leaf, {test::PlainLifetime(), {}}, world_.random).value();
  CommitOptions add;
  add.add = {erin.message};
  const PendingCommit pending = world_.Commit(alice_, {&bob_, &carol_, &dave_}, add);
  options.new_leaf = leaf.Clone();
  EXPECT_STREQ(alice_.Commit(options, world_.Env(), world_.random).error().where(),
               "mls: two leaves with the same signature key");
}

// Through the front door a key that is in use breaks the parent hash too, and a bad signature has
// the same answer as anything else that is not authentic.
TEST(PathRules, KeyOfAParentInTheTreeIsRefused) {
  World world(78);
  RatchetTree tree = test::MakeTree(2, world.random);
  const ParentNode parent = test::MakeParent(world.random);
  tree.SetParent({1}, parent);
  UpdatePath path{test::MakeLeaf(world.random), {{Bytes(32, 9), {}}}};
  EXPECT_TRUE(CheckPathKeysAreNew(path, tree).ok());
  path.nodes[0].encryption_key = parent.encryption_key;
  EXPECT_FALSE(CheckPathKeysAreNew(path, tree).ok());
  path.nodes[0].encryption_key = tree.Leaf(LeafIndex{1})->encryption_key;
  EXPECT_FALSE(CheckPathKeysAreNew(path, tree).ok());
}

TEST(PathRules, LeafSignedForAnotherPlaceIsRefused) {
  World world(79);
  const SigningKey key = SigningKey::Generate(world.random);
  GroupContext context;
  context.group_id = {1, 2, 3};
  UpdatePath path{test::MakeLeaf(key, "a", world.random), {}};
  path.leaf_node.source_data = CommitSource{Bytes(32, 1)};
  test::Resign(path.leaf_node, key, context.group_id, {1});
  EXPECT_TRUE(CheckPathLeaf(path, {1}, context).ok());
  EXPECT_EQ(CheckPathLeaf(path, {2}, context).error().code(), Code::kAuthFailed);
  path.leaf_node.signature[0] ^= 1U;
  EXPECT_EQ(CheckPathLeaf(path, {1}, context).error().code(), Code::kAuthFailed);
}

class OneWay final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override { return Ok(); }
  Status CheckSuccessor(const Credential& previous, const Credential& next) const override {
    return previous == next ? Ok() : Status(Error(Code::kDenied, "test: not a successor"));
  }
};

class RefuseAll final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return Error(Code::kDenied, "test: refused by policy");
  }
};

TEST_F(Paths, NewCredentialIsJudgedByThePolicy) {
  CommitOptions options;
  options.new_leaf = world_.Leaf("somebody else");
  const Bytes changed = GoodCommit(options);
  const Bytes unchanged = GoodCommit();
  const RefuseAll policy;
  world_.policy = &policy;
  EXPECT_EQ(Refusal(changed), "test: refused by policy");
  EXPECT_EQ(Refusal(unchanged), "accepted");
}

TEST_F(Paths, CredentialMustBeAnAcceptableSuccessor) {
  CommitOptions options;
  options.new_leaf = world_.Leaf("somebody else");
  const Bytes commit = GoodCommit(options);
  const OneWay policy;
  world_.policy = &policy;
  EXPECT_EQ(Refusal(commit), "test: not a successor");
}

TEST_F(Paths, WrongConfirmationTagIsRefused) {
  const auto message = ParseMessage(GoodCommit());
  auto opened = std::get<PublicMessage>(message->value);
  opened.auth.confirmation_tag[0] ^= 1U;
  const Bytes tampered = wire::Serialize(MlsMessage{opened});
  EXPECT_EQ(Refusal(tampered), "authentication failed");
  EXPECT_EQ(RefusalOf([](Commit& commit) {  // signed and tagged well, but other contents
              commit.proposals.push_back({Proposal{GroupContextExtensions{}}});
            }),
            "authentication failed");
}

TEST_F(Paths, OwnCommitComingBackIsToldApart) {
  const Bytes commit = GoodCommit();
  EXPECT_EQ(alice_.Process(commit, world_.Env()).error().code(), Code::kUnsupported);
}

TEST_F(Paths, OtherEpochsAreToldApart) {
  const auto first = alice_.Commit({}, world_.Env(), world_.random);
  Group ahead = Group::Deserialize(first->next.Serialize().Expose()).value();
  const auto second = ahead.Commit({}, world_.Env(), world_.random);
  EXPECT_EQ(bob_.Process(second->commit, world_.Env()).error().code(), Code::kFutureEpoch);
  world_.Deliver(first->commit, {&bob_});
  EXPECT_EQ(bob_.Process(first->commit, world_.Env()).error().code(), Code::kStaleEpoch);
}

TEST_F(Paths, MissingPskIsNamed) {
  world_.psks.external[ToBytes("psk")] = Bytes(32, 1);
  CommitOptions options;
  options.psks = {Group::NewExternalPsk(AsBytes("psk"), world_.random)};
  const Bytes commit = GoodCommit(options);
  world_.psks.external.clear();
  EXPECT_EQ(bob_.Process(commit, world_.Env()).error().code(), Code::kNotFound);
}

// --- external commits (§12.4.3.2)
// -----------------------------------------------------------------

class External : public Paths {
 protected:
  External() : erin_(world_.Leaf("erin")) {}

  Bytes Join(const ExternalJoinOptions& options = {}) {
    return Group::ExternalJoin(alice_.MakeGroupInfo(true, {}), erin_, options, world_.Env(),
                               world_.random)
        .value()
        .commit;
  }
  std::string RefusalOfJoin(const std::function<void(Commit&)>& change,
                            const ExternalJoinOptions& options = {}) {
    return Refusal(test::RebuildExternal(alice_, erin_.signing_key, Join(options), change));
  }

  OwnLeaf erin_;
};

TEST_F(External, GoodOnePasses) {
  EXPECT_EQ(RefusalOfJoin([](Commit&) {}), "accepted");
}

TEST_F(External, NeedsExactlyOneExternalInit) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) { commit.proposals.clear(); }),
            "mls: external commit needs one external init");
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) {
              const auto first = commit.proposals[0];
              commit.proposals.push_back(first);
            }),
            "mls: external commit needs one external init");
}

TEST_F(External, NeedsAPath) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) { commit.path.reset(); }),
            "mls: no key to verify the sender with");
}

TEST_F(External, IsSignedWithTheKeyInItsPath) {
  const Bytes commit = Join();
  EXPECT_EQ(Refusal(test::RebuildExternal(alice_, erin_.signing_key, commit, [](Commit&) {})),
            "accepted");
  const SigningKey other = SigningKey::Generate(world_.random);
  EXPECT_EQ(Refusal(test::RebuildExternal(alice_, other, commit, [](Commit&) {})),
            "authentication failed");
}

TEST_F(External, RemovesOneAtMost) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) {
              commit.proposals.push_back({Proposal{Remove{{2}}}});
              commit.proposals.push_back({Proposal{Remove{{3}}}});
            }),
            "mls: external commit with two removes");
}

TEST_F(External, RemovesAMember) {
  EXPECT_EQ(
      RefusalOfJoin([](Commit& commit) { commit.proposals.push_back({Proposal{Remove{{9}}}}); }),
      "mls: remove of a blank leaf");
}

TEST_F(External, HoldsNoOtherProposals) {
  const Proposal others[] = {{GroupContextExtensions{}},
                             {ReInit{Bytes(32), ProtocolVersion::kMls10, kSuite, {}}},
                             {Update{*bob_.Leaf(LeafIndex{0})}}};
  for (const Proposal& other : others) {
    EXPECT_EQ(RefusalOfJoin([&](Commit& commit) { commit.proposals.push_back({other}); }),
              "mls: proposal not allowed in an external commit");
  }
}

TEST_F(External, HoldsNoReferences) {
  const auto sent = carol_.ProposeUpdate(nullptr, {}, world_.random);
  world_.Deliver(sent->message, {&alice_, &bob_});
  EXPECT_EQ(RefusalOfJoin([&](Commit& commit) { commit.proposals.push_back({sent->ref}); }),
            "mls: external commit with a proposal by reference");
}

TEST_F(External, PskRulesHoldToo) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) {
              commit.proposals.push_back({Proposal{PreSharedKey{{ExternalPsk{}, Bytes(31)}}}});
            }),
            "mls: psk nonce of a wrong length");
}

TEST_F(External, SamePskTwiceIsRefused) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) {
              const Proposal psk{PreSharedKey{{ExternalPsk{}, Bytes(32)}}};
              commit.proposals.push_back({psk});
              commit.proposals.push_back({psk});
            }),
            "mls: psk twice in a commit");
}

TEST_F(External, ResyncMustTakeANewEncryptionKey) {
  ExternalJoinOptions options;
  options.resync = dave_.own_leaf_index();
  EXPECT_EQ(RefusalOfJoin(
                [&](Commit& commit) {
                  LeafNode& leaf = commit.path->leaf_node;
                  leaf.encryption_key = dave_.Leaf(dave_.own_leaf_index())->encryption_key;
                  test::Resign(leaf, erin_.signing_key, alice_.group_id(), dave_.own_leaf_index());
                },
                options),
            "mls: path keeps the leaf's encryption key");
}

TEST_F(External, JoinerIsJudgedByThePolicy) {
  const Bytes commit = Join();
  const RefuseAll policy;
  world_.policy = &policy;
  EXPECT_EQ(Refusal(commit), "test: refused by policy");
}

TEST_F(External, ForeignKemOutputIsRefused) {
  EXPECT_EQ(RefusalOfJoin([](Commit& commit) {
              auto& proposal = std::get<Proposal>(commit.proposals[0].value);
              std::get<ExternalInit>(proposal.value).kem_output[0] ^= 1U;
            }),
            "authentication failed");
}

TEST_F(External, KemOutputOfAnotherLengthIsRefused) {
  for (const std::size_t length : {0U, 31U, 33U}) {
    EXPECT_EQ(RefusalOfJoin([&](Commit& commit) {
                auto& proposal = std::get<Proposal>(commit.proposals[0].value);
                std::get<ExternalInit>(proposal.value).kem_output.resize(length);
              }),
              "authentication failed");
  }
}

TEST_F(External, ResyncMustSucceedTheRemovedLeaf) {
  ExternalJoinOptions options;
  options.resync = dave_.own_leaf_index();
  const Bytes commit = Join(options);
  const OneWay policy;
  world_.policy = &policy;
  EXPECT_EQ(Refusal(commit), "test: not a successor");
}

TEST_F(External, GroupInfoWithoutExternalPubIsNoUse) {
  const Bytes info =
      test::RebuildGroupInfo(alice_, alice_.MakeGroupInfo(true, {}), [](GroupInfo& changed) {
        std::erase_if(changed.extensions, [](const Extension& extension) {
          return extension.type == ExtensionType::kExternalPub;
        });
      });
  EXPECT_EQ(Group::ExternalJoin(info, erin_, {}, world_.Env(), world_.random).error().code(),
            Code::kNotFound);
}

}  // namespace
}  // namespace renkei::mls
