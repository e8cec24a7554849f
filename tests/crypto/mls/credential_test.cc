#include "crypto/mls/credential.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(Credentials, BasicAndX509AreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleBasic());
  test::ExpectCanonicalAndEqual(test::ExampleX509());
  test::ExpectCanonicalAndEqual(Credential{X509Credential{}});
}

TEST(Credentials, LayoutIsTheRfcs) {
  EXPECT_EQ(ToHex(wire::Serialize(Credential{BasicCredential{{0xaa, 0xbb}}})), "000102aabb");
  EXPECT_EQ(ToHex(wire::Serialize(Credential{X509Credential{{{0xaa}, {0xbb, 0xcc}}}})),
            "00020501aa02bbcc");
}

TEST(Credentials, UnknownTypeIsUnsupported) {  // RFC 9420 §13.5
  const Bytes bytes = FromHex("0a0a02aabb").value();
  EXPECT_EQ(test::ParseError<Credential>(bytes), Code::kUnsupported);
}

TEST(Credentials, ChainLongerThanTheLimitIsTooLarge) {
  X509Credential chain;
  chain.certificates.resize(kMaxCertificates, Bytes{1});
  EXPECT_TRUE(wire::Parse<Credential>(wire::Serialize(Credential{chain})).ok());
  chain.certificates.push_back({1});
  EXPECT_EQ(test::ParseError<Credential>(wire::Serialize(Credential{chain})), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::mls
