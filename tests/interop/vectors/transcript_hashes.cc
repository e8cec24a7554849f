// "Transcript Hashes" (RFC 9420 §8.2) and the confirmation tag (§6.1).
#include "crypto/mls/suite.h"
#include "crypto/mls/transcript.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

Verdict RunTranscriptHashes(const Json& test_case) {
  const auto commit =
      wire::Parse<mls::AuthenticatedContent>(Hex(test_case, "authenticated_content"));
  VECTOR_EXPECT(commit.ok());
  VECTOR_EXPECT(commit->content.content_type() == mls::ContentType::kCommit);
  const Hash32 confirmed =
      mls::ConfirmedTranscriptHash(Hex(test_case, "interim_transcript_hash_before"), *commit);
  VECTOR_EXPECT(Same(confirmed, Hex(test_case, "confirmed_transcript_hash_after")));
  VECTOR_EXPECT(mls::VerifyMac(HexSecret(test_case, "confirmation_key"), confirmed,
                               commit->auth.confirmation_tag)
                    .ok());
  VECTOR_EXPECT(Same(mls::InterimTranscriptHash(confirmed, commit->auth.confirmation_tag),
                     Hex(test_case, "interim_transcript_hash_after")));
  return {};
}

}  // namespace renkei::interop
