#include "crypto/base/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <memory>

namespace renkei {

namespace {

// OpenSSL's, because it uses what the processor has for SHA-256: for a record it is twenty times as
// fast as libsodium's. Looked up once: that costs more than hashing a KiB.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  RENKEI_CHECK(algorithm != nullptr);
  return algorithm;
}

constexpr std::size_t kBlockBytes = 64;

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) { RENKEI_CHECK(context_ != nullptr); }

  void Begin() { RENKEI_CHECK(EVP_DigestInit_ex2(context_.get(), Algorithm(), nullptr) == 1); }
  void Add(ByteView part) {
    RENKEI_CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }
  void End(Hash32& out) {
    RENKEI_CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  }

 private:
  struct Free {
    // Wipes what it held.
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

Hash32 Sha256(ByteView data) {
  return Sha256({data});
}

Hash32 Sha256(std::initializer_list<ByteView> parts) {
  Hasher hasher;
  hasher.Begin();
  for (const ByteView part : parts) {
    hasher.Add(part);
  }
  Hash32 out{};
  hasher.End(out);
  return out;
}

// RFC 2104 over the hash above: OpenSSL's own HMAC costs more than twice as much for what a message
// or a key schedule hashes, nearly all of it in finding its parameters.
Hash32 HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  constexpr std::uint8_t kInner = 0x36;
  constexpr std::uint8_t kOuter = 0x5C;
  Hash32 out{};
  if (key.size() > kBlockBytes) {
    out = Sha256(key);
    key = out;
  }
  ByteArray<kBlockBytes> block;
  block.fill(kInner);
  std::transform(key.begin(), key.end(), block.begin(),
                 [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ kInner); });
  Hasher hasher;
  hasher.Begin();
  hasher.Add(block);
  for (const ByteView part : parts) {
    hasher.Add(part);
  }
  hasher.End(out);
  for (std::uint8_t& byte : block) {
    byte ^= kInner ^ kOuter;
  }
  hasher.Begin();
  hasher.Add(block);
  hasher.Add(out);
  hasher.End(out);
  sodium_memzero(block.data(), block.size());
  return out;
}

SecretBytes HkdfExtract(ByteView salt, ByteView input_key) {
  Hash32 tag = HmacSha256(salt, {input_key});
  SecretBytes out = SecretBytes::CopyOf(tag);
  sodium_memzero(tag.data(), tag.size());
  return out;
}

SecretBytes HkdfExpand(ByteView pseudo_random_key, ByteView info, std::size_t length) {
  RENKEI_CHECK(length > 0 && length <= 255 * kHashBytes);
  SecretBytes out(length);
  const MutableByteView bytes = out.ExposeMutable();
  ByteView block;  // the one before
  for (std::size_t done = 0; done < length; done += kHashBytes) {
    const auto counter = static_cast<std::uint8_t>(done / kHashBytes + 1);
    Hash32 next = HmacSha256(pseudo_random_key, {block, info, ByteView(&counter, 1)});
    const MutableByteView part = bytes.subspan(done, std::min(kHashBytes, length - done));
    std::copy_n(next.begin(), part.size(), part.begin());
    sodium_memzero(next.data(), next.size());
    block = part;
  }
  return out;
}

std::uint64_t ShortHash(const ByteArray<kShortHashKeyBytes>& key, ByteView data) {
  static_assert(kShortHashKeyBytes == crypto_shorthash_KEYBYTES);
  ByteArray<crypto_shorthash_BYTES> tag{};
  crypto_shorthash(tag.data(), data.data(), data.size(), key.data());
  std::uint64_t out = 0;
  for (std::size_t i = tag.size(); i > 0; --i) {
    out = (out << 8U) | tag[i - 1];
  }
  return out;
}

}  // namespace renkei
