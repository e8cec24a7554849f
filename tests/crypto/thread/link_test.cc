#include "crypto/thread/link.h"

#include <gtest/gtest.h>

#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class Links : public testing::Test {
 protected:
  Bytes Make() const { return MakeLink(link_, old_.key, old_.certificate).value(); }
  Status Verify(ByteView bytes, const Signer& signer) const {
    const auto parsed = ParseSignedLink(bytes);
    return parsed.ok() ? VerifyLink(*parsed, signer) : parsed.error();
  }

  test::ExampleCase example_{11};
  PersonRef nurse_ = example_.NewPerson(example_.NewInstitution());
  test::ExampleDevice old_ = example_.NewDevice(nurse_, 0);
  test::ExampleDevice new_ = example_.NewDevice(nurse_, 1);
  Link link_ = test::MakeExampleLink(old_, new_);
};

TEST_F(Links, ComeBackAsTheyWereMade) {
  const auto parsed = ParseSignedLink(Make());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->link, link_);
  EXPECT_EQ(parsed->linking_certificate, old_.certificate);
  EXPECT_TRUE(VerifyLink(*parsed, old_.Signer()).ok());
}

TEST_F(Links, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return Verify(bytes, old_.Signer()).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(Make(), accepts), 0U);
}

TEST_F(Links, NeedTheLinkingDevicesKey) {
  Signer other = old_.Signer();
  other.key = new_.key.public_key();
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kAuthFailed);
}

TEST_F(Links, NeedTheCertificateTheyCarry) {
  Signer other = old_.Signer();
  other.certificate_hash[0] ^= 1;
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kAuthFailed);
}

TEST_F(Links, G3_NobodyVouchesForAnothersDevice) {
  Signer other = old_.Signer();
  other.person = example_.NewPerson(nurse_.institution);
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kDenied);
  other = old_.Signer();
  other.person.institution = example_.NewInstitution();
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kDenied);
  other = old_.Signer();
  other.device = new_.id;
  EXPECT_EQ(Verify(Make(), other).error().code(), Code::kDenied);
}

TEST_F(Links, OfADeviceWithItselfAreRefused) {
  link_.new_device = link_.linking_device;
  EXPECT_EQ(MakeLink(link_, old_.key, old_.certificate).error().code(), Code::kMalformed);
}

TEST_F(Links, NeedACertificateOfPossibleLength) {
  EXPECT_EQ(MakeLink(link_, old_.key, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(MakeLink(link_, old_.key, Bytes(kMaxCertificateBytes + 1)).error().code(),
            Code::kMalformed);
  EXPECT_TRUE(MakeLink(link_, old_.key, Bytes(kMaxCertificateBytes)).ok());
}

TEST_F(Links, TooLongAreRefused) {
  EXPECT_EQ(ParseSignedLink(Bytes(kMaxSignedLinkBytes + 1)).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::thread
