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

struct FreeContext {
  // Wipes what it held.
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Hash32 Sha256(ByteView data) {
  return Sha256({data});
}

Hash32 Sha256(std::initializer_list<ByteView> parts) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  RENKEI_CHECK(context != nullptr && EVP_DigestInit_ex2(context.get(), Algorithm(), nullptr) == 1);
  for (const ByteView part : parts) {
    RENKEI_CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Hash32 out{};
  RENKEI_CHECK(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}

Hash32 HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  crypto_auth_hmacsha256_state state;
  // libsodium wants a pointer even to no bytes, and an empty view may have none.
  constexpr std::uint8_t kNothing = 0;
  crypto_auth_hmacsha256_init(&state, key.empty() ? &kNothing : key.data(), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  }
  Hash32 out{};
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof(state));
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
  Hash32 block{};
  std::size_t block_size = 0;
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < length; ++counter) {
    block = HmacSha256(pseudo_random_key,
                       {ByteView(block).first(block_size), info, ByteView(&counter, 1)});
    block_size = kHashBytes;
    const std::size_t take = std::min(kHashBytes, length - done);
    std::copy_n(block.begin(), take, bytes.begin() + static_cast<std::ptrdiff_t>(done));
    done += take;
  }
  sodium_memzero(block.data(), block.size());
  return out;
}

}  // namespace renkei
