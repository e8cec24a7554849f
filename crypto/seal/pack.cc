#include "crypto/seal/pack.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/mls/hpke.h"
#include "crypto/seal/archive.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/sealed_secrets.h"

namespace renkei::seal {
namespace {

Bytes Info(const thread::Pack& pack) {
  Bytes out = ToBytes(labels::kPack);
  thread::AppendU8(out, 1);
  Append(out, pack.case_id.view());
  Append(out, pack.key_id);
  thread::AppendU32(out, pack.key_version);
  Append(out, pack.sender_device.view());
  return out;
}

Status CheckSecrets(std::span<const PackSecret> secrets) {
  if (secrets.empty()) {
    return Error(Code::kMalformed, "pack: no secret");
  }
  if (secrets.size() > kMaxPackSecrets) {
    return Error(Code::kTooLarge, "pack: too many secrets");
  }
  const auto not_ascending = [](const PackSecret& a, const PackSecret& b) { return a.at >= b.at; };
  if (std::adjacent_find(secrets.begin(), secrets.end(), not_ascending) != secrets.end()) {
    return Error(Code::kMalformed, "pack: epochs not in order or named twice");
  }
  return Ok();
}

SecretBytes EncodeSecrets(std::span<const PackSecret> secrets) {
  return thread::EncodeSecret([&](thread::FieldWriter& out) {
    for (const PackSecret& secret : secrets) {
      out.MessageItem(1, [&](thread::FieldWriter& item) {
        item.U64(1, secret.at.generation);
        item.U64(2, secret.at.epoch);
        item.Blob(3, secret.archive_secret.Expose());
      });
    }
  });
}

Result<PackSecret> DecodeSecret(ByteView bytes) {
  thread::FieldReader in(bytes);
  PackSecret out;
  out.at.generation = in.U32(1);
  out.at.epoch = in.U64(2);
  out.archive_secret = SecretBytes::CopyOf(in.Blob(3));
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "pack: not the one encoding of a secret")));
  if (out.archive_secret.size() != kArchiveSecretBytes) {
    return Error(Code::kMalformed, "pack: length of a secret");
  }
  return out;
}

Result<std::vector<PackSecret>> DecodeSecrets(ByteView bytes) {
  thread::FieldReader in(bytes);
  std::vector<PackSecret> out;
  for (ByteView item; in.Next(1, item);) {
    if (out.size() == kMaxPackSecrets) {
      return Error(Code::kTooLarge, "pack: too many secrets");
    }
    RENKEI_ASSIGN(PackSecret secret, DecodeSecret(item));
    out.push_back(std::move(secret));
  }
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "pack: not the one encoding of its content")));
  RENKEI_TRY(CheckSecrets(out));
  return out;
}

Status CheckAgainstCards(std::span<const PackSecret> secrets,
                         const std::map<thread::EpochRef, Hash32>& epoch_ids) {
  for (const PackSecret& secret : secrets) {
    const auto expected = epoch_ids.find(secret.at);
    if (expected == epoch_ids.end()) {
      return Error(Code::kNotFound, "pack: an epoch whose card is not here");
    }
    if (!Equal(EpochId(secret.archive_secret), expected->second)) {
      return Error(Code::kAuthFailed, "authentication failed");
    }
  }
  return Ok();
}

}  // namespace

Result<MadePack> MakePack(std::span<const PackSecret> secrets, const ArchiveKeyRef& to,
                          const CaseId& case_id, const DeviceId& sender_device, Millis created_at,
                          Random& random) {
  RENKEI_TRY(CheckSecrets(secrets));
  thread::Pack pack{case_id, to.key_id, to.version, sender_device, {}, {}};
  const SecretBytes content = EncodeSecrets(secrets);
  RENKEI_ASSIGN(mls::HpkeCiphertext sealed,
                mls::HpkeSeal(to.public_key, Info(pack), {}, content.Expose(), random));
  RENKEI_ASSIGN(pack.enc, ToArray<thread::kHpkeEncBytes>(sealed.kem_output));
  pack.ciphertext = std::move(sealed.ciphertext);
  MadePack out;
  out.pack = thread::SerializePack(pack);
  out.notice = {case_id,           to.key_id, sender_device, Sha256(out.pack), secrets.front().at,
                secrets.back().at, created_at};
  return out;
}

Result<std::vector<PackSecret>> OpenPack(ByteView pack_bytes, const SecretBytes& private_key,
                                         const std::map<thread::EpochRef, Hash32>& epoch_ids) {
  RENKEI_ASSIGN(thread::Pack pack, thread::ParsePack(pack_bytes));
  RENKEI_ASSIGN(const mls::HpkeKeyPair key, mls::HpkeKeyPair::FromPrivate(private_key.Expose()));
  const mls::HpkeCiphertext sealed{ToBytes(pack.enc), std::move(pack.ciphertext)};
  RENKEI_ASSIGN(const SecretBytes content, mls::HpkeOpen(key, sealed, Info(pack), {}));
  RENKEI_ASSIGN(std::vector<PackSecret> secrets, DecodeSecrets(content.Expose()));
  RENKEI_TRY(CheckAgainstCards(secrets, epoch_ids));
  return secrets;
}

}  // namespace renkei::seal
