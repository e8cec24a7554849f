#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls::test {

Capabilities PlainCapabilities() {
  Capabilities capabilities;
  capabilities.versions = {ProtocolVersion::kMls10};
  capabilities.cipher_suites = {CipherSuite::kX25519ChaCha20Sha256Ed25519};
  capabilities.credentials = {CredentialType::kBasic, CredentialType::kX509};
  return capabilities;
}

Lifetime PlainLifetime() {
  return {kNowSeconds - 3600, kNowSeconds + 90 * 86400};
}

LeafNode MakeLeaf(const SigningKey& key, std::string_view identity, Random& random) {
  LeafNode leaf;
  leaf.encryption_key = random.NextBytes(32);
  leaf.signature_key = ToBytes(key.public_key());
  leaf.credential.value = BasicCredential{ToBytes(identity)};
  leaf.capabilities = PlainCapabilities();
  leaf.source_data = KeyPackageSource{PlainLifetime()};
  Resign(leaf, key);
  return leaf;
}

LeafNode MakeLeaf(Random& random) {
  const SigningKey key = SigningKey::Generate(random);
  return MakeLeaf(key, ToHex(random.NextBytes(4)), random);
}

void Resign(LeafNode& leaf, const SigningKey& key, ByteView group_id, LeafIndex index) {
  leaf.signature =
      ToBytes(key.SignLabelled("MLS 1.0 LeafNodeTBS", LeafNodeTbs(leaf, group_id, index)));
}

ParentNode MakeParent(Random& random) {
  return {random.NextBytes(32), {}, {}};
}

RatchetTree MakeTree(std::uint32_t members, Random& random) {
  RatchetTree tree;
  for (std::uint32_t i = 0; i < members; ++i) {
    RENKEI_CHECK(tree.AddLeaf(MakeLeaf(random)).ok());
  }
  return tree;
}

RatchetTree Reread(const RatchetTree& tree) {
  auto nodes = wire::Parse<RatchetTreeNodes>(tree.Serialize());
  RENKEI_CHECK(nodes.ok());
  auto read = RatchetTree::FromNodes(std::move(nodes).value());
  RENKEI_CHECK(read.ok());
  return std::move(read).value();
}

}  // namespace renkei::mls::test
