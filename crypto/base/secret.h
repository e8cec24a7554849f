// SecretBytes: keys and whatever derives them. Wiped when it goes, move-only, cannot be printed,
// compared or copied by accident. Up to kInlineBytes it lives inside the object (no allocation).
// One thread at a time.
#ifndef RENKEI_CRYPTO_BASE_SECRET_H_
#define RENKEI_CRYPTO_BASE_SECRET_H_

#include <cstddef>
#include <memory>

#include "crypto/base/bytes.h"

namespace renkei {

class SecretBytes {
 public:
  static constexpr std::size_t kInlineBytes = 64;

  SecretBytes() = default;
  // `size` zero bytes, to be filled through ExposeMutable().
  explicit SecretBytes(std::size_t size);
  static SecretBytes CopyOf(ByteView bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Every place that touches raw key bytes is found by searching for these two names.
  // The view lives as long as this object is neither moved from nor destroyed.
  ByteView Expose() const;
  MutableByteView ExposeMutable();

  // A deliberate second copy.
  SecretBytes Clone() const { return CopyOf(Expose()); }
  void Wipe();

 private:
  void TakeFrom(SecretBytes& other) noexcept;

  ByteArray<kInlineBytes> inline_{};
  std::unique_ptr<std::uint8_t[]> heap_;
  std::size_t size_ = 0;
};

// Zeroes memory so that no compiler leaves it out. For buffers that cannot be SecretBytes.
void Wipe(MutableByteView bytes);

// Constant time for equal lengths.
bool Equal(const SecretBytes& a, const SecretBytes& b);

}  // namespace renkei

#endif  // RENKEI_CRYPTO_BASE_SECRET_H_
