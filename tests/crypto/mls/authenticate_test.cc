#include "crypto/mls/authenticate.h"

#include <gtest/gtest.h>

#include "tests/crypto/mls/support/examples.h"
#include "tests/crypto/mls/support/one_epoch.h"

namespace renkei::mls {
namespace {

using test::OneEpoch;

const Sender kMember{MemberSender{{1}}};
const Sender kExternal{ExternalSenderIndex{1}};
const Sender kNewMemberProposal{NewMemberProposalSender{}};
const Sender kNewMemberCommit{NewMemberCommitSender{}};

TEST(Authenticate, MessageOfAnotherGroupIsUnsupported) {
  const OneEpoch epoch;
  const GroupContext& context = epoch.framing().group_context;
  EXPECT_TRUE(CheckAddressed(context.group_id, context.epoch, context).ok());
  EXPECT_EQ(CheckAddressed(ToBytes("other"), context.epoch, context).error().code(),
            Code::kUnsupported);
}

TEST(Authenticate, MessageOfAnotherEpochSaysWhichWay) {
  const OneEpoch epoch;
  const GroupContext& context = epoch.framing().group_context;
  const Epoch before{context.epoch.value - 1};
  const Epoch after{context.epoch.value + 1};
  EXPECT_EQ(CheckAddressed(context.group_id, before, context).error().code(), Code::kStaleEpoch);
  EXPECT_EQ(CheckAddressed(context.group_id, after, context).error().code(), Code::kFutureEpoch);
}

TEST(Authenticate, MembersMaySendAnything) {
  const OneEpoch epoch;
  for (const Proposal& proposal : test::ExampleProposals()) {
    EXPECT_TRUE(CheckSenderMaySend(epoch.Content(kMember, proposal)).ok());
  }
  EXPECT_TRUE(CheckSenderMaySend(epoch.Content(kMember, Commit{})).ok());
  EXPECT_TRUE(CheckSenderMaySend(epoch.Content(kMember, ApplicationData{})).ok());
}

TEST(Authenticate, ExternalSenderMaySendFiveKindsOfProposal) {  // RFC 9420 §12.1.8
  const OneEpoch epoch;
  for (const Proposal& proposal : test::ExampleProposals()) {
    const bool allowed =
        proposal.type() != ProposalType::kUpdate && proposal.type() != ProposalType::kExternalInit;
    EXPECT_EQ(CheckSenderMaySend(epoch.Content(kExternal, proposal)).ok(), allowed)
        << static_cast<int>(proposal.type());
  }
}

TEST(Authenticate, ExternalSenderMaySendNothingElse) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  EXPECT_EQ(CheckSenderMaySend(epoch.Content(kExternal, Commit{})).error().code(),
            Code::kMalformed);
  EXPECT_EQ(CheckSenderMaySend(epoch.Content(kExternal, ApplicationData{})).error().code(),
            Code::kMalformed);
}

TEST(Authenticate, NewMemberMayProposeAddOnly) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  for (const Proposal& proposal : test::ExampleProposals()) {
    EXPECT_EQ(CheckSenderMaySend(epoch.Content(kNewMemberProposal, proposal)).ok(),
              proposal.type() == ProposalType::kAdd);
  }
  EXPECT_FALSE(CheckSenderMaySend(epoch.Content(kNewMemberProposal, Commit{})).ok());
  EXPECT_FALSE(CheckSenderMaySend(epoch.Content(kNewMemberProposal, ApplicationData{})).ok());
}

TEST(Authenticate, NewMemberCommitIsACommit) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  EXPECT_TRUE(CheckSenderMaySend(epoch.Content(kNewMemberCommit, Commit{})).ok());
  EXPECT_FALSE(CheckSenderMaySend(epoch.Content(kNewMemberCommit, ApplicationData{})).ok());
  EXPECT_FALSE(
      CheckSenderMaySend(epoch.Content(kNewMemberCommit, test::ExampleProposals()[0])).ok());
}

TEST(Authenticate, KeyOfEachSenderIsFound) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  const FramingEpoch framing = epoch.framing();
  EXPECT_EQ(*SignatureKeyFor(epoch.Content(kMember, Commit{}), framing),
            ToBytes(epoch.key({1}).public_key()));
  EXPECT_EQ(*SignatureKeyFor(epoch.Content(kExternal, test::ExampleProposals()[2]), framing),
            ToBytes(epoch.external_key().public_key()));
  const Proposal add = test::ExampleProposals()[0];
  EXPECT_EQ(*SignatureKeyFor(epoch.Content(kNewMemberProposal, add), framing),
            std::get<Add>(add.value).key_package.leaf_node.signature_key);
  const Commit commit = test::ExampleCommit();
  EXPECT_EQ(*SignatureKeyFor(epoch.Content(kNewMemberCommit, commit), framing),
            commit.path->leaf_node.signature_key);
}

TEST(Authenticate, BlankLeafHasNoKey) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  for (const LeafIndex leaf : {test::kBlankLeaf, LeafIndex{test::kLeaves}}) {
    EXPECT_EQ(SignatureKeyFor(epoch.Content({MemberSender{leaf}}, Commit{}), epoch.framing())
                  .error()
                  .code(),
              Code::kMalformed);
  }
}

TEST(Authenticate, ExternalSenderOutsideTheListHasNoKey) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  const auto content = epoch.Content({ExternalSenderIndex{2}}, test::ExampleProposals()[2]);
  EXPECT_EQ(SignatureKeyFor(content, epoch.framing()).error().code(), Code::kMalformed);
}

TEST(Authenticate, GroupWithoutTheListHasNoExternalSenders) {  // RFC 9420 §12.1.8
  OneEpoch epoch;
  epoch.context().extensions.clear();
  const auto content = epoch.Content(kExternal, test::ExampleProposals()[2]);
  EXPECT_EQ(SignatureKeyFor(content, epoch.framing()).error().code(), Code::kMalformed);
}

TEST(Authenticate, ExternalCommitWithoutPathHasNoKey) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  EXPECT_EQ(
      SignatureKeyFor(epoch.Content(kNewMemberCommit, Commit{}), epoch.framing()).error().code(),
      Code::kMalformed);
}

TEST(Authenticate, SignatureCoversContentWireFormatAndGroup) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  const ByteView key = epoch.key({1}).public_key();
  const AuthenticatedContent good =
      epoch.Signed(WireFormat::kPublicMessage, {1}, test::ExampleProposals()[2]);
  EXPECT_TRUE(VerifyFramedContent(good, key, epoch.encoded_context()).ok());
  AuthenticatedContent changed = good;
  changed.wire_format = WireFormat::kPrivateMessage;
  EXPECT_FALSE(VerifyFramedContent(changed, key, epoch.encoded_context()).ok());
  changed = good;
  changed.content.authenticated_data.push_back(0);
  EXPECT_FALSE(VerifyFramedContent(changed, key, epoch.encoded_context()).ok());
  changed = good;
  changed.content.sender.value = MemberSender{{3}};
  EXPECT_FALSE(VerifyFramedContent(changed, key, epoch.encoded_context()).ok());
  changed = good;
  ++changed.content.epoch.value;
  EXPECT_FALSE(VerifyFramedContent(changed, key, epoch.encoded_context()).ok());
  EXPECT_FALSE(VerifyFramedContent(good, key, ToBytes("other context")).ok());
  EXPECT_EQ(VerifyFramedContent(good, epoch.key({3}).public_key(), epoch.encoded_context())
                .error()
                .code(),
            Code::kAuthFailed);
}

TEST(Authenticate, OnlyThoseWhoKnowTheGroupSignItsContext) {  // RFC 9420 §6.1
  const OneEpoch epoch;
  const auto signed_by = [&](const Sender& sender, Content content) {
    return SignFramedContent(WireFormat::kPublicMessage, epoch.Content(sender, std::move(content)),
                             epoch.external_key(), epoch.encoded_context());
  };
  const ByteView key = epoch.external_key().public_key();
  const Proposal add = test::ExampleProposals()[0];
  EXPECT_TRUE(VerifyFramedContent(signed_by(kExternal, add), key, {}).ok());
  EXPECT_TRUE(VerifyFramedContent(signed_by(kNewMemberProposal, add), key, {}).ok());
  EXPECT_FALSE(VerifyFramedContent(signed_by(kMember, add), key, {}).ok());
  EXPECT_FALSE(VerifyFramedContent(signed_by(kNewMemberCommit, Commit{}), key, {}).ok());
}

}  // namespace
}  // namespace renkei::mls
