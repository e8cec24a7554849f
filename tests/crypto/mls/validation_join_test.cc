// Each rule on Welcomes and GroupInfos (RFC 9420 §11.2, §11.3, §12.4.3) broken alone.
#include "crypto/mls/validation_join.h"

#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::World;

class Joining : public testing::Test {
 protected:
  Joining()
      : world_(91),
        alice_(world_.Create("alice")),
        bob_(world_.KeyPackageFor("bob")),
        carol_(world_.KeyPackageFor("carol")) {
    CommitOptions options;
    options.add = {bob_.message, carol_.message};
    pending_.emplace(world_.Commit(alice_, {}, options));
  }

  Result<Group> Join(const Bytes& welcome, const JoinOptions& options = {}) {
    return Group::JoinWelcome(welcome, bob_, options, world_.Env());
  }
  std::string RefusalOf(const std::function<void(GroupSecrets&, GroupInfo&)>& change,
                        const JoinOptions& options = {}) {
    const auto joined = Join(
        test::RebuildWelcome(alice_, *pending_->welcome, bob_, change, world_.random), options);
    return joined.ok() ? "accepted" : joined.error().where();
  }
  std::string RefusalOfWelcome(const std::function<void(Welcome&)>& change) {
    auto message = ParseMessage(*pending_->welcome);
    change(std::get<Welcome>(message->value));
    const auto joined = Join(wire::Serialize(*message));
    return joined.ok() ? "accepted" : joined.error().where();
  }

  World world_;
  Group alice_;
  OwnKeyPackage bob_;
  OwnKeyPackage carol_;
  std::optional<PendingCommit> pending_;
};

TEST_F(Joining, GoodWelcomePasses) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo&) {}), "accepted");
  EXPECT_EQ(RefusalOfWelcome([](Welcome&) {}), "accepted");
}

TEST_F(Joining, WelcomeForOthersIsNotFound) {
  EXPECT_EQ(Group::JoinWelcome(*pending_->welcome, world_.KeyPackageFor("bob"), {}, world_.Env())
                .error()
                .code(),
            Code::kNotFound);
}

TEST_F(Joining, WelcomeOfAnotherSuiteIsUnsupported) {
  EXPECT_EQ(RefusalOfWelcome([](Welcome& w) { w.cipher_suite = CipherSuite{1}; }),
            "mls: welcome of another suite");
}

TEST_F(Joining, TamperedSecretsOrInfoFail) {
  EXPECT_EQ(RefusalOfWelcome(
                [](Welcome& w) { w.secrets[0].encrypted_group_secrets.ciphertext[0] ^= 1U; }),
            "authentication failed");
  EXPECT_EQ(RefusalOfWelcome([](Welcome& w) { w.encrypted_group_info[0] ^= 1U; }),
            "authentication failed");
  EXPECT_EQ(RefusalOfWelcome([](Welcome& w) {  // another member's secrets
              w.secrets[0].encrypted_group_secrets = w.secrets[1].encrypted_group_secrets;
            }),
            "authentication failed");
}

TEST_F(Joining, GroupOfAnotherVersionOrSuiteIsUnsupported) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.group_context.cipher_suite = CipherSuite{1};
            }),
            "mls: group of another version or suite");
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.group_context.version = ProtocolVersion{2};
            }),
            "mls: group of another version or suite");
}

TEST_F(Joining, SignerMustBeAMemberAndHaveSigned) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) { info.signer = {3}; }),
            "mls: group info signed by a blank leaf");
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) { info.signer = {2}; }),
            "authentication failed");
}

TEST_F(Joining, GroupWeAreInAlreadyIsAConflict) {
  JoinOptions options;
  options.existing_group_ids = {ToBytes(alice_.group_id())};
  const auto joined = Join(*pending_->welcome, options);
  ASSERT_FALSE(joined.ok());
  EXPECT_EQ(joined.error().code(), Code::kConflict);
}

TEST_F(Joining, ExtensionWeDoNotSupportIsRefused) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.group_context.extensions = {{static_cast<ExtensionType>(0xF001), {}}};
            }),
            "mls: leaf does not support an extension of the group");
}

TEST_F(Joining, UnknownGroupInfoExtensionIsIgnored) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.extensions.push_back({static_cast<ExtensionType>(0x5A5A), {1, 2}});
            }),
            "accepted");
}

TEST_F(Joining, ConfirmationTagIsChecked) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) { info.confirmation_tag[0] ^= 1U; }),
            "authentication failed");
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.group_context.confirmed_transcript_hash[0] ^= 1U;
            }),
            "authentication failed");
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) { ++info.group_context.epoch.value; }),
            "authentication failed");
}

TEST_F(Joining, PathSecretMustGiveTheTreesKeys) {
  EXPECT_EQ(RefusalOf([](GroupSecrets& secrets, GroupInfo&) {
              secrets.path_secret->ExposeMutable()[0] ^= 1U;
            }),
            "mls: path secret does not give the node's key");
  EXPECT_EQ(
      RefusalOf([](GroupSecrets& secrets, GroupInfo&) { secrets.path_secret = SecretBytes(31); }),
      "mls: path secret of a wrong length");
}

TEST_F(Joining, JoinerSecretLengthIsChecked) {
  EXPECT_EQ(
      RefusalOf([](GroupSecrets& secrets, GroupInfo&) { secrets.joiner_secret = SecretBytes(31); }),
      "mls: joiner secret of a wrong length");
}

TEST_F(Joining, MissingPskIsNotFound) {
  EXPECT_EQ(RefusalOf([](GroupSecrets& secrets, GroupInfo&) {
              secrets.psks = {{ExternalPsk{{1}}, Bytes(32)}};
            }),
            "test: no such psk");
}

TEST_F(Joining, OnlyOneContinuationIsAllowed) {
  const ResumptionPsk branch{ResumptionPskUsage::kBranch, {1}, Epoch{1}};
  const ResumptionPsk reinit{ResumptionPskUsage::kReInit, {1}, Epoch{1}};
  EXPECT_EQ(RefusalOf([&](GroupSecrets& secrets, GroupInfo&) {
              secrets.psks = {{branch, Bytes(32)}, {reinit, Bytes(32)}};
            }),
            "mls: welcome continues two groups");
  EXPECT_EQ(RefusalOf([&](GroupSecrets& secrets, GroupInfo&) {
              secrets.psks = {{branch, Bytes(31)}};
            }),
            "mls: psk nonce of a wrong length");
}

TEST_F(Joining, UnreadableContextExtensionsAreRefused) {
  const auto judged = [&](const Extensions& extensions) {
    return CheckJoinedExtensions(extensions, world_.Env()).ok();
  };
  EXPECT_TRUE(judged({}));
  EXPECT_FALSE(judged({{ExtensionType::kRequiredCapabilities, {9}}}));
  EXPECT_FALSE(judged({{ExtensionType::kExternalSenders, {9}}}));
  const Extension one{static_cast<ExtensionType>(0xF001), {}};
  EXPECT_FALSE(judged({one, one}));
}

class RefuseRegistrar final : public CredentialPolicy {
 public:
  Status Check(const Credential& credential, ByteView, Millis) const override {
    const auto& basic = std::get<BasicCredential>(credential.value);
    return ToString(basic.identity) == "registrar" ? Status(Error(Code::kDenied, "test: refused"))
                                                   : Ok();
  }
};

TEST_F(Joining, ExternalSendersAreJudgedByThePolicy) {  // RFC 9420 §5.3.1
  const RefuseRegistrar policy;
  world_.policy = &policy;
  const auto refusal = [&](std::string_view name) {
    return RefusalOf([&](GroupSecrets&, GroupInfo& info) {
      info.group_context.extensions = {
          MakeExtension(ExternalSenders{{{Bytes(32), world_.Leaf(name).credential}}})};
    });
  };
  EXPECT_EQ(refusal("registrar"), "test: refused");
  EXPECT_EQ(refusal("somebody else"), "authentication failed");  // the tag, and nothing earlier
}

TEST_F(Joining, GroupIdOverTheLimitIsTooLarge) {
  EXPECT_EQ(RefusalOf([](GroupSecrets&, GroupInfo& info) {
              info.group_context.group_id = Bytes(kMaxGroupIdBytes + 1);
            }),
            "mls: group id over kMaxGroupIdBytes");
  EXPECT_TRUE(CheckGroupId(Bytes(kMaxGroupIdBytes)).ok());
  EXPECT_EQ(CheckGroupId(Bytes(kMaxGroupIdBytes + 1)).error().code(), Code::kTooLarge);
}

TEST(Continuing, FirstEpochIsOne) {
  GroupInfo info;
  info.group_context.epoch = {1};
  EXPECT_TRUE(CheckFirstEpoch(info).ok());
  info.group_context.epoch = {2};
  EXPECT_FALSE(CheckFirstEpoch(info).ok());
}

TEST(Continuing, SuccessorIsWhatWasAskedFor) {
  const ReInit reinit{
      {1, 2}, ProtocolVersion::kMls10, kSuite, {{static_cast<ExtensionType>(0xF001), {}}}};
  GroupInfo info;
  info.group_context.group_id = reinit.group_id;
  info.group_context.extensions = reinit.extensions;
  EXPECT_TRUE(CheckReInitMatches(info, reinit).ok());
  GroupInfo other = info;
  other.group_context.group_id = {1};
  EXPECT_FALSE(CheckReInitMatches(other, reinit).ok());
  other = info;
  other.group_context.version = ProtocolVersion{2};
  EXPECT_FALSE(CheckReInitMatches(other, reinit).ok());
  other = info;
  other.group_context.cipher_suite = CipherSuite{1};
  EXPECT_FALSE(CheckReInitMatches(other, reinit).ok());
  other = info;
  other.group_context.extensions.clear();
  EXPECT_FALSE(CheckReInitMatches(other, reinit).ok());
}

TEST(Continuing, BranchKeepsVersionAndSuite) {
  GroupInfo info;
  GroupContext parent;
  EXPECT_TRUE(CheckBranchSuite(info, parent).ok());
  parent.cipher_suite = CipherSuite{1};
  EXPECT_FALSE(CheckBranchSuite(info, parent).ok());
  parent = GroupContext{};
  parent.version = ProtocolVersion{2};
  EXPECT_FALSE(CheckBranchSuite(info, parent).ok());
}

TEST(Continuing, MembersAreComparedByThePolicy) {
  World world(92);
  RatchetTree some = test::MakeTree(2, world.random);
  RatchetTree all = some;
  ASSERT_TRUE(all.AddLeaf(test::MakeLeaf(world.random)).ok());
  EXPECT_TRUE(CheckSubsetOfMembers(some, all, world.Env()).ok());
  EXPECT_FALSE(CheckSubsetOfMembers(all, some, world.Env()).ok());
  EXPECT_TRUE(CheckSameMembers(some, all, world.Env()).ok());
  EXPECT_FALSE(CheckSameMembers(all, some, world.Env()).ok());
}

}  // namespace
}  // namespace renkei::mls
