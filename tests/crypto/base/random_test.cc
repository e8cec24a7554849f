#include "crypto/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace renkei {
namespace {

TEST(SeededRandom, TheSameSeedGivesTheSameStream) {
  SeededRandom a(42);
  SeededRandom b(42);
  EXPECT_EQ(a.NextBytes(100), b.NextBytes(100));
  EXPECT_EQ(a.NextUint64(), b.NextUint64());
  EXPECT_EQ(a.NextArray<16>(), b.NextArray<16>());
  EXPECT_TRUE(Equal(a.NextSecret(32), b.NextSecret(32)));
}

TEST(SeededRandom, SeedsAndCallsDiffer) {
  SeededRandom a(1);
  SeededRandom b(2);
  SeededRandom c(1ULL << 56U);
  const Bytes first = a.NextBytes(32);
  EXPECT_NE(first, b.NextBytes(32));
  EXPECT_NE(first, c.NextBytes(32));
  EXPECT_NE(first, a.NextBytes(32));
}

TEST(SystemRandom, FillsAndDoesNotRepeat) {
  SystemRandom random;
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(random.NextBytes(16));
  }
  EXPECT_EQ(seen.size(), 100U);
  const Bytes many = random.NextBytes(4096);
  const auto zeros = std::count(many.begin(), many.end(), 0);
  EXPECT_LT(zeros, 100);  // 16 are expected; 100 has a chance below 2^-150
}

TEST(SystemRandom, FillsNothingWhenAskedForNothing) {
  SystemRandom random;
  EXPECT_TRUE(random.NextBytes(0).empty());
  EXPECT_TRUE(random.NextSecret(0).empty());
}

TEST(Random, Uint64IsBigEndianOfEightBytes) {
  class Counting final : public Random {
   public:
    void Fill(MutableByteView out) override {
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(i + 1);
      }
    }
  };
  Counting random;
  EXPECT_EQ(random.NextUint64(), 0x0102030405060708ULL);
}

TEST(InitCrypto, MayRunAgain) {
  InitCrypto();
  InitCrypto();
}

}  // namespace
}  // namespace renkei
