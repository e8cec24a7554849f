// Writes tests/crypto/seal/vectors/*.json:  make_seal_vectors DIR
#include <cstdio>
#include <fstream>

#include "tests/crypto/seal/vectors.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  for (const renkei::test::VectorFile& file : renkei::test::MakeVectors()) {
    std::ofstream out(std::string(argv[1]) + "/" + file.name, std::ios::binary);
    out << renkei::test::Text(file);
    if (!out.flush()) {
      std::fprintf(stderr, "cannot write %s\n", file.name.c_str());
      return 1;
    }
  }
  return 0;
}
