// What an existing device hands to a new one of the same person (crypto/README.md "Link"): the
// person's archive keys and where each thread stands, sealed to the new device's key. HPKE alone
// does not say who sealed it: the link signature names the package's hash
// (thread::Link.package_hash), so seal first, then make the link; verify the link first, then open.
// Functions on values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_LINK_PACKAGE_H_
#define RENKEI_CRYPTO_SEAL_LINK_PACKAGE_H_

#include <vector>

#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"

namespace renkei::seal {

inline constexpr std::size_t kMaxSealedLinkPackageBytes = std::size_t{1} << 20U;

struct LinkArchiveKey {
  std::uint32_t version = 1;
  SecretBytes private_key;  // 32, X25519
  Bytes certificate;        // DER
};

struct LinkThread {
  CaseId case_id;
  std::uint64_t seq = 0;
  Hash32 hash{};
  thread::EpochRef at;
  Hash32 card_hash{};  // of the card in force there

  friend bool operator==(const LinkThread&, const LinkThread&) = default;
};

struct LinkPackage {
  std::vector<LinkArchiveKey> person_archive_keys;  // all versions, ascending, 1..64
  std::vector<LinkThread> threads;                  // 0..8192
};

// To whom it goes and from whom it comes: bound into the seal.
struct LinkPackageParties {
  DeviceId linking_device;
  DeviceId new_device;
  PublicKey new_device_key{};  // X25519
};

// Bytes of renkei.seal.v1.SealedLinkPackage. kMalformed: a device key that is no key;
// kTooLarge: over kMaxSealedLinkPackageBytes.
Result<Bytes> SealLinkPackage(const LinkPackage& package, const LinkPackageParties& parties,
                              Random& random);

// `private_key`: 32, of parties.new_device_key. `package_hash`: of the verified link.
// kAuthFailed: not the package that was linked, not for us, or altered; kMalformed: not a package.
Result<LinkPackage> OpenLinkPackage(ByteView sealed, const LinkPackageParties& parties,
                                    const SecretBytes& private_key, const Hash32& package_hash);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_LINK_PACKAGE_H_
