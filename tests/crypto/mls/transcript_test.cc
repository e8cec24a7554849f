#include "crypto/mls/transcript.h"

#include <gtest/gtest.h>

#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls {
namespace {

AuthenticatedContent ExampleCommitMessage() {
  AuthenticatedContent out;
  out.content = test::ExampleContent(test::ExampleCommit());
  out.auth = {test::Filler(64, 1), test::Filler(32, 2)};
  return out;
}

// RFC 9420 §8.2: everything up to the signature is confirmed, and the tag comes after it.
TEST(Transcript, ConfirmedHashCoversAllButTheConfirmationTag) {
  const AuthenticatedContent commit = ExampleCommitMessage();
  const Bytes interim = test::Filler(32, 3);
  Bytes input = interim;
  const Bytes encoded = wire::Serialize(commit);
  Append(input, ByteView(encoded).first(encoded.size() - 33));
  EXPECT_EQ(ConfirmedTranscriptHash(interim, commit), Sha256(input));
}

TEST(Transcript, ConfirmedHashChangesWithSignatureAndWireFormat) {
  AuthenticatedContent commit = ExampleCommitMessage();
  const Hash32 hash = ConfirmedTranscriptHash({}, commit);
  commit.auth.confirmation_tag.clear();
  EXPECT_EQ(ConfirmedTranscriptHash({}, commit), hash);
  commit.auth.signature[0] ^= 1;
  EXPECT_NE(ConfirmedTranscriptHash({}, commit), hash);
  commit = ExampleCommitMessage();
  commit.wire_format = WireFormat::kPrivateMessage;
  EXPECT_NE(ConfirmedTranscriptHash({}, commit), hash);
}

TEST(Transcript, InterimHashAddsTheConfirmationTag) {
  const Bytes confirmed = test::Filler(32, 4);
  const Bytes tag = test::Filler(32, 5);
  Bytes input = confirmed;
  input.push_back(32);
  Append(input, tag);
  EXPECT_EQ(InterimTranscriptHash(confirmed, tag), Sha256(input));
}

TEST(TranscriptDeathTest, OtherContentIsOurBug) {
  AuthenticatedContent proposal;
  proposal.content = test::ExampleContent(test::ExampleProposals()[2]);
  EXPECT_DEATH((void)ConfirmedTranscriptHash({}, proposal), "internal check failed");
}

}  // namespace
}  // namespace renkei::mls
