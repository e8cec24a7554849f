// The envelope in which everything travels (RFC 9420 §6). Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_MESSAGE_H_
#define RENKEI_CRYPTO_MLS_MESSAGE_H_

#include <variant>

#include "crypto/mls/framing.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/types.h"
#include "crypto/mls/welcome.h"

namespace renkei::mls {

struct MlsMessage {
  // In the order of WireFormat.
  std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage> value;

  WireFormat wire_format() const;
  friend bool operator==(const MlsMessage&, const MlsMessage&) = default;
};
// kUnsupported for another protocol version or an unknown wire format.
void Encode(wire::Writer& out, const MlsMessage& value);
Status Decode(wire::Reader& in, MlsMessage& value);

// A whole message as it came from the network. kTooLarge above kMaxMessageBytes; kMalformed also
// for bytes behind it.
Result<MlsMessage> ParseMessage(ByteView bytes);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_MESSAGE_H_
