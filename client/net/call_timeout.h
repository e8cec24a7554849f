// How long a call may take before it is given up. Function; any thread.
#ifndef RENKEI_CLIENT_NET_CALL_TIMEOUT_H_
#define RENKEI_CLIENT_NET_CALL_TIMEOUT_H_

#include <chrono>
#include <cstddef>

namespace renkei::client {

// For the relay to answer, and for so many bytes to get there, or from there, over a telephone
// whose contract is used up (128 kbit/s in Japan): what takes longer each time would never be sent,
// or read.
constexpr std::chrono::seconds CallTimeout(std::size_t bytes) {
  constexpr std::chrono::seconds kAnswer(20);
  constexpr std::size_t kBytesPerSecond = 8 * 1024;
  return kAnswer + std::chrono::seconds(bytes / kBytesPerSecond);
}

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_NET_CALL_TIMEOUT_H_
