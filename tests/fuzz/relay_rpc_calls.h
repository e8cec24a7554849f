// The handlers of every call, as the services call them. Function; one thread.
#ifndef RENKEI_TESTS_FUZZ_RELAY_RPC_CALLS_H_
#define RENKEI_TESTS_FUZZ_RELAY_RPC_CALLS_H_

#include <functional>
#include <map>
#include <string>

#include "server/core/relay.h"

namespace renkei::fuzz {

using RunCall =
    std::function<void(server::Relay&, const server::Caller&, const std::string& request)>;

// By name, "Threads.Append". Each replies exactly once, or aborts; a request that is none never
// reaches a handler.
const std::map<std::string, RunCall>& RelayCalls();

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_RELAY_RPC_CALLS_H_
