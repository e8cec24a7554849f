#include "crypto/thread/entry.h"

#include <utility>

#include "crypto/thread/encoding.h"

namespace renkei::thread {

Bytes SerializeEntry(const EntryView& entry) {
  return Encode([&](FieldWriter& out) {
    out.Blob(1, entry.case_id.view());
    out.U64(2, entry.seq);
    out.U64(3, static_cast<std::uint64_t>(entry.kind));
    out.Time(4, entry.received_at);
    out.Blob(5, entry.payload);
    out.Blob(6, entry.hash);
  });
}

Result<Entry> ParseEntry(ByteView bytes) {
  if (bytes.size() > kMaxEntryBytes) {
    return Error(Code::kTooLarge, "entry: too large");
  }
  FieldReader in(bytes);
  Entry entry;
  entry.case_id = in.Read<CaseId>(1);
  entry.seq = in.U64(2);
  const std::uint32_t kind = in.U32(3);
  entry.received_at = in.Time(4);
  const ByteView payload = in.Blob(5);
  entry.hash = in.Fixed<kHashBytes>(6);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "entry: not the one encoding")));
  if (entry.seq == 0 || kind == 0 || payload.empty() || entry.received_at < Millis{0}) {
    return Error(Code::kMalformed, "entry: a field is missing");
  }
  if (payload.size() > kMaxPayloadBytes) {
    return Error(Code::kTooLarge, "entry: payload too large");
  }
  if (kind > static_cast<std::uint32_t>(EntryKind::kClosing)) {
    return Error(Code::kUnsupported, "entry: a kind of a later version");
  }
  entry.kind = static_cast<EntryKind>(kind);
  entry.payload = ToBytes(payload);
  return entry;
}

namespace {

// The commit must be the one that the card names, and there is none at epoch 0.
Status CheckCommit(const Card& card, ByteView commit) {
  if (commit.size() > kMaxCommitBytes) {
    return Error(Code::kTooLarge, "commit: too large");
  }
  if (commit.empty() != (card.at.epoch == 0)) {
    return Error(Code::kMalformed, "commit: there is one exactly from epoch 1 on");
  }
  if (!commit.empty() && Sha256(commit) != card.commit_hash) {
    return Error(Code::kMalformed, "commit: not the one that the card names");
  }
  return Ok();
}

}  // namespace

Result<Bytes> SerializeCommitPayload(const SignedCard& card, ByteView commit) {
  RENKEI_TRY(CheckCommit(card.card, commit));
  const Bytes signed_card = SerializeSignedCard(card);
  return Encode([&](FieldWriter& out) {
    out.Blob(1, signed_card);
    out.Blob(2, commit);
  });
}

Result<CommitPayload> ParseCommitPayload(ByteView payload) {
  if (payload.size() > kMaxPayloadBytes) {
    return Error(Code::kTooLarge, "commit: payload too large");
  }
  FieldReader in(payload);
  const ByteView signed_card = in.Blob(1);
  const ByteView commit = in.Blob(2);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "commit: not the one encoding")));
  RENKEI_ASSIGN(SignedCard card, ParseSignedCard(signed_card));
  return CommitPayloadFromParts(std::move(card), commit);
}

Result<CommitPayload> CommitPayloadFromParts(SignedCard card, ByteView commit) {
  RENKEI_TRY(CheckCommit(card.card, commit));
  return CommitPayload{std::move(card), ToBytes(commit)};
}

}  // namespace renkei::thread
