#include "crypto/mls/transcript.h"

namespace renkei::mls {

Hash32 ConfirmedTranscriptHash(ByteView interim_transcript_hash,
                               const AuthenticatedContent& commit) {
  RENKEI_CHECK(commit.content.content_type() == ContentType::kCommit);
  wire::Writer input(1024);  // ConfirmedTranscriptHashInput
  wire::Encode(input, commit.wire_format);
  Encode(input, commit.content);
  input.Opaque(commit.auth.signature);
  return Sha256({interim_transcript_hash, input.view()});
}

Hash32 InterimTranscriptHash(ByteView confirmed_transcript_hash, ByteView confirmation_tag) {
  wire::Writer input(64);  // InterimTranscriptHashInput
  input.Opaque(confirmation_tag);
  return Sha256({confirmed_transcript_hash, input.view()});
}

}  // namespace renkei::mls
