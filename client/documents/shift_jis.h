// Shift_JIS as Windows writes it (CP932). Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_SHIFT_JIS_H_
#define RENKEI_CLIENT_DOCUMENTS_SHIFT_JIS_H_

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace renkei::documents {

// UTF-8. Empty optional: a byte sequence that is no CP932, or a character cut off at the end.
std::optional<std::string> DecodeShiftJis(ByteView bytes);

struct ShiftJisText {
  Bytes bytes;
  std::string missing;  // the first character that CP932 does not have; then `bytes` is empty
};
// Wave dash, minus and the like, which differ between JIS and Windows, are written as Windows does.
ShiftJisText EncodeShiftJis(std::string_view utf8);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_SHIFT_JIS_H_
