// Which certificates are known, and whom one stands for at a given moment. Names its answers by
// fingerprint only, so that whoever knows the bytes comes to the same answer (acceptance is a pure
// function of the thread): nothing revoked is looked up in here. One thread.
#ifndef RENKEI_CLIENT_CORE_CERTIFICATES_H_
#define RENKEI_CLIENT_CORE_CERTIFICATES_H_

#include <map>
#include <optional>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/result.h"
#include "crypto/pki/chain.h"
#include "crypto/thread/names.h"

namespace renkei::client {

struct KnownCertificate {
  pki::Certificate certificate;
  std::vector<pki::Certificate> issuers;  // nearest first, the root left out
};

// Where certificates come from: the directory's cache in the vault, or a list in a test.
class CertificateSource {
 public:
  virtual ~CertificateSource() = default;
  // Empty: not known (yet). Errors as the vault.
  virtual Result<std::optional<KnownCertificate>> Find(const Hash32& fingerprint) const = 0;
};

class Certificates {
 public:
  // `root` is trusted, `source` outlives this.
  Certificates(pki::ChainVerifier root, const CertificateSource& source);

  // Whom the certificate with this fingerprint stands for at `at`.
  //   kNotFound    not known: sync the directory, then try again
  //   kAuthFailed  not of `role`, not valid at that moment, or not under this region's root
  Result<pki::VerifiedIdentity> Verify(const Hash32& fingerprint, Millis at, pki::CertRole role);
  // The same for one that was presented with its chain (leaf first, 1..3 certificates, DER).
  // kMalformed, kTooLarge for what is no certificate. `forgive_time`: as of the moment nearest to
  // `at` at which the whole chain was valid.
  Result<pki::VerifiedIdentity> VerifyPresented(const std::vector<Bytes>& chain, Millis at,
                                                pki::CertRole role, bool forgive_time);
  Result<pki::VerifiedIdentity> VerifyKnown(const KnownCertificate& known, Millis at,
                                            pki::CertRole role, bool forgive_time);

  // The device signing certificate as crypto/thread wants it. Errors as Verify.
  Result<thread::Signer> SignerOf(const Hash32& fingerprint, Millis at);

  const CertificateSource& source() const { return source_; }
  const pki::Certificate& root() const { return verifier_.root(); }

 private:
  // A chain that verified once verifies at every moment at which all of it is valid.
  struct Checked {
    pki::VerifiedIdentity identity;
    Millis not_before;
    Millis not_after;
  };

  pki::ChainVerifier verifier_;
  const CertificateSource& source_;
  std::map<Hash32, Checked> checked_;
};

thread::Signer ToSigner(const pki::VerifiedIdentity& identity);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CERTIFICATES_H_
