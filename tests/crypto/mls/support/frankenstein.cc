#include "tests/crypto/mls/support/frankenstein.h"

#include "crypto/mls/group_state.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls::test {
namespace {

template <typename T>
T ParseAs(ByteView message) {
  auto parsed = ParseMessage(message);
  RENKEI_CHECK(parsed.ok());
  return std::get<T>(std::move(parsed->value));
}

Bytes ToMessage(MlsMessage message) {
  return wire::Serialize(message);
}

Bytes Resend(const GroupState& state, const SigningKey& key, PublicMessage message) {
  const Bytes tag = message.auth.confirmation_tag;
  AuthenticatedContent content = SignFramedContent(
      WireFormat::kPublicMessage, std::move(message.content), key, state.encoded_context);
  content.auth.confirmation_tag = tag;
  auto again =
      ProtectPublic(std::move(content), &state.secrets.membership_key, state.encoded_context);
  RENKEI_CHECK(again.ok());
  return ToMessage({std::move(again).value()});
}

void SignGroupInfo(const Group& signer, GroupInfo& info) {
  info.signature =
      SignWithLabel(*GroupState::Of(signer).signing_key, "GroupInfoTBS", GroupInfoTbs(info));
}

}  // namespace

Bytes RebuildKeyPackage(const OwnKeyPackage& original,
                        const std::function<void(KeyPackage&)>& change) {
  auto key_package = ParseAs<KeyPackage>(original.message);
  change(key_package);
  Resign(key_package.leaf_node, original.signing_key);
  key_package.signature =
      SignWithLabel(original.signing_key, "KeyPackageTBS", KeyPackageTbs(key_package));
  return ToMessage({std::move(key_package)});
}

Bytes RebuildUnsigned(const OwnKeyPackage& original,
                      const std::function<void(KeyPackage&)>& change) {
  auto key_package = ParseAs<KeyPackage>(original.message);
  change(key_package);
  return ToMessage({std::move(key_package)});
}

Bytes RebuildPublic(const Group& sender, ByteView message,
                    const std::function<void(FramedContent&)>& change) {
  auto opened = ParseAs<PublicMessage>(message);
  change(opened.content);
  const GroupState& state = GroupState::Of(sender);
  return Resend(state, *state.signing_key, std::move(opened));
}

Bytes RebuildCommit(const Group& sender, ByteView message,
                    const std::function<void(Commit&)>& change) {
  return RebuildPublic(sender, message,
                       [&](FramedContent& content) { change(std::get<Commit>(content.content)); });
}

Bytes RebuildPathLeaf(const Group& sender, ByteView message, const SigningKey& key,
                      const std::function<void(LeafNode&)>& change) {
  return RebuildCommit(sender, message, [&](Commit& commit) {
    change(commit.path->leaf_node);
    Resign(commit.path->leaf_node, key, sender.group_id(), sender.own_leaf_index());
  });
}

Bytes RebuildExternal(const Group& in_group, const SigningKey& joiner, ByteView message,
                      const std::function<void(Commit&)>& change) {
  auto opened = ParseAs<PublicMessage>(message);
  change(std::get<Commit>(opened.content.content));
  return Resend(GroupState::Of(in_group), joiner, std::move(opened));
}

Bytes RebuildWelcome(const Group& signer, ByteView message, const OwnKeyPackage& to,
                     const std::function<void(GroupSecrets&, GroupInfo&)>& change, Random& random) {
  auto welcome = ParseAs<Welcome>(message);
  const auto key_package = ParseAs<KeyPackage>(to.message);
  const auto init_key = HpkeKeyPair::FromPrivate(to.init_key.Expose());
  const auto plain = DecryptWithLabel(*init_key, "Welcome", welcome.encrypted_group_info,
                                      welcome.secrets.at(0).encrypted_group_secrets);
  RENKEI_CHECK(plain.ok());
  auto secrets = wire::Parse<GroupSecrets>(plain->Expose());
  const auto keys = JoinedSecret(secrets->joiner_secret, ZeroSecret()).DeriveWelcomeKeys();
  const auto opened = AeadOpen(keys.key, keys.nonce, {}, welcome.encrypted_group_info);
  RENKEI_CHECK(opened.ok());
  auto info = wire::Parse<GroupInfo>(opened->Expose());

  change(*secrets, *info);
  if (info->signature.size() == kSignatureBytes) {
    SignGroupInfo(signer, *info);
  }
  welcome.encrypted_group_info = AeadSeal(keys.key, keys.nonce, {}, wire::Serialize(*info));
  welcome.secrets.at(0).encrypted_group_secrets =
      EncryptWithLabel(key_package.init_key, "Welcome", welcome.encrypted_group_info,
                       SerializeGroupSecrets(*secrets).Expose(), random)
          .value();
  return ToMessage({std::move(welcome)});
}

Bytes RebuildGroupInfo(const Group& signer, ByteView message,
                       const std::function<void(GroupInfo&)>& change) {
  auto info = ParseAs<GroupInfo>(message);
  change(info);
  SignGroupInfo(signer, info);
  return ToMessage({std::move(info)});
}

void ChangeTree(GroupInfo& info, const std::function<void(RatchetTreeNodes&)>& change) {
  for (Extension& extension : info.extensions) {
    if (extension.type != ExtensionType::kRatchetTree) {
      continue;
    }
    auto nodes = wire::Parse<RatchetTreeNodes>(extension.data);
    RENKEI_CHECK(nodes.ok());
    change(*nodes);
    extension.data = wire::Serialize(*nodes);
    if (auto tree = RatchetTree::FromNodes(std::move(nodes).value()); tree.ok()) {
      info.group_context.tree_hash = ToBytes(tree->TreeHash());
    }
  }
}

}  // namespace renkei::mls::test
