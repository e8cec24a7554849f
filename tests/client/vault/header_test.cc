#include "client/vault/header.h"

#include <gtest/gtest.h>

#include "crypto/base/hash.h"

namespace renkei::client {
namespace {

VaultHeader Example() {
  VaultHeader header;
  for (std::size_t i = 0; i < header.id.bytes.size(); ++i) {
    header.id.bytes[i] = static_cast<std::uint8_t>(i);
  }
  header.kdf = {4, 262'144};
  header.salt.fill(0x11);
  header.nonce.fill(0x22);
  header.wrapped_key.fill(0x33);
  return header;
}

// Puts the checksum right again after a change.
Bytes WithChecksum(Bytes bytes) {
  bytes.resize(bytes.size() - kHashBytes);
  Append(bytes, Sha256(bytes));
  return bytes;
}

Code Outcome(const Bytes& bytes) {
  const auto header = VaultHeader::Parse(bytes);
  EXPECT_FALSE(header.ok());
  return header.ok() ? Code::kInternal : header.error().code();
}

TEST(VaultHeader, ParsesWhatItEncodes) {
  const Bytes bytes = Example().Encode();
  EXPECT_EQ(bytes.size(), VaultHeader::kEncodedBytes);
  const auto header = VaultHeader::Parse(bytes);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(*header, Example());
}

TEST(VaultHeader, LayoutIsAsWritten) {
  const std::string hex = ToHex(Example().Encode());
  EXPECT_EQ(hex.substr(0, 152),
            "524e4b5641554c54"  // RNKVAULT
            "0001"
            "0001"                              // format, cipher profile
            "000102030405060708090a0b0c0d0e0f"  // vault id
            "00000004"
            "00040000"                                          // passes, KiB
            "11111111111111111111111111111111"                  // salt
            "222222222222222222222222222222222222222222222222"  // nonce
  );
  EXPECT_EQ(hex.substr(152, 96), std::string(96, '3'));
  EXPECT_EQ(Example().AssociatedData().size(), 76U);
}

TEST(VaultHeader, AnyChangedByteIsNoticed) {
  const Bytes good = Example().Encode();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x80U;
    EXPECT_FALSE(VaultHeader::Parse(bad).ok()) << i;
  }
}

TEST(VaultHeader, AnyOtherLengthIsRefused) {
  const Bytes good = Example().Encode();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Outcome(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))),
              Code::kMalformed);
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(Outcome(longer), Code::kMalformed);
}

TEST(VaultHeader, NewerFormatOrProfileIsToldApart) {
  Bytes format = Example().Encode();
  format[9] = 2;
  EXPECT_EQ(Outcome(format), Code::kUnsupported);
  format.resize(500);
  EXPECT_EQ(Outcome(format), Code::kUnsupported);
  Bytes profile = Example().Encode();
  profile[11] = 2;
  EXPECT_EQ(Outcome(WithChecksum(profile)), Code::kUnsupported);
}

TEST(VaultHeader, FormatZeroWasNeverWritten) {
  for (const std::size_t at : {9U, 11U}) {
    Bytes bytes = Example().Encode();
    bytes[at] = 0;
    EXPECT_EQ(Outcome(WithChecksum(bytes)), Code::kMalformed);
  }
}

TEST(VaultHeader, KdfParametersHaveLimits) {
  const auto with = [](KdfParams kdf) {
    VaultHeader header = Example();
    header.kdf = kdf;
    return VaultHeader::Parse(header.Encode()).ok();
  };
  EXPECT_TRUE(with({1, KdfParams::kMinMemoryKib}));
  EXPECT_TRUE(with({KdfParams::kMaxPasses, KdfParams::kMaxMemoryKib}));
  EXPECT_FALSE(with({0, 1024}));
  EXPECT_FALSE(with({KdfParams::kMaxPasses + 1, 1024}));
  EXPECT_FALSE(with({1, KdfParams::kMinMemoryKib - 1}));
  EXPECT_FALSE(with({1, KdfParams::kMaxMemoryKib + 1}));
}

}  // namespace
}  // namespace renkei::client
