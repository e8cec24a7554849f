// GREASE (RFC 9420 §13.5): values that mean nothing, sent so that peers keep ignoring what they do
// not know. Only for what we send; received ones get no special treatment. Functions; any thread.
#ifndef RENKEI_CRYPTO_MLS_GREASE_H_
#define RENKEI_CRYPTO_MLS_GREASE_H_

#include <cstdint>

#include "crypto/base/random.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/leaf_node.h"

namespace renkei::mls {

inline constexpr std::uint64_t kGreaseValues = 15;
// One of the reserved values, picked by `choice`.
std::uint16_t GreaseValue(std::uint64_t choice);

// The capabilities with one such suite, extension, proposal and credential type at random places.
Capabilities WithGrease(Capabilities capabilities, Random& random);

// An extension with a little random data.
Extension GreaseExtension(Random& random);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GREASE_H_
