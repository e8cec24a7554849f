// Writes the seeds under corpus/ for the targets of mls.cmake, from the examples of the unit tests:
//   mls_corpus tests/fuzz/corpus
// To be run again when a structure of ours (secret_tree) changes; the RFC's do not.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/base/random.h"
#include "crypto/mls/secret_tree.h"
#include "tests/crypto/mls/support/examples.h"

namespace {

namespace mls = renkei::mls;
using renkei::Bytes;

std::filesystem::path root;

void Write(const std::string& target, const std::string& name, const Bytes& bytes) {
  std::filesystem::create_directories(root / target);
  std::ofstream out(root / target / name, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

template <typename T>
void WriteValue(const std::string& target, const std::string& name, const T& value) {
  Write(target, name, renkei::wire::Serialize(value));
}

void WriteMessages() {
  int number = 0;
  for (const mls::MlsMessage& message : mls::test::ExampleMessages()) {
    WriteValue("mls_message", "wire_format_" + std::to_string(++number), message);
  }
  number = 0;
  for (const mls::PublicMessage& message : mls::test::ExamplePublicMessages()) {
    WriteValue("mls_message", "public_" + std::to_string(++number), mls::MlsMessage{message});
  }
  for (const mls::Proposal& proposal : mls::test::ExampleProposals()) {
    mls::PublicMessage message = mls::test::ExamplePublicMessages()[1];
    message.content.content = proposal;
    WriteValue("mls_message", "proposal_" + std::to_string(static_cast<int>(proposal.type())),
               mls::MlsMessage{message});
  }
}

void WriteSecretTree() {
  mls::SecretTree tree(8, renkei::SecretBytes::CopyOf(mls::test::Filler(32, 1)));
  WriteValue("secret_tree", "fresh", tree);
  tree.Accept(tree.TryKey({3}, mls::RatchetKind::kApplication, {4}).value());
  WriteValue("secret_tree", "used", tree);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  renkei::InitCrypto();
  root = argv[1];
  WriteMessages();
  WriteSecretTree();
  using Source = mls::LeafNodeSource;
  for (const Source source : {Source::kKeyPackage, Source::kUpdate, Source::kCommit}) {
    WriteValue("leaf_node", "source_" + std::to_string(static_cast<int>(source)),
               mls::test::ExampleLeaf(source));
  }
  WriteValue("key_package", "example", mls::test::ExampleKeyPackage());
  WriteValue("group_info", "example", mls::test::ExampleGroupInfo());
  WriteValue("welcome", "example", mls::test::ExampleWelcome());
  WriteValue("ratchet_tree", "example", mls::test::ExampleTree());
  WriteValue("group_secrets", "with_path_secret", mls::test::ExampleGroupSecrets(true));
  WriteValue("group_secrets", "without", mls::test::ExampleGroupSecrets(false));
  Write("codec", "lengths", renkei::FromHex("003f4040414180004000bfffffff").value());
  Write("codec", "nested",
        renkei::FromHex("4041"
                        "4040"
                        "3f")
            .value());
  Write("codec", "vector",
        renkei::FromHex("0701aa02bbbb00"
                        "00")
            .value());
  return 0;
}
