#include "crypto/seal/record.h"

#include <sodium.h>

#include "crypto/base/labels.h"
#include "crypto/seal/archive.h"
#include "crypto/seal/padding.h"
#include "crypto/thread/encoding.h"

namespace renkei::seal {
namespace {

constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kHashBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == thread::kRecordNonceBytes);

constexpr Error kRefused(Code::kAuthFailed, "authentication failed");

// What is inside, before padding: renkei.seal.v1.SealedBody. Views into the decrypted bytes.
struct Body {
  std::uint32_t kind = 0;
  Millis created_at;
  Hash32 certificate_hash{};
  ByteView content;
  Signature signature{};
  std::optional<Hash32> trust_head;
};

ByteView TrustHeadView(const std::optional<Hash32>& trust_head) {
  return trust_head ? ByteView(*trust_head) : ByteView();
}

// What the sender signs. The content enters by its hash, so that nothing secret is copied.
Bytes SignedData(ByteView record_data, const Body& body) {
  Bytes out = ToBytes(record_data);
  thread::AppendU32(out, body.kind);
  Append(out, body.certificate_hash);
  thread::AppendTime(out, body.created_at);
  Append(out, Sha256(body.content));
  const ByteView trust_head = TrustHeadView(body.trust_head);
  thread::AppendU8(out, static_cast<std::uint8_t>(trust_head.size()));
  Append(out, trust_head);
  return out;
}

SecretBytes EncodeBody(const Body& body) {
  return thread::EncodeSecret([&](thread::FieldWriter& out) {
    out.U64(1, body.kind);
    out.Time(2, body.created_at);
    out.Blob(3, body.certificate_hash);
    out.Blob(4, body.content);
    out.Blob(5, body.signature);
    out.Blob(6, TrustHeadView(body.trust_head));
  });
}

Result<Body> DecodeBody(ByteView bytes) {
  thread::FieldReader in(bytes);
  Body body;
  body.kind = in.U32(1);
  body.created_at = in.Time(2);
  body.certificate_hash = in.Fixed<kHashBytes>(3);
  body.content = in.Blob(4);
  body.signature = in.Fixed<kSignatureBytes>(5);
  body.trust_head = in.Maybe<kHashBytes>(6);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "record: not the one encoding of a body")));
  if (body.kind == 0 || body.content.empty() || body.content.size() > kMaxContentBytes) {
    return Error(Code::kMalformed, "record: kind or length of the content");
  }
  return body;
}

Status CheckDraft(const RecordDraft& draft, const SecretBytes& archive_secret) {
  if (draft.content.size() > kMaxContentBytes) {
    return Error(Code::kTooLarge, "record: content over 512 KiB");
  }
  if (draft.kind == 0 || draft.content.empty()) {
    return Error(Code::kMalformed, "record: no kind or no content");
  }
  if (draft.header.epoch_id != EpochId(archive_secret)) {
    return Error(Code::kMalformed, "record: epoch id of another secret");
  }
  return Ok();
}

Bytes Encrypt(ByteView padded, ByteView data, ByteView nonce, const SecretBytes& key) {
  Bytes out(padded.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, padded.data(), padded.size(),
                                             data.data(), data.size(), nullptr, nonce.data(),
                                             key.Expose().data());
  return out;
}

Result<SecretBytes> Decrypt(const thread::SealedRecord& record, ByteView data,
                            const SecretBytes& key) {
  SecretBytes out(record.ciphertext.size() - kTagBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.ExposeMutable().data(), nullptr, nullptr,
                                                 record.ciphertext.data(), record.ciphertext.size(),
                                                 data.data(), data.size(), record.nonce.data(),
                                                 key.Expose().data()) != 0) {
    return kRefused;
  }
  return out;
}

// The card's word on who may have sealed this: G2 does not rest on the record alone.
Status CheckAgainstCard(const thread::RecordHeader& header, const thread::Card& card,
                        const Hash32& certificate_hash) {
  const thread::CardMember* member = thread::FindMember(card, header.sender_device);
  if (header.case_id != card.case_id || header.at != card.at || header.epoch_id != card.epoch_id ||
      member == nullptr || member->signing_certificate_hash != certificate_hash) {
    return kRefused;
  }
  return Ok();
}

Status CheckSender(const thread::Signer& sender, const thread::RecordHeader& header,
                   const Body& body, ByteView data) {
  if (sender.device != header.sender_device || sender.certificate_hash != body.certificate_hash) {
    return kRefused;
  }
  return VerifyLabelled(sender.key, labels::kRecord, SignedData(data, body), body.signature);
}

}  // namespace

Result<Bytes> SealRecord(const RecordDraft& draft, const SecretBytes& archive_secret,
                         const SigningKey& key, Random& random) {
  RENKEI_TRY(CheckDraft(draft, archive_secret));
  const Bytes data = thread::RecordData(draft.header);
  Body body{draft.kind,    draft.created_at, draft.certificate_hash,
            draft.content, Signature{},      draft.trust_head};
  body.signature = key.SignLabelled(labels::kRecord, SignedData(data, body));
  thread::SealedRecord record;
  record.header = draft.header;
  record.nonce = random.NextArray<thread::kRecordNonceBytes>();
  const SecretBytes padded = Pad(EncodeBody(body).Expose());
  record.ciphertext = Encrypt(padded.Expose(), data, record.nonce, RecordKey(archive_secret));
  return thread::SerializeSealedRecord(record);
}

Result<OpenedRecord> OpenRecord(ByteView bytes, const SecretBytes& archive_secret,
                                const thread::Card& card, const SignerLookup& lookup) {
  RENKEI_ASSIGN(const thread::SealedRecord record, thread::ParseSealedRecord(bytes));
  if (record.header.epoch_id != EpochId(archive_secret)) {
    return kRefused;
  }
  const Bytes data = thread::RecordData(record.header);
  RENKEI_ASSIGN(const SecretBytes padded, Decrypt(record, data, RecordKey(archive_secret)));
  RENKEI_ASSIGN(const ByteView plain, Unpad(padded.Expose()));
  RENKEI_ASSIGN(const Body body, DecodeBody(plain));
  RENKEI_TRY(CheckAgainstCard(record.header, card, body.certificate_hash));
  RENKEI_ASSIGN(thread::Signer sender, lookup(body.certificate_hash));
  RENKEI_TRY(CheckSender(sender, record.header, body, data));
  return OpenedRecord{record.header,   body.kind,
                      body.created_at, SecretBytes::CopyOf(body.content),
                      sender,          body.trust_head};
}

}  // namespace renkei::seal
