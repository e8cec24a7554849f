#include "crypto/thread/sealed_secrets.h"

#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

constexpr std::size_t kTagBytes = 16;

bool PackCiphertextFits(std::size_t size) {
  return size > kTagBytes && size <= kMaxPackCiphertextBytes;
}

bool IsFor(const Envelope& envelope, const CardRecipient& recipient) {
  return envelope.key_id == recipient.key_id && envelope.key_version == recipient.key_version;
}

}  // namespace

Bytes SerializeEnvelope(const Envelope& envelope) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, envelope.case_id.view());
    out.U64(3, envelope.at.generation);
    out.U64(4, envelope.at.epoch);
    out.Blob(5, envelope.key_id);
    out.U64(6, envelope.key_version);
    out.Blob(7, envelope.enc);
    out.Blob(8, envelope.ciphertext);
  });
}

Result<Envelope> ParseEnvelope(ByteView bytes) {
  if (bytes.size() > kMaxEnvelopeBytes) {
    return Error(Code::kMalformed, "envelope: too long");
  }
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  Envelope envelope;
  envelope.case_id = in.Read<CaseId>(2);
  envelope.at.generation = in.U32(3);
  envelope.at.epoch = in.U64(4);
  envelope.key_id = in.Fixed<kHashBytes>(5);
  envelope.key_version = in.U32(6);
  envelope.enc = in.Fixed<kHpkeEncBytes>(7);
  envelope.ciphertext = in.Fixed<kEnvelopeCiphertextBytes>(8);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "envelope: not the one encoding")));
  if (envelope.key_version == 0) {
    return Error(Code::kMalformed, "envelope: a key without version");
  }
  return envelope;
}

Status JudgeEnvelopes(std::span<const Envelope> envelopes, const Card& card) {
  if (envelopes.size() != card.recipients.size()) {
    return Error(Code::kDenied, "envelope: not one for each recipient");
  }
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    if (envelopes[i].case_id != card.case_id || envelopes[i].at != card.at) {
      return Error(Code::kDenied, "envelope: of another case or epoch");
    }
    if (!IsFor(envelopes[i], card.recipients[i])) {
      return Error(Code::kDenied, "envelope: not for the recipient in its place");
    }
  }
  return Ok();
}

Bytes SerializePack(const Pack& pack) {
  RENKEI_CHECK(PackCiphertextFits(pack.ciphertext.size()));
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, pack.case_id.view());
    out.Blob(3, pack.key_id);
    out.U64(4, pack.key_version);
    out.Blob(5, pack.sender_device.view());
    out.Blob(6, pack.enc);
    out.Blob(7, pack.ciphertext);
  });
}

Result<Pack> ParsePack(ByteView bytes) {
  if (bytes.size() > kMaxPackBytes) {
    return Error(Code::kTooLarge, "pack: too large");
  }
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  Pack pack;
  pack.case_id = in.Read<CaseId>(2);
  pack.key_id = in.Fixed<kHashBytes>(3);
  pack.key_version = in.U32(4);
  pack.sender_device = in.Read<DeviceId>(5);
  pack.enc = in.Fixed<kHpkeEncBytes>(6);
  const ByteView ciphertext = in.Blob(7);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "pack: not the one encoding")));
  if (pack.key_version == 0 || !PackCiphertextFits(ciphertext.size())) {
    return Error(Code::kMalformed, "pack: key version or length of the ciphertext");
  }
  pack.ciphertext = ToBytes(ciphertext);
  return pack;
}

Status MatchPack(ByteView pack_bytes, const PackNotice& notice) {
  RENKEI_ASSIGN(const Pack pack, ParsePack(pack_bytes));
  if (Sha256(pack_bytes) != notice.pack_hash || pack.case_id != notice.case_id ||
      pack.key_id != notice.key_id || pack.sender_device != notice.sender_device) {
    return Error(Code::kDenied, "pack: not the one that its notice announces");
  }
  return Ok();
}

}  // namespace renkei::thread
