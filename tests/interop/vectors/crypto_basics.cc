// "Crypto Basics": the suite's operations with labels (RFC 9420 §5.1, §5.2, §8, §9.1).
#include "crypto/mls/suite.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

Verdict RunKdf(const Json& test_case) {
  const Json& expand = test_case.at("expand_with_label");
  VECTOR_EXPECT(
      Same(mls::ExpandWithLabel(HexSecret(expand, "secret"), expand.at("label").get<std::string>(),
                                Hex(expand, "context"), expand.at("length").get<std::size_t>()),
           Hex(expand, "out")));
  const Json& derive = test_case.at("derive_secret");
  VECTOR_EXPECT(
      Same(mls::DeriveSecret(HexSecret(derive, "secret"), derive.at("label").get<std::string>()),
           Hex(derive, "out")));
  const Json& tree = test_case.at("derive_tree_secret");
  VECTOR_EXPECT(
      Same(mls::DeriveTreeSecret(HexSecret(tree, "secret"), tree.at("label").get<std::string>(),
                                 {tree.at("generation").get<std::uint32_t>()},
                                 tree.at("length").get<std::size_t>()),
           Hex(tree, "out")));
  return {};
}

Verdict RunSignatures(const Json& sign) {
  const Bytes public_key = Hex(sign, "pub");
  const Bytes content = Hex(sign, "content");
  const auto label = sign.at("label").get<std::string>();
  VECTOR_EXPECT(mls::VerifyWithLabel(public_key, label, content, Hex(sign, "signature")).ok());
  const SigningKey key = HexSigningKey(sign, "priv");
  const Bytes signature = mls::SignWithLabel(key, label, content);
  VECTOR_EXPECT(mls::VerifyWithLabel(public_key, label, content, signature).ok());
  return {};
}

Verdict RunEncryption(const Json& encrypt) {
  const auto key = mls::HpkeKeyPair::FromPrivate(Hex(encrypt, "priv"));
  VECTOR_EXPECT(key.ok());
  VECTOR_EXPECT(Same(key->public_key(), Hex(encrypt, "pub")));
  const auto label = encrypt.at("label").get<std::string>();
  const Bytes context = Hex(encrypt, "context");
  const Bytes plaintext = Hex(encrypt, "plaintext");
  const mls::HpkeCiphertext given{Hex(encrypt, "kem_output"), Hex(encrypt, "ciphertext")};
  const auto opened = mls::DecryptWithLabel(*key, label, context, given);
  VECTOR_EXPECT(opened.ok() && Same(*opened, plaintext));
  const auto made =
      mls::EncryptWithLabel(key->public_key(), label, context, plaintext, TestRandom());
  VECTOR_EXPECT(made.ok());
  const auto reopened = mls::DecryptWithLabel(*key, label, context, *made);
  VECTOR_EXPECT(reopened.ok() && Same(*reopened, plaintext));
  return {};
}

}  // namespace

Verdict RunCryptoBasics(const Json& test_case) {
  const Json& ref = test_case.at("ref_hash");
  VECTOR_EXPECT(
      Same(mls::RefHash(ref.at("label").get<std::string>(), Hex(ref, "value")), Hex(ref, "out")));
  VECTOR_TRY(RunKdf(test_case));
  VECTOR_TRY(RunSignatures(test_case.at("sign_with_label")));
  return RunEncryption(test_case.at("encrypt_with_label"));
}

}  // namespace renkei::interop
