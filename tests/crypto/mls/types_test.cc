#include "crypto/mls/types.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(Types, TheFirstFiveExtensionsAndSevenProposalsAreDefault) {
  for (std::uint16_t i = 0; i < 12; ++i) {
    EXPECT_EQ(IsDefault(static_cast<ExtensionType>(i)), i >= 1 && i <= 5) << i;
    EXPECT_EQ(IsDefault(static_cast<ProposalType>(i)), i >= 1 && i <= 7) << i;
  }
}

TEST(Types, GreaseValuesAreExactlyTheFifteenOfTheRfc) {
  int count = 0;
  for (std::uint32_t i = 0; i <= 0xffff; ++i) {
    count += IsGrease(static_cast<std::uint16_t>(i)) ? 1 : 0;
  }
  EXPECT_EQ(count, 15);
  for (std::uint32_t i = 0x0a0a; i <= 0xeaea; i += 0x1010) {
    EXPECT_TRUE(IsGrease(static_cast<std::uint16_t>(i))) << i;
  }
  EXPECT_FALSE(IsGrease(0xfafa));  // private use (RFC 9420 §13.5)
}

TEST(Types, IndicesEncodeInTheirWidths) {
  EXPECT_EQ(wire::Serialize(LeafIndex{0x01020304}), (Bytes{1, 2, 3, 4}));
  EXPECT_EQ(wire::Serialize(Epoch{5}), (Bytes{0, 0, 0, 0, 0, 0, 0, 5}));
  EXPECT_EQ(wire::Serialize(Generation{6}), (Bytes{0, 0, 0, 6}));
  test::ExpectCanonicalAndEqual(LeafIndex{7});
  test::ExpectCanonicalAndEqual(Epoch{8});
  test::ExpectCanonicalAndEqual(Generation{9});
}

}  // namespace
}  // namespace renkei::mls
