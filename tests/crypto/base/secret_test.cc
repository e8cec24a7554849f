#include "crypto/base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <ostream>
#include <type_traits>

// Array allocation of this program, watched: what the freed memory held is known before it goes.
namespace {
std::size_t g_watched_size = 0;
bool g_freed_nonzero = false;

void WatchFree(const void* memory) {
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  if (g_watched_size != 0 && bytes != nullptr) {
    g_freed_nonzero = std::any_of(bytes, bytes + g_watched_size, [](auto b) { return b != 0; });
  }
}
}  // namespace

void* operator new[](std::size_t size) {
  void* out = std::malloc(size == 0 ? 1 : size);
  if (out == nullptr) {
    throw std::bad_alloc();
  }
  return out;
}
void operator delete[](void* memory) noexcept {
  WatchFree(memory);
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  WatchFree(memory);
  std::free(memory);
}

namespace renkei {
namespace {

Bytes Pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(0xA0U + i % 64);
  }
  return out;
}

constexpr std::size_t kSizes[] = {
    0, 1, 32, SecretBytes::kInlineBytes, SecretBytes::kInlineBytes + 1, 1000};

bool HoldsPattern(ByteView memory, std::size_t size) {
  const Bytes pattern = Pattern(size);
  return size != 0 &&
         std::search(memory.begin(), memory.end(), pattern.begin(), pattern.end()) != memory.end();
}

TEST(SecretBytes, StartsAsZerosOfItsSize) {
  for (const std::size_t size : kSizes) {
    const SecretBytes secret(size);
    EXPECT_EQ(secret.size(), size);
    EXPECT_EQ(secret.empty(), size == 0);
    EXPECT_EQ(ToBytes(secret.Expose()), Bytes(size));
  }
}

TEST(SecretBytes, CopiesInAndClonesOut) {
  for (const std::size_t size : kSizes) {
    const SecretBytes secret = SecretBytes::CopyOf(Pattern(size));
    const SecretBytes clone = secret.Clone();
    EXPECT_EQ(ToBytes(secret.Expose()), Pattern(size));
    EXPECT_TRUE(Equal(secret, clone));
    if (size != 0) {
      EXPECT_NE(secret.Expose().data(), clone.Expose().data());
    }
  }
}

TEST(SecretBytes, MovingEmptiesTheSource) {
  for (const std::size_t size : kSizes) {
    SecretBytes from = SecretBytes::CopyOf(Pattern(size));
    SecretBytes to(std::move(from));
    EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(ToBytes(to.Expose()), Pattern(size));

    SecretBytes assigned = SecretBytes::CopyOf(Pattern(70));
    assigned = std::move(to);
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(ToBytes(assigned.Expose()), Pattern(size));
  }
}

TEST(SecretBytes, MovingOntoItselfKeepsIt) {
  SecretBytes secret = SecretBytes::CopyOf(Pattern(32));
  SecretBytes& same = secret;
  secret = std::move(same);
  EXPECT_EQ(ToBytes(secret.Expose()), Pattern(32));
}

TEST(SecretBytes, WipeLeavesNothing) {
  SecretBytes secret = SecretBytes::CopyOf(Pattern(32));
  secret.Wipe();
  EXPECT_TRUE(secret.empty());
  secret.Wipe();
  EXPECT_TRUE(secret.empty());
}

// The object's own memory, looked at after it was destroyed or moved from, still owned by us.
class SecretMemory : public testing::Test {
 protected:
  SecretBytes* Make() { return new (memory_) SecretBytes(SecretBytes::CopyOf(Pattern(kSize))); }
  ByteView memory() const {
    return {reinterpret_cast<const std::uint8_t*>(memory_), sizeof(SecretBytes)};
  }

  static constexpr std::size_t kSize = 48;
  alignas(SecretBytes) std::byte memory_[sizeof(SecretBytes)] = {};
};

TEST_F(SecretMemory, LivesInsideTheObjectWhenShort) {
  SecretBytes* secret = Make();
  EXPECT_TRUE(HoldsPattern(memory(), kSize));
  secret->~SecretBytes();
}

TEST_F(SecretMemory, IsGoneAfterDestruction) {
  SecretBytes* secret = Make();
  secret->~SecretBytes();
  EXPECT_FALSE(HoldsPattern(memory(), 8));
}

TEST_F(SecretMemory, IsGoneAfterAMove) {
  SecretBytes* secret = Make();
  const SecretBytes elsewhere(std::move(*secret));
  EXPECT_FALSE(HoldsPattern(memory(), 8));
  EXPECT_EQ(elsewhere.size(), kSize);
  secret->~SecretBytes();
}

TEST_F(SecretMemory, IsGoneAfterBeingAssignedTo) {
  SecretBytes* secret = Make();
  *secret = SecretBytes();
  EXPECT_FALSE(HoldsPattern(memory(), 8));
  secret->~SecretBytes();
}

TEST(SecretBytes, LongOnesAreZeroBeforeTheirMemoryIsFreed) {
  constexpr std::size_t kSize = SecretBytes::kInlineBytes + 36;
  // First that the watch sees what is not wiped.
  auto plain = std::make_unique<std::uint8_t[]>(kSize);
  plain[kSize - 1] = 1;
  g_watched_size = kSize;
  plain.reset();
  EXPECT_TRUE(g_freed_nonzero);

  const Bytes pattern = Pattern(kSize);
  auto secret = std::make_unique<SecretBytes>(SecretBytes::CopyOf(pattern));
  secret.reset();
  EXPECT_FALSE(g_freed_nonzero);

  SecretBytes replaced = SecretBytes::CopyOf(pattern);
  g_freed_nonzero = true;
  replaced = SecretBytes();
  EXPECT_FALSE(g_freed_nonzero);
  g_watched_size = 0;
}

TEST(SecretEqual, ComparesLengthAndContent) {
  EXPECT_TRUE(Equal(SecretBytes::CopyOf(Pattern(40)), SecretBytes::CopyOf(Pattern(40))));
  EXPECT_FALSE(Equal(SecretBytes::CopyOf(Pattern(40)), SecretBytes::CopyOf(Pattern(41))));
  EXPECT_FALSE(Equal(SecretBytes(40), SecretBytes::CopyOf(Pattern(40))));
}

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <typename T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};

TEST(SecretBytes, CannotBeCopiedPrintedOrComparedByAccident) {
  static_assert(!std::is_copy_constructible_v<SecretBytes>);
  static_assert(!std::is_copy_assignable_v<SecretBytes>);
  static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);
  static_assert(!Printable<SecretBytes>);
  static_assert(!Comparable<SecretBytes>);
}

}  // namespace
}  // namespace renkei
