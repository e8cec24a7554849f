// Where a connection comes from, for limits of callers without a certificate. Value; any thread.
#ifndef RENKEI_SERVER_CORE_ADDRESS_H_
#define RENKEI_SERVER_CORE_ADDRESS_H_

#include "crypto/base/ids.h"

namespace renkei::server {

// An IPv4 address mapped into IPv6, or an IPv6 network (/64). Zeros: none of these.
using AddressKey = ByteArray<kIdBytes>;

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ADDRESS_H_
