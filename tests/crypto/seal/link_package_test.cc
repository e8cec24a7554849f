#include "crypto/seal/link_package.h"

#include <gtest/gtest.h>

#include "crypto/mls/hpke.h"
#include "crypto/thread/link.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::seal {
namespace {

class LinkPackages : public testing::Test {
 protected:
  LinkPackages() {
    for (std::uint32_t version : {1U, 3U}) {
      package_.person_archive_keys.push_back(
          {version, random_.NextSecret(32), random_.NextBytes(400)});
    }
    for (int i = 0; i < 3; ++i) {
      package_.threads.push_back({CaseId::Generate(random_),
                                  17,
                                  random_.NextArray<32>(),
                                  {0, 4},
                                  random_.NextArray<32>()});
    }
    parties_ = {DeviceId::Generate(random_), DeviceId::Generate(random_), key_.public_key()};
  }
  Bytes Seal() { return SealLinkPackage(package_, parties_, random_).value(); }
  Result<LinkPackage> Open(ByteView sealed) const {
    return OpenLinkPackage(sealed, parties_, key_.private_key(), Sha256(sealed));
  }

  SeededRandom random_{61};
  mls::HpkeKeyPair key_ = mls::HpkeKeyPair::Generate(random_);
  LinkPackage package_;
  LinkPackageParties parties_;
};

TEST_F(LinkPackages, G7_NewDeviceGetsEveryArchiveKeyAndPosition) {
  const auto opened = Open(Seal());
  ASSERT_TRUE(opened.ok()) << opened.error().where();
  EXPECT_EQ(opened->threads, package_.threads);
  ASSERT_EQ(opened->person_archive_keys.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const LinkArchiveKey& sent = package_.person_archive_keys[i];
    const LinkArchiveKey& read = opened->person_archive_keys[i];
    EXPECT_EQ(read.version, sent.version);
    EXPECT_TRUE(Equal(read.private_key, sent.private_key));
    EXPECT_EQ(read.certificate, sent.certificate);
  }
}

TEST_F(LinkPackages, EveryChangedByteIsRefused) {
  const Bytes sealed = Seal();
  const Hash32 hash = Sha256(sealed);
  const auto accepts = [&](ByteView bytes) {
    return OpenLinkPackage(bytes, parties_, key_.private_key(), hash).ok();
  };
  ASSERT_TRUE(accepts(sealed));
  EXPECT_EQ(test::CountAcceptedMutations(sealed, accepts), 0U);
  const auto opens = [&](ByteView bytes) { return Open(bytes).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(sealed, opens), 0U);
}

// The relay could seal to the new device's public key as well; only the link names the right one.
TEST_F(LinkPackages, G4_PackageOfTheRelayIsRefused) {
  const Hash32 linked = Sha256(Seal());
  package_.threads.clear();
  EXPECT_EQ(OpenLinkPackage(Seal(), parties_, key_.private_key(), linked).error().code(),
            Code::kAuthFailed);
}

TEST_F(LinkPackages, AreBoundToBothDevices) {
  const Bytes sealed = Seal();
  const LinkPackageParties good = parties_;
  parties_.linking_device = DeviceId::Generate(random_);
  EXPECT_EQ(Open(sealed).error().code(), Code::kAuthFailed);
  parties_ = good;
  parties_.new_device = DeviceId::Generate(random_);
  EXPECT_EQ(Open(sealed).error().code(), Code::kAuthFailed);
}

TEST_F(LinkPackages, G1_DoNotOpenWithAnotherKey) {
  const auto other = mls::HpkeKeyPair::Generate(random_);
  const Bytes sealed = Seal();
  EXPECT_EQ(OpenLinkPackage(sealed, parties_, other.private_key(), Sha256(sealed)).error().code(),
            Code::kAuthFailed);
  LinkPackageParties wrong = parties_;
  wrong.new_device_key = other.public_key();
  EXPECT_EQ(OpenLinkPackage(sealed, wrong, other.private_key(), Sha256(sealed)).error().code(),
            Code::kAuthFailed);
}

TEST_F(LinkPackages, HoldArchiveKeysInOrderAndInBounds) {
  const auto refusal = [&] { return SealLinkPackage(package_, parties_, random_).error().code(); };
  std::swap(package_.person_archive_keys[0], package_.person_archive_keys[1]);
  EXPECT_EQ(refusal(), Code::kMalformed);
  std::swap(package_.person_archive_keys[0], package_.person_archive_keys[1]);
  package_.person_archive_keys[0].version = 0;
  EXPECT_EQ(refusal(), Code::kMalformed);
  package_.person_archive_keys[0].version = 1;
  package_.person_archive_keys[0].private_key = SecretBytes(31);
  EXPECT_EQ(refusal(), Code::kMalformed);
  package_.person_archive_keys[0].private_key = SecretBytes(32);
  package_.person_archive_keys[0].certificate.clear();
  EXPECT_EQ(refusal(), Code::kMalformed);
  package_.person_archive_keys[0].certificate = Bytes(thread::kMaxCertificateBytes + 1);
  EXPECT_EQ(refusal(), Code::kMalformed);
  package_.person_archive_keys.clear();
  EXPECT_EQ(refusal(), Code::kMalformed);
}

TEST_F(LinkPackages, HoldUpTo8192Threads) {
  package_.threads.resize(8192);
  EXPECT_EQ(Open(Seal())->threads.size(), 8192U);
  package_.threads.resize(8193);
  EXPECT_EQ(SealLinkPackage(package_, parties_, random_).error().code(), Code::kTooLarge);
  EXPECT_EQ(Open(Bytes(kMaxSealedLinkPackageBytes + 1)).error().code(), Code::kTooLarge);
}

TEST_F(LinkPackages, ContentThatIsNoPackageIsRefused) {
  Bytes info = ToBytes("Renkei 1.0 link package");
  info.push_back(1);
  Append(info, parties_.linking_device.view());
  Append(info, parties_.new_device.view());
  Append(info, parties_.new_device_key);
  const auto sealed =
      mls::HpkeSeal(key_.public_key(), info, {}, AsBytes("garbage"), random_).value();
  Bytes bytes = FromHex("0a20").value();
  Append(bytes, sealed.kem_output);
  Append(bytes, Bytes{0x12, static_cast<std::uint8_t>(sealed.ciphertext.size())});
  Append(bytes, sealed.ciphertext);
  EXPECT_EQ(Open(bytes).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::seal
