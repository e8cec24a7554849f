// Randomness as a seam: libsodium in the programs, a seeded stream in tests and simulations.
#ifndef RENKEI_CRYPTO_BASE_RANDOM_H_
#define RENKEI_CRYPTO_BASE_RANDOM_H_

#include <cstddef>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"

namespace renkei {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(MutableByteView out) = 0;

  Bytes NextBytes(std::size_t size);
  SecretBytes NextSecret(std::size_t size);
  std::uint64_t NextUint64();
  template <std::size_t N>
  ByteArray<N> NextArray() {
    ByteArray<N> out{};
    Fill(out);
    return out;
  }
};

// libsodium's generator. Any thread.
class SystemRandom final : public Random {
 public:
  SystemRandom();  // aborts if libsodium cannot be initialised
  void Fill(MutableByteView out) override;
};

// Deterministic stream from a seed (ChaCha20). For tests and simulations only. One thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
  void Fill(MutableByteView out) override;

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

// Must run once before any other call into crypto/. Aborts on failure. Any thread, any number of
// times.
void InitCrypto();

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_RANDOM_H_
