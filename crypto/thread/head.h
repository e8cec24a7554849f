// The relay's signed word on where a thread stands (crypto/README.md "Head"). Two heads that
// contradict each other prove that the relay told two members different things (G4). Functions on
// values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_HEAD_H_
#define RENKEI_CRYPTO_THREAD_HEAD_H_

#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxHeadPath = 16;
inline constexpr std::size_t kMaxHeadsInBatch = std::size_t{1} << kMaxHeadPath;
inline constexpr std::size_t kMaxSignedHeadBytes = 256 + kHashBytes * kMaxHeadPath;

struct Head {
  CaseId case_id;
  std::uint64_t seq = 0;  // 0: the thread is empty
  Hash32 hash{};
  Millis received_at;  // of that entry
  IncarnationId incarnation;

  friend bool operator==(const Head&, const Head&) = default;
};

// Bytes of renkei.seal.v1.SignedHead, signed with the relay's signing key.
Bytes SignHead(const Head& head, const SigningKey& relay_key);
// The same for several heads, in their order, with one signature: over the root of a hash tree, of
// which each result carries its own path. Each is a proof by itself and tells nothing of the others
// but hashes. At most kMaxHeadsInBatch; more is our bug.
std::vector<Bytes> SignHeads(std::span<const Head> heads, const SigningKey& relay_key);

// Bytes of SignedHead, at most kMaxSignedHeadBytes; `relay_key` is the 32-byte key of the relay's
// verified signing certificate.
//   kMalformed   not a SignedHead in its one encoding
//   kAuthFailed  the signature is not the relay's
Result<Head> VerifyHead(ByteView signed_head, ByteView relay_key);

// True if both cannot be true: the same case, incarnation and sequence number, but another hash or
// time. Both must have been verified. Keep both byte strings: they are the proof.
bool Contradict(const Head& a, const Head& b);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_HEAD_H_
