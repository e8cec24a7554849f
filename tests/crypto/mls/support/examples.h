// One filled-in value of every structure of RFC 9420 (names fictitious, keys and signatures random
// bytes), and what every decoder must do with it.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_EXAMPLES_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_EXAMPLES_H_

#include <gtest/gtest.h>

#include <vector>

#include "crypto/mls/message.h"
#include "crypto/mls/tree_node.h"

namespace renkei::mls::test {

// The same bytes for the same `seed`.
Bytes Filler(std::size_t size, std::uint8_t seed);

Credential ExampleBasic();
Credential ExampleX509();
LeafNode ExampleLeaf(LeafNodeSource source);
ParentNode ExampleParent();
KeyPackage ExampleKeyPackage();
std::vector<PreSharedKeyId> ExamplePskIds();  // external, and resumption with each usage
std::vector<Proposal> ExampleProposals();     // one of each type
UpdatePath ExamplePath();
Commit ExampleCommit();
GroupContext ExampleGroupContext();
GroupInfo ExampleGroupInfo();
GroupSecrets ExampleGroupSecrets(bool with_path_secret);
Welcome ExampleWelcome();
std::vector<Sender> ExampleSenders();  // one of each type
FramedContent ExampleContent(Content content);
std::vector<PublicMessage> ExamplePublicMessages();
PrivateMessage ExamplePrivateMessage();
RatchetTreeNodes ExampleTree();
std::vector<MlsMessage> ExampleMessages();  // one of each wire format

// Encodes, decodes to bytes that are the same, and refuses what is cut off or followed by more.
template <typename T>
void ExpectCanonical(const T& value) {
  const Bytes bytes = wire::Serialize(value);
  const auto decoded = wire::Parse<T>(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().where();
  EXPECT_EQ(wire::Serialize(*decoded), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(wire::Parse<T>(ByteView(bytes).first(size)).ok()) << "cut to " << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(wire::Parse<T>(longer).error().code(), Code::kMalformed);
}

template <typename T>
void ExpectCanonicalAndEqual(const T& value) {
  ExpectCanonical(value);
  const auto decoded = wire::Parse<T>(wire::Serialize(value));
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(*decoded == value);
}

// The bytes of `value` with the one at `at` (from the end if negative) replaced.
template <typename T>
Bytes SerializeWithByte(const T& value, std::ptrdiff_t at, std::uint8_t byte) {
  Bytes bytes = wire::Serialize(value);
  const auto size = static_cast<std::ptrdiff_t>(bytes.size());
  bytes.at(static_cast<std::size_t>(at < 0 ? size + at : at)) = byte;
  return bytes;
}

template <typename T>
Code ParseError(ByteView bytes) {
  const auto result = wire::Parse<T>(bytes);
  EXPECT_FALSE(result.ok());
  return result.ok() ? Code::kInternal : result.error().code();
}

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_EXAMPLES_H_
