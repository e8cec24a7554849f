#include "client/vault/doc_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/base/random.h"

namespace renkei::client {
namespace {

using testing::ElementsAre;

DocSet Of(std::initializer_list<std::size_t> docs) {
  DocSet set;
  for (const std::size_t doc : docs) {
    set.Add(doc);
  }
  return set;
}

void ExpectSameAfterDisk(const DocSet& set) {
  const auto again = DocSet::Decode(set.Encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, set);
}

TEST(DocSet, GivesItsMembersHighestFirst) {
  const DocSet set = Of({0, 63, 64, 300, DocSet::kCapacity - 1});
  EXPECT_THAT(set.Descending(), ElementsAre(DocSet::kCapacity - 1, 300, 64, 63, 0));
  EXPECT_EQ(set.Count(), 5U);
  EXPECT_TRUE(set.Contains(63));
  EXPECT_FALSE(set.Contains(62));
}

TEST(DocSet, IntersectKeepsWhatIsInBoth) {
  DocSet set = Of({1, 5, 900});
  set.Intersect(Of({5, 900, 901}));
  EXPECT_THAT(set.Descending(), ElementsAre(900, 5));
}

TEST(DocSet, AddShiftedMovesUpToTheCapacity) {
  DocSet set = Of({1});
  ASSERT_TRUE(set.AddShifted(Of({0, 7}), 100).ok());
  EXPECT_THAT(set.Descending(), ElementsAre(107, 100, 1));
  EXPECT_TRUE(set.AddShifted(Of({0}), DocSet::kCapacity - 1).ok());
  EXPECT_EQ(set.AddShifted(Of({1}), DocSet::kCapacity - 1).error().code(), Code::kCorrupt);
}

TEST(DocSet, SparseSetsAreGapsDenseSetsBitmaps) {
  EXPECT_EQ(ToHex(Of({}).Encode()), "00");
  EXPECT_EQ(ToHex(Of({0, 1, 300}).Encode()), "000000aa02");
  EXPECT_EQ(ToHex(Of({0, 1, 2, 3, 4, 5, 6, 7}).Encode()), "01ff");
}

TEST(DocSet, ComesBackFromDiskTheSame) {
  ExpectSameAfterDisk(Of({}));
  ExpectSameAfterDisk(Of({DocSet::kCapacity - 1}));
  SeededRandom random(3);
  for (const std::size_t density : {1U, 10U, 100U, 1000U, 6000U, 60'000U}) {
    DocSet set;
    for (std::size_t i = 0; i < density; ++i) {
      set.Add(random.NextUint64() % DocSet::kCapacity);
    }
    ExpectSameAfterDisk(set);
    EXPECT_LE(set.Encode().size(), DocSet::kCapacity / 8 + 1);
  }
}

TEST(DocSet, DamagedBytesAreRefused) {
  const auto outcome = [](std::string_view hex) { return DocSet::Decode(*FromHex(hex)).ok(); };
  EXPECT_FALSE(outcome(""));
  EXPECT_FALSE(outcome("02"));
  EXPECT_FALSE(outcome("0080"));        // ends inside a number
  EXPECT_FALSE(outcome("0080808001"));  // number too long
  EXPECT_FALSE(outcome("0080800180"));  // past the capacity, and ends inside a number
  EXPECT_FALSE(outcome("00808001"));    // 16384: the first number that does not fit
  EXPECT_TRUE(outcome("00ff7f"));       // 16383
  EXPECT_FALSE(outcome("00ff7f00"));    // and one more
  EXPECT_FALSE(DocSet::Decode(Bytes(DocSet::kCapacity / 8 + 2, 1)).ok());
}

TEST(DocSet, AnyBytesDecodeWithoutHarm) {
  SeededRandom random(4);
  for (int i = 0; i < 5000; ++i) {
    Bytes bytes = random.NextBytes(random.NextUint64() % 40);
    if (!bytes.empty()) {
      bytes[0] &= 1U;
    }
    const auto set = DocSet::Decode(bytes);
    if (set.ok()) {
      ExpectSameAfterDisk(*set);
    }
  }
}

}  // namespace
}  // namespace renkei::client
