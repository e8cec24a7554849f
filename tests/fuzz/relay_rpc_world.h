// The relay as a hostile but certified device meets it: any bytes to any call.
#ifndef RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
#define RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_

#include <string>
#include <vector>

#include "crypto/base/bytes.h"

namespace renkei::fuzz {

// Calls in the order of the input's first byte; append only, or the corpus changes its meaning.
inline constexpr std::size_t kRelayCalls = 24;

// input[0] chooses the call, the rest is its request message. Runs it against a region with a case
// under way and puts everything back afterwards. Aborts when a call does not reply exactly once, or
// a thread's head is not its last entry any more.
void RunRelayCall(ByteView input);

// Requests that are accepted, as inputs, with names: the first corpus.
std::vector<std::pair<std::string, Bytes>> RelayCorpus();

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
