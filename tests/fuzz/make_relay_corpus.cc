// Writes the first corpus of each call of the relay, or checks that none is forgotten:
//   make_relay_corpus DIR                     DIR/relay_rpc/Threads.Append/append, ...
//   make_relay_corpus --check DIR CALL...     exit 1 unless CALL... are exactly the calls that the
//                                             relay serves, each is known, and each has a seed
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "server/rpc/methods.h"
#include "tests/fuzz/relay_rpc_seeds.h"

namespace renkei::fuzz {
namespace {

using std::filesystem::path;

int Write(const path& folder) {
  RelayRpcWorld world;
  for (const RelaySeed& seed : RelaySeeds(world)) {
    const path to = folder / "relay_rpc" / seed.method;
    std::filesystem::create_directories(to);
    std::ofstream(to / seed.name, std::ios::binary) << seed.request;
  }
  return 0;
}

int Check(const path& folder, const std::set<std::string>& targets) {
  std::set<std::string> served;
  for (const std::string& method : server::MethodNames()) {
    served.insert(method);
  }
  int missing = targets == served ? 0 : 1;
  if (missing != 0) {
    std::fprintf(stderr, "relay.cmake names %zu calls, the relay serves %zu\n", targets.size(),
                 served.size());
  }
  for (const std::string& method : served) {
    const path seeds = folder / "relay_rpc" / method;
    if (!targets.contains(method) || !RelayRpcWorld::Knows(method) ||
        !std::filesystem::exists(seeds) || std::filesystem::is_empty(seeds)) {
      std::fprintf(stderr, "%s: no target (relay.cmake, relay_rpc_calls.cc) or no seed in %s\n",
                   method.c_str(), seeds.c_str());
      ++missing;
    }
  }
  return missing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace renkei::fuzz

int main(int argc, char** argv) {
  if (argc >= 3 && std::string(argv[1]) == "--check") {
    return renkei::fuzz::Check(argv[2], std::set<std::string>(argv + 3, argv + argc));
  }
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR, or %s --check DIR CALL...\n", argv[0], argv[0]);
    return 2;
  }
  return renkei::fuzz::Write(argv[1]);
}
