#include "crypto/mls/validation_leaf.h"

#include <algorithm>
#include <vector>

#include "crypto/base/sign.h"
#include "crypto/mls/limits.h"

namespace renkei::mls {
namespace {

constexpr std::size_t kKeyBytes = 32;  // X25519 and Ed25519 public keys
constexpr std::uint64_t kMillisPerSecond = 1000;

template <typename T>
bool Lists(const std::vector<T>& values, T wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

template <typename T>
bool Speaks(const std::vector<T>& listed, T wanted) {
  return IsDefault(wanted) || Lists(listed, wanted);
}

bool Less(ByteView a, ByteView b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

// Public keys, sorted, to be looked up once for each node of a tree.
class KeySet {
 public:
  void Add(ByteView key) { keys_.push_back(key); }
  // false: a key stands in it twice.
  bool Sort() {
    std::sort(keys_.begin(), keys_.end(), Less);
    return std::adjacent_find(keys_.begin(), keys_.end(), [](ByteView a, ByteView b) {
             return std::equal(a.begin(), a.end(), b.begin(), b.end());
           }) == keys_.end();
  }
  bool Contains(ByteView key) const {
    return std::binary_search(keys_.begin(), keys_.end(), key, Less);
  }
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<ByteView> keys_;
};

}  // namespace

Status CheckKeyLengths(const LeafNode& leaf) {
  if (leaf.encryption_key.size() != kKeyBytes || leaf.signature_key.size() != kKeyBytes) {
    return Error(Code::kMalformed, "mls: length of a public key");
  }
  return Ok();
}

Status CheckLeafSignature(const LeafNode& leaf, ByteView group_id, LeafIndex index) {
  return VerifyLabelled(leaf.signature_key, "MLS 1.0 LeafNodeTBS",
                        LeafNodeTbs(leaf, group_id, index), leaf.signature);
}

Status CheckVersionAndSuite(const Capabilities& capabilities) {
  if (!Lists(capabilities.versions, ProtocolVersion::kMls10) ||
      !Lists(capabilities.cipher_suites, CipherSuite::kX25519ChaCha20Sha256Ed25519)) {
    return Error(Code::kMalformed, "mls: leaf does not speak the group's version or suite");
  }
  return Ok();
}

Status CheckOwnCredentialType(const LeafNode& leaf) {
  if (!Lists(leaf.capabilities.credentials, leaf.credential.type())) {
    return Error(Code::kMalformed, "mls: leaf does not list its own credential type");
  }
  return Ok();
}

Status CheckOwnExtensions(const LeafNode& leaf) {
  for (const Extension& extension : leaf.extensions) {
    if (!Speaks(leaf.capabilities.extensions, extension.type)) {
      return Error(Code::kMalformed, "mls: leaf does not list its own extension");
    }
  }
  return Ok();
}

Status CheckRequiredCapabilities(const Capabilities& capabilities, const Extensions& group) {
  if (FindExtension(group, ExtensionType::kRequiredCapabilities) == nullptr) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto required, ParseExtension<RequiredCapabilities>(group));
  bool met = true;
  for (const ExtensionType type : required.extension_types) {
    met = met && Speaks(capabilities.extensions, type);
  }
  for (const ProposalType type : required.proposal_types) {
    met = met && Speaks(capabilities.proposals, type);
  }
  for (const CredentialType type : required.credential_types) {
    met = met && Lists(capabilities.credentials, type);
  }
  if (!met) {
    return Error(Code::kMalformed, "mls: leaf lacks a required capability");
  }
  return Ok();
}

Status CheckGroupExtensions(const Capabilities& capabilities, const Extensions& group) {
  for (const Extension& extension : group) {
    if (!Speaks(capabilities.extensions, extension.type)) {
      return Error(Code::kMalformed, "mls: leaf does not support an extension of the group");
    }
  }
  return Ok();
}

Status CheckSource(const LeafNode& leaf, LeafNodeSource expected) {
  if (leaf.source() != expected) {
    return Error(Code::kMalformed, "mls: leaf node source does not fit");
  }
  return Ok();
}

Status CheckLifetime(const LeafNode& leaf, Millis now) {
  const auto* key_package = std::get_if<KeyPackageSource>(&leaf.source_data);
  if (key_package == nullptr) {
    return Ok();
  }
  const std::uint64_t seconds =
      now.value < 0 ? 0 : static_cast<std::uint64_t>(now.value) / kMillisPerSecond;
  if (seconds < key_package->lifetime.not_before || seconds > key_package->lifetime.not_after) {
    return Error(Code::kDenied, "mls: key package is not valid at this time");
  }
  return Ok();
}

Status CheckLifetimeLength(const LeafNode& leaf, Millis longest) {
  const auto* key_package = std::get_if<KeyPackageSource>(&leaf.source_data);
  if (key_package == nullptr) {
    return Ok();
  }
  const Lifetime& lifetime = key_package->lifetime;
  if (lifetime.not_before > lifetime.not_after) {
    return Error(Code::kMalformed, "mls: lifetime ends before it begins");
  }
  if (longest.value > 0 && lifetime.not_after - lifetime.not_before >
                               static_cast<std::uint64_t>(longest.value) / kMillisPerSecond) {
    return Error(Code::kDenied, "mls: lifetime is longer than accepted");
  }
  return Ok();
}

Status CheckKeyPackageSuite(const KeyPackage& key_package) {
  if (key_package.version != ProtocolVersion::kMls10 ||
      key_package.cipher_suite != CipherSuite::kX25519ChaCha20Sha256Ed25519) {
    return Error(Code::kUnsupported, "mls: key package of another version or suite");
  }
  return Ok();
}

Status CheckKeyPackageSignature(const KeyPackage& key_package) {
  return VerifyLabelled(key_package.leaf_node.signature_key, "MLS 1.0 KeyPackageTBS",
                        KeyPackageTbs(key_package), key_package.signature);
}

Status CheckInitKey(const KeyPackage& key_package) {
  if (key_package.init_key.size() != kKeyBytes) {
    return Error(Code::kMalformed, "mls: length of an init key");
  }
  if (key_package.init_key == key_package.leaf_node.encryption_key) {
    return Error(Code::kMalformed, "mls: init key is the leaf's key too");
  }
  return Ok();
}

Status CheckKeyPackageExtensions(const KeyPackage& key_package) {
  for (const Extension& extension : key_package.extensions) {
    if (!Speaks(key_package.leaf_node.capabilities.extensions, extension.type)) {
      return Error(Code::kMalformed, "mls: key package extension is not listed");
    }
  }
  return Ok();
}

Status CheckLeafContents(const LeafNode& leaf, const Extensions& group) {
  RENKEI_TRY(CheckKeyLengths(leaf));
  RENKEI_TRY(CheckVersionAndSuite(leaf.capabilities));
  RENKEI_TRY(CheckOwnCredentialType(leaf));
  RENKEI_TRY(CheckOwnExtensions(leaf));
  RENKEI_TRY(CheckRequiredCapabilities(leaf.capabilities, group));
  return CheckGroupExtensions(leaf.capabilities, group);
}

Status CheckOwnLeaf(const LeafNode& leaf, const Extensions& group) {
  constexpr std::size_t kRoom = 128;  // a signature and a parent hash
  if (wire::Serialize(leaf).size() + kRoom > kMaxLeafNodeBytes) {
    return Error(Code::kTooLarge, "mls: own leaf over kMaxLeafNodeBytes");
  }
  RENKEI_TRY(CheckNoRepeatedExtension(leaf.extensions));
  return CheckLeafContents(leaf, group);
}

Status CheckKeyPackage(const KeyPackage& key_package, const Extensions& group,
                       const Environment& environment) {
  const LeafNode& leaf = key_package.leaf_node;
  RENKEI_TRY(CheckKeyPackageSuite(key_package));
  RENKEI_TRY(CheckSource(leaf, LeafNodeSource::kKeyPackage));
  RENKEI_TRY(CheckLeafContents(leaf, group));
  RENKEI_TRY(CheckInitKey(key_package));
  RENKEI_TRY(CheckLifetimeLength(leaf, environment.max_lifetime));
  if (environment.check_lifetime) {
    RENKEI_TRY(CheckLifetime(leaf, environment.now));
  }
  RENKEI_TRY(CheckLeafSignature(leaf, {}, {}));
  RENKEI_TRY(CheckKeyPackageSignature(key_package));
  return environment.credentials.Check(leaf.credential, leaf.signature_key, environment.now);
}

Status CheckReplacement(const LeafNode& old, const LeafNode& next, const Environment& environment) {
  if (old.credential == next.credential && old.signature_key == next.signature_key) {
    return Ok();
  }
  RENKEI_TRY(environment.credentials.Check(next.credential, next.signature_key, environment.now));
  return environment.credentials.CheckSuccessor(old.credential, next.credential);
}

Status CheckSignatureKeysUnique(const RatchetTree& tree, std::span<const LeafIndex> changed) {
  KeySet keys;
  for (const LeafIndex index : changed) {
    keys.Add(tree.Leaf(index)->signature_key);
  }
  bool unique = keys.Sort();
  std::size_t seen = 0;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    seen += keys.Contains(leaf.signature_key) ? 1U : 0U;
  });
  if (!unique || seen != keys.size()) {
    return Error(Code::kMalformed, "mls: two leaves with the same signature key");
  }
  return Ok();
}

Status CheckEncryptionKeysUnique(const RatchetTree& tree, std::span<const NodeIndex> changed) {
  KeySet keys;
  for (const NodeIndex index : changed) {
    keys.Add(tree.EncryptionKey(index));
  }
  bool unique = keys.Sort();
  std::size_t seen = 0;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    seen += keys.Contains(leaf.encryption_key) ? 1U : 0U;
  });
  tree.ForEachParent([&](NodeIndex, const ParentNode& parent) {
    seen += keys.Contains(parent.encryption_key) ? 1U : 0U;
  });
  if (!unique || seen != keys.size()) {
    return Error(Code::kMalformed, "mls: two nodes with the same encryption key");
  }
  return Ok();
}

Status CheckCredentialTypes(const RatchetTree& tree, std::span<const LeafIndex> changed) {
  std::vector<CredentialType> in_use;     // by the changed leaves
  std::vector<CredentialType> supported;  // by all changed leaves
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const LeafNode& leaf = *tree.Leaf(changed[i]);
    if (!Lists(in_use, leaf.credential.type())) {
      in_use.push_back(leaf.credential.type());
    }
    if (i == 0) {
      supported = leaf.capabilities.credentials;
    } else {
      std::erase_if(supported, [&](CredentialType type) {
        return !Lists(leaf.capabilities.credentials, type);
      });
    }
  }
  bool valid = true;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) {
    for (const CredentialType type : in_use) {
      valid = valid && Lists(leaf.capabilities.credentials, type);
    }
    valid = valid && (changed.empty() || Lists(supported, leaf.credential.type()));
  });
  if (!valid) {
    return Error(Code::kMalformed, "mls: credential type not supported by all members");
  }
  return Ok();
}

}  // namespace renkei::mls
