// The TLS presentation language as MLS uses it (RFC 9420 §2.1): big-endian integers, optional<T>,
// and vectors whose byte length stands before them as a variable-size integer.
//
// A type T takes part by two free functions beside it:
//   void   Encode(wire::Writer& out, const T& value);
//   Status Decode(wire::Reader& in, T& value);   // on failure `value` is to be dropped
// Serialize() and Parse() are the borders where whole buffers go in and out. Every value has one
// encoding only (minimal lengths, presence byte 0 or 1), so Serialize(Parse(x)) == x.
// Readers take hostile bytes: nothing is allocated that the input does not hold. One thread.
#ifndef RENKEI_CRYPTO_WIRE_CODEC_H_
#define RENKEI_CRYPTO_WIRE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::wire {

// Lengths of 2^30 bytes and more have no encoding (RFC 9420 §2.1.2).
inline constexpr std::size_t kMaxVectorBytes = (std::size_t{1} << 30U) - 1;

// Builds one buffer. A Writer for secrets wipes every buffer it leaves behind.
class Writer {
 public:
  enum class Holds : std::uint8_t { kPublic, kSecret };

  explicit Writer(std::size_t reserve = 0, Holds holds = Holds::kPublic);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void U8(std::uint8_t value);
  void U16(std::uint16_t value);
  void U32(std::uint32_t value);
  void U64(std::uint64_t value);
  // The bytes alone, without a length.
  void Raw(ByteView bytes);
  void Zeros(std::size_t count);
  // opaque<V>. More than kMaxVectorBytes is our bug and aborts: callers bound what they take in.
  void Opaque(ByteView bytes);
  // A variable-size length by itself, at most kMaxVectorBytes.
  void Length(std::size_t length);

  // A vector<V> whose contents `body()` writes into this Writer.
  template <typename Body>
  void Vector(Body&& body) {
    const std::size_t start = BeginVector();
    std::forward<Body>(body)();
    EndVector(start);
  }

  std::size_t size() const { return buffer_.size(); }
  // Valid until the next write.
  ByteView view() const { return buffer_; }
  Bytes Take() &&;
  SecretBytes TakeSecret() &&;

 private:
  std::size_t BeginVector();
  void EndVector(std::size_t start);
  MutableByteView Extend(std::size_t count);

  Bytes buffer_;
  Holds holds_;
};

// Walks over bytes it does not own. Every failure is kMalformed (too short, not minimal, out of
// range) unless a named limit was passed: then kTooLarge.
class Reader {
 public:
  Reader() = default;
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  Status U8(std::uint8_t& out);
  Status U16(std::uint16_t& out);
  Status U32(std::uint32_t& out);
  Status U64(std::uint64_t& out);
  // The next `count` bytes, as a view into the input.
  Status Raw(std::size_t count, ByteView& out);
  // A variable-size length by itself; kMalformed if not in its shortest form.
  Status Length(std::size_t& out);
  // opaque<V>: a view into the input, a copy, or a copy that is wiped.
  Status OpaqueView(ByteView& out);
  Status Opaque(Bytes& out);
  Status OpaqueSecret(SecretBytes& out);
  // A Reader over the contents of a vector<V>; this one goes on behind it.
  Status Vector(Reader& out);
  // 0 or 1 (RFC 9420 §2.1.1).
  Status Presence(bool& out);

  bool AtEnd() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  ByteView rest() const { return rest_; }
  // kMalformed if bytes are left over.
  Status Finish() const;

 private:
  ByteView rest_;
};

void Encode(Writer& out, std::uint8_t value);
void Encode(Writer& out, std::uint16_t value);
void Encode(Writer& out, std::uint32_t value);
void Encode(Writer& out, std::uint64_t value);
void Encode(Writer& out, const Bytes& value);  // opaque<V>
Status Decode(Reader& in, std::uint8_t& value);
Status Decode(Reader& in, std::uint16_t& value);
Status Decode(Reader& in, std::uint32_t& value);
Status Decode(Reader& in, std::uint64_t& value);
Status Decode(Reader& in, Bytes& value);

// Registry values (cipher suites, extension types...) are 16 bits wide and open: whatever comes is
// kept. Closed enums (8 bits) have a Decode of their own that checks the range.
template <typename T>
concept RegistryEnum = std::is_enum_v<T> && sizeof(T) == 2;

template <RegistryEnum T>
void Encode(Writer& out, T value) {
  out.U16(static_cast<std::uint16_t>(value));
}
template <RegistryEnum T>
Status Decode(Reader& in, T& value) {
  std::uint16_t raw = 0;
  RENKEI_TRY(in.U16(raw));
  value = static_cast<T>(raw);
  return Ok();
}

// vector<T<V>>. `max_count` bounds what a few input bytes may make us allocate.
template <typename T>
void EncodeVector(Writer& out, const std::vector<T>& values) {
  out.Vector([&] {
    for (const T& value : values) {
      Encode(out, value);
    }
  });
}
template <typename T>
Status DecodeVector(Reader& in, std::vector<T>& values, std::size_t max_count) {
  Reader body;
  RENKEI_TRY(in.Vector(body));
  values.clear();
  while (!body.AtEnd()) {
    if (values.size() == max_count) {
      return Error(Code::kTooLarge, "wire: too many elements in a vector");
    }
    RENKEI_TRY(Decode(body, values.emplace_back()));
  }
  return Ok();
}

// optional<T> (RFC 9420 §2.1.1).
template <typename T>
void EncodeOptional(Writer& out, const std::optional<T>& value) {
  out.U8(value ? 1 : 0);
  if (value) {
    Encode(out, *value);
  }
}
template <typename T>
Status DecodeOptional(Reader& in, std::optional<T>& value) {
  bool present = false;
  RENKEI_TRY(in.Presence(present));
  value.reset();
  if (present) {
    RENKEI_TRY(Decode(in, value.emplace()));
  }
  return Ok();
}

template <typename T>
Bytes Serialize(const T& value) {
  Writer out;
  Encode(out, value);
  return std::move(out).Take();
}

// One T and nothing behind it.
template <typename T>
Result<T> Parse(ByteView bytes) {
  Reader in(bytes);
  T value;
  RENKEI_TRY(Decode(in, value));
  RENKEI_TRY(in.Finish());
  return value;
}

}  // namespace renkei::wire

#endif  // RENKEI_CRYPTO_WIRE_CODEC_H_
