#include "crypto/seal/link_package.h"

#include <algorithm>
#include <utility>

#include "crypto/base/labels.h"
#include "crypto/mls/hpke.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/link.h"

namespace renkei::seal {
namespace {

constexpr std::size_t kPrivateKeyBytes = mls::kHpkeKeyBytes;
constexpr std::size_t kMaxArchiveKeys = 64;
constexpr std::size_t kMaxThreads = 8192;

Bytes Info(const LinkPackageParties& parties) {
  Bytes out = ToBytes(labels::kLinkPackage);
  thread::AppendU8(out, 1);
  Append(out, parties.linking_device.view());
  Append(out, parties.new_device.view());
  Append(out, parties.new_device_key);
  return out;
}

Status CheckPackage(const LinkPackage& package) {
  const auto& keys = package.person_archive_keys;
  const auto not_ascending = [](const LinkArchiveKey& a, const LinkArchiveKey& b) {
    return a.version >= b.version;
  };
  const auto out_of_bounds = [](const LinkArchiveKey& key) {
    return key.version == 0 || key.private_key.size() != kPrivateKeyBytes ||
           key.certificate.empty() || key.certificate.size() > thread::kMaxCertificateBytes;
  };
  if (keys.empty() || keys.size() > kMaxArchiveKeys ||
      std::any_of(keys.begin(), keys.end(), out_of_bounds) ||
      std::adjacent_find(keys.begin(), keys.end(), not_ascending) != keys.end()) {
    return Error(Code::kMalformed, "link package: archive keys");
  }
  if (package.threads.size() > kMaxThreads) {
    return Error(Code::kTooLarge, "link package: too many threads");
  }
  return Ok();
}

void WriteThread(thread::FieldWriter& out, const LinkThread& position) {
  out.Blob(1, position.case_id.view());
  out.U64(2, position.seq);
  out.Blob(3, position.hash);
  out.U64(4, position.at.generation);
  out.U64(5, position.at.epoch);
  out.Blob(6, position.card_hash);
}

SecretBytes EncodePackage(const LinkPackage& package) {
  return thread::EncodeSecret([&](thread::FieldWriter& out) {
    for (const LinkArchiveKey& key : package.person_archive_keys) {
      out.MessageItem(1, [&](thread::FieldWriter& item) {
        item.U64(1, key.version);
        item.Blob(2, key.private_key.Expose());
        item.Blob(3, key.certificate);
      });
    }
    for (const LinkThread& position : package.threads) {
      out.MessageItem(2, [&](thread::FieldWriter& item) { WriteThread(item, position); });
    }
  });
}

Result<LinkArchiveKey> DecodeKey(ByteView bytes) {
  thread::FieldReader in(bytes);
  LinkArchiveKey out;
  out.version = in.U32(1);
  out.private_key = SecretBytes::CopyOf(in.Blob(2));
  out.certificate = ToBytes(in.Blob(3));
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link package: not the one encoding of a key")));
  return out;
}

Result<LinkThread> DecodeThread(ByteView bytes) {
  thread::FieldReader in(bytes);
  LinkThread out;
  out.case_id = in.Read<CaseId>(1);
  out.seq = in.U64(2);
  out.hash = in.Fixed<kHashBytes>(3);
  out.at.generation = in.U32(4);
  out.at.epoch = in.U64(5);
  out.card_hash = in.Fixed<kHashBytes>(6);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link package: not the one encoding of a thread")));
  return out;
}

Result<LinkPackage> DecodePackage(ByteView bytes) {
  thread::FieldReader in(bytes);
  LinkPackage out;
  for (ByteView item; in.Next(1, item);) {
    RENKEI_ASSIGN(LinkArchiveKey key, DecodeKey(item));
    out.person_archive_keys.push_back(std::move(key));
  }
  for (ByteView item; in.Next(2, item);) {
    RENKEI_ASSIGN(const LinkThread position, DecodeThread(item));
    out.threads.push_back(position);
  }
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link package: not the one encoding")));
  RENKEI_TRY(CheckPackage(out));
  return out;
}

Result<mls::HpkeCiphertext> Split(ByteView sealed) {
  if (sealed.size() > kMaxSealedLinkPackageBytes) {
    return Error(Code::kTooLarge, "link package: too large");
  }
  thread::FieldReader in(sealed);
  mls::HpkeCiphertext out;
  out.kem_output = ToBytes(in.Fixed<mls::kHpkeKeyBytes>(1));
  out.ciphertext = ToBytes(in.Blob(2));
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link package: not the one sealed encoding")));
  return out;
}

}  // namespace

Result<Bytes> SealLinkPackage(const LinkPackage& package, const LinkPackageParties& parties,
                              Random& random) {
  RENKEI_TRY(CheckPackage(package));
  const SecretBytes plain = EncodePackage(package);
  RENKEI_ASSIGN(const mls::HpkeCiphertext sealed,
                mls::HpkeSeal(parties.new_device_key, Info(parties), {}, plain.Expose(), random));
  Bytes out = thread::Encode([&](thread::FieldWriter& writer) {
    writer.Blob(1, sealed.kem_output);
    writer.Blob(2, sealed.ciphertext);
  });
  if (out.size() > kMaxSealedLinkPackageBytes) {
    return Error(Code::kTooLarge, "link package: too large");
  }
  return out;
}

Result<LinkPackage> OpenLinkPackage(ByteView sealed, const LinkPackageParties& parties,
                                    const SecretBytes& private_key, const Hash32& package_hash) {
  RENKEI_ASSIGN(const mls::HpkeCiphertext ciphertext, Split(sealed));
  if (!Equal(Sha256(sealed), package_hash)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  RENKEI_ASSIGN(const mls::HpkeKeyPair key, mls::HpkeKeyPair::FromPrivate(private_key.Expose()));
  RENKEI_ASSIGN(const SecretBytes plain, mls::HpkeOpen(key, ciphertext, Info(parties), {}));
  return DecodePackage(plain.Expose());
}

}  // namespace renkei::seal
