#include "crypto/pki/pem.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace renkei::pki {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
constexpr std::string_view kKeyBegin = "-----BEGIN PRIVATE KEY-----\n";
constexpr std::string_view kKeyEnd = "\n-----END PRIVATE KEY-----\n";
constexpr std::size_t kLineCharacters = 64;

// PrivateKeyInfo { version 0, Ed25519, OCTET STRING { OCTET STRING seed } } up to the seed.
constexpr std::array<std::uint8_t, 16> kPkcs8Prefix = {
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

std::string Base64(ByteView bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminator that libsodium counts
  return out;
}

bool IsLineSpace(char c) {
  return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

void SkipSpace(std::string_view& text) {
  while (!text.empty() && IsLineSpace(text.front())) {
    text.remove_prefix(1);
  }
}

// The text between the two lines of the block that `text` begins with; removes the block.
Result<std::string_view> TakeBlock(std::string_view& text) {
  const std::size_t end = text.find(kEnd);
  if (!text.starts_with(kBegin) || end == std::string_view::npos) {
    return Error(Code::kMalformed, "pem: not a certificate block");
  }
  const std::string_view body = text.substr(kBegin.size(), end - kBegin.size());
  text.remove_prefix(end + kEnd.size());
  return body;
}

Result<Bytes> DecodeBody(std::string_view body) {
  Bytes out(body.size());
  std::size_t length = 0;
  const char* stopped = nullptr;
  if (body.empty() ||
      sodium_base642bin(out.data(), out.size(), body.data(), body.size(), "\r\n \t", &length,
                        &stopped, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      stopped != body.data() + body.size()) {
    return Error(Code::kMalformed, "pem: base64");
  }
  out.resize(length);
  return out;
}

}  // namespace

std::string ToPem(std::span<const Certificate> certificates) {
  std::string out;
  for (const Certificate& certificate : certificates) {
    const std::string text = Base64(certificate.der());
    out.append(kBegin).append("\n");
    for (std::size_t at = 0; at < text.size(); at += kLineCharacters) {
      out.append(text, at, kLineCharacters).append("\n");
    }
    out.append(kEnd).append("\n");
  }
  return out;
}

std::string ToPem(const Certificate& certificate) {
  return ToPem(std::span(&certificate, 1));
}

Result<std::vector<Certificate>> CertificatesFromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return Error(Code::kTooLarge, "pem: too long");
  }
  std::vector<Certificate> out;
  for (SkipSpace(pem); !pem.empty(); SkipSpace(pem)) {
    if (out.size() == kMaxPemCertificates) {
      return Error(Code::kTooLarge, "pem: too many certificates");
    }
    RENKEI_ASSIGN(const std::string_view body, TakeBlock(pem));
    RENKEI_ASSIGN(const Bytes der, DecodeBody(body));
    RENKEI_ASSIGN(Certificate certificate, Certificate::Parse(der));
    out.push_back(std::move(certificate));
  }
  if (out.empty()) {
    return Error(Code::kMalformed, "pem: no certificate");
  }
  return out;
}

SecretBytes PrivateKeyPem(const SigningKey& key) {
  const SecretBytes seed = key.Seed();
  SecretBytes der(kPkcs8Prefix.size() + seed.size());
  std::copy(kPkcs8Prefix.begin(), kPkcs8Prefix.end(), der.ExposeMutable().begin());
  std::copy(seed.Expose().begin(), seed.Expose().end(),
            der.ExposeMutable().subspan(kPkcs8Prefix.size()).begin());
  SecretBytes text(sodium_base64_encoded_len(der.size(), sodium_base64_VARIANT_ORIGINAL));
  sodium_bin2base64(reinterpret_cast<char*>(text.ExposeMutable().data()), text.size(),
                    der.Expose().data(), der.size(), sodium_base64_VARIANT_ORIGINAL);
  const ByteView body = text.Expose().first(text.size() - 1);
  SecretBytes out(kKeyBegin.size() + body.size() + kKeyEnd.size());
  auto at = std::copy(kKeyBegin.begin(), kKeyBegin.end(), out.ExposeMutable().begin());
  at = std::copy(body.begin(), body.end(), at);
  std::copy(kKeyEnd.begin(), kKeyEnd.end(), at);
  return out;
}

bool IsPrivateKeyPemOf(ByteView pem, const Certificate& certificate) {
  std::string_view text = AsText(pem);
  const std::size_t end = text.find(kKeyEnd.substr(1));
  if (!text.starts_with(kKeyBegin.substr(0, kKeyBegin.size() - 1)) ||
      end == std::string_view::npos) {
    return false;
  }
  text = text.substr(kKeyBegin.size() - 1, end - (kKeyBegin.size() - 1));
  SecretBytes der(kPkcs8Prefix.size() + kSeedBytes);
  std::size_t size = 0;
  if (sodium_base642bin(der.ExposeMutable().data(), der.size(), text.data(), text.size(), "\r\n",
                        &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size != der.size()) {
    return false;
  }
  const auto key = SigningKey::FromSeed(der.Expose().last(kSeedBytes));
  return key.ok() && key->public_key() == certificate.public_key();
}

}  // namespace renkei::pki
