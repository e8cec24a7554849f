#include "crypto/mls/group_info.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(GroupInfos, AreCanonical) {
  test::ExpectCanonicalAndEqual(test::ExampleGroupInfo());
}

TEST(GroupInfos, SignedPartIsTheEncodingWithoutTheSignature) {  // RFC 9420 §12.4.3
  const GroupInfo group_info = test::ExampleGroupInfo();
  Bytes encoded = wire::Serialize(group_info);
  encoded.resize(encoded.size() - 2 - group_info.signature.size());
  EXPECT_EQ(GroupInfoTbs(group_info), encoded);
}

TEST(GroupInfos, TreeInTheExtensionComesBack) {
  const auto tree = ParseExtension<RatchetTreeNodes>(test::ExampleGroupInfo().extensions);
  ASSERT_TRUE(tree.ok());
  EXPECT_TRUE(*tree == test::ExampleTree());
}

}  // namespace
}  // namespace renkei::mls
