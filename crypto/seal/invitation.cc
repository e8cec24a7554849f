#include "crypto/seal/invitation.h"

#include <algorithm>
#include <optional>

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::seal {
namespace {

constexpr std::string_view kPrefix = "RENKEI";
constexpr char kTextVersion = '1';
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroup = 5;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kFixedBytes = 2 + kIdBytes + kHashBytes + kIdBytes + kIdBytes + kHashBytes +
                                    kIdBytes + kInvitationSecretBytes + 8 + 1;
constexpr std::size_t kMinAddressBytes = 3;

Hash32 Checksum(ByteView payload) {
  return Sha256({AsBytes(labels::kInvitationCheck), payload});
}

// Payload bytes are as secret as the invitation, so they are only ever held in SecretBytes.
class Writer {
 public:
  explicit Writer(std::size_t size) : bytes_(size) {}

  void Put(ByteView bytes) {
    const MutableByteView out = bytes_.ExposeMutable();
    RENKEI_CHECK(at_ + bytes.size() <= out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += bytes.size();
  }
  void PutByte(std::uint8_t byte) { Put(ByteView(&byte, 1)); }
  ByteView Done() const { return bytes_.Expose().first(at_); }

 private:
  SecretBytes bytes_;
  std::size_t at_ = 0;
};

std::string EncodeBase32(ByteView bytes) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  const auto emit = [&out](std::uint32_t value) {
    if (out.size() % (kGroup + 1) == kGroup) {
      out.push_back('-');
    }
    out.push_back(kAlphabet[value & 31U]);
  };
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      emit(buffer >> bits);
    }
  }
  if (bits > 0) {
    emit(buffer << (5 - bits));
  }
  return out;
}

// Empty for what people put between the letters.
std::optional<char> Normalize(char c) {
  switch (c) {
    case ' ':
    case '-':
    case '\t':
    case '\r':
    case '\n':
      return std::nullopt;
    default:
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

std::optional<std::uint32_t> Base32Digit(char c) {
  if (c == 'O') {
    c = '0';
  } else if (c == 'I' || c == 'L') {
    c = '1';
  }
  const std::size_t digit = kAlphabet.find(c);
  return digit == std::string_view::npos ? std::nullopt
                                         : std::optional(static_cast<std::uint32_t>(digit));
}

// `text` in one case and without what people put between the letters.
SecretBytes Letters(std::string_view text) {
  SecretBytes buffer(text.size());
  const MutableByteView out = buffer.ExposeMutable();
  std::size_t size = 0;
  for (const char c : text) {
    if (const auto normal = Normalize(c)) {
      out[size++] = static_cast<std::uint8_t>(*normal);
    }
  }
  return SecretBytes::CopyOf(buffer.Expose().first(size));
}

Result<SecretBytes> DecodeBase32(std::string_view text) {
  SecretBytes out(text.size() * 5 / 8);
  const MutableByteView bytes = out.ExposeMutable();
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const auto digit = Base32Digit(c);
    if (!digit.has_value()) {
      return Error(Code::kMalformed, "invitation: mistyped");
    }
    buffer = (buffer << 5U) | *digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = static_cast<std::uint8_t>(buffer >> bits);
    }
  }
  if (bits >= 5 || (buffer & ((1U << bits) - 1U)) != 0) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  return out;
}

// Sizes are checked before: the payload holds at least kFixedBytes.
class FieldCursor {
 public:
  explicit FieldCursor(ByteView bytes) : rest_(bytes) {}
  ByteView Take(std::size_t size) {
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  template <std::size_t N>
  ByteArray<N> TakeArray() {
    return ToArray<N>(Take(N)).value();
  }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
};

std::int64_t BigEndian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = (value << 8U) | byte;
  }
  return static_cast<std::int64_t>(value);
}

Result<Invitation> ParsePayload(ByteView payload) {
  FieldCursor cursor(payload);
  Invitation out;
  const std::uint8_t version = cursor.Take(1)[0];
  const std::uint8_t purpose = cursor.Take(1)[0];
  if (version != kVersion || purpose < 1 || purpose > 3) {
    return Error(Code::kUnsupported, "invitation: unknown version");
  }
  out.purpose = static_cast<InvitationPurpose>(purpose);
  out.region.bytes = cursor.TakeArray<kIdBytes>();
  out.root_fingerprint = cursor.TakeArray<kHashBytes>();
  out.institution.bytes = cursor.TakeArray<kIdBytes>();
  out.person.bytes = cursor.TakeArray<kIdBytes>();
  out.institution_key_hash = cursor.TakeArray<kHashBytes>();
  out.ticket.bytes = cursor.TakeArray<kIdBytes>();
  out.secret = SecretBytes::CopyOf(cursor.Take(kInvitationSecretBytes));
  out.expires_at = {BigEndian(cursor.Take(8))};
  const std::size_t address_size = cursor.Take(1)[0];
  if (address_size < kMinAddressBytes || cursor.left() != address_size) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  out.relay_address = ToString(cursor.Take(address_size));
  RENKEI_TRY(CheckRelayAddress(out.relay_address));
  return out;
}

}  // namespace

Status CheckRelayAddress(std::string_view address) {
  const Error refused(Code::kMalformed, "invitation: the relay's address is not host:port");
  const std::size_t colon = address.rfind(':');
  if (address.size() < kMinAddressBytes || address.size() > kMaxRelayAddressBytes ||
      colon == std::string_view::npos || colon == 0 || !thread::IsUtf8(AsBytes(address))) {
    return refused;
  }
  const std::string_view port = address.substr(colon + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
  if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit) ||
      std::any_of(address.begin(), address.end(), is_control)) {
    return refused;
  }
  return Ok();
}

std::string FormatInvitation(const Invitation& invitation) {
  const std::string& address = invitation.relay_address;
  RENKEI_CHECK(CheckRelayAddress(address).ok());
  RENKEI_CHECK(invitation.secret.size() == kInvitationSecretBytes);
  Writer writer(kFixedBytes + address.size() + kChecksumBytes);
  writer.PutByte(kVersion);
  writer.PutByte(static_cast<std::uint8_t>(invitation.purpose));
  writer.Put(invitation.region.view());
  writer.Put(invitation.root_fingerprint);
  writer.Put(invitation.institution.view());
  writer.Put(invitation.person.view());
  writer.Put(invitation.institution_key_hash);
  writer.Put(invitation.ticket.view());
  writer.Put(invitation.secret.Expose());
  const auto expires_at = static_cast<std::uint64_t>(invitation.expires_at.value);
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    writer.PutByte(static_cast<std::uint8_t>(expires_at >> (shift - 8)));
  }
  writer.PutByte(static_cast<std::uint8_t>(address.size()));
  writer.Put(AsBytes(address));
  writer.Put(ByteView(Checksum(writer.Done())).first(kChecksumBytes));
  return std::string(kPrefix) + kTextVersion + '-' + EncodeBase32(writer.Done());
}

Result<Invitation> ParseInvitation(std::string_view text) {
  if (text.size() > kMaxInvitationTextBytes) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  const SecretBytes letters = Letters(text);
  const std::string_view code = AsText(letters.Expose());
  if (code.size() <= kPrefix.size() || code.substr(0, kPrefix.size()) != kPrefix) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  if (code[kPrefix.size()] != kTextVersion) {
    return Error(Code::kUnsupported, "invitation: unknown version");
  }
  RENKEI_ASSIGN(const SecretBytes bytes, DecodeBase32(code.substr(kPrefix.size() + 1)));
  if (bytes.size() < kFixedBytes + kMinAddressBytes + kChecksumBytes) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  const ByteView payload = bytes.Expose().first(bytes.size() - kChecksumBytes);
  const Hash32 checksum = Checksum(payload);
  if (!Equal(ByteView(checksum).first(kChecksumBytes), bytes.Expose().last(kChecksumBytes))) {
    return Error(Code::kMalformed, "invitation: mistyped");
  }
  return ParsePayload(payload);
}

}  // namespace renkei::seal
