// Test vectors of the formats that crypto/README.md specifies, made from fixed seeds. Whoever
// writes another implementation checks it against vectors/*.json; a change of format changes them.
#ifndef RENKEI_TESTS_CRYPTO_SEAL_VECTORS_H_
#define RENKEI_TESTS_CRYPTO_SEAL_VECTORS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace renkei::test {

using Json = nlohmann::ordered_json;

struct VectorFile {
  std::string name;  // "record.json"
  Json content;
};

// All files, always the same. Bytes are lowercase hexadecimal, times milliseconds UTC.
std::vector<VectorFile> MakeVectors();

// As it stands in the file.
std::string Text(const VectorFile& file);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_SEAL_VECTORS_H_
