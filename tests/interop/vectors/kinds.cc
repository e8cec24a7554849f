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

}  // namespace renkei::interop
