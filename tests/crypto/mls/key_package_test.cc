#include "crypto/mls/key_package.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(KeyPackages, AreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleKeyPackage());
  test::ExpectCanonicalAndEqual(KeyPackageRef{test::Filler(32, 1)});
}

TEST(KeyPackages, OtherSuitesAndVersionsDecodeUnchanged) {
  KeyPackage key_package = test::ExampleKeyPackage();
  key_package.version = static_cast<ProtocolVersion>(0x0002);
  key_package.cipher_suite = static_cast<CipherSuite>(0x0007);
  key_package.init_key = test::Filler(97, 1);
  test::ExpectCanonicalAndEqual(key_package);
}

TEST(KeyPackages, SignedPartIsTheEncodingWithoutTheSignature) {  // RFC 9420 §10
  const KeyPackage key_package = test::ExampleKeyPackage();
  Bytes encoded = wire::Serialize(key_package);
  encoded.resize(encoded.size() - 2 - key_package.signature.size());
  EXPECT_EQ(KeyPackageTbs(key_package), encoded);
}

TEST(KeyPackages, RepeatedExtensionIsMalformed) {  // RFC 9420 §13.4
  KeyPackage key_package = test::ExampleKeyPackage();
  key_package.extensions.push_back(key_package.extensions[0]);
  EXPECT_EQ(test::ParseError<KeyPackage>(wire::Serialize(key_package)), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
