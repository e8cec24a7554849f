#include "tests/fuzz/mls_live_group.h"

#include <utility>

#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_proposals.h"

namespace renkei::fuzz {
namespace {

using mls::Group;
using mls::GroupState;

constexpr Millis kNow{1'700'000'000'000};

class AcceptAll final : public mls::CredentialPolicy {
 public:
  Status Check(const mls::Credential&, ByteView, Millis) const override { return Ok(); }
};

class OnePsk final : public mls::PskSource {
 public:
  Result<SecretBytes> External(ByteView psk_id) const override {
    if (!Equal(psk_id, LiveGroup::PskId())) {
      return Error(Code::kNotFound, "fuzz: no such psk");
    }
    return SecretBytes(32);
  }
};

// The commit_secret as the receiver finds it, with its own keys; `next` has the proposals applied.
Result<SecretBytes> CommitSecretFor(GroupState& next, const mls::Commit& commit,
                                    mls::LeafIndex committer,
                                    const mls::AppliedProposals& applied) {
  if (!commit.path.has_value()) {
    mls::UpdateTreeHash(next);
    return mls::ZeroSecret();
  }
  next.keys.Retain(next.tree);
  RENKEI_TRY(mls::MergePath(next.tree, committer, *commit.path, applied.added));
  mls::UpdateTreeHash(next);
  return mls::OpenPath(next.tree, next.keys, committer, *commit.path, applied.added,
                       next.encoded_context);
}

// The confirmation tag that a commit has if it is good.
Result<Bytes> TagFor(const GroupState& state, const mls::AuthenticatedContent& message,
                     mls::LeafIndex committer, const mls::Environment& environment) {
  const auto& commit = std::get<mls::Commit>(message.content.content);
  RENKEI_ASSIGN(const auto list,
                mls::ResolveProposals(commit, message.content.sender, state.proposals));
  RENKEI_TRY(mls::CheckProposalList(list, committer, state.tree, state.context, environment));
  auto next = state.Successor();
  next->context.extensions = mls::ExtensionsAfter(list, state.context.extensions);
  RENKEI_ASSIGN(const auto applied, mls::ApplyProposals(list, next->tree));
  RENKEI_ASSIGN(const SecretBytes commit_secret,
                CommitSecretFor(*next, commit, committer, applied));
  RENKEI_ASSIGN(const SecretBytes psk_secret,
                mls::LookUpPskSecret(mls::PskIds(list), &state, environment));
  mls::EnterEpoch(*next, state.interim_transcript_hash, message,
                  {state.secrets.init_secret, commit_secret, psk_secret});
  return ToBytes(next->secrets.ConfirmationTag(next->context.confirmed_transcript_hash));
}

template <typename T>
T ParseAs(ByteView message) {
  return std::get<T>(std::move(mls::ParseMessage(message)->value));
}

template <typename T>
T ContentOf(ByteView message) {
  return std::get<T>(ParseAs<mls::PublicMessage>(message).content.content);
}

// Adds a member and lets it and the others follow.
Group Add(Group& committer, const std::vector<Group*>& others, const mls::Environment& environment,
          const mls::OwnKeyPackage& key_package, Random& random) {
  mls::CommitOptions options;
  options.add = {key_package.message};
  auto pending = committer.Commit(options, environment, random);
  RENKEI_CHECK(pending.ok());
  for (Group* other : others) {
    auto processed = other->Process(pending->commit, environment);
    *other = std::move(*std::get<mls::StagedCommit>(*processed).next);
  }
  committer = std::move(pending->next);
  return Group::JoinWelcome(*pending->welcome, key_package, {}, environment).value();
}

}  // namespace

mls::OwnLeaf MakeLeaf(std::string_view name, Random& random) {
  mls::OwnLeaf leaf{SigningKey::Generate(random), {}, mls::DefaultCapabilities(), {}};
  leaf.credential.value = mls::BasicCredential{ToBytes(name)};
  return leaf;
}

mls::Environment LiveGroup::Env() const {
  static const AcceptAll policy;
  static const OnePsk psks;
  return {policy, kNow, &psks};
}

Bytes LiveGroup::PskId() {
  return {'p', 's', 'k'};
}

mls::Extensions LiveGroup::GroupExtensions() const {
  return {mls::MakeExtension(mls::ExternalSenders{
      {{ToBytes(outsider_->signing_key.public_key()), outsider_->credential}}})};
}

LiveGroup::LiveGroup() {
  const auto key_package = [this](std::string_view name) {
    return mls::CreateKeyPackage(MakeLeaf(name, random_), {kLifetime, {}}, random_).value();
  };
  outsider_ = MakeLeaf("outsider", random_);
  alice_ = Group::Create(MakeLeaf("alice", random_), {Bytes(32, 1), GroupExtensions(), kLifetime},
                         random_)
               .value();
  Group bob = Add(*alice_, {}, Env(), key_package("bob"), random_);
  carol_ = Add(bob, {&*alice_}, Env(), key_package("carol"), random_);
  newcomer_ = key_package("newcomer");
  for (const Group* group : {&*alice_, &bob, &*carol_}) {
    stored_.push_back(group->Serialize());
  }
}

Group LiveGroup::FreshBob() const {
  return Group::Deserialize(stored_[1].Expose()).value();
}

std::vector<Group> LiveGroup::FreshMembers() const {
  std::vector<Group> out;
  for (const SecretBytes& stored : stored_) {
    out.push_back(Group::Deserialize(stored.Expose()).value());
  }
  return out;
}

mls::AuthenticatedContent LiveGroup::SignedByAlice(mls::WireFormat format, mls::Content content,
                                                   const Group& receiver) const {
  const GroupState& state = GroupState::Of(*alice_);
  if (auto* commit = std::get_if<mls::Commit>(&content); commit != nullptr && commit->path) {
    mls::LeafNode& leaf = commit->path->leaf_node;
    leaf.signature =
        mls::SignWithLabel(*state.signing_key, "LeafNodeTBS",
                           mls::LeafNodeTbs(leaf, state.context.group_id, state.own()));
  }
  mls::FramedContent framed{state.context.group_id,
                            state.context.epoch,
                            mls::Sender{mls::MemberSender{state.own()}},
                            {},
                            std::move(content)};
  const bool is_commit = framed.content_type() == mls::ContentType::kCommit;
  mls::AuthenticatedContent authenticated =
      mls::SignFramedContent(format, std::move(framed), *state.signing_key, state.encoded_context);
  if (is_commit) {
    auto tag = TagFor(GroupState::Of(receiver), authenticated, state.own(), Env());
    authenticated.auth.confirmation_tag = tag.ok() ? std::move(*tag) : Bytes(32);
  }
  return authenticated;
}

Bytes LiveGroup::FromAlice(mls::Content content, const Group& receiver) const {
  const GroupState& state = GroupState::Of(*alice_);
  auto message = mls::ProtectPublic(
      SignedByAlice(mls::WireFormat::kPublicMessage, std::move(content), receiver),
      &state.secrets.membership_key, state.encoded_context);
  return wire::Serialize(mls::MlsMessage{std::move(message).value()});
}

Bytes LiveGroup::FromAliceInPrivate(mls::Content content, std::size_t padding,
                                    const Group& receiver) {
  Group alice = Group::Deserialize(stored_[0].Expose()).value();  // with her first key
  GroupState& state = GroupState::Of(alice);
  auto message = mls::ProtectPrivate(
      SignedByAlice(mls::WireFormat::kPrivateMessage, std::move(content), receiver),
      state.secret_tree, state.secrets.sender_data_secret, padding, random_);
  return message.ok() ? wire::Serialize(mls::MlsMessage{std::move(message).value()}) : Bytes();
}

Bytes LiveGroup::FromOutsider(mls::Commit commit) const {
  const GroupState& state = GroupState::Of(*alice_);
  if (commit.path.has_value()) {
    commit.path->leaf_node.signature_key = ToBytes(outsider_->signing_key.public_key());
    commit.path->leaf_node.signature =
        mls::SignWithLabel(outsider_->signing_key, "LeafNodeTBS",
                           mls::LeafNodeTbs(commit.path->leaf_node, state.context.group_id, {3}));
  }
  mls::FramedContent framed{state.context.group_id,
                            state.context.epoch,
                            mls::Sender{mls::NewMemberCommitSender{}},
                            {},
                            std::move(commit)};
  mls::AuthenticatedContent authenticated =
      mls::SignFramedContent(mls::WireFormat::kPublicMessage, std::move(framed),
                             outsider_->signing_key, state.encoded_context);
  authenticated.auth.confirmation_tag = Bytes(32);
  auto message = mls::ProtectPublic(std::move(authenticated), nullptr, state.encoded_context);
  return wire::Serialize(mls::MlsMessage{std::move(message).value()});
}

Bytes LiveGroup::ProposedByOutsider(mls::Proposal proposal,
                                    std::optional<std::uint32_t> index) const {
  const GroupState& state = GroupState::Of(*alice_);
  mls::Sender sender{mls::NewMemberProposalSender{}};
  if (index.has_value()) {
    sender = mls::Sender{mls::ExternalSenderIndex{*index}};
  } else if (auto* add = std::get_if<mls::Add>(&proposal.value); add != nullptr) {
    // Signed with the key that the package names, which only its owner has: so it names ours.
    mls::KeyPackage& package = add->key_package;
    package.leaf_node.signature_key = ToBytes(outsider_->signing_key.public_key());
    package.leaf_node.signature = mls::SignWithLabel(outsider_->signing_key, "LeafNodeTBS",
                                                     mls::LeafNodeTbs(package.leaf_node, {}, {}));
    package.signature =
        mls::SignWithLabel(outsider_->signing_key, "KeyPackageTBS", mls::KeyPackageTbs(package));
  }
  mls::FramedContent framed{
      state.context.group_id, state.context.epoch, sender, {}, std::move(proposal)};
  auto message =
      mls::ProtectPublic(mls::SignFramedContent(mls::WireFormat::kPublicMessage, std::move(framed),
                                                outsider_->signing_key, {}),
                         nullptr, {});
  return message.ok() ? wire::Serialize(mls::MlsMessage{std::move(message).value()}) : Bytes();
}

Bytes LiveGroup::SignedByAlice(mls::GroupInfo info) const {
  info.signature = mls::SignWithLabel(*GroupState::Of(*alice_).signing_key, "GroupInfoTBS",
                                      mls::GroupInfoTbs(info));
  return wire::Serialize(mls::MlsMessage{std::move(info)});
}

Bytes LiveGroup::WelcomeFor(mls::GroupSecrets secrets, mls::GroupInfo info) {
  info.signature = mls::SignWithLabel(*GroupState::Of(*alice_).signing_key, "GroupInfoTBS",
                                      mls::GroupInfoTbs(info));
  secrets.psks.clear();
  const mls::JoinedSecret joined(secrets.joiner_secret.size() == kHashBytes
                                     ? secrets.joiner_secret.Clone()
                                     : mls::ZeroSecret(),
                                 mls::ZeroSecret());
  const mls::WelcomeKeys keys = joined.DeriveWelcomeKeys();
  mls::Welcome welcome;
  welcome.encrypted_group_info = mls::AeadSeal(keys.key, keys.nonce, {}, wire::Serialize(info));
  const auto key_package = ParseAs<mls::KeyPackage>(newcomer_->message);
  welcome.secrets.push_back(
      {newcomer_->ref,
       mls::EncryptWithLabel(key_package.init_key, "Welcome", welcome.encrypted_group_info,
                             mls::SerializeGroupSecrets(secrets).Expose(), random_)
           .value()});
  return wire::Serialize(mls::MlsMessage{std::move(welcome)});
}

mls::GroupInfo LiveGroup::WithTree(ByteView ratchet_tree) const {
  auto info = ParseAs<mls::GroupInfo>(alice_->MakeGroupInfo(false, {}));
  info.extensions.push_back({mls::ExtensionType::kRatchetTree, ToBytes(ratchet_tree)});
  auto nodes = wire::Parse<mls::RatchetTreeNodes>(ratchet_tree);
  if (nodes.ok()) {
    if (auto tree = mls::RatchetTree::FromNodes(std::move(nodes).value()); tree.ok()) {
      info.group_context.tree_hash = ToBytes(tree->TreeHash());
    }
  }
  return info;
}

mls::Commit LiveGroup::AlicesCommit() {
  mls::CommitOptions options;
  options.add = {newcomer_->message};
  options.remove = {carol_->own_leaf_index()};
  options.group_context_extensions = mls::Extensions{};
  return ContentOf<mls::Commit>(alice_->Commit(options, Env(), random_).value().commit);
}

mls::Commit LiveGroup::OutsidersCommit() {
  const auto pending =
      Group::ExternalJoin(alice_->MakeGroupInfo(true, {}), *outsider_, {}, Env(), random_);
  return ContentOf<mls::Commit>(pending->commit);
}

Bytes LiveGroup::PrivateCommit() {
  mls::CommitOptions options;
  options.handshake = mls::Handshake::kPrivate;
  return alice_->Commit(options, Env(), random_).value().commit;
}

Bytes LiveGroup::ApplicationMessage() {
  return alice_->Protect(AsBytes("content"), {}, random_).value();
}

LiveGroup::Joining LiveGroup::NewcomersWelcome() {
  mls::CommitOptions options;
  options.add = {newcomer_->message};
  const auto pending = alice_->Commit(options, Env(), random_).value();
  const auto welcome = ParseAs<mls::Welcome>(*pending.welcome);
  const auto init_key = mls::HpkeKeyPair::FromPrivate(newcomer_->init_key.Expose());
  const auto plain = mls::DecryptWithLabel(*init_key, "Welcome", welcome.encrypted_group_info,
                                           welcome.secrets[0].encrypted_group_secrets);
  auto secrets = wire::Parse<mls::GroupSecrets>(plain->Expose());
  const auto keys =
      mls::JoinedSecret(secrets->joiner_secret, mls::ZeroSecret()).DeriveWelcomeKeys();
  const auto info = mls::AeadOpen(keys.key, keys.nonce, {}, welcome.encrypted_group_info);
  return {std::move(secrets).value(), wire::Parse<mls::GroupInfo>(info->Expose()).value()};
}

}  // namespace renkei::fuzz
