#include "crypto/mls/hpke.h"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>

#include "crypto/base/hash.h"
#include "crypto/base/x25519_base.h"
#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

static_assert(crypto_scalarmult_BYTES == kHpkeKeyBytes);
static_assert(crypto_scalarmult_SCALARBYTES == kHpkeKeyBytes);

constexpr std::string_view kVersion = "HPKE-v1";
// "KEM" || 0x0020 (DHKEM(X25519, HKDF-SHA256)), RFC 9180 §4.1.
constexpr std::uint8_t kKemSuite[] = {'K', 'E', 'M', 0x00, 0x20};
// "HPKE" || KEM || KDF 0x0001 (HKDF-SHA256) || AEAD 0x0003 (ChaCha20Poly1305), §5.1.
constexpr std::uint8_t kHpkeSuite[] = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};
constexpr std::uint8_t kModeBase = 0x00;

// RFC 9180 §4.
SecretBytes LabeledExtract(ByteView suite, ByteView salt, std::string_view label, ByteView input) {
  Hash32 tag = HmacSha256(salt, {AsBytes(kVersion), suite, AsBytes(label), input});
  SecretBytes out = SecretBytes::CopyOf(tag);
  Wipe(tag);
  return out;
}

SecretBytes LabeledExpand(ByteView suite, const SecretBytes& secret, std::string_view label,
                          std::initializer_list<ByteView> info, std::size_t length) {
  wire::Writer out(128);
  out.U16(static_cast<std::uint16_t>(length));
  out.Raw(AsBytes(kVersion));
  out.Raw(suite);
  out.Raw(AsBytes(label));
  for (const ByteView part : info) {
    out.Raw(part);
  }
  return HkdfExpand(secret.Expose(), out.view(), length);
}

// DH and ExtractAndExpand (RFC 9180 §4.1, §7.1.4). Empty if the shared point is all zero.
SecretBytes SharedSecret(const HpkeKeyPair& own, ByteView peer, ByteView kem_output,
                         ByteView recipient) {
  SecretBytes dh(kHpkeKeyBytes);
  if (crypto_scalarmult(dh.ExposeMutable().data(), own.private_key().Expose().data(),
                        peer.data()) != 0) {
    return {};
  }
  const SecretBytes prk = LabeledExtract(kKemSuite, {}, "eae_prk", dh.Expose());
  return LabeledExpand(kKemSuite, prk, "shared_secret", {kem_output, recipient}, kHashBytes);
}

// What KeySchedule (RFC 9180 §5.1) derives all outputs from.
struct Context {
  SecretBytes secret;
  HpkeInfo info;

  SecretBytes Derive(std::string_view label, std::size_t length) const {
    return LabeledExpand(kHpkeSuite, secret, label, {info.schedule()}, length);
  }
  SecretBytes Export(std::string_view exporter_context, std::size_t length) const {
    const SecretBytes exporter = Derive("exp", kHashBytes);
    return LabeledExpand(kHpkeSuite, exporter, "sec", {AsBytes(exporter_context)}, length);
  }
};

Context MakeContext(const SecretBytes& shared_secret, const HpkeInfo& info) {
  return {LabeledExtract(kHpkeSuite, shared_secret.Expose(), "secret", {}), info};
}

Result<Context> SetupSender(const HpkeKeyPair& ephemeral, ByteView public_key,
                            const HpkeInfo& info) {
  if (public_key.size() != kHpkeKeyBytes) {
    return Error(Code::kMalformed, "hpke: public key is not 32 bytes");
  }
  const SecretBytes shared =
      SharedSecret(ephemeral, public_key, ephemeral.public_key(), public_key);
  if (shared.empty()) {  // RFC 9180 §7.1.4
    return Error(Code::kMalformed, "hpke: public key of small order");
  }
  return MakeContext(shared, info);
}

Result<Context> SetupReceiver(const HpkeKeyPair& recipient, ByteView kem_output,
                              const HpkeInfo& info) {
  if (kem_output.size() != kHpkeKeyBytes) {
    return kAuthenticationFailed;
  }
  const SecretBytes shared =
      SharedSecret(recipient, kem_output, kem_output, recipient.public_key());
  if (shared.empty()) {  // RFC 9180 §7.1.4
    return kAuthenticationFailed;
  }
  return MakeContext(shared, info);
}

Result<HpkeCiphertext> SealTo(const HpkeKeyPair& ephemeral, ByteView public_key,
                              const HpkeInfo& info, ByteView aad, ByteView plaintext) {
  RENKEI_ASSIGN(const Context context, SetupSender(ephemeral, public_key, info));
  HpkeCiphertext out;
  out.kem_output = ToBytes(ephemeral.public_key());
  out.ciphertext = AeadSeal(context.Derive("key", kAeadKeyBytes),
                            context.Derive("base_nonce", kAeadNonceBytes), aad, plaintext);
  return out;
}

}  // namespace

HpkeInfo::HpkeInfo(ByteView info) {
  const Hash32 psk_id_hash =
      HmacSha256({}, {AsBytes(kVersion), kHpkeSuite, AsBytes("psk_id_hash")});
  const Hash32 info_hash =
      HmacSha256({}, {AsBytes(kVersion), kHpkeSuite, AsBytes("info_hash"), info});
  schedule_[0] = kModeBase;
  std::copy(psk_id_hash.begin(), psk_id_hash.end(), schedule_.begin() + 1);
  std::copy(info_hash.begin(), info_hash.end(), schedule_.begin() + 1 + kHashBytes);
}

HpkeKeyPair::HpkeKeyPair(SecretBytes private_key)
    : private_key_(std::move(private_key)), public_key_(X25519PublicKey(private_key_)) {}

HpkeKeyPair HpkeKeyPair::Generate(Random& random) {
  return HpkeKeyPair(random.NextSecret(kHpkeKeyBytes));
}

HpkeKeyPair HpkeKeyPair::Derive(ByteView input_key) {
  const SecretBytes prk = LabeledExtract(kKemSuite, {}, "dkp_prk", input_key);
  return HpkeKeyPair(LabeledExpand(kKemSuite, prk, "sk", {}, kHpkeKeyBytes));
}

Result<HpkeKeyPair> HpkeKeyPair::FromPrivate(ByteView private_key) {
  if (private_key.size() != kHpkeKeyBytes) {
    return Error(Code::kMalformed, "hpke: private key is not 32 bytes");
  }
  return HpkeKeyPair(SecretBytes::CopyOf(private_key));
}

HpkeKeyPair HpkeKeyPair::Clone() const {
  HpkeKeyPair copy;
  copy.private_key_ = private_key_.Clone();
  copy.public_key_ = public_key_;
  return copy;
}

Result<HpkeCiphertext> HpkeSeal(ByteView public_key, ByteView info, ByteView aad,
                                ByteView plaintext, Random& random) {
  return HpkeSeal(public_key, HpkeInfo(info), aad, plaintext, random);
}

Result<HpkeCiphertext> HpkeSeal(ByteView public_key, const HpkeInfo& info, ByteView aad,
                                ByteView plaintext, Random& random) {
  return SealTo(HpkeKeyPair::Generate(random), public_key, info, aad, plaintext);
}

Result<HpkeCiphertext> HpkeSealWith(const HpkeKeyPair& ephemeral, ByteView public_key,
                                    ByteView info, ByteView aad, ByteView plaintext) {
  return SealTo(ephemeral, public_key, HpkeInfo(info), aad, plaintext);
}

Result<SecretBytes> HpkeOpen(const HpkeKeyPair& recipient, const HpkeCiphertext& ciphertext,
                             ByteView info, ByteView aad) {
  RENKEI_ASSIGN(const Context context,
                SetupReceiver(recipient, ciphertext.kem_output, HpkeInfo(info)));
  return AeadOpen(context.Derive("key", kAeadKeyBytes),
                  context.Derive("base_nonce", kAeadNonceBytes), aad, ciphertext.ciphertext);
}

Result<HpkeExport> HpkeExportTo(ByteView public_key, ByteView info,
                                std::string_view exporter_context, std::size_t length,
                                Random& random) {
  const HpkeKeyPair ephemeral = HpkeKeyPair::Generate(random);
  RENKEI_ASSIGN(const Context context, SetupSender(ephemeral, public_key, HpkeInfo(info)));
  return HpkeExport{ToBytes(ephemeral.public_key()), context.Export(exporter_context, length)};
}

Result<SecretBytes> HpkeExportFrom(const HpkeKeyPair& recipient, ByteView kem_output, ByteView info,
                                   std::string_view exporter_context, std::size_t length) {
  RENKEI_ASSIGN(const Context context, SetupReceiver(recipient, kem_output, HpkeInfo(info)));
  return context.Export(exporter_context, length);
}

}  // namespace renkei::mls
