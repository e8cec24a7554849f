#include "crypto/mls/psk.h"

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(PskIds, ExternalAndEveryResumptionUsageAreCanonical) {
  for (const PreSharedKeyId& id : test::ExamplePskIds()) {
    test::ExpectCanonicalAndEqual(id);
  }
  EXPECT_EQ(test::ExamplePskIds()[0].type(), PskType::kExternal);
  EXPECT_EQ(test::ExamplePskIds()[1].type(), PskType::kResumption);
}

TEST(PskIds, UnknownTypeIsMalformed) {
  const PreSharedKeyId id = test::ExamplePskIds()[0];
  EXPECT_EQ(test::ParseError<PreSharedKeyId>(test::SerializeWithByte(id, 0, 0)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<PreSharedKeyId>(test::SerializeWithByte(id, 0, 3)), Code::kMalformed);
}

TEST(PskIds, UnknownResumptionUsageIsMalformed) {
  const PreSharedKeyId id = test::ExamplePskIds()[1];
  EXPECT_TRUE(wire::Parse<PreSharedKeyId>(test::SerializeWithByte(id, 1, 3)).ok());
  EXPECT_EQ(test::ParseError<PreSharedKeyId>(test::SerializeWithByte(id, 1, 0)), Code::kMalformed);
  EXPECT_EQ(test::ParseError<PreSharedKeyId>(test::SerializeWithByte(id, 1, 4)), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
