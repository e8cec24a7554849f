#include "crypto/seal/link_package.h"

#include "crypto/mls/hpke.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/labels.h"

namespace renkei::seal {
namespace {

using thread::FieldReader;
using thread::FieldWriter;

constexpr std::size_t kMaxArchiveKeys = 64;
constexpr std::size_t kMaxThreads = 8192;
constexpr std::size_t kX25519Bytes = 32;

// HPKE's info: the seal of one pair of devices opens for no other.
Bytes Info(const LinkPackageParties& parties) {
  Bytes out = ToBytes(labels::kLinkPackage);
  Append(out, parties.linking_device.view());
  Append(out, parties.new_device.view());
  return out;
}

SecretBytes EncodePackage(const LinkPackage& package) {
  return thread::EncodeSecret([&package](FieldWriter& out) {
    for (const LinkArchiveKey& key : package.person_archive_keys) {
      out.MessageItem(1, [&key](FieldWriter& item) {
        item.U64(1, key.version);
        item.Blob(2, key.private_key.Expose());
        item.Blob(3, key.certificate);
      });
    }
    for (const LinkThread& position : package.threads) {
      out.MessageItem(2, [&position](FieldWriter& item) {
        item.Blob(1, position.case_id.view());
        item.U64(2, position.seq);
        item.Blob(3, position.hash);
        item.U64(4, position.at.generation);
        item.U64(5, position.at.epoch);
        item.Blob(6, position.card_hash);
      });
    }
  });
}

Status CheckCounts(const LinkPackage& package) {
  const std::size_t keys = package.person_archive_keys.size();
  if (keys == 0 || keys > kMaxArchiveKeys || package.threads.size() > kMaxThreads) {
    return Error(Code::kMalformed, "link package: number of keys or threads");
  }
  for (std::size_t i = 0; i < keys; ++i) {
    const LinkArchiveKey& key = package.person_archive_keys[i];
    if (key.private_key.size() != kX25519Bytes || key.certificate.empty() || key.version == 0 ||
        (i > 0 && key.version <= package.person_archive_keys[i - 1].version)) {
      return Error(Code::kMalformed, "link package: archive key");
    }
  }
  return Ok();
}

Result<LinkPackage> DecodePackage(ByteView bytes) {
  const Error malformed(Code::kMalformed, "link package: not the one encoding");
  FieldReader in(bytes);
  LinkPackage out;
  ByteView item;
  while (in.Next(1, item)) {
    FieldReader field(item);
    LinkArchiveKey key;
    key.version = field.U32(1);
    key.private_key = SecretBytes::CopyOf(field.Blob(2));
    key.certificate = ToBytes(field.Blob(3));
    RENKEI_TRY(field.Finish(malformed));
    out.person_archive_keys.push_back(std::move(key));
  }
  while (in.Next(2, item)) {
    FieldReader field(item);
    LinkThread position;
    position.case_id = field.Read<CaseId>(1);
    position.seq = field.U64(2);
    position.hash = field.Fixed<kHashBytes>(3);
    position.at.generation = field.U32(4);
    position.at.epoch = field.U64(5);
    position.card_hash = field.Fixed<kHashBytes>(6);
    RENKEI_TRY(field.Finish(malformed));
    out.threads.push_back(position);
  }
  RENKEI_TRY(in.Finish(malformed));
  RENKEI_TRY(CheckCounts(out));
  return out;
}

}  // namespace

Result<Bytes> SealLinkPackage(const LinkPackage& package, const LinkPackageParties& parties,
                              Random& random) {
  RENKEI_TRY(CheckCounts(package));
  const SecretBytes plaintext = EncodePackage(package);
  RENKEI_ASSIGN(
      const mls::HpkeCiphertext sealed,
      mls::HpkeSeal(parties.new_device_key, Info(parties), {}, plaintext.Expose(), random));
  Bytes out = thread::Encode([&sealed](FieldWriter& writer) {
    writer.Blob(1, sealed.kem_output);
    writer.Blob(2, sealed.ciphertext);
  });
  if (out.size() > kMaxSealedLinkPackageBytes) {
    return Error(Code::kTooLarge, "link package: too large");
  }
  return out;
}

Result<LinkPackage> OpenLinkPackage(ByteView sealed, const LinkPackageParties& parties,
                                    const SecretBytes& private_key) {
  if (sealed.size() > kMaxSealedLinkPackageBytes) {
    return Error(Code::kMalformed, "link package: too large");
  }
  FieldReader in(sealed);
  mls::HpkeCiphertext ciphertext;
  ciphertext.kem_output = ToBytes(in.Blob(1));
  ciphertext.ciphertext = ToBytes(in.Blob(2));
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link package: not the one encoding")));
  RENKEI_ASSIGN(const mls::HpkeKeyPair recipient,
                mls::HpkeKeyPair::FromPrivate(private_key.Expose()));
  if (!Equal(recipient.public_key(), parties.new_device_key)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  RENKEI_ASSIGN(const SecretBytes plaintext,
                mls::HpkeOpen(recipient, ciphertext, Info(parties), {}));
  return DecodePackage(plaintext.Expose());
}

}  // namespace renkei::seal
