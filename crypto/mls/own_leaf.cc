#include "crypto/mls/own_leaf.h"

#include <utility>

#include "crypto/mls/grease.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_leaf.h"

namespace renkei::mls {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::int64_t kMillisPerSecond = 1000;

std::uint64_t ToSeconds(Millis time) {
  return time.value < 0 ? 0 : static_cast<std::uint64_t>(time.value / kMillisPerSecond);
}

Result<KeyPackage> ParseKeyPackage(ByteView bytes) {
  RENKEI_ASSIGN(MlsMessage message, ParseMessage(bytes));
  auto* key_package = std::get_if<KeyPackage>(&message.value);
  if (key_package == nullptr) {
    return Error(Code::kMalformed, "mls: not a key package");
  }
  return std::move(*key_package);
}

}  // namespace

OwnLeaf OwnLeaf::Clone() const {
  return {signing_key.Clone(), credential, capabilities, extensions};
}

Capabilities DefaultCapabilities() {
  Capabilities capabilities;
  capabilities.versions = {ProtocolVersion::kMls10};
  capabilities.cipher_suites = {kSuite};
  capabilities.credentials = {CredentialType::kBasic, CredentialType::kX509};
  return capabilities;
}

Lifetime LifetimeFrom(Millis now, Millis length) {
  return {ToSeconds(now - Hours(1)), ToSeconds(now + length)};
}

LeafNode MakeKeyPackageLeaf(const OwnLeaf& own, Lifetime lifetime, ByteView encryption_key,
                            Capabilities capabilities) {
  LeafNode leaf;
  leaf.encryption_key = ToBytes(encryption_key);
  leaf.signature_key = ToBytes(own.signing_key.public_key());
  leaf.credential = own.credential;
  leaf.capabilities = std::move(capabilities);
  leaf.source_data = KeyPackageSource{lifetime};
  leaf.extensions = own.extensions;
  leaf.signature = SignWithLabel(own.signing_key, "LeafNodeTBS", LeafNodeTbs(leaf, {}, {}));
  return leaf;
}

OwnKeyPackage OwnKeyPackage::Clone() const {
  return {message, ref, init_key.Clone(), encryption_key.Clone(), signing_key.Clone()};
}

SecretBytes OwnKeyPackage::Serialize() const {
  wire::Writer out(message.size() + 128, wire::Writer::Holds::kSecret);
  out.U8(kFormat);
  out.Opaque(message);
  out.Raw(init_key.Expose());
  out.Raw(encryption_key.Expose());
  out.Raw(signing_key.Seed().Expose());
  return std::move(out).TakeSecret();
}

Result<OwnKeyPackage> OwnKeyPackage::Deserialize(ByteView bytes) {
  wire::Reader in(bytes);
  std::uint8_t format = 0;
  ByteView message;
  ByteView init_key;
  ByteView encryption_key;
  ByteView seed;
  RENKEI_TRY(in.U8(format));
  if (format != kFormat) {
    return Error(Code::kUnsupported, "mls: stored key package of another format");
  }
  RENKEI_TRY(in.OpaqueView(message));
  RENKEI_TRY(in.Raw(kHpkeKeyBytes, init_key));
  RENKEI_TRY(in.Raw(kHpkeKeyBytes, encryption_key));
  RENKEI_TRY(in.Raw(kSeedBytes, seed));
  RENKEI_TRY(in.Finish());
  RENKEI_ASSIGN(SigningKey signing_key, SigningKey::FromSeed(seed));
  return FromParts(message, init_key, encryption_key, std::move(signing_key));
}

Result<OwnKeyPackage> OwnKeyPackage::FromParts(ByteView message, ByteView init_key,
                                               ByteView encryption_key, SigningKey signing_key) {
  RENKEI_ASSIGN(const KeyPackage key_package, ParseKeyPackage(message));
  RENKEI_ASSIGN(const HpkeKeyPair init, HpkeKeyPair::FromPrivate(init_key));
  RENKEI_ASSIGN(const HpkeKeyPair leaf, HpkeKeyPair::FromPrivate(encryption_key));
  if (!Equal(init.public_key(), key_package.init_key) ||
      !Equal(leaf.public_key(), key_package.leaf_node.encryption_key) ||
      !Equal(signing_key.public_key(), key_package.leaf_node.signature_key)) {
    return Error(Code::kMalformed, "mls: private keys of another key package");
  }
  return OwnKeyPackage{ToBytes(message), MakeKeyPackageRef(key_package),
                       SecretBytes::CopyOf(init_key), SecretBytes::CopyOf(encryption_key),
                       std::move(signing_key)};
}

Result<OwnKeyPackage> CreateKeyPackage(const OwnLeaf& leaf, const KeyPackageOptions& options,
                                       Random& random) {
  const HpkeKeyPair init = HpkeKeyPair::Generate(random);
  const HpkeKeyPair encryption = HpkeKeyPair::Generate(random);
  KeyPackage key_package;
  key_package.init_key = ToBytes(init.public_key());
  key_package.extensions = options.extensions;
  key_package.extensions.push_back(GreaseExtension(random));
  Capabilities capabilities = WithGrease(leaf.capabilities, random);
  capabilities.extensions.push_back(key_package.extensions.back().type);
  key_package.leaf_node =
      MakeKeyPackageLeaf(leaf, options.lifetime, encryption.public_key(), std::move(capabilities));
  RENKEI_TRY(CheckOwnLeaf(key_package.leaf_node, {}));
  RENKEI_TRY(CheckNoRepeatedExtension(key_package.extensions));
  RENKEI_TRY(CheckKeyPackageExtensions(key_package));
  key_package.signature =
      SignWithLabel(leaf.signing_key, "KeyPackageTBS", KeyPackageTbs(key_package));
  KeyPackageRef ref = MakeKeyPackageRef(key_package);
  return OwnKeyPackage{wire::Serialize(MlsMessage{std::move(key_package)}), std::move(ref),
                       init.private_key().Clone(), encryption.private_key().Clone(),
                       leaf.signing_key.Clone()};
}

}  // namespace renkei::mls
