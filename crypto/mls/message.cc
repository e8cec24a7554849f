#include "crypto/mls/message.h"

#include "crypto/mls/limits.h"

namespace renkei::mls {

WireFormat MlsMessage::wire_format() const {
  return static_cast<WireFormat>(value.index() + 1);
}

void Encode(wire::Writer& out, const MlsMessage& value) {
  wire::Encode(out, ProtocolVersion::kMls10);
  wire::Encode(out, value.wire_format());
  std::visit([&](const auto& message) { Encode(out, message); }, value.value);
}

Status Decode(wire::Reader& in, MlsMessage& value) {
  ProtocolVersion version{};
  RENKEI_TRY(wire::Decode(in, version));
  if (version != ProtocolVersion::kMls10) {
    return Error(Code::kUnsupported, "mls: protocol version");
  }
  WireFormat format{};
  RENKEI_TRY(wire::Decode(in, format));
  switch (format) {
    case WireFormat::kPublicMessage:
      return Decode(in, value.value.emplace<PublicMessage>());
    case WireFormat::kPrivateMessage:
      return Decode(in, value.value.emplace<PrivateMessage>());
    case WireFormat::kWelcome:
      return Decode(in, value.value.emplace<Welcome>());
    case WireFormat::kGroupInfo:
      return Decode(in, value.value.emplace<GroupInfo>());
    case WireFormat::kKeyPackage:
      return Decode(in, value.value.emplace<KeyPackage>());
  }
  return Error(Code::kUnsupported, "mls: wire format");
}

Result<MlsMessage> ParseMessage(ByteView bytes) {
  if (bytes.size() > kMaxMessageBytes) {
    return Error(Code::kTooLarge, "mls: message over kMaxMessageBytes");
  }
  return wire::Parse<MlsMessage>(bytes);
}

}  // namespace renkei::mls
