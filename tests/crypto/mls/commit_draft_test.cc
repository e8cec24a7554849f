#include "crypto/mls/commit_draft.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/welcome.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::kPrivateExtension;
using test::WhereOf;

// Alice's commit, step by step, as group_commit.cc and group_external.cc take them.
class Drafts : public test::Pair {
 protected:
  Drafts() : zero_(ZeroSecret()), carol_(world_.KeyPackageFor("carol")) {}

  const GroupState& alice() const { return GroupState::Of(alice_); }
  CommitDraft Begin() const {
    return CommitDraft({alice().context, alice().encoded_context, alice().interim_transcript_hash},
                       *alice().signing_key, Sender{MemberSender{alice().own()}});
  }
  // With these proposals listed and the next state begun.
  CommitDraft With(const std::vector<Proposal>& proposals) const {
    CommitDraft draft = Begin();
    for (const Proposal& proposal : proposals) {
      draft.commit().proposals.push_back({proposal});
    }
    draft.list =
        ResolveProposals(draft.commit(), draft.content.content.sender, alice().proposals).value();
    draft.next = alice().Successor();
    return draft;
  }
  Proposal AddCarol() const { return {Add{ParseKeyPackageMessage(carol_.message).value()}}; }
  std::string PathWith(const std::function<void(LeafNode&)>& change, const LeafNode* old) {
    CommitDraft draft = With({});
    EXPECT_TRUE(draft.Apply().ok());
    LeafNode leaf = alice().OwnLeafNode();
    change(leaf);
    return WhereOf(draft.MakePath(leaf, old, world_.Env(), world_.random));
  }
  GroupInfo InfoIn(const Welcome& welcome, const CommitDraft& draft) const {
    const WelcomeKeys& keys = draft.outputs.welcome_keys;
    const auto plain = AeadOpen(keys.key, keys.nonce, {}, welcome.encrypted_group_info);
    return wire::Parse<GroupInfo>(plain->Expose()).value();
  }

  SecretBytes zero_;
  OwnKeyPackage carol_;
};

TEST_F(Drafts, BeginAsACommitOfThisEpoch) {
  CommitDraft draft = Begin();
  EXPECT_EQ(draft.content.content.group_id, alice().context.group_id);
  EXPECT_EQ(draft.content.content.epoch, alice().context.epoch);
  EXPECT_EQ(draft.content.content.sender, Sender{MemberSender{alice().own()}});
  EXPECT_TRUE(draft.commit().proposals.empty());
  EXPECT_FALSE(draft.commit().path.has_value());
}

TEST_F(Drafts, ApplyTheirListToTheNextStateOnly) {
  const Bytes before = alice().tree.Serialize();
  const Extensions extensions{
      MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})};
  CommitDraft draft = With({AddCarol(), {GroupContextExtensions{extensions}}});
  ASSERT_TRUE(draft.Apply().ok());
  EXPECT_EQ(draft.applied.added, std::vector<LeafIndex>{{2}});
  EXPECT_EQ(draft.next->tree.member_count(), 3U);
  EXPECT_EQ(draft.next->context.extensions, extensions);
  EXPECT_FALSE(draft.next->reinit.has_value());
  EXPECT_EQ(alice().tree.Serialize(), before);
  const ReInit reinit{Bytes(32, 1), ProtocolVersion::kMls10, kSuite, {}};
  CommitDraft last = With({{reinit}});
  ASSERT_TRUE(last.Apply().ok());
  EXPECT_EQ(last.next->reinit, reinit);
}

TEST_F(Drafts, RefuseExtensionsThatAMemberDoesNotSupport) {  // §12.1.7
  CommitDraft draft = With({{GroupContextExtensions{{{kPrivateExtension, {}}}}}});
  EXPECT_EQ(WhereOf(draft.Apply()), "mls: leaf does not support an extension of the group");
}

TEST_F(Drafts, RefuseTwoLeavesWithOneKey) {  // §12.2
  CommitDraft draft = With({AddCarol(), AddCarol()});
  EXPECT_EQ(WhereOf(draft.Apply()), "mls: two leaves with the same signature key");
}

TEST_F(Drafts, RefuseALeafThatWouldNotBeValid) {  // §7.3
  const LeafNode* old = &alice().OwnLeafNode();
  EXPECT_EQ(PathWith([](LeafNode&) {}, old), "accepted");
  EXPECT_EQ(PathWith([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }, old),
            "mls: leaf does not speak the group's version or suite");
  const Bytes bobs = bob_.Leaf(bob_.own_leaf_index())->signature_key;
  EXPECT_EQ(PathWith([&](LeafNode& leaf) { leaf.signature_key = bobs; }, old),
            "mls: two leaves with the same signature key");
}

class Refusing final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return check ? Error(Code::kDenied, "test: refused") : Ok();
  }
  Status CheckSuccessor(const Credential&, const Credential&) const override {
    return Error(Code::kDenied, "test: no successor");
  }
  bool check = true;
};

TEST_F(Drafts, AskThePolicyForWhatIsNew) {  // §5.3.1
  Refusing policy;
  world_.policy = &policy;
  const LeafNode* old = &alice().OwnLeafNode();
  const auto renamed = [](LeafNode& leaf) { leaf.credential.value = BasicCredential{{1}}; };
  EXPECT_EQ(PathWith([](LeafNode&) {}, old), "accepted");  // nothing new
  EXPECT_EQ(PathWith(renamed, old), "test: refused");
  EXPECT_EQ(PathWith([](LeafNode&) {}, nullptr), "test: refused");  // a joiner is
  policy.check = false;
  EXPECT_EQ(PathWith(renamed, old), "test: no successor");
  EXPECT_EQ(PathWith(renamed, nullptr), "accepted");
}

TEST_F(Drafts, PathBringsFreshKeysAndACommitSecret) {
  CommitDraft draft = With({});
  ASSERT_TRUE(draft.Apply().ok());
  ASSERT_TRUE(
      draft.MakePath(alice().OwnLeafNode(), &alice().OwnLeafNode(), world_.Env(), world_.random)
          .ok());
  EXPECT_TRUE(draft.commit().path.has_value());
  EXPECT_NE(draft.next->OwnLeafNode().encryption_key, alice().OwnLeafNode().encryption_key);
  EXPECT_TRUE(draft.next->keys.Matches(draft.next->tree));
  EXPECT_FALSE(Equal(draft.commit_secret, zero_));
  EXPECT_EQ(draft.next->context.tree_hash, ToBytes(draft.next->tree.TreeHash()));
}

TEST_F(Drafts, WithoutAPathKeysThatAreNoLongerTheirsAreForgotten) {
  world_.Commit(bob_, {&alice_}, {});
  world_.Commit(alice_, {&bob_}, {});
  ASSERT_NE(alice().keys.Find({1}), nullptr);
  CommitDraft draft = With({{Remove{{1}}}});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  EXPECT_EQ(draft.next->keys.Find({1}), nullptr);
  EXPECT_TRUE(Equal(draft.commit_secret, zero_));
  EXPECT_EQ(draft.next->context.tree_hash, ToBytes(draft.next->tree.TreeHash()));
}

TEST_F(Drafts, SignedOnesCarryTheTagOfTheEpochThatTheyBegin) {
  CommitDraft draft = With({});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  draft.Sign(WireFormat::kPublicMessage, alice().secrets.init_secret, zero_);
  EXPECT_TRUE(draft.next->secrets
                  .VerifyConfirmationTag(draft.next->context.confirmed_transcript_hash,
                                         draft.content.auth.confirmation_tag)
                  .ok());
  EXPECT_EQ(draft.next->confirmation_tag, draft.content.auth.confirmation_tag);
  EXPECT_EQ(draft.content.auth.signature.size(), kSignatureBytes);
}

TEST_F(Drafts, WelcomeIsForTheAddedAndAsTheOptionsSay) {
  CommitDraft draft = With({AddCarol()});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  draft.Sign(WireFormat::kPublicMessage, alice().secrets.init_secret, zero_);
  PublishOptions publish;
  publish.extensions = {{kPrivateExtension, {1}}};
  for (const bool with_tree : {true, false}) {
    publish.tree_in_welcome = with_tree;
    const auto bytes = draft.MakeWelcome(publish, world_.random);
    ASSERT_TRUE(bytes.ok() && bytes->has_value());
    const auto message = ParseMessage(**bytes);
    const auto& welcome = std::get<Welcome>(message->value);
    ASSERT_EQ(welcome.secrets.size(), 1U);
    EXPECT_EQ(welcome.secrets[0].new_member, carol_.ref);
    const GroupInfo info = InfoIn(welcome, draft);
    EXPECT_EQ(FindExtension(info.extensions, ExtensionType::kRatchetTree) != nullptr, with_tree);
    EXPECT_EQ(FindExtension(info.extensions, ExtensionType::kExternalPub), nullptr);
    EXPECT_NE(FindExtension(info.extensions, kPrivateExtension), nullptr);
  }
}

TEST_F(Drafts, WithoutAddedMembersThereIsNoWelcome) {
  CommitDraft draft = With({});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  draft.Sign(WireFormat::kPublicMessage, alice().secrets.init_secret, zero_);
  const auto welcome = draft.MakeWelcome({}, world_.random);
  ASSERT_TRUE(welcome.ok());
  EXPECT_FALSE(welcome->has_value());
}

TEST_F(Drafts, WelcomeForAKeyThatIsNoneIsAnError) {
  KeyPackage bad = ParseKeyPackageMessage(carol_.message).value();
  bad.init_key = Bytes(32);  // of small order
  CommitDraft draft = With({{Add{bad}}});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  draft.Sign(WireFormat::kPublicMessage, alice().secrets.init_secret, zero_);
  EXPECT_EQ(draft.MakeWelcome({}, world_.random).error().code(), Code::kMalformed);
}

TEST_F(Drafts, GroupInfoIsMadeIfWanted) {
  CommitDraft draft = With({});
  ASSERT_TRUE(draft.Apply().ok());
  draft.SkipPath();
  draft.Sign(WireFormat::kPublicMessage, alice().secrets.init_secret, zero_);
  PublishOptions publish;
  publish.extensions = {{kPrivateExtension, {1}}};
  const auto bytes = draft.MakeGroupInfo(publish);
  ASSERT_TRUE(bytes.has_value());
  const auto message = ParseMessage(*bytes);
  const Extensions& extensions = std::get<GroupInfo>(message->value).extensions;
  EXPECT_NE(FindExtension(extensions, ExtensionType::kRatchetTree), nullptr);
  EXPECT_NE(FindExtension(extensions, ExtensionType::kExternalPub), nullptr);
  EXPECT_NE(FindExtension(extensions, kPrivateExtension), nullptr);
  publish.group_info = false;
  EXPECT_FALSE(draft.MakeGroupInfo(publish).has_value());
}

TEST_F(Drafts, KeyPackageMessagesAreThatAndNothingElse) {
  EXPECT_TRUE(ParseKeyPackageMessage(carol_.message).ok());
  EXPECT_EQ(ParseKeyPackageMessage(alice_.MakeGroupInfo(true, {})).error().code(),
            Code::kMalformed);
  EXPECT_EQ(ParseKeyPackageMessage({}).error().code(), Code::kMalformed);
}

TEST_F(Drafts, MemberWhoseKeyIsNoneStopsThePath) {
  CommitDraft draft = With({});
  ASSERT_TRUE(draft.Apply().ok());
  LeafNode bobs = *draft.next->tree.Leaf({1});
  bobs.encryption_key = Bytes(32);  // of small order
  draft.next->tree.SetLeaf({1}, bobs);
  EXPECT_EQ(
      draft.MakePath(alice().OwnLeafNode(), &alice().OwnLeafNode(), world_.Env(), world_.random)
          .error()
          .code(),
      Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
