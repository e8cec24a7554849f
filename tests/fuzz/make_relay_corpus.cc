// Writes the first corpora of the relay's calls, or checks that none is forgotten:
//   make_relay_corpus DIR          DIR/rpc_threads_append/...
//   make_relay_corpus --check DIR  exit 1 unless every call of every service has a target and seeds
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "renkei/relay/v1/threads.pb.h"
#include "tests/fuzz/relay_rpc_world.h"

namespace renkei::fuzz {
namespace {

// "Threads.AppendPack": "rpc_threads_appendpack", as relay.cmake makes it.
std::string FolderOf(const std::string& method) {
  std::string out = "rpc_";
  for (const char letter : method) {
    out.push_back(letter == '.' ? '_' : static_cast<char>(std::tolower(letter)));
  }
  return out;
}

std::set<std::string> Declared() {
  std::set<std::string> out;
  for (const auto* file : {relay::v1::CreateTicketRequest::descriptor()->file(),
                           relay::v1::PublishRequest::descriptor()->file(),
                           relay::v1::CommitRequest::descriptor()->file(),
                           relay::v1::MailboxFetchRequest::descriptor()->file(),
                           relay::v1::FetchPacksRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        out.insert(file->service(s)->name() + "." + file->service(s)->method(m)->name());
      }
    }
  }
  return out;
}

int Check(const std::filesystem::path& folder) {
  const std::vector<std::string> calls = RelayCalls();
  const std::set<std::string> known(calls.begin(), calls.end());
  const std::set<std::string> targets = {RENKEI_FUZZ_RPCS};
  int missing = 0;
  for (const std::string& method : Declared()) {
    const std::filesystem::path seeds = folder / FolderOf(method);
    if (!known.contains(method) || !targets.contains(method) || !std::filesystem::exists(seeds) ||
        std::filesystem::is_empty(seeds)) {
      std::fprintf(stderr, "%s: no target (relay.cmake, relay_rpc_world.cc) or no seed in %s\n",
                   method.c_str(), seeds.c_str());
      ++missing;
    }
  }
  return missing == 0 ? 0 : 1;
}

int Write(const std::filesystem::path& folder) {
  for (const RelayInput& input : RelayCorpus()) {
    const std::filesystem::path to = folder / FolderOf(input.method);
    std::filesystem::create_directories(to);
    std::ofstream(to / input.name, std::ios::binary) << AsText(input.request);
  }
  return 0;
}

}  // namespace
}  // namespace renkei::fuzz

int main(int argc, char** argv) {
  const bool is_check = argc == 3 && std::string(argv[1]) == "--check";
  if (argc != 2 && !is_check) {
    std::fprintf(stderr, "usage: %s [--check] DIR\n", argv[0]);
    return 2;
  }
  return is_check ? renkei::fuzz::Check(argv[2]) : renkei::fuzz::Write(argv[1]);
}
