#include "client/vault/sealed_key.h"

#include <gtest/gtest.h>

#include "crypto/base/random.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

SealedKey Example(std::size_t sealed_bytes = 158) {
  SeededRandom random(3);
  SealedKey out;
  out.id = VaultId::Generate(random);
  random.Fill(out.parent);
  random.Fill(out.unique);
  out.sealed.resize(sealed_bytes);
  random.Fill(out.sealed);
  return out;
}

// The bytes with their check put right, as somebody who means it would.
Bytes Rechecked(Bytes bytes) {
  bytes.resize(bytes.size() - kHashBytes);
  Append(bytes, Sha256(bytes));
  return bytes;
}

constexpr const char* kDamaged = "kMalformed: vault: sealed device key damaged";

TEST(SealedKeys, ComeBackFromTheirBytes) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{158}, SealedKey::kMaxSealedBytes}) {
    const SealedKey key = Example(size);
    const auto parsed = SealedKey::Parse(key.Encode());
    ASSERT_EQ(Outcome(parsed), "ok") << size;
    EXPECT_EQ(*parsed, key);
  }
  EXPECT_EQ(Example(SealedKey::kMaxSealedBytes).Encode().size(), SealedKey::kMaxEncodedBytes);
}

TEST(SealedKeys, LayoutIsTheOneOfTheReadme) {
  const SealedKey key = Example(5);
  const Bytes bytes = key.Encode();
  ASSERT_EQ(bytes.size(), 129U);
  EXPECT_EQ(ToString(ByteView(bytes).first(8)), "RNKTPMKY");
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(8, 2)), "0001");
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(10, 16)), ToHex(key.id.view()));
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(26, 32)), ToHex(key.parent));
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(58, 32)), ToHex(key.unique));
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(90, 2)), "0005");
  EXPECT_EQ(ToHex(ByteView(bytes).subspan(92, 5)), ToHex(key.sealed));
  EXPECT_EQ(ToHex(ByteView(bytes).last(32)), ToHex(Sha256(ByteView(bytes).first(97))));
}

TEST(SealedKeys, AnyChangedByteIsNoticed) {
  const Bytes good = Example().Encode();
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 0x80;
    EXPECT_FALSE(SealedKey::Parse(bad).ok()) << at;
  }
}

TEST(SealedKeys, AnyOtherLengthIsRefused) {
  const Bytes good = Example().Encode();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Outcome(SealedKey::Parse(ByteView(good).first(size))), kDamaged) << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(Outcome(SealedKey::Parse(longer)), kDamaged);
}

TEST(SealedKeys, LengthThatLiesIsRefusedWithARightCheckToo) {
  for (const int change : {-1, 1, 0x40}) {
    Bytes bytes = Example().Encode();
    bytes[91] = static_cast<std::uint8_t>(bytes[91] + change);
    EXPECT_EQ(Outcome(SealedKey::Parse(Rechecked(bytes))), kDamaged) << change;
  }
  // No sealed bytes at all, and more than there may be.
  Bytes none = Example(1).Encode();
  none.erase(none.begin() + 92);
  none[91] = 0;
  EXPECT_EQ(Outcome(SealedKey::Parse(Rechecked(none))), kDamaged);
  Bytes most = Example(SealedKey::kMaxSealedBytes).Encode();
  most.insert(most.begin() + 92, 0);
  most[91] = 1;
  EXPECT_EQ(Outcome(SealedKey::Parse(Rechecked(most))), kDamaged);
}

TEST(SealedKeys, NewerFormatIsTold) {
  Bytes bytes = Example().Encode();
  bytes[9] = 2;
  EXPECT_EQ(Outcome(SealedKey::Parse(bytes)), "kUnsupported: vault: made by a newer program");
  bytes.resize(12);
  EXPECT_EQ(Outcome(SealedKey::Parse(bytes)), "kUnsupported: vault: made by a newer program");
  bytes[9] = 0;
  EXPECT_EQ(Outcome(SealedKey::Parse(bytes)), kDamaged);
  Bytes zero = Example().Encode();
  zero[9] = 0;
  EXPECT_EQ(Outcome(SealedKey::Parse(Rechecked(zero))), kDamaged);
}

}  // namespace
}  // namespace renkei::client
