// A relay that gives out whatever stands in its store, also entries that do not continue their
// chain; the honest one refuses to read those. What clients make of it: hostile_relay_test.py.
//   hostile_relay --data DIR --listen HOST:PORT
#include <cstdio>
#include <string_view>

#include "crypto/base/random.h"
#include "server/rpc/grpc_server.h"
#include "server/serve.h"

namespace {

int Run(int argc, char** argv) {
  renkei::server::ServeOptions options;
  options.lies = true;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--data") {
      options.data_dir = argv[i + 1];
    } else if (std::string_view(argv[i]) == "--listen") {
      options.listen = argv[i + 1];
    }
  }
  renkei::server::RequireTls13();
  renkei::server::IgnoreLockOrder();
  renkei::InitCrypto();
  renkei::server::BlockSignals();
  const std::string problem = renkei::server::Serve(options);
  std::fprintf(stderr, "%s\n", problem.c_str());
  return problem.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (...) {
    return 1;
  }
}
