// Whether one epoch card may follow another (G3). Relay and clients call the same function with
// the same thread bytes and so come to the same answer; nothing that only one of them knows enters.
// The client checks beside it that the card equals the MLS tree. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_SUCCESSION_H_
#define RENKEI_CRYPTO_THREAD_SUCCESSION_H_

#include <optional>
#include <vector>

#include "crypto/base/result.h"
#include "crypto/thread/card.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

// The card's evidence after the caller's own checks, all as of the entry's received_at:
struct JudgedEvidence {
  // evidence.link, when the linking certificate's chain and VerifyLink hold.
  std::optional<Link> link;
  // Devices of the previous card whose signing certificate stands on a list in
  // evidence.revocation_lists that its issuer has signed.
  std::vector<DeviceId> revoked;
  // evidence.leave_requests for which VerifyLeaveRequest holds.
  std::vector<LeaveRequest> leaving;
};

// Hash of the certificate whose key must have signed `next`: the committer's on the previous card
// where it stands there (so the old key vouches for a renewed certificate), else on `next`.
// `previous` is null for a case's first card.
Hash32 SignerCertificateHash(const Card* previous, const Card& next);

// The value of CardMember.joined_epoch on a card of `epoch` after `previous` (null: none).
std::uint64_t JoinedEpoch(const Card* previous, const DeviceId& device, std::uint64_t epoch);

// `previous`: the card in force; null if `next` claims to be the case's first.
// `next`: the entry's payload, parsed, and the card's signature verified with `committer`'s key
// (VerifyCard).
// `committer`: the certificate that SignerCertificateHash names.
//   kStaleEpoch   next's epoch is in force or past: sync, commit again
//   kFutureEpoch  a card between is missing: sync first
//   kUnsupported  a new generation (refounding): not in this version
//   kMalformed    contradicts the previous card: not what an honest client sends
//   kDenied       the policy, as of the previous card, or the evidence does not let it
//   kNotFound     an external commit of a new device without a link signature that holds
// Each rule has a literal of its own.
Status JudgeSuccession(const SignedCard* previous, const CommitPayload& next,
                       const Signer& committer, const JudgedEvidence& evidence);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_SUCCESSION_H_
