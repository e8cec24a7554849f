#include "crypto/mls/public_message.h"

#include <gtest/gtest.h>

#include "tests/crypto/mls/support/examples.h"
#include "tests/crypto/mls/support/one_epoch.h"

namespace renkei::mls {
namespace {

using test::OneEpoch;

class PublicMessages : public testing::Test {
 protected:
  PublicMessage FromMember(Content content) {
    return ProtectPublic(epoch_.Signed(WireFormat::kPublicMessage, {1}, std::move(content)),
                         &epoch_.membership_key(), epoch_.encoded_context())
        .value();
  }
  Code Unprotect(PublicMessage message) {
    const auto result = UnprotectPublic(std::move(message), epoch_.framing());
    EXPECT_FALSE(result.ok());
    return result.ok() ? Code::kInternal : result.error().code();
  }

  OneEpoch epoch_;
  const Proposal proposal_ = test::ExampleProposals()[2];
};

TEST_F(PublicMessages, ProposalsAndCommitsOfMembersOpen) {
  for (const Content& content : {Content(proposal_), Content(test::ExampleCommit())}) {
    const PublicMessage message = FromMember(content);
    const auto opened = UnprotectPublic(message, epoch_.framing());
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened->content == message.content);
    EXPECT_TRUE(opened->auth == message.auth);
    EXPECT_EQ(opened->wire_format, WireFormat::kPublicMessage);
  }
}

TEST_F(PublicMessages, ApplicationDataIsNeverSentInTheClear) {  // RFC 9420 §6
  const auto content =
      epoch_.Signed(WireFormat::kPublicMessage, {1}, ApplicationData{ToBytes("hello")});
  EXPECT_EQ(
      ProtectPublic(content, &epoch_.membership_key(), epoch_.encoded_context()).error().code(),
      Code::kDenied);
}

TEST_F(PublicMessages, ApplicationDataInTheClearIsMalformed) {  // RFC 9420 §6
  PublicMessage message = FromMember(proposal_);
  message.content.content = ApplicationData{ToBytes("hello")};
  EXPECT_EQ(Unprotect(message), Code::kMalformed);
}

TEST_F(PublicMessages, ContentSignedForAnotherWireFormatIsNotSent) {
  const auto content = epoch_.Signed(WireFormat::kPrivateMessage, {1}, proposal_);
  EXPECT_EQ(
      ProtectPublic(content, &epoch_.membership_key(), epoch_.encoded_context()).error().code(),
      Code::kDenied);
}

TEST_F(PublicMessages, WrongMembershipTagIsRefused) {  // RFC 9420 §6.2
  PublicMessage message = FromMember(proposal_);
  message.membership_tag[0] ^= 1;
  EXPECT_EQ(Unprotect(message), Code::kAuthFailed);
  message.membership_tag.clear();
  EXPECT_EQ(Unprotect(message), Code::kAuthFailed);
}

TEST_F(PublicMessages, MembershipTagCoversTheConfirmationTag) {  // RFC 9420 §6.2
  PublicMessage message = FromMember(Commit{});
  message.auth.confirmation_tag[0] ^= 1;
  EXPECT_EQ(Unprotect(message), Code::kAuthFailed);
}

// The tag is right, the signature is another member's.
TEST_F(PublicMessages, WrongSignatureIsRefused) {  // RFC 9420 §6.1
  AuthenticatedContent content = epoch_.Signed(WireFormat::kPublicMessage, {1}, proposal_);
  content.auth.signature = epoch_.Signed(WireFormat::kPublicMessage, {3}, proposal_).auth.signature;
  const auto message = ProtectPublic(content, &epoch_.membership_key(), epoch_.encoded_context());
  EXPECT_EQ(Unprotect(*message), Code::kAuthFailed);
}

TEST_F(PublicMessages, BlankSenderIsMalformed) {  // RFC 9420 §6.1
  const auto content = epoch_.Signed(WireFormat::kPublicMessage, test::kBlankLeaf, proposal_);
  const auto message = ProtectPublic(content, &epoch_.membership_key(), epoch_.encoded_context());
  EXPECT_EQ(Unprotect(*message), Code::kMalformed);
}

TEST_F(PublicMessages, AnotherGroupOrEpochIsToldApart) {
  PublicMessage message = FromMember(proposal_);
  message.content.group_id.push_back(0);
  EXPECT_EQ(Unprotect(message), Code::kUnsupported);
  message = FromMember(proposal_);
  ++message.content.epoch.value;
  EXPECT_EQ(Unprotect(message), Code::kFutureEpoch);
  message.content.epoch.value -= 2;
  EXPECT_EQ(Unprotect(message), Code::kStaleEpoch);
}

TEST_F(PublicMessages, ExternalSenderNeedsNoMembershipKey) {
  const auto content = SignFramedContent(WireFormat::kPublicMessage,
                                         epoch_.Content({ExternalSenderIndex{1}}, proposal_),
                                         epoch_.external_key(), {});
  auto message = ProtectPublic(content, nullptr, {});
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->membership_tag.empty());
  EXPECT_TRUE(UnprotectPublic(*message, epoch_.framing()).ok());
  message->auth.signature[5] ^= 1;
  EXPECT_EQ(Unprotect(*message), Code::kAuthFailed);
}

TEST_F(PublicMessages, ExternalSendersForbiddenProposalIsMalformed) {  // RFC 9420 §12.1.8
  const auto content =
      SignFramedContent(WireFormat::kPublicMessage,
                        epoch_.Content({ExternalSenderIndex{1}}, test::ExampleProposals()[1]),
                        epoch_.external_key(), {});
  EXPECT_EQ(Unprotect(*ProtectPublic(content, nullptr, {})), Code::kMalformed);
}

TEST_F(PublicMessages, NewMembersProposeAndCommitWithTheirOwnKeys) {
  Add add{test::ExampleKeyPackage()};
  add.key_package.leaf_node.signature_key = ToBytes(epoch_.external_key().public_key());
  auto content = SignFramedContent(WireFormat::kPublicMessage,
                                   epoch_.Content({NewMemberProposalSender{}}, Proposal{add}),
                                   epoch_.external_key(), {});
  EXPECT_TRUE(UnprotectPublic(*ProtectPublic(content, nullptr, {}), epoch_.framing()).ok());

  Commit commit = test::ExampleCommit();
  commit.path->leaf_node.signature_key = ToBytes(epoch_.external_key().public_key());
  content = SignFramedContent(WireFormat::kPublicMessage,
                              epoch_.Content({NewMemberCommitSender{}}, commit),
                              epoch_.external_key(), epoch_.encoded_context());
  EXPECT_TRUE(UnprotectPublic(*ProtectPublic(content, nullptr, {}), epoch_.framing()).ok());
}

}  // namespace
}  // namespace renkei::mls
