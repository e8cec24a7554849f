#include "crypto/base/random.h"

#include <sodium.h>

namespace renkei {

Bytes Random::NextBytes(std::size_t size) {
  Bytes out(size);
  Fill(out);
  return out;
}

SecretBytes Random::NextSecret(std::size_t size) {
  SecretBytes out(size);
  Fill(out.ExposeMutable());
  return out;
}

std::uint64_t Random::NextUint64() {
  ByteArray<8> bytes{};
  Fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = (value << 8U) | byte;
  }
  return value;
}

SystemRandom::SystemRandom() {
  InitCrypto();
}

void SystemRandom::Fill(MutableByteView out) {
  if (out.empty()) {
    return;  // libsodium wants a pointer even to no bytes
  }
  randombytes_buf(out.data(), out.size());
}

void SeededRandom::Fill(MutableByteView out) {
  ByteArray<crypto_stream_chacha20_ietf_KEYBYTES> key{};
  ByteArray<crypto_stream_chacha20_ietf_NONCEBYTES> nonce{};
  for (std::size_t i = 0; i < 8; ++i) {
    key[i] = static_cast<std::uint8_t>(seed_ >> (8 * i));
    nonce[i] = static_cast<std::uint8_t>(counter_ >> (8 * i));
  }
  ++counter_;
  if (out.empty()) {
    return;
  }
  crypto_stream_chacha20_ietf(out.data(), out.size(), nonce.data(), key.data());
}

void InitCrypto() {
  RENKEI_CHECK(sodium_init() >= 0);
}

}  // namespace renkei
