#include "crypto/mls/group.h"

#include <gtest/gtest.h>

#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/message.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::NameOf;
using test::World;

class Groups : public test::Pair {};

TEST(Group, MessagesOpenOutOfOrderAndOnce) {
  World world(15);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  std::vector<Bytes> messages;
  for (int i = 0; i < 5; ++i) {
    MessageOptions options;
    options.authenticated_data = ToBytes("aad");
    options.padding_size = 100;
    messages.push_back(
        alice.Protect(AsBytes("message " + std::to_string(i)), options, world.random).value());
  }
  for (const int i : {3, 0, 4, 1, 2}) {
    const auto opened = bob.Unprotect(messages[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(ToString(opened->content.Expose()), "message " + std::to_string(i));
    EXPECT_EQ(opened->sender, alice.own_leaf_index());
    EXPECT_EQ(ToString(opened->authenticated_data), "aad");
    EXPECT_EQ(bob.Unprotect(messages[static_cast<std::size_t>(i)]).error().code(), Code::kNotFound);
  }
}

TEST(Group, MessageMustWaitForWaitingProposals) {
  World world(16);
  Group alice = world.Create("alice");
  Group bob = world.Add(alice, {}, "bob");
  const auto sent = bob.ProposeUpdate(nullptr, {}, world.random);
  world.Deliver(sent->message, {&alice});
  EXPECT_EQ(alice.Protect(AsBytes("too early"), {}, world.random).error().code(), Code::kConflict);
}

TEST_F(Groups, OpenApplicationMessagesOnly) {
  EXPECT_EQ(bob_.Unprotect(Good()).error().code(), Code::kUnsupported);
  CommitOptions in_private;
  in_private.handshake = Handshake::kPrivate;
  EXPECT_EQ(bob_.Unprotect(Good(in_private)).error().code(), Code::kUnsupported);
}

TEST_F(Groups, MessageThatDoesNotOpenLeavesTheGroupAsItWas) {
  const Bytes first = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  const Bytes message = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  ASSERT_TRUE(bob_.Unprotect(first).ok());  // so that Alice's ratchet is grown
  const SecretBytes before = bob_.Serialize();
  Bytes forged = message;
  forged.back() ^= 1U;
  EXPECT_EQ(bob_.Unprotect(forged).error().code(), Code::kAuthFailed);
  EXPECT_TRUE(Equal(bob_.Serialize(), before));
  EXPECT_TRUE(bob_.Unprotect(message).ok());
  EXPECT_FALSE(Equal(bob_.Serialize(), before));
}

TEST_F(Groups, MessageThatCannotBeMadeLeavesTheGroupAsItWas) {
  const SecretBytes before = alice_.Serialize();
  const auto too_long = alice_.Protect(Bytes(kMaxMessageBytes), {}, world_.random);
  EXPECT_EQ(too_long.error().code(), Code::kTooLarge);
  GroupState::Of(alice_).reinit = ReInit{};
  EXPECT_EQ(alice_.Protect(AsBytes("x"), {}, world_.random).error().code(), Code::kDenied);
  GroupState::Of(alice_).reinit.reset();
  EXPECT_TRUE(Equal(alice_.Serialize(), before));
}

TEST_F(Groups, ProtectedMessageUsesUpAKey) {
  const SecretBytes before = alice_.Serialize();
  ASSERT_TRUE(alice_.Protect(AsBytes("x"), {}, world_.random).ok());
  EXPECT_FALSE(Equal(alice_.Serialize(), before));
}

TEST_F(Groups, GiveEveryMemberTheSameSecretsAndOtherEpochsOthers) {
  const auto all = [](const Group& group) {
    return std::vector<std::string>{ToHex(group.Export("label", AsBytes("context"), 32).Expose()),
                                    ToHex(group.EpochAuthenticator()),
                                    ToHex(group.ConfirmationTag()),
                                    ToHex(group.ResumptionSecret().Expose()),
                                    ToHex(group.TreeHash()),
                                    ToHex(group.ConfirmedTranscriptHash())};
  };
  const std::vector<std::string> first = all(alice_);
  EXPECT_EQ(all(bob_), first);
  world_.Commit(alice_, {&bob_}, {});
  EXPECT_EQ(all(bob_), all(alice_));
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_NE(all(alice_)[i], first[i]) << i;
  }
}

TEST_F(Groups, ExportSeparatesLabelsContextsAndLengths) {
  const auto exported = [&](std::string_view label, std::string_view context, std::size_t length) {
    return ToHex(alice_.Export(label, AsBytes(context), length).Expose());
  };
  const std::string one = exported("label", "context", 32);
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(exported("labex", "context", 32), one);
  EXPECT_NE(exported("label", "contexx", 32), one);
  EXPECT_EQ(exported("label", "context", 8160).size(), 16320U);
}

TEST_F(Groups, SayWhoAndWhatTheyAre) {
  EXPECT_EQ(bob_.epoch(), Epoch{1});
  EXPECT_EQ(bob_.own_leaf_index(), LeafIndex{1});
  EXPECT_EQ(bob_.member_count(), 2U);
  EXPECT_EQ(NameOf(*bob_.Leaf(LeafIndex{0})), "alice");
  EXPECT_EQ(bob_.Leaf(LeafIndex{2}), nullptr);
  EXPECT_EQ(bob_.FindExtension(ExtensionType::kRequiredCapabilities), nullptr);
  CommitOptions options;
  options.group_context_extensions = {
      MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})};
  world_.Commit(alice_, {&bob_}, options);
  EXPECT_EQ(bob_.extensions(), *options.group_context_extensions);
  EXPECT_EQ(bob_.FindExtension(ExtensionType::kRequiredCapabilities), &bob_.extensions()[0]);
  options = {};
  options.remove = {LeafIndex{0}};
  world_.Commit(bob_, {}, options);
  EXPECT_EQ(bob_.Leaf(LeafIndex{0}), nullptr);
  ASSERT_EQ(bob_.Members().size(), 1U);
  EXPECT_EQ(bob_.Members()[0].index, LeafIndex{1});
}

TEST_F(Groups, PskIdsAreFreshAndNameWhatTheyAreOf) {
  const auto external = Group::NewExternalPsk(AsBytes("psk"), world_.random);
  EXPECT_EQ(std::get<ExternalPsk>(external.value).psk_id, ToBytes("psk"));
  EXPECT_EQ(external.psk_nonce.size(), 32U);
  EXPECT_NE(Group::NewExternalPsk(AsBytes("psk"), world_.random), external);
  const auto resumption = Group::NewResumptionPsk(AsBytes("group"), Epoch{7}, world_.random);
  EXPECT_EQ(resumption.value, (decltype(resumption.value){ResumptionPsk{
                                  ResumptionPskUsage::kApplication, ToBytes("group"), Epoch{7}}}));
  EXPECT_EQ(resumption.psk_nonce.size(), 32U);
  EXPECT_NE(Group::NewResumptionPsk(AsBytes("group"), Epoch{7}, world_.random), resumption);
}

TEST_F(Groups, GroupInfoCarriesTheTreeIfWanted) {
  for (const bool with_tree : {true, false}) {
    const auto message = ParseMessage(bob_.MakeGroupInfo(with_tree, {}));
    ASSERT_TRUE(message.ok());
    const auto& info = std::get<GroupInfo>(message->value);
    EXPECT_EQ(info.signer, bob_.own_leaf_index());
    EXPECT_NE(FindExtension(info.extensions, ExtensionType::kExternalPub), nullptr);
    const Extension* tree = FindExtension(info.extensions, ExtensionType::kRatchetTree);
    ASSERT_EQ(tree != nullptr, with_tree);
    EXPECT_TRUE(tree == nullptr || tree->data == bob_.ExportTree());
  }
}

}  // namespace
}  // namespace renkei::mls
