// Writes the first corpus of relay_rpc:  make_relay_corpus DIR
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/relay_rpc_world.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "relay_rpc";
  std::filesystem::create_directories(folder);
  for (const auto& [name, input] : renkei::fuzz::RelayCorpus()) {
    std::ofstream(folder / name, std::ios::binary) << renkei::AsText(input);
  }
  return 0;
}
