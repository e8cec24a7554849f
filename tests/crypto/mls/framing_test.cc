#include "crypto/mls/framing.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(FramingTypes, EverySenderIsCanonical) {
  int type = 1;
  for (const Sender& sender : test::ExampleSenders()) {
    EXPECT_EQ(static_cast<int>(sender.type()), type++);
    EXPECT_EQ(sender.member() != nullptr, sender.type() == SenderType::kMember);
    test::ExpectCanonicalAndEqual(sender);
  }
}

TEST(FramingTypes, UnknownSenderTypeIsMalformed) {
  EXPECT_EQ(test::ParseError<Sender>(FromHex("0000000001").value()), Code::kMalformed);
  EXPECT_EQ(test::ParseError<Sender>(FromHex("05").value()), Code::kMalformed);
}

TEST(FramingTypes, UnknownContentTypeIsMalformed) {
  EXPECT_TRUE(wire::Parse<ContentType>(Bytes{3}).ok());
  EXPECT_EQ(test::ParseError<ContentType>(Bytes{0}), Code::kMalformed);
  EXPECT_EQ(test::ParseError<ContentType>(Bytes{4}), Code::kMalformed);
}

TEST(FramingTypes, EveryContentIsCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleContent(ApplicationData{ToBytes("hello")}));
  test::ExpectCanonicalAndEqual(test::ExampleContent(test::ExampleProposals()[2]));
  test::ExpectCanonicalAndEqual(test::ExampleContent(test::ExampleCommit()));
}

TEST(FramingTypes, OnlyCommitsCarryAConfirmationTag) {  // RFC 9420 §6.1
  AuthenticatedContent content;
  content.content = test::ExampleContent(test::ExampleProposals()[2]);
  content.auth = {test::Filler(64, 1), {}};
  test::ExpectCanonicalAndEqual(content);
  content.content = test::ExampleContent(Commit{});
  content.auth.confirmation_tag = test::Filler(32, 2);
  test::ExpectCanonicalAndEqual(content);
}

TEST(FramingTypes, AuthenticatedContentIsForMessagesOnly) {
  AuthenticatedContent content;
  content.content = test::ExampleContent(Commit{});
  EXPECT_TRUE(wire::Parse<AuthenticatedContent>(test::SerializeWithByte(content, 1, 2)).ok());
  EXPECT_EQ(test::ParseError<AuthenticatedContent>(test::SerializeWithByte(content, 1, 3)),
            Code::kMalformed);
}

TEST(FramingTypes, OnlyMembersCarryAMembershipTag) {  // RFC 9420 §6.2
  for (const PublicMessage& message : test::ExamplePublicMessages()) {
    test::ExpectCanonicalAndEqual(message);
  }
}

TEST(FramingTypes, PrivateMessagesAreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExamplePrivateMessage());
}

}  // namespace
}  // namespace renkei::mls
