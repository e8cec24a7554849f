#include "crypto/mls/leaf_node.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

constexpr LeafNodeSource kSources[] = {LeafNodeSource::kKeyPackage, LeafNodeSource::kUpdate,
                                       LeafNodeSource::kCommit};

TEST(LeafNodes, EverySourceIsCanonical) {
  for (const LeafNodeSource source : kSources) {
    const LeafNode leaf = test::ExampleLeaf(source);
    EXPECT_EQ(leaf.source(), source);
    test::ExpectCanonicalAndEqual(leaf);
  }
}

TEST(LeafNodes, UnknownSourceIsMalformed) {
  LeafNode leaf = test::ExampleLeaf(LeafNodeSource::kUpdate);
  leaf.extensions.clear();
  leaf.signature.clear();
  // source, no extensions, no signature
  EXPECT_TRUE(wire::Parse<LeafNode>(test::SerializeWithByte(leaf, -3, 2)).ok());
  EXPECT_EQ(test::ParseError<LeafNode>(test::SerializeWithByte(leaf, -3, 0)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<LeafNode>(test::SerializeWithByte(leaf, -3, 4)), Code::kMalformed);
}

TEST(LeafNodes, SignedPartOfAKeyPackageLeafNamesNoGroup) {  // RFC 9420 §7.2
  const LeafNode leaf = test::ExampleLeaf(LeafNodeSource::kKeyPackage);
  EXPECT_EQ(LeafNodeTbs(leaf, ToBytes("group"), {1}), LeafNodeTbs(leaf, {}, {2}));
}

TEST(LeafNodes, SignedPartOfOtherLeavesNamesGroupAndLeaf) {  // RFC 9420 §7.2
  for (const auto source : {LeafNodeSource::kUpdate, LeafNodeSource::kCommit}) {
    const LeafNode leaf = test::ExampleLeaf(source);
    const Bytes tbs = LeafNodeTbs(leaf, ToBytes("group"), {1});
    EXPECT_NE(tbs, LeafNodeTbs(leaf, ToBytes("other"), {1}));
    EXPECT_NE(tbs, LeafNodeTbs(leaf, ToBytes("group"), {2}));
    EXPECT_EQ(ToHex(ByteView(tbs).last(10)), "05" + ToHex(AsBytes("group")) + "00000001");
  }
}

TEST(LeafNodes, SignedPartIsTheEncodingWithoutTheSignature) {
  LeafNode leaf = test::ExampleLeaf(LeafNodeSource::kKeyPackage);
  Bytes encoded = wire::Serialize(leaf);
  encoded.resize(encoded.size() - 2 - leaf.signature.size());
  EXPECT_EQ(LeafNodeTbs(leaf, {}, {}), encoded);
}

TEST(LeafNodes, CapabilitiesKeepGreaseValues) {
  const Capabilities capabilities = test::ExampleLeaf(LeafNodeSource::kUpdate).capabilities;
  const auto decoded = wire::Parse<Capabilities>(wire::Serialize(capabilities));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->cipher_suites[1], static_cast<CipherSuite>(0x0a0a));
  test::ExpectCanonicalAndEqual(capabilities);
}

TEST(LeafNodes, OverTheLimitIsTooLarge) {
  LeafNode leaf = test::ExampleLeaf(LeafNodeSource::kCommit);
  leaf.extensions = {{static_cast<ExtensionType>(0xf123), Bytes(kMaxLeafNodeBytes)}};
  const std::size_t over = wire::Serialize(leaf).size() - kMaxLeafNodeBytes;
  leaf.extensions[0].data.resize(kMaxLeafNodeBytes - over);
  ASSERT_EQ(wire::Serialize(leaf).size(), kMaxLeafNodeBytes);
  EXPECT_TRUE(wire::Parse<LeafNode>(wire::Serialize(leaf)).ok());
  leaf.extensions[0].data.push_back(0);
  EXPECT_EQ(test::ParseError<LeafNode>(wire::Serialize(leaf)), Code::kTooLarge);
}

TEST(LeafNodes, ListsOfCapabilitiesOverTheLimitAreTooLarge) {
  const auto refused = [](auto Capabilities::*list) {
    Capabilities capabilities;
    (capabilities.*list).resize(kMaxRegistryValues);
    EXPECT_TRUE(wire::Parse<Capabilities>(wire::Serialize(capabilities)).ok());
    (capabilities.*list).emplace_back();
    return test::ParseError<Capabilities>(wire::Serialize(capabilities));
  };
  EXPECT_EQ(refused(&Capabilities::versions), Code::kTooLarge);
  EXPECT_EQ(refused(&Capabilities::cipher_suites), Code::kTooLarge);
  EXPECT_EQ(refused(&Capabilities::extensions), Code::kTooLarge);
  EXPECT_EQ(refused(&Capabilities::proposals), Code::kTooLarge);
  EXPECT_EQ(refused(&Capabilities::credentials), Code::kTooLarge);
}

TEST(LeafNodes, CapabilitiesOfOddLengthAreMalformed) {
  EXPECT_EQ(test::ParseError<Capabilities>(FromHex("03000100"
                                                   "00000000")
                                               .value()),
            Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
