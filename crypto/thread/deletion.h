// The relay's word that it has deleted a case after its retention (crypto/README.md "Deletion
// certificate"): what it was, how long it was kept, who had ended it. It outlives the thread.
// Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_DELETION_H_
#define RENKEI_CRYPTO_THREAD_DELETION_H_

#include <cstdint>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/closing.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

// Between the relay's announcement in the thread and the deletion, at least.
inline constexpr Millis kMinDeletionNotice = Days(30);
inline constexpr std::size_t kMaxSignedDeletionBytes = 1024;

struct DeletionCertificate {
  CaseId case_id;
  Position head;            // the last entry: whoever holds the thread can show that it is this one
  Millis first_received;    // of the first entry
  std::uint64_t bytes = 0;  // of all entries' payloads
  Bytes closing;  // the SignedClosingNotice that ended the case, as it stood in the thread
  std::uint64_t closing_seq = 0;
  Millis counted_from;      // the notice, or the newest record behind it
  std::uint32_t years = 0;  // kept from then on: the longer of the relay's and the notice's
  Millis announced_at;      // in the thread
  Millis deleted_at;
  IncarnationId incarnation;  // of the relay

  friend bool operator==(const DeletionCertificate&, const DeletionCertificate&) = default;
};

// Bytes of renkei.seal.v1.SignedDeletionCertificate. kMalformed: deleted before KeptUntil or
// kMinDeletionNotice after the announcement were over, or `closing` is none of this case.
Result<Bytes> MakeDeletionCertificate(const DeletionCertificate& certificate,
                                      const SigningKey& relay_key);
// Structure only: what it says is not to be believed yet.
Result<DeletionCertificate> ReadDeletionCertificate(ByteView signed_certificate);
// `relay_key`: 32 bytes, of the relay's verified signing certificate. kMalformed: as above, or not
// the one encoding; kUnsupported: a later version; kAuthFailed: not signed by the relay. Who signed
// `closing` is for the caller to look at, as far as the directory still has them.
Result<DeletionCertificate> VerifyDeletionCertificate(ByteView signed_certificate,
                                                      ByteView relay_key);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_DELETION_H_
