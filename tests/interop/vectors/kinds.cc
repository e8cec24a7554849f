#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {
      {"crypto-basics", RunCryptoBasics}, {"deserialization", RunDeserialization},
      {"key-schedule", RunKeySchedule},   {"message-protection", RunMessageProtection},
      {"messages", RunMessages},          {"psk_secret", RunPskSecret},
      {"secret-tree", RunSecretTree},     {"transcript-hashes", RunTranscriptHashes},
      {"tree-math", RunTreeMath},
  };
  return kKinds;
}

}  // namespace renkei::interop
