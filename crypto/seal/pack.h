// Packs (crypto/README.md "Pack"): the archive secrets of many earlier epochs for one archive key,
// handed to a newcomer by the member who added them, announced to all by a signed notice.
// Functions on values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_PACK_H_
#define RENKEI_CRYPTO_SEAL_PACK_H_

#include <map>
#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/random.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/seal/envelope.h"
#include "crypto/thread/names.h"
#include "crypto/thread/notice.h"

namespace renkei::seal {

inline constexpr std::size_t kMaxPackSecrets = 4096;

struct PackSecret {
  thread::EpochRef at;
  SecretBytes archive_secret;
};

struct MadePack {
  Bytes pack;                 // bytes of renkei.seal.v1.Pack
  thread::PackNotice notice;  // of exactly this pack: sign it with thread::MakePackNotice
};

// `secrets`: 1..kMaxPackSecrets, ascending by epoch. More: make several packs.
//   kMalformed  not ascending, none, or `to` is no key
//   kTooLarge   more than kMaxPackSecrets
Result<MadePack> MakePack(std::span<const PackSecret> secrets, const ArchiveKeyRef& to,
                          const CaseId& case_id, const DeviceId& sender_device, Millis created_at,
                          Random& random);

// `pack_bytes`: the relay's, matched with its notice before (thread::MatchPack). `private_key`: 32
// bytes, of the archive key that it names. `epoch_ids`: from the accepted cards; every epoch in the
// pack must be there.
//   kAuthFailed  not for this key, altered, or a secret that is not its card's
//   kNotFound    an epoch without card here: sync, then try again
//   kMalformed, kTooLarge, kUnsupported  not a pack
// All or nothing: on failure no secret is returned.
Result<std::vector<PackSecret>> OpenPack(ByteView pack_bytes, const SecretBytes& private_key,
                                         const std::map<thread::EpochRef, Hash32>& epoch_ids);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_PACK_H_
