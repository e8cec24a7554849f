// Any bytes as the request of one call of the relay: RENKEI_FUZZ_CALL names it ("Threads.Append").
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/relay_rpc_world.h"

namespace {

std::string CallToFuzz() {
  const char* name = std::getenv("RENKEI_FUZZ_CALL");  // NOLINT(concurrency-mt-unsafe): one thread
  if (name == nullptr || !renkei::fuzz::RelayRpcWorld::Knows(name)) {
    std::fprintf(stderr, "RENKEI_FUZZ_CALL names no call of the relay (\"Threads.Append\")\n");
    std::exit(2);  // NOLINT(concurrency-mt-unsafe): one thread
  }
  return name;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string call = CallToFuzz();
  static renkei::fuzz::RelayRpcWorld world;
  world.Run(call, {data, size});
  return 0;
}
