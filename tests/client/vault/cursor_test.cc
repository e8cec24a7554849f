#include "client/vault/cursor.h"

#include <gtest/gtest.h>

namespace renkei::client {
namespace {

TEST(Cursors, NumbersAreBigEndianAndComeBack) {
  Bytes out;
  AppendNumber(out, 0x0102, 2);
  AppendNumber(out, 0xA0B0C0D0E0F00102U, 8);
  AppendNumber(out, 0x1FF, 1);
  EXPECT_EQ(ToHex(out), "0102a0b0c0d0e0f00102ff");
  Cursor in(out);
  EXPECT_EQ(in.Number(2), 0x0102U);
  EXPECT_EQ(in.Number(8), 0xA0B0C0D0E0F00102U);
  EXPECT_EQ(in.left(), 1U);
  EXPECT_EQ(in.Number(1), 0xFFU);
  EXPECT_EQ(in.left(), 0U);
}

TEST(Cursors, TakeFromTheFront) {
  const Bytes bytes = {1, 2, 3, 4, 5};
  Cursor in(bytes);
  ByteArray<2> two{};
  in.Into(two);
  EXPECT_EQ(two, (ByteArray<2>{1, 2}));
  EXPECT_EQ(ToBytes(in.Take(3)), (Bytes{3, 4, 5}));
}

TEST(CursorsDeathTest, TakingMoreThanIsLeftIsOurBug) {
  const Bytes bytes = {1, 2};
  EXPECT_DEATH(Cursor(bytes).Take(3), "left|rest_");
  EXPECT_DEATH(Cursor(bytes).Number(3), "left|rest_");
}

}  // namespace
}  // namespace renkei::client
