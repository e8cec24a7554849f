#include "crypto/seal/link_package.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crypto/mls/hpke.h"
#include "crypto/thread/link.h"
#include "renkei/seal/v1/enrolment.pb.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::seal {
namespace {

namespace proto = renkei::seal::v1;

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
  // What a sender with other habits would seal.
  Bytes SealContent(std::string_view content) {
    Bytes info = ToBytes("Renkei 1.0 link package");
    info.push_back(1);
    Append(info, parties_.linking_device.view());
    Append(info, parties_.new_device.view());
    Append(info, parties_.new_device_key);
    const auto sealed =
        mls::HpkeSeal(key_.public_key(), info, {}, AsBytes(content), random_).value();
    proto::SealedLinkPackage message;
    message.set_enc(ToString(sealed.kem_output));
    message.set_ciphertext(ToString(sealed.ciphertext));
    return ToBytes(message.SerializeAsString());
  }
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
  package_.threads.clear();
  package_.person_archive_keys.clear();
  for (std::uint32_t version = 1; version <= 64; ++version) {
    package_.person_archive_keys.push_back({version, random_.NextSecret(32), Bytes(4096, 1)});
  }
  EXPECT_EQ(Open(Seal())->person_archive_keys.size(), 64U);
}

// What is inside is parsed as strictly as what is outside, although a device of ours sealed it.
TEST_F(LinkPackages, ContentThatIsNoPackageIsRefused) {
  const std::string key(32, 'k');
  proto::LinkPackage good;
  auto* archive_key = good.add_person_archive_keys();
  archive_key->set_version(1);
  archive_key->set_private_key(key);
  archive_key->set_certificate("certificate");
  auto* position = good.add_threads();
  position->set_case_id(std::string(16, 'c'));
  position->set_hash(key);
  position->set_card_hash(key);
  const auto refused = [&](const std::function<void(proto::LinkPackage&)>& change) {
    proto::LinkPackage changed = good;
    change(changed);
    const auto opened = Open(SealContent(changed.SerializeAsString()));
    return !opened.ok() && opened.error().code() == Code::kMalformed;
  };
  const auto add_unknown = [](auto* message) {
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(99, 1);
  };
  EXPECT_TRUE(Open(SealContent(good.SerializeAsString())).ok());
  EXPECT_TRUE(refused([&](auto& p) { add_unknown(&p); }));
  EXPECT_TRUE(refused([&](auto& p) { add_unknown(p.mutable_person_archive_keys(0)); }));
  EXPECT_TRUE(refused([&](auto& p) { add_unknown(p.mutable_threads(0)); }));
  EXPECT_TRUE(refused([](auto& p) { p.clear_person_archive_keys(); }));
  EXPECT_TRUE(refused([](auto& p) { p.mutable_person_archive_keys(0)->set_private_key("k"); }));
  EXPECT_TRUE(refused([](auto& p) { p.mutable_threads(0)->clear_hash(); }));
}

}  // namespace
}  // namespace renkei::seal
