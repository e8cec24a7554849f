// Each rule on leaves and key packages broken alone: by the function that holds it, and through the
// front door, in an Add that a member sends.
#include "crypto/mls/validation_leaf.h"

#include <gtest/gtest.h>

#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::kNow;
using test::MakeLeaf;
using test::MakeTree;
using test::World;

constexpr auto kPrivateExtension = static_cast<ExtensionType>(0xF123);
constexpr auto kPrivateProposal = static_cast<ProposalType>(0xF124);
constexpr auto kPrivateCredential = static_cast<CredentialType>(0xF125);

class LeafRules : public testing::Test {
 protected:
  LeafRules()
      : random_(51), key_(SigningKey::Generate(random_)), leaf_(MakeLeaf(key_, "a", random_)) {}

  SeededRandom random_;
  SigningKey key_;
  LeafNode leaf_;
};

TEST_F(LeafRules, GoodLeafPasses) {
  EXPECT_TRUE(CheckLeafContents(leaf_, {}).ok());
  EXPECT_TRUE(CheckLeafSignature(leaf_, {}, {}).ok());
  EXPECT_TRUE(CheckLifetime(leaf_, kNow).ok());
}

TEST_F(LeafRules, KeysOfAnotherLengthAreRefused) {
  LeafNode broken = leaf_;
  broken.encryption_key.pop_back();
  EXPECT_FALSE(CheckKeyLengths(broken).ok());
  broken = leaf_;
  broken.signature_key.push_back(0);
  EXPECT_FALSE(CheckKeyLengths(broken).ok());
}

TEST_F(LeafRules, SignatureCoversContentsGroupAndPlace) {
  LeafNode broken = leaf_;
  broken.encryption_key[0] ^= 1U;
  EXPECT_EQ(CheckLeafSignature(broken, {}, {}).error().code(), Code::kAuthFailed);
  leaf_.source_data = UpdateSource{};
  const Bytes group_id = ToBytes("group");
  test::Resign(leaf_, key_, group_id, {3});
  EXPECT_TRUE(CheckLeafSignature(leaf_, group_id, {3}).ok());
  EXPECT_FALSE(CheckLeafSignature(leaf_, group_id, {4}).ok());
  EXPECT_FALSE(CheckLeafSignature(leaf_, AsBytes("other"), {3}).ok());
}

TEST_F(LeafRules, OtherVersionOrSuiteIsRefused) {
  LeafNode broken = leaf_;
  broken.capabilities.versions.clear();
  EXPECT_FALSE(CheckVersionAndSuite(broken.capabilities).ok());
  broken = leaf_;
  broken.capabilities.cipher_suites = {CipherSuite::kP256Aes128Sha256P256};
  EXPECT_FALSE(CheckVersionAndSuite(broken.capabilities).ok());
}

TEST_F(LeafRules, UnlistedCredentialTypeIsRefused) {
  leaf_.capabilities.credentials = {CredentialType::kX509};
  EXPECT_FALSE(CheckOwnCredentialType(leaf_).ok());
}

TEST_F(LeafRules, UnlistedExtensionIsRefused) {
  leaf_.extensions = {{kPrivateExtension, {}}};
  EXPECT_FALSE(CheckOwnExtensions(leaf_).ok());
  leaf_.capabilities.extensions = {kPrivateExtension};
  EXPECT_TRUE(CheckOwnExtensions(leaf_).ok());
  leaf_.extensions = {MakeExtension(ApplicationId{{1}})};  // a default one needs no listing
  EXPECT_TRUE(CheckOwnExtensions(leaf_).ok());
}

TEST_F(LeafRules, MissingRequiredCapabilityIsRefused) {
  const RequiredCapabilities each[] = {
      {{kPrivateExtension}, {}, {}}, {{}, {kPrivateProposal}, {}}, {{}, {}, {kPrivateCredential}}};
  for (const RequiredCapabilities& required : each) {
    EXPECT_FALSE(CheckRequiredCapabilities(leaf_.capabilities, {MakeExtension(required)}).ok());
  }
  const RequiredCapabilities defaults{
      {ExtensionType::kApplicationId}, {ProposalType::kAdd}, {CredentialType::kBasic}};
  EXPECT_TRUE(CheckRequiredCapabilities(leaf_.capabilities, {MakeExtension(defaults)}).ok());
  leaf_.capabilities.extensions = {kPrivateExtension};
  leaf_.capabilities.proposals = {kPrivateProposal};
  leaf_.capabilities.credentials.push_back(kPrivateCredential);
  for (const RequiredCapabilities& required : each) {
    EXPECT_TRUE(CheckRequiredCapabilities(leaf_.capabilities, {MakeExtension(required)}).ok());
  }
}

TEST_F(LeafRules, UnreadableRequiredCapabilitiesAreRefused) {
  const Extensions group{{ExtensionType::kRequiredCapabilities, {0xff}}};
  EXPECT_EQ(CheckRequiredCapabilities(leaf_.capabilities, group).error().code(), Code::kMalformed);
}

TEST_F(LeafRules, UnsupportedGroupExtensionIsRefused) {
  const Extensions group{{kPrivateExtension, {}}};
  EXPECT_FALSE(CheckGroupExtensions(leaf_.capabilities, group).ok());
  leaf_.capabilities.extensions = {kPrivateExtension};
  EXPECT_TRUE(CheckGroupExtensions(leaf_.capabilities, group).ok());
}

TEST_F(LeafRules, LifetimeIncludesBothItsEnds) {
  leaf_.source_data = KeyPackageSource{{100, 200}};
  EXPECT_EQ(CheckLifetime(leaf_, Millis{99'999}).error().code(), Code::kDenied);
  EXPECT_TRUE(CheckLifetime(leaf_, Millis{100'000}).ok());
  EXPECT_TRUE(CheckLifetime(leaf_, Millis{200'999}).ok());
  EXPECT_FALSE(CheckLifetime(leaf_, Millis{201'000}).ok());
  EXPECT_FALSE(CheckLifetime(leaf_, Millis{-5}).ok());
  leaf_.source_data = UpdateSource{};
  EXPECT_TRUE(CheckLifetime(leaf_, Millis{0}).ok());
}

TEST_F(LeafRules, LifetimeLongerThanAcceptedIsRefused) {
  leaf_.source_data = KeyPackageSource{{100, 200}};
  EXPECT_TRUE(CheckLifetimeLength(leaf_, Seconds(100)).ok());
  EXPECT_EQ(CheckLifetimeLength(leaf_, Seconds(99)).error().code(), Code::kDenied);
  EXPECT_TRUE(CheckLifetimeLength(leaf_, Millis{0}).ok());
  leaf_.source_data = KeyPackageSource{{200, 100}};
  EXPECT_EQ(CheckLifetimeLength(leaf_, Millis{0}).error().code(), Code::kMalformed);
}

TEST_F(LeafRules, SignatureKeysOfTwoLeavesDiffer) {
  RatchetTree tree = MakeTree(3, random_);
  const LeafIndex changed[] = {{2}};
  EXPECT_TRUE(CheckSignatureKeysUnique(tree, changed).ok());
  tree.SetLeaf({2}, MakeLeaf(key_, "a", random_));
  tree.SetLeaf({0}, MakeLeaf(key_, "b", random_));
  EXPECT_FALSE(CheckSignatureKeysUnique(tree, changed).ok());
  const LeafIndex both[] = {{0}, {2}};
  EXPECT_FALSE(CheckSignatureKeysUnique(tree, both).ok());
}

TEST_F(LeafRules, EncryptionKeysOfAllNodesDiffer) {
  RatchetTree tree = MakeTree(4, random_);
  const NodeIndex changed[] = {ToNode(LeafIndex{1})};
  EXPECT_TRUE(CheckEncryptionKeysUnique(tree, changed).ok());
  RatchetTree with_parent = tree;
  with_parent.SetParent({5}, {tree.Leaf({1})->encryption_key, {}, {}});
  EXPECT_FALSE(CheckEncryptionKeysUnique(with_parent, changed).ok());
  LeafNode twin = *tree.Leaf({3});
  twin.encryption_key = tree.Leaf({1})->encryption_key;
  tree.SetLeaf({3}, twin);
  EXPECT_FALSE(CheckEncryptionKeysUnique(tree, changed).ok());
}

TEST_F(LeafRules, EverybodySupportsTheCredentialTypesInUse) {
  RatchetTree tree = MakeTree(3, random_);
  const LeafIndex changed[] = {{1}};
  EXPECT_TRUE(CheckCredentialTypes(tree, changed).ok());
  LeafNode narrow = *tree.Leaf({1});
  narrow.credential.value = X509Credential{{{1}}};
  narrow.capabilities.credentials = {CredentialType::kX509};  // the others use basic
  tree.SetLeaf({1}, narrow);
  EXPECT_FALSE(CheckCredentialTypes(tree, changed).ok());
  narrow.capabilities.credentials = {CredentialType::kX509, CredentialType::kBasic};
  tree.SetLeaf({1}, narrow);
  EXPECT_TRUE(CheckCredentialTypes(tree, changed).ok());
  LeafNode other = *tree.Leaf({2});
  other.capabilities.credentials = {CredentialType::kBasic};  // cannot read the new one's
  tree.SetLeaf({2}, other);
  EXPECT_FALSE(CheckCredentialTypes(tree, changed).ok());
}

// --- in an Add
// ------------------------------------------------------------------------------------

struct BrokenKeyPackage {
  const char* name;
  std::function<void(KeyPackage&)> change;
  const char* refusal;
  bool resign = true;
};

class AddOf : public testing::TestWithParam<BrokenKeyPackage> {};

TEST_P(AddOf, ABrokenKeyPackageIsRefusedBothWays) {
  World world(52);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const OwnKeyPackage carol = world.KeyPackageFor("carol");
  const Bytes broken = GetParam().resign ? test::RebuildKeyPackage(carol, GetParam().change)
                                         : test::RebuildUnsigned(carol, GetParam().change);
  CommitOptions options;
  options.add = {broken};
  const auto refused = alice.Commit(options, world.Env(), world.random);
  ASSERT_FALSE(refused.ok());
  EXPECT_STREQ(refused.error().where(), GetParam().refusal);

  const auto good = alice.Commit({}, world.Env(), world.random);
  const Bytes commit = test::RebuildCommit(alice, good->commit, [&](Commit& changed) {
    auto message = ParseMessage(broken);
    changed.proposals.push_back({Proposal{Add{std::get<KeyPackage>(message->value)}}});
  });
  const SecretBytes before = bob.Serialize();
  const auto processed = bob.Process(commit, world.Env());
  ASSERT_FALSE(processed.ok());
  EXPECT_STREQ(processed.error().where(), GetParam().refusal);
  EXPECT_TRUE(Equal(bob.Serialize(), before));
}

INSTANTIATE_TEST_SUITE_P(
    EachRule, AddOf,
    testing::Values(
        BrokenKeyPackage{"Version", [](KeyPackage& k) { k.version = ProtocolVersion{2}; },
                         "mls: key package of another version or suite"},
        BrokenKeyPackage{"Suite", [](KeyPackage& k) { k.cipher_suite = CipherSuite{1}; },
                         "mls: key package of another version or suite"},
        BrokenKeyPackage{"Source", [](KeyPackage& k) { k.leaf_node.source_data = UpdateSource{}; },
                         "mls: leaf node source does not fit"},
        BrokenKeyPackage{"InitKey", [](KeyPackage& k) { k.init_key = k.leaf_node.encryption_key; },
                         "mls: init key is the leaf's key too"},
        BrokenKeyPackage{"InitKeyLength", [](KeyPackage& k) { k.init_key.pop_back(); },
                         "mls: length of an init key"},
        BrokenKeyPackage{"KeyLength", [](KeyPackage& k) { k.leaf_node.encryption_key.pop_back(); },
                         "mls: length of a public key"},
        BrokenKeyPackage{"Capabilities",
                         [](KeyPackage& k) { k.leaf_node.capabilities.cipher_suites.clear(); },
                         "mls: leaf does not speak the group's version or suite"},
        BrokenKeyPackage{
            "Credential",
            [](KeyPackage& k) { k.leaf_node.capabilities.credentials = {CredentialType::kX509}; },
            "mls: leaf does not list its own credential type"},
        BrokenKeyPackage{"Extension",
                         [](KeyPackage& k) {
                           k.leaf_node.extensions = {{kPrivateExtension, {}}};
                         },
                         "mls: leaf does not list its own extension"},
        BrokenKeyPackage{"Expired",
                         [](KeyPackage& k) {
                           k.leaf_node.source_data = KeyPackageSource{{1, 2}};
                         },
                         "mls: key package is not valid at this time"},
        BrokenKeyPackage{"LifetimeTurned",
                         [](KeyPackage& k) {
                           k.leaf_node.source_data = KeyPackageSource{{2, 1}};
                         },
                         "mls: lifetime ends before it begins"},
        BrokenKeyPackage{"LeafSignature", [](KeyPackage& k) { k.leaf_node.signature[5] ^= 1U; },
                         "authentication failed", false},
        BrokenKeyPackage{"Signature", [](KeyPackage& k) { k.signature[5] ^= 1U; },
                         "authentication failed", false}),
    [](const auto& broken) { return broken.param.name; });

TEST(KeyPackageRules, LeafIsSignedByItself) {
  World world(50);
  Group alice = world.Create("alice");
  const OwnKeyPackage carol = world.KeyPackageFor("carol");
  CommitOptions options;  // the key package's signature is good, over a leaf whose is not
  options.add = {test::RebuildUnsigned(carol, [&](KeyPackage& k) {
    k.leaf_node.signature[5] ^= 1U;
    k.signature = SignWithLabel(carol.signing_key, "KeyPackageTBS", KeyPackageTbs(k));
  })};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "authentication failed");
}

TEST(KeyPackageRules, RequirementsOfTheGroupAreMet) {
  World world(49);
  OwnLeaf wide = world.Leaf("alice");
  wide.capabilities.credentials.push_back(kPrivateCredential);
  wide.capabilities.extensions.push_back(kPrivateExtension);
  const auto refusal = [&](Extensions extensions) {
    Group alice =
        Group::Create(wide,
                      {world.random.NextBytes(32), std::move(extensions), test::PlainLifetime()},
                      world.random)
            .value();
    CommitOptions options;
    options.add = {world.KeyPackageFor("narrow").message};
    return std::string(alice.Commit(options, world.Env(), world.random).error().where());
  };
  EXPECT_EQ(refusal({MakeExtension(RequiredCapabilities{{}, {}, {kPrivateCredential}})}),
            "mls: leaf lacks a required capability");
  EXPECT_EQ(refusal({{kPrivateExtension, {}}}),
            "mls: leaf does not support an extension of the group");
}

TEST(KeyPackageRules, LifetimeIsForgivenOthersOnlyIfAskedTo) {
  World world(48);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const Bytes expired = test::RebuildKeyPackage(world.KeyPackageFor("carol"), [](KeyPackage& k) {
    k.leaf_node.source_data = KeyPackageSource{{1, 2}};
  });
  Environment forgiving = world.Env();
  forgiving.check_lifetime = false;
  CommitOptions options;
  options.add = {expired};
  EXPECT_EQ(alice.Commit(options, forgiving, world.random).error().code(), Code::kDenied);
  const auto good = alice.Commit({}, world.Env(), world.random);
  const Bytes commit = test::RebuildCommit(alice, good->commit, [&](Commit& changed) {
    auto message = ParseMessage(expired);
    changed.proposals.push_back({Proposal{Add{std::get<KeyPackage>(message->value)}}});
  });
  EXPECT_EQ(bob.Process(commit, world.Env()).error().code(), Code::kDenied);
  EXPECT_NE(bob.Process(commit, forgiving).error().code(), Code::kDenied);
}

TEST(KeyPackageRules, LifetimeOverTheEnvironmentsIsRefused) {  // RFC 9420 §7.2
  World world(56);
  Group alice = world.Create("alice");
  CommitOptions options;
  options.add = {world.KeyPackageFor("carol").message};
  const Lifetime lifetime = test::PlainLifetime();
  const auto seconds = static_cast<std::int64_t>(lifetime.not_after - lifetime.not_before);
  Environment strict = world.Env();
  strict.max_lifetime = Millis{seconds * 1000};
  EXPECT_TRUE(alice.Commit(options, strict, world.random).ok());
  strict.max_lifetime = Millis{(seconds - 1) * 1000};
  EXPECT_STREQ(alice.Commit(options, strict, world.random).error().where(),
               "mls: lifetime is longer than accepted");
}

TEST(KeyPackageRules, UnknownExtensionIsIgnored) {
  World world(53);
  Group alice = world.Create("alice");
  const OwnKeyPackage carol = world.KeyPackageFor("carol");
  CommitOptions options;
  options.add = {test::RebuildKeyPackage(carol, [](KeyPackage& k) {
    k.extensions.push_back({static_cast<ExtensionType>(0x3A3A), {1, 2, 3}});
  })};
  EXPECT_TRUE(alice.Commit(options, world.Env(), world.random).ok());
}

TEST(KeyPackageRules, OwnKeyPackageMustListWhatItHas) {
  World world(54);
  KeyPackageOptions options{test::PlainLifetime(), {{kPrivateExtension, {}}}};
  OwnLeaf leaf = world.Leaf("a");
  EXPECT_FALSE(CreateKeyPackage(leaf, options, world.random).ok());
  leaf.capabilities.extensions = {kPrivateExtension};
  EXPECT_TRUE(CreateKeyPackage(leaf, options, world.random).ok());
}

class RefuseName final : public CredentialPolicy {
 public:
  explicit RefuseName(std::string name) : name_(std::move(name)) {}
  Status Check(const Credential& credential, ByteView, Millis) const override {
    if (ToString(std::get<BasicCredential>(credential.value).identity) == name_) {
      return Error(Code::kDenied, "test: refused by policy");
    }
    return Ok();
  }
  Bytes ClientId(const Credential& credential) const override {
    return std::get<BasicCredential>(credential.value).identity;
  }

 private:
  std::string name_;
};

TEST(KeyPackageRules, PolicyHasTheLastWord) {
  World world(55);
  Group alice = world.Create("alice");
  const RefuseName policy("mallory");
  world.policy = &policy;
  CommitOptions options;
  options.add = {world.KeyPackageFor("mallory").message};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "test: refused by policy");
}

TEST(KeyPackageRules, NoClientComesTwice) {
  World world(56);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const RefuseName policy("");
  world.policy = &policy;
  CommitOptions options;
  options.add = {world.KeyPackageFor("bob").message};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "mls: client added twice");
  options.remove = {bob.own_leaf_index()};  // unless the old one goes
  EXPECT_TRUE(alice.Commit(options, world.Env(), world.random).ok());
  options.add = {world.KeyPackageFor("carol").message, world.KeyPackageFor("carol").message};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "mls: client added twice");
}

TEST(KeyPackageRules, SignatureKeyOfAMemberIsRefused) {
  World world(57);
  Group alice = world.Create("alice");
  const OwnLeaf bob = world.Leaf("bob");
  const auto first = CreateKeyPackage(bob, {test::PlainLifetime(), {}}, world.random);
  const auto second = CreateKeyPackage(bob, {test::PlainLifetime(), {}}, world.random);
  CommitOptions options;
  options.add = {first->message, second->message};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "mls: two leaves with the same signature key");
  options.add = {first->message};
  world.Commit(alice, {}, options);
  options.add = {second->message};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "mls: two leaves with the same signature key");
}

TEST(KeyPackageRules, KeysOfAMemberAreRefused) {
  World world(58);
  Group alice = world.Create("alice");
  const OwnKeyPackage carol = world.KeyPackageFor("carol");
  CommitOptions options;
  options.add = {test::RebuildKeyPackage(carol, [&](KeyPackage& k) {
    k.leaf_node.encryption_key = alice.Leaf(LeafIndex{0})->encryption_key;
  })};
  EXPECT_STREQ(alice.Commit(options, world.Env(), world.random).error().where(),
               "mls: two nodes with the same encryption key");
}

TEST(CredentialTypes, WithoutAChangedLeafThereIsNothingToRefuse) {
  SeededRandom random(77);
  EXPECT_TRUE(CheckCredentialTypes(test::MakeTree(3, random), {}).ok());
}

}  // namespace
}  // namespace renkei::mls
