// The relay as a hostile but certified device meets it: any bytes to any call.
#ifndef RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
#define RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_

#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace renkei::fuzz {

// Runs one call ("Threads.Append") with these bytes as its request, against a region with a case
// under way: by a member of it, then by a stranger; puts everything back afterwards. Aborts when a
// call does not reply exactly once, or a thread's head is not its last entry any more.
void RunRelayCall(const std::string& method, ByteView input);

// Every call there is one for.
std::vector<std::string> RelayCalls();

// Real requests, the first corpus.
struct RelayInput {
  std::string method;
  std::string name;
  Bytes request;
};
std::vector<RelayInput> RelayCorpus();

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
