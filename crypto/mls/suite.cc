#include "crypto/mls/suite.h"

#include <sodium.h>

#include <string>

namespace renkei::mls {
namespace {

static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == kAeadKeyBytes);
static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == kAeadNonceBytes);
static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == kAeadTagBytes);

constexpr std::string_view kPrefix = "MLS 1.0 ";

std::string Prefixed(std::string_view label) {
  std::string out(kPrefix);
  out += label;
  return out;
}

// opaque ("MLS 1.0 " + label)<V> without building the string.
void WriteLabel(wire::Writer& out, std::string_view label) {
  out.Length(kPrefix.size() + label.size());
  out.Raw(AsBytes(kPrefix));
  out.Raw(AsBytes(label));
}

// EncryptContext of §5.1.3, which goes in as HPKE's info.
Bytes EncryptContext(std::string_view label, ByteView context) {
  wire::Writer out(context.size() + label.size() + 16);
  WriteLabel(out, label);
  out.Opaque(context);
  return std::move(out).Take();
}

}  // namespace

SecretBytes ExpandWithLabel(const SecretBytes& secret, std::string_view label, ByteView context,
                            std::size_t length) {
  wire::Writer kdf_label(context.size() + label.size() + 20);
  kdf_label.U16(static_cast<std::uint16_t>(length));
  WriteLabel(kdf_label, label);
  kdf_label.Opaque(context);
  return HkdfExpand(secret.Expose(), kdf_label.view(), length);
}

SecretBytes DeriveSecret(const SecretBytes& secret, std::string_view label) {
  return ExpandWithLabel(secret, label, {}, kHashBytes);
}

SecretBytes DeriveTreeSecret(const SecretBytes& secret, std::string_view label,
                             Generation generation, std::size_t length) {
  ByteArray<4> context{};
  for (std::size_t i = 0; i < context.size(); ++i) {
    context[i] = static_cast<std::uint8_t>(generation.value >> (8 * (3 - i)));
  }
  return ExpandWithLabel(secret, label, context, length);
}

SecretBytes ZeroSecret() {
  return SecretBytes(kHashBytes);
}

Bytes AeadSeal(const SecretBytes& key, const SecretBytes& nonce, ByteView aad, ByteView plaintext) {
  RENKEI_CHECK(key.size() == kAeadKeyBytes && nonce.size() == kAeadNonceBytes);
  Bytes out(plaintext.size() + kAeadTagBytes);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                            aad.data(), aad.size(), nullptr, nonce.Expose().data(),
                                            key.Expose().data());
  return out;
}

void AeadSealInPlace(const SecretBytes& key, const SecretBytes& nonce, ByteView aad,
                     MutableByteView buffer) {
  RENKEI_CHECK(key.size() == kAeadKeyBytes && nonce.size() == kAeadNonceBytes);
  RENKEI_CHECK(buffer.size() >= kAeadTagBytes);
  crypto_aead_chacha20poly1305_ietf_encrypt(buffer.data(), nullptr, buffer.data(),
                                            buffer.size() - kAeadTagBytes, aad.data(), aad.size(),
                                            nullptr, nonce.Expose().data(), key.Expose().data());
}

Result<SecretBytes> AeadOpen(const SecretBytes& key, const SecretBytes& nonce, ByteView aad,
                             ByteView ciphertext) {
  RENKEI_CHECK(key.size() == kAeadKeyBytes && nonce.size() == kAeadNonceBytes);
  if (ciphertext.size() < kAeadTagBytes) {
    return kAuthenticationFailed;
  }
  SecretBytes out(ciphertext.size() - kAeadTagBytes);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          out.ExposeMutable().data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
          aad.data(), aad.size(), nonce.Expose().data(), key.Expose().data()) != 0) {
    return kAuthenticationFailed;
  }
  return out;
}

Hash32 Mac(const SecretBytes& key, ByteView data) {
  return HmacSha256(key.Expose(), {data});
}

Status VerifyMac(const SecretBytes& key, ByteView data, ByteView tag) {
  return Equal(Mac(key, data), tag) ? Ok() : Status(kAuthenticationFailed);
}

Bytes SignWithLabel(const SigningKey& key, std::string_view label, ByteView content) {
  return ToBytes(key.SignLabelled(Prefixed(label), content));
}

Status VerifyWithLabel(ByteView public_key, std::string_view label, ByteView content,
                       ByteView signature) {
  return VerifyLabelled(public_key, Prefixed(label), content, signature);
}

Result<HpkeCiphertext> EncryptWithLabel(ByteView public_key, std::string_view label,
                                        ByteView context, ByteView plaintext, Random& random) {
  return HpkeSeal(public_key, EncryptContext(label, context), {}, plaintext, random);
}

HpkeInfo EncryptionInfo(std::string_view label, ByteView context) {
  return HpkeInfo(EncryptContext(label, context));
}

Result<HpkeCiphertext> EncryptWithInfo(ByteView public_key, const HpkeInfo& info,
                                       ByteView plaintext, Random& random) {
  return HpkeSeal(public_key, info, {}, plaintext, random);
}

Result<SecretBytes> DecryptWithLabel(const HpkeKeyPair& key, std::string_view label,
                                     ByteView context, const HpkeCiphertext& ciphertext) {
  return HpkeOpen(key, ciphertext, EncryptContext(label, context), {});
}

Hash32 RefHash(std::string_view label, ByteView value) {
  wire::Writer prefix(label.size() + 8);
  prefix.Opaque(AsBytes(label));
  prefix.Length(value.size());
  return Sha256({prefix.view(), value});
}

KeyPackageRef MakeKeyPackageRef(const KeyPackage& key_package) {
  return {ToBytes(RefHash("MLS 1.0 KeyPackage Reference", wire::Serialize(key_package)))};
}

ProposalRef MakeProposalRef(const AuthenticatedContent& proposal) {
  return {ToBytes(RefHash("MLS 1.0 Proposal Reference", wire::Serialize(proposal)))};
}

}  // namespace renkei::mls
