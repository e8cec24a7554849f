#include "server/core/directory_check.h"

#include <gtest/gtest.h>

#include "crypto/pki/revocation.h"
#include "tests/support/memory_store.h"
#include "tests/support/region.h"

namespace renkei::test {
namespace {

class DirectoryCheck : public ::testing::Test {
 protected:
  static server::CertificateRow RowOf(const pki::Certificate& certificate) {
    server::CertificateRow row;
    row.fingerprint = certificate.fingerprint();
    row.role = certificate.role();
    row.der = certificate.der();
    return row;
  }
  void Add(const server::CertificateRow& row) {
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          RENKEI_TRY(transaction.AddCertificate(row));
          return Ok();
        },
        [](const Status& status) { ASSERT_TRUE(status.ok()); });
  }
  // What is found to be wrong with the item; empty: nothing.
  std::string Found(const Bytes& der, bool is_revocation_list = false) {
    std::string out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) {
                      const char* what =
                          server::CheckDirectoryItem(transaction, {1, is_revocation_list, der});
                      out = what != nullptr ? what : "";
                      return Ok();
                    })
                    .ok());
    return out;
  }

  Region region{3};
  MemoryStore store;
  const pki::Certificate& certificate = region.issuing().certificate();
};

TEST_F(DirectoryCheck, CertificateThatIsFoundAgainIsSound) {
  Add(RowOf(certificate));
  EXPECT_EQ(Found(certificate.der()), "");
}

TEST_F(DirectoryCheck, CertificateThatCannotBeReadIsTold) {
  EXPECT_EQ(Found(ToBytes("no certificate")), "the certificate cannot be read");
  Bytes cut = certificate.der();
  cut.pop_back();
  EXPECT_EQ(Found(cut), "the certificate cannot be read");
}

TEST_F(DirectoryCheck, CertificateThatIsNotFoundByItsFingerprintIsTold) {
  const std::string told = "the certificate is not found by its fingerprint";
  EXPECT_EQ(Found(certificate.der()), told) << "it is not there";
  server::CertificateRow other = RowOf(region.root().certificate());
  other.fingerprint = certificate.fingerprint();
  Add(other);
  EXPECT_EQ(Found(certificate.der()), told) << "another one is in its place";
}

TEST_F(DirectoryCheck, RevocationListIsReadAsOne) {
  const auto list =
      pki::CreateCrl(region.issuing(), {}, 1, kRegionStart + Days(1), kRegionStart + Days(8));
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Found(list->der(), true), "");
  EXPECT_EQ(Found(certificate.der(), true), "the revocation list cannot be read");
  EXPECT_EQ(Found(list->der()), "the certificate cannot be read");
}

}  // namespace
}  // namespace renkei::test
