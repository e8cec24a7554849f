// Names that cards, records and links share. Values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_NAMES_H_
#define RENKEI_CRYPTO_THREAD_NAMES_H_

#include <compare>
#include <cstdint>

#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/sign.h"

namespace renkei::thread {

// A person is named together with the institution that certifies them, never by the person's id
// alone: another institution could certify the same id.
struct PersonRef {
  InstitutionId institution;
  PersonId person;

  friend auto operator<=>(const PersonRef&, const PersonRef&) = default;
};

// A place in a case's history: the MLS group (generation) and its epoch.
struct EpochRef {
  std::uint32_t generation = 0;
  std::uint64_t epoch = 0;

  friend auto operator<=>(const EpochRef&, const EpochRef&) = default;
};

// A device signing certificate whose chain the caller has verified (crypto/pki) as of the moment
// that matters, usually the entry's received_at. What this room needs of it.
struct Signer {
  PersonRef person;
  DeviceId device;
  PublicKey key{};            // Ed25519
  Hash32 certificate_hash{};  // SHA-256 of the DER
};

// Which life of a relay spoke: changes when a relay was restored from a backup.
using IncarnationId = Id<struct IncarnationTag>;

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_NAMES_H_
