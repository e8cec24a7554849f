#include "crypto/wire/codec.h"

#include <algorithm>

namespace renkei::wire {
namespace {

constexpr std::size_t LengthBytes(std::size_t length) {
  if (length < 64) {
    return 1;
  }
  return length < 16384 ? 2 : 4;
}

void PutBigEndian(MutableByteView out, std::uint64_t value) {
  for (std::size_t i = out.size(); i-- > 0; value >>= 8U) {
    out[i] = static_cast<std::uint8_t>(value);
  }
}

void PutLength(MutableByteView out, std::size_t length) {
  PutBigEndian(out, length);
  constexpr std::uint8_t kPrefix[] = {0x00, 0x00, 0x40, 0x00, 0x80};
  out[0] = static_cast<std::uint8_t>(out[0] | kPrefix[out.size()]);
}

template <typename T>
Status TakeBigEndian(ByteView& rest, T& out) {
  if (rest.size() < sizeof(T)) {
    return Error(Code::kMalformed, "wire: input ends inside an integer");
  }
  std::uint64_t value = 0;
  for (const std::uint8_t byte : rest.first(sizeof(T))) {
    value = (value << 8U) | byte;
  }
  out = static_cast<T>(value);
  rest = rest.subspan(sizeof(T));
  return Ok();
}

}  // namespace

Writer::Writer(std::size_t reserve, Holds holds) : holds_(holds) {
  buffer_.reserve(reserve);
}

Writer::~Writer() {
  if (holds_ == Holds::kSecret) {
    Wipe(buffer_);
  }
}

MutableByteView Writer::Extend(std::size_t count) {
  const std::size_t old_size = buffer_.size();
  if (holds_ == Holds::kSecret && buffer_.capacity() - old_size < count) {
    Bytes larger;
    larger.reserve(std::max(2 * buffer_.capacity(), old_size + count));
    larger.assign(buffer_.begin(), buffer_.end());
    Wipe(buffer_);
    buffer_.swap(larger);
  }
  buffer_.resize(old_size + count);
  return MutableByteView(buffer_).subspan(old_size);
}

void Writer::U8(std::uint8_t value) {
  Extend(1)[0] = value;
}

void Writer::U16(std::uint16_t value) {
  PutBigEndian(Extend(2), value);
}

void Writer::U32(std::uint32_t value) {
  PutBigEndian(Extend(4), value);
}

void Writer::U64(std::uint64_t value) {
  PutBigEndian(Extend(8), value);
}

void Writer::Raw(ByteView bytes) {
  const MutableByteView to = Extend(bytes.size());
  std::copy(bytes.begin(), bytes.end(), to.begin());
}

void Writer::Zeros(std::size_t count) {
  Extend(count);
}

void Writer::Opaque(ByteView bytes) {
  Length(bytes.size());
  Raw(bytes);
}

void Writer::Length(std::size_t length) {
  RENKEI_CHECK(length <= kMaxVectorBytes);
  PutLength(Extend(LengthBytes(length)), length);
}

std::size_t Writer::BeginVector() {
  Extend(1);
  return buffer_.size();
}

// One byte was kept free for the length; longer contents move to make room for it.
void Writer::EndVector(std::size_t start) {
  const std::size_t length = buffer_.size() - start;
  RENKEI_CHECK(length <= kMaxVectorBytes);
  const std::size_t prefix = LengthBytes(length);
  if (prefix > 1) {
    Extend(prefix - 1);
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(start);
    std::copy_backward(from, from + static_cast<std::ptrdiff_t>(length), buffer_.end());
  }
  PutLength(MutableByteView(buffer_).subspan(start - 1, prefix), length);
}

Bytes Writer::Take() && {
  return std::move(buffer_);
}

SecretBytes Writer::TakeSecret() && {
  SecretBytes out = SecretBytes::CopyOf(buffer_);
  Wipe(buffer_);
  buffer_.clear();
  return out;
}

Status Reader::U8(std::uint8_t& out) {
  return TakeBigEndian(rest_, out);
}

Status Reader::U16(std::uint16_t& out) {
  return TakeBigEndian(rest_, out);
}

Status Reader::U32(std::uint32_t& out) {
  return TakeBigEndian(rest_, out);
}

Status Reader::U64(std::uint64_t& out) {
  return TakeBigEndian(rest_, out);
}

Status Reader::Raw(std::size_t count, ByteView& out) {
  if (count > rest_.size()) {
    return Error(Code::kMalformed, "wire: input ends inside a field");
  }
  out = rest_.first(count);
  rest_ = rest_.subspan(count);
  return Ok();
}

Status Reader::Length(std::size_t& out) {
  std::uint8_t first = 0;
  RENKEI_TRY(U8(first));
  const unsigned prefix = first >> 6U;
  if (prefix == 3) {
    return Error(Code::kMalformed, "wire: invalid length prefix");
  }
  ByteView more;
  RENKEI_TRY(Raw((std::size_t{1} << prefix) - 1, more));
  std::size_t length = first & 0x3fU;
  for (const std::uint8_t byte : more) {
    length = (length << 8U) | byte;
  }
  if (LengthBytes(length) != more.size() + 1) {  // RFC 9420 §2.1.2
    return Error(Code::kMalformed, "wire: length not in its shortest form");
  }
  out = length;
  return Ok();
}

Status Reader::OpaqueView(ByteView& out) {
  std::size_t length = 0;
  RENKEI_TRY(Length(length));
  return Raw(length, out);
}

Status Reader::Opaque(Bytes& out) {
  ByteView view;
  RENKEI_TRY(OpaqueView(view));
  out.assign(view.begin(), view.end());
  return Ok();
}

Status Reader::OpaqueSecret(SecretBytes& out) {
  ByteView view;
  RENKEI_TRY(OpaqueView(view));
  out = SecretBytes::CopyOf(view);
  return Ok();
}

Status Reader::Vector(Reader& out) {
  ByteView view;
  RENKEI_TRY(OpaqueView(view));
  out = Reader(view);
  return Ok();
}

Status Reader::Presence(bool& out) {
  std::uint8_t value = 0;
  RENKEI_TRY(U8(value));
  if (value > 1) {
    return Error(Code::kMalformed, "wire: presence is neither 0 nor 1");
  }
  out = value == 1;
  return Ok();
}

Status Reader::Finish() const {
  if (!AtEnd()) {
    return Error(Code::kMalformed, "wire: bytes left over");
  }
  return Ok();
}

void Encode(Writer& out, std::uint8_t value) {
  out.U8(value);
}

void Encode(Writer& out, std::uint16_t value) {
  out.U16(value);
}

void Encode(Writer& out, std::uint32_t value) {
  out.U32(value);
}

void Encode(Writer& out, std::uint64_t value) {
  out.U64(value);
}

void Encode(Writer& out, const Bytes& value) {
  out.Opaque(value);
}

Status Decode(Reader& in, std::uint8_t& value) {
  return in.U8(value);
}

Status Decode(Reader& in, std::uint16_t& value) {
  return in.U16(value);
}

Status Decode(Reader& in, std::uint32_t& value) {
  return in.U32(value);
}

Status Decode(Reader& in, std::uint64_t& value) {
  return in.U64(value);
}

Status Decode(Reader& in, Bytes& value) {
  return in.Opaque(value);
}

}  // namespace renkei::wire
