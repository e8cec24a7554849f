// Stands in for libFuzzer in ordinary builds: runs every file of a corpus directory and seeded
// mutations of it, so that CTest repeats what fuzzing found.
//   <target>_fuzz DIR [MUTATIONS [SEED]]     DIR may be a single file; default 20000 mutations
// A fault aborts; the input is left in replay-crash.bin in the working directory.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

using Input = std::vector<std::uint8_t>;
constexpr std::size_t kMaxInputBytes = std::size_t{1} << 20U;

// Global because a signal handler has no other way to it.
const Input* running_input = nullptr;

extern "C" void LeaveInput(int signal_number) {
  if (std::FILE* file = std::fopen("replay-crash.bin", "wb"); file != nullptr) {
    std::fwrite(running_input->data(), 1, running_input->size(), file);
    std::fclose(file);
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void Run(const Input& input) {
  running_input = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

std::vector<Input> ReadCorpus(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      files.push_back(entry.path());
    }
  } else if (std::filesystem::exists(path)) {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());  // the same mutations on every machine
  std::vector<Input> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

// The kinds of damage that parsers stumble over: flipped bits, changed lengths, cut and repeated
// stretches, pieces of other inputs.
class Mutator {
 public:
  Mutator(const std::vector<Input>& corpus, std::uint64_t seed) : corpus_(corpus), engine_(seed) {}

  Input Next() {
    Input input = corpus_[Below(corpus_.size())];
    const std::size_t rounds = 1 + Below(4);
    for (std::size_t i = 0; i < rounds; ++i) {
      Mutate(input);
    }
    input.resize(std::min(input.size(), kMaxInputBytes));
    return input;
  }

 private:
  std::size_t Below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }

  void Mutate(Input& input) {
    const std::size_t at = Below(input.size() + 1);
    const auto here = input.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = Below(std::min<std::size_t>(input.size() - at, 64) + 1);
    const auto there = here + static_cast<std::ptrdiff_t>(count);
    constexpr std::uint8_t kEdges[] = {0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    switch (Below(6)) {
      case 0:
        if (here != input.end()) {
          *here = static_cast<std::uint8_t>(*here ^ (1U << Below(8)));
        }
        return;
      case 1:
        if (here != input.end()) {
          *here = kEdges[Below(std::size(kEdges))];
        }
        return;
      case 2:
        input.erase(here, there);
        return;
      case 3: {
        const Input piece(here, there);
        input.insert(here, piece.begin(), piece.end());
        return;
      }
      case 4: {
        const Input& other = corpus_[Below(corpus_.size())];
        const auto from = other.begin() + static_cast<std::ptrdiff_t>(Below(other.size() + 1));
        const std::size_t rest = static_cast<std::size_t>(other.end() - from);
        input.insert(here, from, from + static_cast<std::ptrdiff_t>(Below(rest + 1)));
        return;
      }
      default:
        input.resize(at);
        return;
    }
  }

  const std::vector<Input>& corpus_;
  std::mt19937_64 engine_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: %s DIR [MUTATIONS [SEED]]\n", argv[0]);
    return 2;
  }
  const unsigned long mutations = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20000;
  const unsigned long seed = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1;
  std::vector<Input> corpus = ReadCorpus(argv[1]);
  const std::size_t files = corpus.size();
  corpus.emplace_back();  // the empty input, and something to mutate without a corpus
  std::signal(SIGABRT, LeaveInput);
  std::signal(SIGSEGV, LeaveInput);
  for (const Input& input : corpus) {
    Run(input);
  }
  Mutator mutator(corpus, seed);
  for (unsigned long i = 0; i < mutations; ++i) {
    const Input input = mutator.Next();
    Run(input);
  }
  std::printf("%zu files, %lu mutations, seed %lu: no fault\n", files, mutations, seed);
  return 0;
}
