// Real requests of every call, the first corpus. Function.
#ifndef RENKEI_TESTS_FUZZ_RELAY_RPC_SEEDS_H_
#define RENKEI_TESTS_FUZZ_RELAY_RPC_SEEDS_H_

#include <string>
#include <vector>

#include "tests/fuzz/relay_rpc_world.h"

namespace renkei::fuzz {

struct RelaySeed {
  std::string method;  // "Threads.Append"
  std::string name;
  std::string request;
};

// At least one for each call that takes any bytes at all.
std::vector<RelaySeed> RelaySeeds(RelayRpcWorld& world);

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_RELAY_RPC_SEEDS_H_
