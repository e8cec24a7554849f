#include "crypto/seal/archive.h"

#include <gtest/gtest.h>

namespace renkei::seal {
namespace {

const SecretBytes kSecret = SecretBytes::CopyOf(Bytes(32, 0x5A));

// HKDF-Expand of one block is HMAC(secret, info || 01): said again here by hand.
Hash32 OneBlock(std::string_view info) {
  const std::uint8_t one = 1;
  return HmacSha256(kSecret.Expose(), {AsBytes(info), ByteView(&one, 1)});
}

TEST(ArchiveSecret, YieldsEpochIdAndRecordKey) {
  EXPECT_EQ(EpochId(kSecret), OneBlock("renkei epoch id v1"));
  EXPECT_TRUE(Equal(RecordKey(kSecret).Expose(), OneBlock("renkei record key v1")));
}

// The epoch id is public: it must not be what opens records.
TEST(ArchiveSecret, G1_EpochIdIsNoKey) {
  EXPECT_FALSE(Equal(RecordKey(kSecret).Expose(), EpochId(kSecret)));
}

TEST(ArchiveSecret, OtherSecretsYieldOtherIds) {
  Bytes other(32, 0x5A);
  other[31] ^= 1;
  EXPECT_NE(EpochId(SecretBytes::CopyOf(other)), EpochId(kSecret));
}

}  // namespace
}  // namespace renkei::seal
