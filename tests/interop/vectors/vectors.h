// Test vectors of the MLS working group: a runner for each kind, and what the runners share. A
// runner gets one case of a file and says whether it holds. A field that is missing or of the wrong
// type throws out of the runner, and counts as failed.
#ifndef RENKEI_TESTS_INTEROP_VECTORS_VECTORS_H_
#define RENKEI_TESTS_INTEROP_VECTORS_VECTORS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"

namespace renkei::interop {

using Json = nlohmann::json;

struct Verdict {
  bool passed = true;
  std::string why;  // what did not hold
};

#define VECTOR_STRING_INNER(text) #text
#define VECTOR_STRING(text) VECTOR_STRING_INNER(text)
// Ends the runner unless `condition` holds.
#define VECTOR_EXPECT(condition)                                                                   \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      return ::renkei::interop::Verdict{false,                                                     \
                                        #condition " (" __FILE__ ":" VECTOR_STRING(__LINE__) ")"}; \
    }                                                                                              \
  } while (false)
#define VECTOR_TRY(expression)                                              \
  do {                                                                      \
    if (const auto vector_verdict = (expression); !vector_verdict.passed) { \
      return vector_verdict;                                                \
    }                                                                       \
  } while (false)

// Bytes of a hexadecimal field.
Bytes Hex(const Json& object, const char* field);
// The same for an element of an array.
Bytes HexText(const Json& text);
// An Ed25519 key: its seed, alone or followed by the public key.
SigningKey HexSigningKey(const Json& object, const char* field);
SecretBytes HexSecret(const Json& object, const char* field);
bool Same(ByteView a, ByteView b);
bool Same(const SecretBytes& a, ByteView b);
// A generator with a fixed seed: runs repeat.
Random& TestRandom();

struct Kind {
  const char* name;
  Verdict (*run)(const Json& test_case);
  // Cases for other suites are skipped; cases without a suite always run.
  std::vector<std::uint16_t> suites = {3};
};
const std::vector<Kind>& Kinds();
// The kind whose name stands in the file's name (without ".json"), at its beginning or behind a
// dash: "fresh-key-schedule", "openmls-treekem", "passive-client-random-cs3". The longest, if there
// are several; dashes and underscores are the same. Null: none.
const Kind* KindOf(std::string_view file);

Verdict RunCryptoBasics(const Json& test_case);
Verdict RunDeserialization(const Json& test_case);
Verdict RunKeySchedule(const Json& test_case);
Verdict RunMessageProtection(const Json& test_case);
Verdict RunMessages(const Json& test_case);
Verdict RunPassiveClient(const Json& test_case);
Verdict RunPskSecret(const Json& test_case);
Verdict RunSecretTree(const Json& test_case);
Verdict RunTranscriptHashes(const Json& test_case);
Verdict RunTreeKem(const Json& test_case);
Verdict RunTreeMath(const Json& test_case);
Verdict RunTreeOperations(const Json& test_case);
Verdict RunTreeValidation(const Json& test_case);
Verdict RunWelcome(const Json& test_case);

}  // namespace renkei::interop

#endif  // RENKEI_TESTS_INTEROP_VECTORS_VECTORS_H_
