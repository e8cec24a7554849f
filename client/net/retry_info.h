// When a relay that is over a limit wants to be asked again, and whether it is the one of bytes in
// its store (google.rpc.RetryInfo and ErrorInfo in `grpc-status-details-bin`;
// proto/renkei/relay/v1/status.proto). Functions; any thread.
#ifndef RENKEI_CLIENT_NET_RETRY_INFO_H_
#define RENKEI_CLIENT_NET_RETRY_INFO_H_

#include <string>

#include "crypto/base/clock.h"

namespace renkei::client {

// `details`: the trailer as it came, anything. 0: it does not say. At most kMaxAskedWait: a relay
// must not be able to silence a client for longer.
Millis RetryDelayOf(const std::string& details);

// Whether it says that the device or its institution has too much in the relay's store.
bool SaysStoreIsFull(const std::string& details);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_NET_RETRY_INFO_H_
