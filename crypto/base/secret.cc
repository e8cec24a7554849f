#include "crypto/base/secret.h"

#include <sodium.h>

#include <algorithm>

namespace renkei {

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  if (size > kInlineBytes) {
    heap_ = std::make_unique<std::uint8_t[]>(size);
  }
}

SecretBytes SecretBytes::CopyOf(ByteView bytes) {
  SecretBytes out(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.ExposeMutable().begin());
  return out;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept {
  TakeFrom(other);
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Wipe();
    TakeFrom(other);
  }
  return *this;
}

SecretBytes::~SecretBytes() {
  Wipe();
}

ByteView SecretBytes::Expose() const {
  return {heap_ ? heap_.get() : inline_.data(), size_};
}

MutableByteView SecretBytes::ExposeMutable() {
  return {heap_ ? heap_.get() : inline_.data(), size_};
}

void SecretBytes::Wipe() {
  if (size_ != 0) {
    const MutableByteView bytes = ExposeMutable();
    sodium_memzero(bytes.data(), bytes.size());
  }
  heap_.reset();
  size_ = 0;
}

void SecretBytes::TakeFrom(SecretBytes& other) noexcept {
  size_ = other.size_;
  heap_ = std::move(other.heap_);
  if (!heap_ && size_ != 0) {
    std::copy_n(other.inline_.begin(), size_, inline_.begin());
    sodium_memzero(other.inline_.data(), size_);
  }
  other.size_ = 0;
}

void Wipe(MutableByteView bytes) {
  if (!bytes.empty()) {
    sodium_memzero(bytes.data(), bytes.size());
  }
}

bool Equal(const SecretBytes& a, const SecretBytes& b) {
  return Equal(a.Expose(), b.Expose());
}

}  // namespace renkei
