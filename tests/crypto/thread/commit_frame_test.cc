#include "crypto/thread/commit_frame.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

const Bytes kGroup(32, 0xAB);

TEST(CommitFrame, TellsGroupEpochAndSender) {
  const auto member = ParseCommitFrame(test::CommitBytes(kGroup, 7, 3));
  ASSERT_TRUE(member.ok());
  EXPECT_EQ(member->group_id, kGroup);
  EXPECT_EQ(member->epoch, 7U);
  EXPECT_EQ(member->sender_leaf, 3U);
  const auto external = ParseCommitFrame(test::CommitBytes(kGroup, 7, std::nullopt));
  ASSERT_TRUE(external.ok());
  EXPECT_FALSE(external->sender_leaf.has_value());
}

TEST(CommitFrame, CutAnywhereInFrontIsMalformed) {
  const Bytes commit = test::CommitBytes(kGroup, 7, 3);
  const std::size_t front = 4 + 1 + kGroup.size() + 8 + 1 + 4 + 1 + 1;
  for (std::size_t size = 0; size < front; ++size) {
    EXPECT_EQ(ParseCommitFrame(ByteView(commit).first(size)).error().code(), Code::kMalformed);
  }
  EXPECT_TRUE(ParseCommitFrame(ByteView(commit).first(front)).ok());
}

TEST(CommitFrame, OtherVersionsAndWireFormatsAreUnsupported) {
  Bytes commit = test::CommitBytes(kGroup, 7, 3);
  commit[1] = 2;
  EXPECT_EQ(ParseCommitFrame(commit).error().code(), Code::kUnsupported);
  commit[1] = 1;
  commit[3] = 2;  // PrivateMessage
  EXPECT_EQ(ParseCommitFrame(commit).error().code(), Code::kUnsupported);
}

TEST(CommitFrame, OtherSendersAndContentsAreNoCommit) {
  const std::size_t sender = 4 + 1 + kGroup.size() + 8;
  for (const int type : {0, 2, 3, 5}) {
    Bytes commit = test::CommitBytes(kGroup, 7, std::nullopt);
    commit[sender] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(ParseCommitFrame(commit).error().code(), Code::kMalformed) << type;
  }
  for (const int type : {0, 1, 2, 4}) {
    Bytes commit = test::CommitBytes(kGroup, 7, std::nullopt);
    commit[sender + 2] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(ParseCommitFrame(commit).error().code(), Code::kMalformed) << type;
  }
}

// RFC 9420 §2.1.2: the shortest length only, and no length of eight bytes.
TEST(CommitFrame, LengthsAreMinimal) {
  const Bytes plain = test::CommitBytes(kGroup, 7, std::nullopt);
  const auto with_length = [&](std::initializer_list<std::uint8_t> length) {
    Bytes out(plain.begin(), plain.begin() + 4);
    out.insert(out.end(), length);
    out.insert(out.end(), plain.begin() + 5, plain.end());
    return ParseCommitFrame(out).ok();
  };
  EXPECT_TRUE(with_length({0x20}));
  EXPECT_FALSE(with_length({0x40, 0x20}));
  EXPECT_FALSE(with_length({0x80, 0, 0, 0x20}));
  EXPECT_FALSE(with_length({0xC0, 0, 0, 0, 0, 0, 0, 0x20}));
  EXPECT_FALSE(with_length({0xBF, 0xFF, 0xFF, 0xFF}));
}

TEST(CommitFrame, LongerGroupIdsAreReadUpToALimit) {
  const auto with_group = [](std::size_t size) {
    Bytes out = {0,
                 1,
                 0,
                 1,
                 static_cast<std::uint8_t>(0x40U | (size >> 8U)),
                 static_cast<std::uint8_t>(size)};
    const Bytes rest = test::CommitBytes({}, 9, 1);
    out.insert(out.end(), size, 0xEE);
    out.insert(out.end(), rest.begin() + 5, rest.end());
    return ParseCommitFrame(out);
  };
  EXPECT_EQ(with_group(200)->epoch, 9U);
  EXPECT_EQ(with_group(256).error().code(), Code::kMalformed);
}

// group_id, epoch and sender, then authenticated data, whose length may take four bytes.
TEST(CommitFrame, LongAuthenticatedDataIsReadOver) {
  const Bytes commit = test::CommitBytes(kGroup, 7, 3);
  const std::size_t data = 4 + 1 + kGroup.size() + 8 + 1 + 4;
  ASSERT_EQ(commit[data], 0);  // none
  const auto with = [&](const Bytes& length, std::size_t size) {
    Bytes longer(commit.begin(), commit.begin() + static_cast<std::ptrdiff_t>(data));
    Append(longer, length);
    longer.resize(longer.size() + size);
    Append(longer, ByteView(commit).subspan(data + 1));
    return ParseCommitFrame(longer);
  };
  EXPECT_TRUE(with({0x80, 0, 0x40, 0}, 16384).ok());
  EXPECT_EQ(with({0x80, 0, 0x3f, 0xff}, 16383).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::thread
