// One call of the relay, chosen when it is compiled (relay.cmake).
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/relay_rpc_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  renkei::fuzz::RunRelayCall(RENKEI_FUZZ_RPC, {data, size});
  return 0;
}
