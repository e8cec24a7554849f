// The one encoding of our messages (crypto/README.md "Encoding"): protobuf's wire format with every
// freedom taken out, so that a message has exactly one byte string and can be hashed and signed.
// Fields stand in ascending order, zero and empty ones are left out, varints are minimal, unknown
// fields are refused. It is what protobuf's own serializer writes for the same message
// (tests/crypto/thread/encoding_test.cc), but reads without copying, so that secrets never enter
// protobuf's strings. One thread.
#ifndef RENKEI_CRYPTO_THREAD_ENCODING_H_
#define RENKEI_CRYPTO_THREAD_ENCODING_H_

#include <cstdint>
#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::thread {

// Reads the fields of one message; ask for them in ascending order. What is missing reads as zero
// or empty. Mistakes are remembered and told by Finish(). Views live as long as the input.
class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) : rest_(bytes) {}

  std::uint64_t U64(std::uint32_t field);
  std::uint32_t U32(std::uint32_t field);
  std::int64_t I64(std::uint32_t field) { return static_cast<std::int64_t>(U64(field)); }
  Millis Time(std::uint32_t field) { return {I64(field)}; }
  // bytes, string or a message, present once: empty means absent.
  ByteView Blob(std::uint32_t field);
  // The next item of a repeated field (items may be empty); false when there is no more.
  bool Next(std::uint32_t field, ByteView& item);

  // Exactly N bytes, else a mistake.
  template <std::size_t N>
  ByteArray<N> Fixed(std::uint32_t field) {
    return Exactly<N>(Blob(field));
  }
  // Absent or exactly N bytes.
  template <std::size_t N>
  std::optional<ByteArray<N>> Maybe(std::uint32_t field) {
    const ByteView bytes = Blob(field);
    return bytes.empty() ? std::nullopt : std::optional(Exactly<N>(bytes));
  }
  template <typename IdType>
  IdType Read(std::uint32_t field) {
    return IdType{Fixed<kIdBytes>(field)};
  }

  // True if nothing was wrong and nothing is left.
  bool Done() const { return ok_ && rest_.empty(); }
  Status Finish(Error error) const { return Done() ? Ok() : Status(error); }

 private:
  template <std::size_t N>
  ByteArray<N> Exactly(ByteView bytes) {
    auto array = ToArray<N>(bytes);
    ok_ = ok_ && array.ok();
    return array.ok() ? *array : ByteArray<N>{};
  }
  bool TakeTag(std::uint32_t field, std::uint32_t wire_type);
  std::optional<ByteView> TakeBlob();

  ByteView rest_;
  bool ok_ = true;
};

// Writes fields; call in ascending order. Without a buffer it only counts. See Encode below.
class FieldWriter {
 public:
  FieldWriter() = default;
  explicit FieldWriter(MutableByteView out) : out_(out), counting_(false) {}

  void U64(std::uint32_t field, std::uint64_t value);
  void I64(std::uint32_t field, std::int64_t value) {
    U64(field, static_cast<std::uint64_t>(value));
  }
  void Time(std::uint32_t field, Millis value) { I64(field, value.value); }
  // Left out when empty.
  void Blob(std::uint32_t field, ByteView bytes);
  // An item of a repeated field: written even when empty.
  void Item(std::uint32_t field, ByteView bytes);
  // A message made by `fill(FieldWriter&)`; Message leaves an empty one out, MessageItem does not.
  template <typename Fill>
  void Message(std::uint32_t field, const Fill& fill) {
    if (SizeOf(fill) != 0) {
      MessageItem(field, fill);
    }
  }
  template <typename Fill>
  void MessageItem(std::uint32_t field, const Fill& fill) {
    Header(field, SizeOf(fill));
    fill(*this);
  }
  std::size_t size() const { return size_; }

  template <typename Fill>
  static std::size_t SizeOf(const Fill& fill) {
    FieldWriter counter;
    fill(counter);
    return counter.size();
  }

 private:
  void Header(std::uint32_t field, std::size_t size);
  void Varint(std::uint64_t value);
  void Put(std::uint8_t byte);

  MutableByteView out_;
  std::size_t size_ = 0;
  bool counting_ = true;
};

// The message that `fill(FieldWriter&)` writes; it is called twice, and nothing is ever copied out
// of a growing buffer, so EncodeSecret leaves no trace of a secret behind.
template <typename Fill>
Bytes Encode(const Fill& fill) {
  Bytes out(FieldWriter::SizeOf(fill));
  FieldWriter writer{MutableByteView(out)};
  fill(writer);
  return out;
}
template <typename Fill>
SecretBytes EncodeSecret(const Fill& fill) {
  SecretBytes out(FieldWriter::SizeOf(fill));
  FieldWriter writer{out.ExposeMutable()};
  fill(writer);
  return out;
}

// Fixed layouts (chain, associated data): big-endian.
void AppendU8(Bytes& out, std::uint8_t value);
void AppendU32(Bytes& out, std::uint32_t value);
void AppendU64(Bytes& out, std::uint64_t value);
inline void AppendTime(Bytes& out, Millis value) {
  AppendU64(out, static_cast<std::uint64_t>(value.value));
}

// The version field that every message of ours starts with. kMalformed: none. kUnsupported: not 1;
// told before anything else is looked at, so that an old program says "update" and not "broken".
Status CheckVersion(std::uint32_t version);

// True if `text` is well-formed UTF-8 (protobuf's `string` demands it; overlong forms, surrogates
// and code points above U+10FFFF are not).
bool IsUtf8(ByteView text);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_ENCODING_H_
