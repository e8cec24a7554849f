// Runs test vectors of the MLS working group, and others of the same form.
//   mls_vectors [--skip-if-absent] DIR|FILE...
// Prints passed, failed and skipped (other cipher suites) for each file. Exit 0: nothing failed; 1:
// something did, a file was unreadable, or there was no case at all; 2: usage, or no such
// directory; 77: --skip-if-absent and there is no such directory.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "crypto/base/random.h"
#include "tests/interop/vectors/vectors.h"

namespace {

using renkei::interop::Json;
using renkei::interop::Kind;
using renkei::interop::Verdict;

struct Count {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

// A case that says no suite, or says it in a way that cannot be read, is run (and fails).
bool IsOurs(const Kind& kind, const Json& test_case) {
  const auto suite = test_case.find("cipher_suite");
  return suite == test_case.end() || !suite->is_number_unsigned() ||
         std::any_of(kind.suites.begin(), kind.suites.end(),
                     [&](std::uint16_t ours) { return suite->get<std::uint64_t>() == ours; });
}

Verdict RunCase(const Kind& kind, const Json& test_case) {
  try {
    return kind.run(test_case);
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

Count RunFile(const std::filesystem::path& file, const Kind& kind) {
  Count count;
  std::ifstream in(file);
  const Json cases = Json::parse(in, nullptr, false);
  if (!cases.is_array()) {
    std::printf("%s: not a JSON array\n", file.c_str());
    count.failed = 1;
    return count;
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!IsOurs(kind, cases[i])) {
      ++count.skipped;
      continue;
    }
    const Verdict verdict = RunCase(kind, cases[i]);
    if (verdict.passed) {
      ++count.passed;
    } else {
      ++count.failed;
      std::printf("%s[%zu]: %s\n", file.filename().c_str(), i, verdict.why.c_str());
    }
  }
  return count;
}

std::vector<std::filesystem::path> FilesOf(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() == ".json") {
        files.push_back(entry.path());
      }
    }
  } else {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

int RunAll(const std::vector<std::filesystem::path>& files) {
  Count total;
  for (const auto& file : files) {
    const Kind* kind = renkei::interop::KindOf(file.stem().string());
    if (kind == nullptr) {
      std::printf("%-44s no runner\n", file.filename().c_str());
      continue;
    }
    const Count count = RunFile(file, *kind);
    std::printf("%-44s %4d passed %4d failed %4d skipped\n", file.filename().c_str(), count.passed,
                count.failed, count.skipped);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
  }
  std::printf("%-44s %4d passed %4d failed %4d skipped\n", "all", total.passed, total.failed,
              total.skipped);
  return total.failed == 0 && total.passed + total.skipped > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  renkei::InitCrypto();
  bool skip_if_absent = false;
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--skip-if-absent") == 0) {
      skip_if_absent = true;
      continue;
    }
    if (!std::filesystem::exists(argv[i])) {
      std::printf("no test vectors at %s\n", argv[i]);
      return skip_if_absent ? 77 : 2;
    }
    const auto more = FilesOf(argv[i]);
    files.insert(files.end(), more.begin(), more.end());
  }
  if (argc == 1 + static_cast<int>(skip_if_absent)) {
    std::fprintf(stderr, "usage: %s [--skip-if-absent] DIR|FILE...\n", argv[0]);
    return 2;
  }
  return RunAll(files);
}
