#include "crypto/base/sign.h"

#include <sodium.h>

#include <algorithm>

namespace renkei {
namespace {

// Variable-size vector length (RFC 9420 §2.1.2). crypto/wire has the general codec; this is the
// one place below it that needs the prefix.
void AppendLength(Bytes& out, std::size_t length) {
  RENKEI_CHECK(length < (std::size_t{1} << 30U));
  if (length < 64) {
    out.push_back(static_cast<std::uint8_t>(length));
  } else if (length < 16384) {
    out.push_back(static_cast<std::uint8_t>(0x40U | (length >> 8U)));
    out.push_back(static_cast<std::uint8_t>(length));
  } else {
    out.push_back(static_cast<std::uint8_t>(0x80U | (length >> 24U)));
    out.push_back(static_cast<std::uint8_t>(length >> 16U));
    out.push_back(static_cast<std::uint8_t>(length >> 8U));
    out.push_back(static_cast<std::uint8_t>(length));
  }
}

}  // namespace

Bytes SignContent(std::string_view label, ByteView content) {
  Bytes out;
  out.reserve(label.size() + content.size() + 5);
  AppendLength(out, label.size());
  Append(out, AsBytes(label));
  AppendLength(out, content.size());
  Append(out, content);
  return out;
}

SigningKey SigningKey::Generate(Random& random) {
  const SecretBytes seed = random.NextSecret(kSeedBytes);
  return FromSeed(seed.Expose()).value();
}

Result<SigningKey> SigningKey::FromSeed(ByteView seed) {
  if (seed.size() != kSeedBytes) {
    return Error(Code::kMalformed, "sign: seed is not 32 bytes");
  }
  SigningKey key;
  key.expanded_ = SecretBytes(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(key.public_key_.data(), key.expanded_.ExposeMutable().data(),
                           seed.data());
  return key;
}

SecretBytes SigningKey::Seed() const {
  return SecretBytes::CopyOf(expanded_.Expose().first(kSeedBytes));
}

SigningKey SigningKey::Clone() const {
  SigningKey key;
  key.expanded_ = expanded_.Clone();
  key.public_key_ = public_key_;
  return key;
}

Signature SigningKey::SignLabelled(std::string_view label, ByteView content) const {
  Bytes message = SignContent(label, content);
  Signature out{};
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                       expanded_.Expose().data());
  Wipe(message);  // what is signed may be a secret's plaintext
  return out;
}

Status VerifyLabelled(ByteView public_key, std::string_view label, ByteView content,
                      ByteView signature) {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) {
    return Error(Code::kMalformed, "sign: key or signature length");
  }
  Bytes message = SignContent(label, content);
  const int verdict = crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                                  public_key.data());
  Wipe(message);
  if (verdict != 0) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  return Ok();
}

}  // namespace renkei
