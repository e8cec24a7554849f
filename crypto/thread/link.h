// The link signature: an existing device vouches for a new one of the same person
// (crypto/README.md "Link"). Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_LINK_H_
#define RENKEI_CRYPTO_THREAD_LINK_H_

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxCertificateBytes = 4096;
inline constexpr std::size_t kMaxSignedLinkBytes = 8192;

struct Link {
  PersonRef person;
  DeviceId new_device;
  PublicKey signing_key{};  // Ed25519, of the new device, as are the next two
  PublicKey device_key{};   // X25519
  PublicKey tls_key{};      // Ed25519
  DeviceId linking_device;
  Millis created_at;      // the linking device's clock
  Hash32 package_hash{};  // SHA-256 of the SealedLinkPackage that goes with it (crypto/seal)

  friend bool operator==(const Link&, const Link&) = default;
};

struct SignedLink {
  Link link;
  Bytes link_bytes;  // the exact bytes that are signed
  Signature signature{};
  Bytes linking_certificate;  // DER of the linking device's signing certificate
};

// Bytes of renkei.seal.v1.SignedLink. `linking_certificate`: 1..kMaxCertificateBytes of DER, of
// `key`. kMalformed: a device that links itself, a certificate of a length that cannot be.
Result<Bytes> MakeLink(const Link& link, const SigningKey& key, ByteView linking_certificate);

// Structure only: verify the linking certificate's chain next (crypto/pki), then VerifyLink.
// kMalformed: not the one encoding. kUnsupported: a later version.
Result<SignedLink> ParseSignedLink(ByteView signed_link);

// `linking`: from the verified link.linking_certificate.
//   kAuthFailed  the signature is not of that key, or that certificate is not this one
//   kDenied      the certificate is of another device or person than the link says
Status VerifyLink(const SignedLink& signed_link, const Signer& linking);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_LINK_H_
