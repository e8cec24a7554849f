#include "crypto/base/x25519_base.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <string>

#include "crypto/base/random.h"

namespace renkei {
namespace {

std::string Ladder(const Bytes& key) {
  Bytes out(32);
  EXPECT_EQ(crypto_scalarmult_base(out.data(), key.data()), 0);
  return ToHex(out);
}

std::string Ours(const Bytes& key) {
  return ToHex(X25519PublicKey(SecretBytes::CopyOf(key)));
}

TEST(X25519Base, GivesWhatTheLadderGives) {
  SeededRandom random(160);
  for (int i = 0; i < 2000; ++i) {
    const Bytes key = random.NextBytes(32);
    ASSERT_EQ(Ours(key), Ladder(key)) << ToHex(key);
  }
}

TEST(X25519Base, AlsoForKeysOfFewOrManyBits) {
  for (const std::uint8_t all : {std::uint8_t{0}, std::uint8_t{0xff}}) {
    EXPECT_EQ(Ours(Bytes(32, all)), Ladder(Bytes(32, all)));
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    for (const unsigned int rest : {0x00U, 0xffU}) {
      Bytes key(32, static_cast<std::uint8_t>(rest));
      key[bit / 8] = static_cast<std::uint8_t>(key[bit / 8] ^ (1U << (bit % 8)));
      ASSERT_EQ(Ours(key), Ladder(key)) << ToHex(key);
    }
  }
}

TEST(X25519Base, GivesBobsKeyOfTheRfc) {  // RFC 7748 section 6.1
  EXPECT_EQ(Ours(*FromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

// y and u by Python's integers: (1 + y) * pow(1 - y, p - 2, p) % p, with y's top bit left out.
TEST(X25519Base, FieldCarriesAndWrapsWhereItShould) {
  const struct {
    const char* y;
    const char* u;
  } cases[] = {
      {"0000000000000000000000000000000000000000000000000000000000000000",
       "0100000000000000000000000000000000000000000000000000000000000000"},
      {"0200000000000000000000000000000000000000000000000000000000000000",
       "eaffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
      {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       "0000000000000000000000000000000000000000000000000000000000000000"},
      {"ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       "a4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2a"},
      {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       "0100000000000000000000000000000000000000000000000000000000000000"},
      {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       "0000000000000000000000000000000000000000000000000000000000000000"},
      {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       "3f4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b"},
      {"ffffffffffffffff000000000000000000000000000000000000000000000000",
       "1fbae8a28b2ebae8165d74d145175d748b2ebae8a28b2eba45175d74d145175d"},
      {"ffffffffffffffffffffffffffffffff00000000000000000000000000000000",
       "d0e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1f0f0f0f0f0f0f0f0f0f0f0f0f0f0f070"},
      {"ffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000",
       "0643a313625509d6a2cd9cd8a6b3946959fd8eba23ab58718ba1d109b1aa046b"},
      {"0000000000000000000000000000000000000000000000000000000000000040",
       "9296969696969696969696969696969696969696969696969696969696969616"},
      {"0000000000000000ffffffffffffffff00000000000000000000000000000000",
       "82767a2488f764fd19184391d9a256e3735e3793ae540e1aa6b90bfe2a4e4849"},
      {"000000000000000000000000000000000000000000000000ffffffffffffff7f",
       "5083e5b73bcd75b2ffa9877fb06ef47cbce4fc13614f66cf4b87fefb2dfd2218"},
      {"fffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffff7f",
       "7134608913273b52dac62317f2a7305f94edd4794a7399055468eeca6dacae5a"},
      {"5555555555555555555555555555555555555555555555555555555555555555",
       "dff0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f070"},
      {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
       "3f4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b"},
  };
  for (const auto& one : cases) {
    ByteArray<32> y{};
    const Bytes bytes = *FromHex(one.y);
    std::copy(bytes.begin(), bytes.end(), y.begin());
    EXPECT_EQ(ToHex(EdwardsToMontgomery(y)), one.u) << one.y;
  }
}

}  // namespace
}  // namespace renkei
