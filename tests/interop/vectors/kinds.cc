#include <algorithm>
#include <cstring>
#include <string>

#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {
      {"crypto-basics", RunCryptoBasics},
      {"deserialization", RunDeserialization},
      {"interop-passive", RunPassiveClient},
      {"key-schedule", RunKeySchedule},
      {"message-protection", RunMessageProtection},
      {"messages", RunMessages},
      {"passive-client", RunPassiveClient},
      {"psk_secret", RunPskSecret},
      {"secret-tree", RunSecretTree},
      {"transcript-hashes", RunTranscriptHashes},
      {"tree-math", RunTreeMath},
      // Says suite 1, but encrypts nothing.
      {"tree-operations", RunTreeOperations, {1, 2, 3, 4, 5, 6, 7}},
      {"tree-validation", RunTreeValidation},
      {"treekem", RunTreeKem},
      {"welcome", RunWelcome},
  };
  return kKinds;
}

namespace {

std::string WithDashes(std::string_view text) {
  std::string out = "-";
  out += text;
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace

const Kind* KindOf(std::string_view file) {
  const std::string name = WithDashes(file);
  const Kind* best = nullptr;
  for (const Kind& kind : Kinds()) {
    const bool longer = best == nullptr || std::strlen(kind.name) > std::strlen(best->name);
    if (longer && name.find(WithDashes(kind.name)) != std::string::npos) {
      best = &kind;
    }
  }
  return best;
}

}  // namespace renkei::interop
