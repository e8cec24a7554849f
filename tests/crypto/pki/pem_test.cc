#include "crypto/pki/pem.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "crypto/pki/openssl_util.h"
#include "tests/support/region.h"

namespace renkei::pki {
namespace {

class PemTest : public testing::Test {
 protected:
  test::Region region_{11};
  Issuer institution_ = region_.AddInstitution("架空診療所", InstitutionKind::kClinic);
  test::Device device_ = region_.AddDevice(institution_, test::SomeDoctor(region_.random()));
  std::vector<Certificate> chain_ = {device_.tls.certificate, institution_.certificate(),
                                     region_.issuing().certificate()};
};

TEST_F(PemTest, ChainsComeBackInOrder) {
  EXPECT_EQ(CertificatesFromPem(ToPem(chain_)).value(), chain_);
  EXPECT_EQ(CertificatesFromPem(ToPem(chain_[0])).value(), std::vector{chain_[0]});
}

TEST_F(PemTest, OpenSslReadsOursAndWeReadItsOwn) {
  const std::string ours = ToPem(chain_[0]);
  const Owned<BIO, BIO_free> in(BIO_new_mem_buf(ours.data(), static_cast<int>(ours.size())));
  const X509Ptr read(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  ASSERT_TRUE(read);
  const Owned<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_X509(out.get(), read.get()), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(size)), ours);
}

TEST_F(PemTest, WindowsLineEndsAndBlankLinesAreFine) {
  std::string pem = "\r\n" + ToPem(chain_);
  for (std::size_t at = 0; (at = pem.find("-\n", at)) != std::string::npos; at += 3) {
    pem.replace(at, 2, "-\r\n");
  }
  EXPECT_EQ(CertificatesFromPem(pem + "\n\n").value(), chain_);
}

TEST_F(PemTest, AnythingElseIsMalformed) {
  const std::string good = ToPem(chain_[0]);
  std::string broken = good;
  broken[40] = '*';
  for (const std::string& pem :
       {std::string(), std::string("\n"), "x" + good, good + "x", good.substr(5),
        good.substr(0, good.size() - 5), broken,
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE----------END CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        std::string("-----BEGIN CERTIFICATE-----")}) {
    EXPECT_EQ(CertificatesFromPem(pem).error().code(), Code::kMalformed) << pem;
  }
}

TEST_F(PemTest, LimitsAreKept) {
  const std::string one = ToPem(chain_[0]);
  std::string many;
  for (std::size_t i = 0; i < kMaxPemCertificates; ++i) {
    many += one;
  }
  EXPECT_EQ(CertificatesFromPem(many)->size(), kMaxPemCertificates);
  EXPECT_EQ(CertificatesFromPem(many + one).error().code(), Code::kTooLarge);
  EXPECT_EQ(CertificatesFromPem(std::string(kMaxPemBytes + 1, '\n')).error().code(),
            Code::kTooLarge);
}

TEST_F(PemTest, OpenSslReadsThePrivateKey) {
  const SecretBytes pem = PrivateKeyPem(device_.tls.key);
  const Owned<BIO, BIO_free> in(BIO_new_mem_buf(pem.Expose().data(), static_cast<int>(pem.size())));
  const Owned<EVP_PKEY, EVP_PKEY_free> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  ASSERT_TRUE(key);
  PublicKey read{};
  std::size_t size = read.size();
  ASSERT_EQ(EVP_PKEY_get_raw_public_key(key.get(), read.data(), &size), 1);
  EXPECT_EQ(read, device_.tls.key.public_key());
  EXPECT_EQ(AsText(pem.Expose()).back(), '\n');
}

TEST_F(PemTest, APrivateKeyIsToldFromAnothersAndFromNone) {
  const SecretBytes pem = PrivateKeyPem(device_.tls.key);
  EXPECT_TRUE(IsPrivateKeyPemOf(pem.Expose(), device_.tls.certificate));
  EXPECT_FALSE(IsPrivateKeyPemOf(pem.Expose(), device_.signing.certificate));
  EXPECT_FALSE(IsPrivateKeyPemOf(pem.Expose().first(pem.size() - 10), device_.tls.certificate));
  EXPECT_FALSE(IsPrivateKeyPemOf(pem.Expose().subspan(1), device_.tls.certificate));
  for (const char* none : {"", "no key", "-----BEGIN PRIVATE KEY-----",
                           "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"}) {
    EXPECT_FALSE(IsPrivateKeyPemOf(AsBytes(std::string_view(none)), device_.tls.certificate))
        << none;
  }
}

}  // namespace
}  // namespace renkei::pki
