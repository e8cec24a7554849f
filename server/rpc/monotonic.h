// The machine's clock that does not jump, since some start. For waits and rates of this process.
#ifndef RENKEI_SERVER_RPC_MONOTONIC_H_
#define RENKEI_SERVER_RPC_MONOTONIC_H_

#include <chrono>

#include "crypto/base/clock.h"

namespace renkei::server {

// Any thread.
inline Millis Monotonic() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_MONOTONIC_H_
