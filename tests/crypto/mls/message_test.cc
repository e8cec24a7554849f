#include "crypto/mls/message.h"

#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

TEST(Messages, EveryWireFormatIsCanonicalAndKnowsItsNumber) {
  std::uint16_t number = 1;
  for (const MlsMessage& message : test::ExampleMessages()) {
    EXPECT_EQ(static_cast<std::uint16_t>(message.wire_format()), number++);
    test::ExpectCanonicalAndEqual(message);
    EXPECT_TRUE(ParseMessage(wire::Serialize(message)).ok());
  }
}

TEST(Messages, OtherProtocolVersionIsUnsupported) {
  const MlsMessage message = test::ExampleMessages()[1];
  EXPECT_EQ(ParseMessage(test::SerializeWithByte(message, 1, 2)).error().code(),
            Code::kUnsupported);
}

TEST(Messages, UnknownWireFormatIsUnsupported) {
  const MlsMessage message = test::ExampleMessages()[1];
  EXPECT_EQ(ParseMessage(test::SerializeWithByte(message, 3, 0)).error().code(),
            Code::kUnsupported);
  EXPECT_EQ(ParseMessage(test::SerializeWithByte(message, 3, 6)).error().code(),
            Code::kUnsupported);
}

TEST(Messages, MessageOverTheLimitIsTooLarge) {
  EXPECT_EQ(ParseMessage(Bytes(kMaxMessageBytes + 1)).error().code(), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::mls
