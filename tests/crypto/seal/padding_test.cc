#include "crypto/seal/padding.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "crypto/base/random.h"

namespace renkei::seal {
namespace {

TEST(Padding, IsAtLeast1KiB) {
  EXPECT_EQ(PaddedSize(0), 1024U);
  EXPECT_EQ(PaddedSize(1), 1024U);
  EXPECT_EQ(PaddedSize(1023), 1024U);
  EXPECT_GT(PaddedSize(1024), 1024U);
}

// The paper's formula: E = floor(log2 L), S = floor(log2 E) + 1, and E - S low bits are zero.
TEST(Padding, FollowsPadme) {
  EXPECT_EQ(PaddedSize(1025 - 1), 1088U);  // 2^10 < L: E 10, S 4, steps of 64
  EXPECT_EQ(PaddedSize(1088 - 1), 1088U);
  EXPECT_EQ(PaddedSize(1089 - 1), 1152U);
  EXPECT_EQ(PaddedSize(100000 - 1), 100352U);  // E 16, S 5, steps of 2048
  EXPECT_EQ(PaddedSize((512 << 10) - 1), 512U << 10U);
  EXPECT_EQ(PaddedSize(512 << 10), (512U << 10U) + (16U << 10U));
}

TEST(Padding, CostsAtMostTwelvePercent) {
  for (std::size_t size = 1024; size < (std::size_t{1} << 20U); size += 777) {
    const std::size_t padded = PaddedSize(size);
    EXPECT_GT(padded, size);
    EXPECT_LE(padded * 100, (size + 1) * 112) << size;
  }
}

TEST(Padding, ComesOffAgain) {
  SeededRandom random(1);
  for (const std::size_t size :
       std::initializer_list<std::size_t>{0, 1, 1022, 1023, 1024, 1087, 1088, 5000, 70000}) {
    const Bytes plain = random.NextBytes(size);
    const SecretBytes padded = Pad(plain);
    EXPECT_EQ(padded.size(), PaddedSize(size));
    const auto again = Unpad(padded.Expose());
    ASSERT_TRUE(again.ok()) << size;
    EXPECT_TRUE(Equal(*again, plain));
  }
}

TEST(Padding, KeepsZerosAndMarksAtTheEnd) {
  const Bytes plain = {1, 0x80, 0, 0x80, 0, 0};
  EXPECT_TRUE(Equal(*Unpad(Pad(plain).Expose()), plain));
}

TEST(Padding, WithoutMarkIsRefused) {
  EXPECT_EQ(Unpad({}).error().code(), Code::kMalformed);
  EXPECT_EQ(Unpad(Bytes(1024, 0)).error().code(), Code::kMalformed);
  Bytes padded = ToBytes(Pad(AsBytes("text")).Expose());
  padded.back() = 1;
  EXPECT_EQ(Unpad(padded).error().code(), Code::kMalformed);
}

TEST(Padding, OfAnotherLengthIsRefused) {
  Bytes padded = ToBytes(Pad(AsBytes("text")).Expose());
  padded.push_back(0);
  EXPECT_EQ(Unpad(padded).error().code(), Code::kMalformed);
  padded.resize(1023);
  EXPECT_EQ(Unpad(padded).error().code(), Code::kMalformed);
  Bytes exact(1023, 7);  // 1023 bytes and the mark fill 1 KiB; one more step is not theirs
  Bytes longer = ToBytes(Pad(exact).Expose());
  longer.resize(1088);
  EXPECT_EQ(Unpad(longer).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::seal
