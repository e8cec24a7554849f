#include "crypto/base/x25519_base.h"

#include <openssl/bn.h>
#include <sodium.h>

#include <memory>

namespace renkei {
namespace {

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(BN_MONT_CTX* montgomery) const { BN_MONT_CTX_free(montgomery); }
};
using Number = std::unique_ptr<BIGNUM, Free>;
using Context = std::unique_ptr<BN_CTX, Free>;

Number NewNumber(BN_ULONG value) {
  Number out(BN_new());
  RENKEI_CHECK(out != nullptr && BN_set_word(out.get(), value) == 1);
  return out;
}

Context NewContext() {
  Context out(BN_CTX_new());
  RENKEI_CHECK(out != nullptr);
  return out;
}

// Integers modulo 2^255 - 19.
struct Field {
  Number prime = NewNumber(0);
  Number inverse = NewNumber(0);  // the exponent that inverts: prime - 2
  std::unique_ptr<BN_MONT_CTX, Free> montgomery{BN_MONT_CTX_new()};

  Field() {
    const Context context = NewContext();
    RENKEI_CHECK(BN_set_bit(prime.get(), 255) == 1 && BN_sub_word(prime.get(), 19) == 1 &&
                 BN_copy(inverse.get(), prime.get()) != nullptr &&
                 BN_sub_word(inverse.get(), 2) == 1 && montgomery != nullptr &&
                 BN_MONT_CTX_set(montgomery.get(), prime.get(), context.get()) == 1);
  }
};

}  // namespace

ByteArray<32> EdwardsToMontgomery(const ByteArray<32>& y) {
  static const Field field;
  const Context context = NewContext();
  const Number above = NewNumber(0);
  const Number below = NewNumber(1);
  ByteArray<32> bytes = y;
  bytes[31] &= 0x7F;
  // By an exponent, although there is BN_mod_inverse(): that one branches with each bit, and is
  // slower for it.
  RENKEI_CHECK(
      BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), above.get()) != nullptr &&
      BN_mod_sub(below.get(), below.get(), above.get(), field.prime.get(), context.get()) == 1 &&
      BN_add_word(above.get(), 1) == 1 &&
      BN_mod_exp_mont(below.get(), below.get(), field.inverse.get(), field.prime.get(),
                      context.get(), field.montgomery.get()) == 1 &&
      BN_mod_mul(above.get(), above.get(), below.get(), field.prime.get(), context.get()) == 1 &&
      BN_bn2lebinpad(above.get(), bytes.data(), static_cast<int>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  return bytes;
}

ByteArray<32> X25519PublicKey(const SecretBytes& private_key) {
  SecretBytes scalar = private_key.Clone();
  const MutableByteView bits = scalar.ExposeMutable();
  RENKEI_CHECK(bits.size() == crypto_scalarmult_SCALARBYTES);
  bits[0] &= 0xF8;  // RFC 7748 §5
  bits[31] = static_cast<std::uint8_t>((bits[31] & 0x7F) | 0x40);
  ByteArray<32> point{};
  // Refuses only what comes to no point: never what was just made of it.
  RENKEI_CHECK(crypto_scalarmult_ed25519_base_noclamp(point.data(), bits.data()) == 0);
  return EdwardsToMontgomery(point);
}

}  // namespace renkei
