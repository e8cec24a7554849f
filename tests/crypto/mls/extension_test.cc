#include "crypto/mls/extension.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

Bytes EncodeList(const Extensions& values) {
  wire::Writer out;
  EncodeExtensions(out, values);
  return std::move(out).Take();
}

Status DecodeList(ByteView bytes, Extensions& values) {
  wire::Reader in(bytes);
  return DecodeExtensions(in, values);
}

TEST(Extension, ContentsOfEachKnownExtensionAreCanonical) {
  test::ExpectCanonicalAndEqual(RequiredCapabilities{{static_cast<ExtensionType>(0xf001)},
                                                     {static_cast<ProposalType>(0x000a)},
                                                     {CredentialType::kX509}});
  test::ExpectCanonicalAndEqual(ExternalSenders{
      {{test::Filler(32, 1), test::ExampleBasic()}, {test::Filler(32, 2), test::ExampleX509()}}});
  test::ExpectCanonicalAndEqual(ExternalPub{test::Filler(32, 3)});
  test::ExpectCanonicalAndEqual(ApplicationId{ToBytes("example")});
}

TEST(Extension, UnknownAndGreaseExtensionsSurviveInTheirOrder) {
  const Extensions values = {{static_cast<ExtensionType>(0xeaea), {1, 2}},
                             {static_cast<ExtensionType>(0xf123), {}},
                             {ExtensionType::kApplicationId, {0}}};
  Extensions decoded;
  ASSERT_TRUE(DecodeList(EncodeList(values), decoded).ok());
  EXPECT_EQ(decoded, values);
}

TEST(Extension, RepeatedTypeIsMalformed) {  // RFC 9420 §13.4
  const Extensions values = {{static_cast<ExtensionType>(0xf123), {1}},
                             {ExtensionType::kApplicationId, {0}},
                             {static_cast<ExtensionType>(0xf123), {2}}};
  Extensions decoded;
  EXPECT_EQ(DecodeList(EncodeList(values), decoded).error().code(), Code::kMalformed);
  EXPECT_EQ(CheckNoRepeatedExtension(values).error().code(), Code::kMalformed);
}

TEST(Extension, ListOverTheLimitIsTooLarge) {
  Extensions values;
  for (std::size_t i = 0; i <= kMaxExtensions; ++i) {
    values.push_back({static_cast<ExtensionType>(0xf000 + i), {}});
  }
  Extensions decoded;
  EXPECT_EQ(DecodeList(EncodeList(values), decoded).error().code(), Code::kTooLarge);
  values.pop_back();
  EXPECT_TRUE(DecodeList(EncodeList(values), decoded).ok());
}

TEST(Extension, RequiredCapabilitiesOverTheLimitAreTooLarge) {
  const auto refused = [](auto RequiredCapabilities::*list) {
    RequiredCapabilities required;
    (required.*list).resize(kMaxRegistryValues);
    EXPECT_TRUE(wire::Parse<RequiredCapabilities>(wire::Serialize(required)).ok());
    (required.*list).emplace_back();
    return test::ParseError<RequiredCapabilities>(wire::Serialize(required));
  };
  EXPECT_EQ(refused(&RequiredCapabilities::extension_types), Code::kTooLarge);
  EXPECT_EQ(refused(&RequiredCapabilities::proposal_types), Code::kTooLarge);
  EXPECT_EQ(refused(&RequiredCapabilities::credential_types), Code::kTooLarge);
}

TEST(Extension, MoreExternalSendersThanAllowedAreTooLarge) {
  ExternalSenders senders;
  senders.senders.resize(kMaxExternalSenders, {{1}, test::ExampleBasic()});
  EXPECT_TRUE(wire::Parse<ExternalSenders>(wire::Serialize(senders)).ok());
  senders.senders.push_back(senders.senders[0]);
  EXPECT_EQ(test::ParseError<ExternalSenders>(wire::Serialize(senders)), Code::kTooLarge);
}

TEST(Extension, FindAndParseGiveTheContentBack) {
  const Extensions values = {MakeExtension(ApplicationId{{1}}), MakeExtension(ExternalPub{{2}})};
  ASSERT_NE(FindExtension(values, ExtensionType::kExternalPub), nullptr);
  EXPECT_EQ(FindExtension(values, ExtensionType::kRatchetTree), nullptr);
  EXPECT_EQ(ParseExtension<ExternalPub>(values)->external_pub, Bytes{2});
  EXPECT_EQ(ParseExtension<ExternalSenders>(values).error().code(), Code::kNotFound);
}

TEST(Extension, ContentWithBytesLeftOverIsMalformed) {
  Extension extension = MakeExtension(ExternalPub{{2}});
  extension.data.push_back(0);
  EXPECT_EQ(ParseExtension<ExternalPub>({extension}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
