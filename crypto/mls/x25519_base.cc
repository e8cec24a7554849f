#include "crypto/mls/x25519_base.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace renkei::mls {
namespace {

static_assert(crypto_scalarmult_ed25519_BYTES == 32);
static_assert(crypto_scalarmult_ed25519_SCALARBYTES == 32);

__extension__ using Uint128 = unsigned __int128;
// An element of GF(2^255 - 19) in four limbs, the lowest first; below 2^256, not always reduced.
using Field = std::array<std::uint64_t, 4>;

constexpr std::uint64_t kLow63 = 0x7fffffffffffffff;

std::uint64_t Low(Uint128 value) {
  return static_cast<std::uint64_t>(value);
}

std::uint64_t High(Uint128 value) {
  return static_cast<std::uint64_t>(value >> 64U);
}

Field Load(const ByteArray<32>& bytes) {
  Field out{};
  for (std::size_t i = 0; i < 32; ++i) {
    out[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
  }
  return out;
}

ByteArray<32> Store(const Field& value) {
  ByteArray<32> out{};
  for (std::size_t i = 0; i < 32; ++i) {
    out[i] = static_cast<std::uint8_t>(value[i / 8] >> (8 * (i % 8)));
  }
  return out;
}

// a + b, where that is below 2^256.
Field Add(const Field& a, std::uint64_t b) {
  Field out{};
  std::uint64_t carry = b;
  for (std::size_t i = 0; i < 4; ++i) {
    const Uint128 sum = Uint128{a[i]} + carry;
    out[i] = Low(sum);
    carry = High(sum);
  }
  return out;
}

// p + 1 - y; `y` below 2^255 - 18.
Field OneMinus(const Field& y) {
  constexpr Field kOnePlusP{0xffffffffffffffee, ~std::uint64_t{0}, ~std::uint64_t{0}, kLow63};
  Field out{};
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Uint128 difference = Uint128{kOnePlusP[i]} - y[i] - borrow;
    out[i] = Low(difference);
    borrow = High(difference) & 1U;
  }
  return out;
}

Field Multiply(const Field& a, const Field& b) {
  std::array<std::uint64_t, 8> wide{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const Uint128 sum = Uint128{a[i]} * b[j] + wide[i + j] + carry;
      wide[i + j] = Low(sum);
      carry = High(sum);
    }
    wide[i + 4] = carry;
  }
  // 2^256 is 38: the upper half, then what is carried over again, at most twice.
  Field out{};
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Uint128 sum = Uint128{wide[i + 4]} * 38U + wide[i] + carry;
    out[i] = Low(sum);
    carry = High(sum);
  }
  carry *= 38U;
  for (std::size_t i = 0; i < 4; ++i) {
    const Uint128 sum = Uint128{out[i]} + carry;
    out[i] = Low(sum);
    carry = High(sum);
  }
  out[0] += carry * 38U;  // if there is one, the rest is small
  return out;
}

Field Square(Field value, int times) {
  for (int i = 0; i < times; ++i) {
    value = Multiply(value, value);
  }
  return value;
}

// value^(p - 2), by the usual chain: names say which power of two less one.
Field Invert(const Field& value) {
  const Field two = Square(value, 1);
  const Field nine = Multiply(Square(two, 2), value);
  const Field eleven = Multiply(nine, two);
  const Field power5 = Multiply(Square(eleven, 1), nine);
  const Field power10 = Multiply(Square(power5, 5), power5);
  const Field power20 = Multiply(Square(power10, 10), power10);
  const Field power40 = Multiply(Square(power20, 20), power20);
  const Field power50 = Multiply(Square(power40, 10), power10);
  const Field power100 = Multiply(Square(power50, 50), power50);
  const Field power200 = Multiply(Square(power100, 100), power100);
  const Field power250 = Multiply(Square(power200, 50), power50);
  return Multiply(Square(power250, 5), eleven);
}

// The one representative below p.
Field Reduce(Field value) {
  const std::uint64_t top = value[3] >> 63U;
  value[3] &= kLow63;
  value = Add(value, top * 19U);  // below 2^255 + 19
  const Field more = Add(value, 19);
  const std::uint64_t subtract = ~((more[3] >> 63U) - 1U);  // all ones if value >= p
  Field out{};
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = (value[i] & ~subtract) | (more[i] & subtract);
  }
  out[3] &= kLow63;
  return out;
}

}  // namespace

ByteArray<32> EdwardsToMontgomery(const ByteArray<32>& y) {
  Field field = Load(y);
  field[3] &= kLow63;
  field = Reduce(field);
  return Store(Reduce(Multiply(Add(field, 1), Invert(OneMinus(field)))));
}

ByteArray<32> X25519PublicKey(const SecretBytes& private_key) {
  RENKEI_CHECK(private_key.size() == crypto_scalarmult_ed25519_SCALARBYTES);
  // Clamped (RFC 7748 §5) before, because libsodium refuses a key of zeros as it is given. What
  // comes of it is between 2^254 and 2^255, no multiple of the order: it never fails.
  ByteArray<32> scalar{};
  std::copy(private_key.Expose().begin(), private_key.Expose().end(), scalar.begin());
  scalar[0] &= 0xf8U;
  scalar[31] = static_cast<std::uint8_t>((scalar[31] & 0x7fU) | 0x40U);
  ByteArray<32> point{};  // y, and in the top bit the sign of x
  (void)crypto_scalarmult_ed25519_base(point.data(), scalar.data());
  Wipe(scalar);
  return EdwardsToMontgomery(point);
}

}  // namespace renkei::mls
