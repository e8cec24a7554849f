#include "crypto/thread/encoding.h"

#include <algorithm>
#include <limits>

namespace renkei::thread {
namespace {

constexpr std::uint32_t kWireVarint = 0;
constexpr std::uint32_t kWireLength = 2;
constexpr std::size_t kMaxVarintBytes = 10;

// Takes a minimal varint from the front of `rest`; leaves `rest` alone when there is none.
std::optional<std::uint64_t> TakeVarint(ByteView& rest) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rest.size() && i < kMaxVarintBytes; ++i) {
    const std::uint8_t byte = rest[i];
    if (i + 1 == kMaxVarintBytes && byte > 1) {
      return std::nullopt;  // more than 64 bits
    }
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if ((byte & 0x80U) == 0) {
      if (i > 0 && byte == 0) {
        return std::nullopt;  // not minimal
      }
      rest = rest.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::uint64_t Tag(std::uint32_t field, std::uint32_t wire_type) {
  return (std::uint64_t{field} << 3U) | wire_type;
}

// Length of the UTF-8 sequence at the front of `text`, 0 if there is none.
std::size_t Utf8Length(ByteView text) {
  const std::uint8_t first = text[0];
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  const std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (text[1] < low || text[1] > high) {
    return 0;
  }
  const ByteView tail = text.subspan(2, length - 2);
  const bool good =
      std::all_of(tail.begin(), tail.end(), [](std::uint8_t b) { return (b & 0xC0U) == 0x80; });
  return good ? length : 0;
}

}  // namespace

bool FieldReader::TakeTag(std::uint32_t field, std::uint32_t wire_type) {
  ByteView rest = rest_;
  const auto tag = TakeVarint(rest);
  if (!tag || *tag != Tag(field, wire_type)) {
    return false;  // absent, or a mistake that is left over for Finish()
  }
  rest_ = rest;
  return true;
}

std::uint64_t FieldReader::U64(std::uint32_t field) {
  if (!TakeTag(field, kWireVarint)) {
    return 0;
  }
  const auto value = TakeVarint(rest_);
  ok_ = ok_ && value.has_value() && *value != 0;
  return value.value_or(0);
}

std::uint32_t FieldReader::U32(std::uint32_t field) {
  const std::uint64_t value = U64(field);
  ok_ = ok_ && value <= std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(value);
}

std::optional<ByteView> FieldReader::TakeBlob() {
  const auto size = TakeVarint(rest_);
  if (!size || *size > rest_.size()) {
    ok_ = false;
    return std::nullopt;
  }
  const ByteView blob = rest_.first(static_cast<std::size_t>(*size));
  rest_ = rest_.subspan(blob.size());
  return blob;
}

ByteView FieldReader::Blob(std::uint32_t field) {
  if (!TakeTag(field, kWireLength)) {
    return {};
  }
  const auto blob = TakeBlob();
  ok_ = ok_ && blob.has_value() && !blob->empty();
  return blob.value_or(ByteView());
}

bool FieldReader::Next(std::uint32_t field, ByteView& item) {
  if (!ok_ || !TakeTag(field, kWireLength)) {
    return false;
  }
  const auto blob = TakeBlob();
  item = blob.value_or(ByteView());
  return blob.has_value();
}

void FieldWriter::Put(std::uint8_t byte) {
  if (!counting_) {
    RENKEI_CHECK(size_ < out_.size());
    out_[size_] = byte;
  }
  ++size_;
}

void FieldWriter::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    Put(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  Put(static_cast<std::uint8_t>(value));
}

void FieldWriter::U64(std::uint32_t field, std::uint64_t value) {
  if (value != 0) {
    Varint(Tag(field, kWireVarint));
    Varint(value);
  }
}

void FieldWriter::Header(std::uint32_t field, std::size_t size) {
  Varint(Tag(field, kWireLength));
  Varint(size);
}

void FieldWriter::Item(std::uint32_t field, ByteView bytes) {
  Header(field, bytes.size());
  if (!counting_) {
    RENKEI_CHECK(bytes.size() <= out_.size() - size_);
    std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_));
  }
  size_ += bytes.size();
}

void FieldWriter::Blob(std::uint32_t field, ByteView bytes) {
  if (!bytes.empty()) {
    Item(field, bytes);
  }
}

void AppendU8(Bytes& out, std::uint8_t value) {
  out.push_back(value);
}

void AppendU32(Bytes& out, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void AppendU64(Bytes& out, std::uint64_t value) {
  AppendU32(out, static_cast<std::uint32_t>(value >> 32U));
  AppendU32(out, static_cast<std::uint32_t>(value));
}

Status CheckVersion(std::uint32_t version) {
  if (version == 0) {
    return Error(Code::kMalformed, "encoding: no version");
  }
  if (version != 1) {
    return Error(Code::kUnsupported, "encoding: a later version");
  }
  return Ok();
}

bool IsUtf8(ByteView text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) {
      return false;
    }
    text = text.subspan(length);
  }
  return true;
}

}  // namespace renkei::thread
