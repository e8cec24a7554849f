#include "crypto/mls/commit_draft.h"

#include <utility>

#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/transcript.h"
#include "crypto/mls/validation_commit.h"
#include "crypto/mls/validation_leaf.h"
#include "crypto/mls/validation_proposals.h"
#include "crypto/mls/welcome.h"

namespace renkei::mls {
namespace {

SecretBytes GroupSecretsFor(const CommitDraft& draft, LeafIndex member) {
  GroupSecrets secrets;
  secrets.joiner_secret = draft.outputs.joiner_secret.Clone();
  if (draft.path.has_value()) {
    const SecretBytes* path_secret = PathSecretFor(*draft.path, draft.next->own(), member);
    RENKEI_CHECK(path_secret != nullptr);
    secrets.path_secret = path_secret->Clone();
  }
  secrets.psks = PskIds(draft.list);
  return SerializeGroupSecrets(secrets);
}

}  // namespace

CommitDraft::CommitDraft(const Before& old, const SigningKey& signing_key, const Sender& from)
    : before(old), signer(signing_key) {
  content.content.group_id = old.context.group_id;
  content.content.epoch = old.context.epoch;
  content.content.sender = from;
  content.content.content.emplace<Commit>();
}

Status CommitDraft::Apply() {
  next->context.extensions = ExtensionsAfter(list, before.context.extensions);
  RENKEI_ASSIGN(applied, ApplyProposals(list, next->tree));
  RENKEI_TRY(CheckTreeAfter(next->tree, applied));
  if (!list.Of<GroupContextExtensions>().empty()) {
    RENKEI_TRY(CheckMembersSupport(next->tree, next->context.extensions));  // §12.1.7
  }
  if (const auto reinit = list.Of<ReInit>(); !reinit.empty()) {
    next->reinit = *reinit.front();
  }
  return Ok();
}

Status CommitDraft::MakePath(LeafNode leaf, const LeafNode* old, const Environment& environment,
                             Random& random) {
  leaf.encryption_key = Bytes(kHpkeKeyBytes);  // a fresh one comes with CreatePath()
  RENKEI_TRY(CheckOwnLeaf(leaf, next->context.extensions));
  if (old != nullptr) {
    RENKEI_TRY(CheckReplacement(*old, leaf, environment));
  } else {
    RENKEI_TRY(environment.credentials.Check(leaf.credential, leaf.signature_key, environment.now));
  }
  next->keys.Retain(next->tree);
  path = CreatePath(next->tree, next->keys, std::move(leaf), *next->signing_key,
                    next->context.group_id, random);
  RENKEI_TRY(CheckTreeAfterPath(next->tree, next->own()));
  UpdateTreeHash(*next);
  RENKEI_TRY(EncryptPath(*path, next->tree, applied.added, next->encoded_context, random));
  commit().path = std::move(path->update_path);
  commit_secret = std::move(path->commit_secret);
  return Ok();
}

void CommitDraft::SkipPath() {
  next->keys.Retain(next->tree);
  UpdateTreeHash(*next);
  commit_secret = ZeroSecret();
}

void CommitDraft::Sign(WireFormat wire_format, const SecretBytes& init_secret,
                       const SecretBytes& psk_secret) {
  content =
      SignFramedContent(wire_format, std::move(content.content), signer, before.encoded_context);
  outputs = EnterEpoch(*next, before.interim_transcript_hash, content,
                       {init_secret, commit_secret, psk_secret});
  content.auth.confirmation_tag =
      ToBytes(next->secrets.ConfirmationTag(next->context.confirmed_transcript_hash));
  FinishEpoch(*next, content.auth.confirmation_tag);
}

Result<std::optional<Bytes>> CommitDraft::MakeWelcome(const PublishOptions& publish,
                                                      Random& random) const {
  if (applied.added.empty()) {
    return std::optional<Bytes>();
  }
  GroupInfoParts parts;
  parts.tree = publish.tree_in_welcome;
  parts.external_pub = false;
  parts.more = &publish.extensions;
  Welcome welcome;
  welcome.encrypted_group_info = AeadSeal(outputs.welcome_keys.key, outputs.welcome_keys.nonce, {},
                                          wire::Serialize(MakeSignedGroupInfo(*next, parts)));
  const HpkeInfo info = EncryptionInfo("Welcome", welcome.encrypted_group_info);
  const std::vector<const Add*> adds = list.Of<Add>();
  for (std::size_t i = 0; i < adds.size(); ++i) {
    const SecretBytes secrets = GroupSecretsFor(*this, applied.added[i]);
    RENKEI_ASSIGN(HpkeCiphertext sealed,
                  EncryptWithInfo(adds[i]->key_package.init_key, info, secrets.Expose(), random));
    welcome.secrets.push_back({MakeKeyPackageRef(adds[i]->key_package), std::move(sealed)});
  }
  return std::optional<Bytes>(wire::Serialize(MlsMessage{std::move(welcome)}));
}

std::optional<Bytes> CommitDraft::MakeGroupInfo(const PublishOptions& publish) const {
  if (!publish.group_info) {
    return std::nullopt;
  }
  GroupInfoParts parts;
  parts.more = &publish.extensions;
  return wire::Serialize(MlsMessage{MakeSignedGroupInfo(*next, parts)});
}

Result<KeyPackage> ParseKeyPackageMessage(ByteView message) {
  RENKEI_ASSIGN(MlsMessage parsed, ParseMessage(message));
  auto* key_package = std::get_if<KeyPackage>(&parsed.value);
  if (key_package == nullptr) {
    return Error(Code::kMalformed, "mls: not a key package");
  }
  return std::move(*key_package);
}

}  // namespace renkei::mls
