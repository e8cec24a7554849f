// The running hashes over all commits (RFC 9420 §8.2). Both start empty. Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_TRANSCRIPT_H_
#define RENKEI_CRYPTO_MLS_TRANSCRIPT_H_

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/mls/framing.h"

namespace renkei::mls {

// After `commit`, whose confirmation tag is not looked at. That it is a commit is the caller's to
// know.
Hash32 ConfirmedTranscriptHash(ByteView interim_transcript_hash,
                               const AuthenticatedContent& commit);
Hash32 InterimTranscriptHash(ByteView confirmed_transcript_hash, ByteView confirmation_tag);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_TRANSCRIPT_H_
