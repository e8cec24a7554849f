// "Secret Tree" (RFC 9420 §9), and the sender data key (§6.3.2).
#include "crypto/mls/secret_tree.h"

#include "crypto/mls/private_message.h"
#include "crypto/mls/tree_math.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

Verdict CheckKey(mls::SecretTree& tree, mls::LeafIndex leaf, mls::RatchetKind kind,
                 mls::Generation generation, const Bytes& key, const Bytes& nonce) {
  auto trial = tree.TryKey(leaf, kind, generation);
  VECTOR_EXPECT(trial.ok());
  VECTOR_EXPECT(Same(trial->message_key().key, key));
  VECTOR_EXPECT(Same(trial->message_key().nonce, nonce));
  tree.Accept(std::move(*trial));
  VECTOR_EXPECT(!tree.TryKey(leaf, kind, generation).ok());
  return {};
}

}  // namespace

Verdict RunSecretTree(const Json& test_case) {
  const Json& sender = test_case.at("sender_data");
  const mls::MessageKey key =
      mls::SenderDataKey(HexSecret(sender, "sender_data_secret"), Hex(sender, "ciphertext"));
  VECTOR_EXPECT(Same(key.key, Hex(sender, "key")));
  VECTOR_EXPECT(Same(key.nonce, Hex(sender, "nonce")));

  const Json& leaves = test_case.at("leaves");
  const auto count = static_cast<std::uint32_t>(leaves.size());
  mls::SecretTree tree(mls::FullLeafCount(count), HexSecret(test_case, "encryption_secret"));
  for (std::uint32_t leaf = 0; leaf < count; ++leaf) {
    for (const Json& step : leaves.at(leaf)) {
      const mls::Generation generation{step.at("generation").get<std::uint32_t>()};
      VECTOR_TRY(CheckKey(tree, {leaf}, mls::RatchetKind::kHandshake, generation,
                          Hex(step, "handshake_key"), Hex(step, "handshake_nonce")));
      VECTOR_TRY(CheckKey(tree, {leaf}, mls::RatchetKind::kApplication, generation,
                          Hex(step, "application_key"), Hex(step, "application_nonce")));
    }
  }
  return {};
}

}  // namespace renkei::interop
