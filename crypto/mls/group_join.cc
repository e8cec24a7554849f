// Beginning to be in a group: as its creator (RFC 9420 §11), or by a Welcome (§12.4.3.1).
#include <algorithm>
#include <utility>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/grease.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_join.h"
#include "crypto/mls/validation_leaf.h"
#include "crypto/mls/validation_proposals.h"
#include "crypto/mls/welcome.h"

namespace renkei::mls {
namespace {

Result<Welcome> ParseWelcome(ByteView bytes) {
  RENKEI_ASSIGN(MlsMessage message, ParseMessage(bytes));
  auto* welcome = std::get_if<Welcome>(&message.value);
  if (welcome == nullptr) {
    return Error(Code::kMalformed, "mls: not a welcome");
  }
  if (welcome->cipher_suite != kSuite) {  // §12.4.3.1
    return Error(Code::kUnsupported, "mls: welcome of another suite");
  }
  return std::move(*welcome);
}

Result<GroupSecrets> OpenGroupSecrets(const Welcome& welcome, const OwnKeyPackage& own) {
  const auto found =
      std::find_if(welcome.secrets.begin(), welcome.secrets.end(),
                   [&](const EncryptedGroupSecrets& entry) { return entry.new_member == own.ref; });
  if (found == welcome.secrets.end()) {  // §12.4.3.1
    return Error(Code::kNotFound, "mls: welcome is not for this key package");
  }
  RENKEI_ASSIGN(const HpkeKeyPair init_key, HpkeKeyPair::FromPrivate(own.init_key.Expose()));
  RENKEI_ASSIGN(const SecretBytes plain,
                DecryptWithLabel(init_key, "Welcome", welcome.encrypted_group_info,
                                 found->encrypted_group_secrets));
  RENKEI_ASSIGN(GroupSecrets secrets, wire::Parse<GroupSecrets>(plain.Expose()));
  if (secrets.joiner_secret.size() != kHashBytes) {
    return Error(Code::kMalformed, "mls: joiner secret of a wrong length");
  }
  return secrets;
}

Result<GroupInfo> OpenGroupInfo(const Welcome& welcome, const JoinedSecret& joined) {
  const WelcomeKeys keys = joined.DeriveWelcomeKeys();
  RENKEI_ASSIGN(const SecretBytes plain,
                AeadOpen(keys.key, keys.nonce, {}, welcome.encrypted_group_info));
  return wire::Parse<GroupInfo>(plain.Expose());
}

// The leaf that is the one in our key package (§12.4.3.1).
Result<LeafIndex> FindOwnLeaf(const RatchetTree& tree, const LeafNode& own) {
  std::optional<LeafIndex> found;
  tree.ForEachLeaf([&](LeafIndex index, const LeafNode& leaf) {
    if (leaf.encryption_key == own.encryption_key && leaf == own) {
      found = index;
    }
  });
  if (!found.has_value()) {
    return Error(Code::kMalformed, "mls: our leaf is not in the tree");
  }
  return *found;
}

// What a Welcome says about the group it continues (§12.4.3.1, last step).
Status CheckContinuation(const ResumptionPsk& psk, const GroupInfo& info, const RatchetTree& tree,
                         const GroupState* parent, const Environment& environment) {
  if (parent == nullptr || parent->context.group_id != psk.psk_group_id) {
    return Error(Code::kNotFound, "mls: the group that this one continues is not given");
  }
  RENKEI_TRY(CheckFirstEpoch(info));
  if (psk.usage == ResumptionPskUsage::kBranch) {
    RENKEI_TRY(CheckBranchSuite(info, parent->context));
    return CheckSubsetOfMembers(tree, parent->tree, environment);
  }
  if (!parent->reinit.has_value() || psk.psk_epoch != parent->context.epoch) {
    return Error(Code::kMalformed, "mls: the old group's last commit is no reinit");
  }
  RENKEI_TRY(CheckReInitMatches(info, *parent->reinit));
  return CheckSameMembers(parent->tree, tree, environment);
}

// The joiner's keys: its leaf's, and what follows from the committer's path secret.
Result<TreeKeys> JoinerKeys(const GroupInfo& info, const RatchetTree& tree,
                            const OwnKeyPackage& own, const LeafNode& own_leaf,
                            const GroupSecrets& secrets) {
  RENKEI_ASSIGN(const LeafIndex index, FindOwnLeaf(tree, own_leaf));
  RENKEI_ASSIGN(HpkeKeyPair leaf_key, HpkeKeyPair::FromPrivate(own.encryption_key.Expose()));
  TreeKeys keys(index, std::move(leaf_key));
  if (secrets.path_secret.has_value()) {
    RENKEI_TRY(AdoptPathSecret(tree, keys, info.signer, *secrets.path_secret));
  }
  if (!keys.Matches(tree)) {
    return Error(Code::kMalformed, "mls: private keys of another leaf");
  }
  return keys;
}

}  // namespace

Result<RatchetTree> TreeFor(const GroupInfo& info, const std::optional<Bytes>& beside) {
  const Extension* inside = FindExtension(info.extensions, ExtensionType::kRatchetTree);
  if (inside == nullptr && !beside.has_value()) {
    return Error(Code::kNotFound, "mls: ratchet tree is missing");
  }
  RENKEI_ASSIGN(RatchetTreeNodes nodes,
                wire::Parse<RatchetTreeNodes>(inside != nullptr ? inside->data : *beside));
  return RatchetTree::FromNodes(std::move(nodes));
}

Result<Group> Group::Create(const OwnLeaf& leaf, const GroupOptions& options, Random& random) {
  if (options.group_id.empty()) {
    return Error(Code::kMalformed, "mls: empty group id");
  }
  RENKEI_TRY(CheckGroupId(options.group_id));
  RENKEI_TRY(CheckContextExtensions(options.extensions));
  HpkeKeyPair leaf_key = HpkeKeyPair::Generate(random);
  LeafNode node = MakeKeyPackageLeaf(leaf, options.lifetime, leaf_key.public_key(),
                                     WithGrease(leaf.capabilities, random));
  RENKEI_TRY(CheckOwnLeaf(node, options.extensions));

  auto state =
      std::make_unique<GroupState>(std::make_shared<const SigningKey>(leaf.signing_key.Clone()));
  state->context.group_id = options.group_id;
  state->context.extensions = options.extensions;
  RENKEI_ASSIGN(const LeafIndex own, state->tree.AddLeaf(std::move(node)));
  state->keys = TreeKeys(own, std::move(leaf_key));
  UpdateTreeHash(*state);
  BeginEpoch(*state, EpochSecrets::FromEpochSecret(random.NextSecret(kHashBytes)));
  FinishEpoch(*state, state->secrets.ConfirmationTag({}));
  return Group(std::move(state));
}

Result<Group> Group::JoinWelcome(ByteView welcome_bytes, const OwnKeyPackage& key_package,
                                 const JoinOptions& options, const Environment& environment) {
  RENKEI_ASSIGN(const Welcome welcome, ParseWelcome(welcome_bytes));
  RENKEI_ASSIGN(const KeyPackage own, ParseKeyPackageMessage(key_package.message));
  RENKEI_ASSIGN(const GroupSecrets secrets, OpenGroupSecrets(welcome, key_package));
  RENKEI_TRY(CheckWelcomePsks(secrets.psks));
  const GroupState* parent = options.parent == nullptr ? nullptr : options.parent->state_.get();
  RENKEI_ASSIGN(const SecretBytes psk_secret, LookUpPskSecret(secrets.psks, parent, environment));
  const JoinedSecret joined(secrets.joiner_secret, psk_secret);
  RENKEI_ASSIGN(GroupInfo info, OpenGroupInfo(welcome, joined));
  RENKEI_ASSIGN(RatchetTree tree, TreeFor(info, options.ratchet_tree));
  RENKEI_TRY(CheckGroupInfo(info, tree, options.existing_group_ids, environment));
  if (const ResumptionPsk* psk = FindContinuation(secrets.psks); psk != nullptr) {
    RENKEI_TRY(CheckContinuation(*psk, info, tree, parent, environment));
  } else if (parent != nullptr) {  // §11.2, §11.3
    return Error(Code::kMalformed, "mls: welcome does not continue the group that was given");
  }
  RENKEI_ASSIGN(TreeKeys keys, JoinerKeys(info, tree, key_package, own.leaf_node, secrets));

  auto state = std::make_unique<GroupState>(
      std::make_shared<const SigningKey>(key_package.signing_key.Clone()));
  state->context = std::move(info.group_context);
  state->tree = std::move(tree);
  state->keys = std::move(keys);
  EnterEpochAsJoiner(*state, joined);
  RENKEI_TRY(state->secrets.VerifyConfirmationTag(state->context.confirmed_transcript_hash,
                                                  info.confirmation_tag));  // §12.4.3.1
  FinishEpoch(*state, info.confirmation_tag);
  return Group(std::move(state));
}

}  // namespace renkei::mls
