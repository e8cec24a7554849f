#include "crypto/mls/group.h"

#include <sodium.h>

#include <utility>

#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/suite.h"

namespace renkei::mls {

Group::Group(std::unique_ptr<GroupState> state) : state_(std::move(state)) {}
Group::Group(Group&& other) noexcept = default;
Group& Group::operator=(Group&& other) noexcept = default;
Group::~Group() = default;

Result<Bytes> Group::Protect(ByteView content, const MessageOptions& options, Random& random) {
  if (state_->reinit.has_value()) {  // RFC 9420 §12.4.2
    return Error(Code::kDenied, "mls: group was reinitialized");
  }
  if (!state_->proposals.empty()) {  // §12.4
    return Error(Code::kConflict, "mls: proposals wait to be committed");
  }
  FramedContent framed{state_->context.group_id, state_->context.epoch,
                       Sender{MemberSender{own_leaf_index()}}, options.authenticated_data,
                       ApplicationData{ToBytes(content)}};
  AuthenticatedContent authenticated =
      SignFramedContent(WireFormat::kPrivateMessage, std::move(framed), *state_->signing_key,
                        state_->encoded_context);
  auto sealed = ProtectPrivate(authenticated, state_->secret_tree,
                               state_->secrets.sender_data_secret, options.padding_size, random);
  auto& data = std::get<ApplicationData>(authenticated.content.content).data;
  sodium_memzero(data.data(), data.size());
  RENKEI_ASSIGN(PrivateMessage message, std::move(sealed));
  return wire::Serialize(MlsMessage{std::move(message)});
}

Result<ApplicationMessage> Group::Unprotect(ByteView message) {
  RENKEI_ASSIGN(const MlsMessage parsed, ParseMessage(message));
  const auto* sealed = std::get_if<PrivateMessage>(&parsed.value);
  if (sealed == nullptr || sealed->content_type != ContentType::kApplication) {
    return Error(Code::kUnsupported, "mls: not an application message");
  }
  const TreeMemberKeys members(state_->tree);
  RENKEI_ASSIGN(AuthenticatedContent opened,
                UnprotectPrivate(*sealed, FramingOf(*state_, members), state_->secret_tree));
  auto& data = std::get<ApplicationData>(opened.content.content).data;
  ApplicationMessage out{*opened.content.sender.member(), opened.content.epoch,
                         std::move(opened.content.authenticated_data), SecretBytes::CopyOf(data)};
  sodium_memzero(data.data(), data.size());
  return out;
}

SecretBytes Group::Export(std::string_view label, ByteView context, std::size_t length) const {
  return state_->secrets.Export(label, context, length);
}

ByteView Group::EpochAuthenticator() const {
  return state_->secrets.epoch_authenticator.Expose();
}

ByteView Group::ConfirmationTag() const {
  return state_->confirmation_tag;
}

SecretBytes Group::ResumptionSecret() const {
  return state_->secrets.resumption_psk.Clone();
}

ByteView Group::group_id() const {
  return state_->context.group_id;
}

Epoch Group::epoch() const {
  return state_->context.epoch;
}

ByteView Group::TreeHash() const {
  return state_->context.tree_hash;
}

ByteView Group::ConfirmedTranscriptHash() const {
  return state_->context.confirmed_transcript_hash;
}

LeafIndex Group::own_leaf_index() const {
  return state_->own();
}

const Extensions& Group::extensions() const {
  return state_->context.extensions;
}

const Extension* Group::FindExtension(ExtensionType type) const {
  return mls::FindExtension(state_->context.extensions, type);
}

std::vector<Member> Group::Members() const {
  std::vector<Member> members;
  members.reserve(member_count());
  state_->tree.ForEachLeaf([&](LeafIndex index, const LeafNode& leaf) {
    members.push_back({index, leaf});
  });
  return members;
}

std::size_t Group::member_count() const {
  return state_->tree.member_count();
}

const LeafNode* Group::Leaf(LeafIndex index) const {
  return state_->tree.Leaf(index);
}

std::vector<StoredProposal> Group::Proposals() const {
  std::vector<StoredProposal> out;
  for (const auto& [ref, stored] : state_->proposals) {
    out.push_back(*stored);
  }
  return out;
}

const std::optional<ReInit>& Group::reinit() const {
  return state_->reinit;
}

Bytes Group::MakeGroupInfo(bool with_tree, const Extensions& extensions) const {
  RENKEI_CHECK(CheckPublished(extensions).ok());
  GroupInfoParts parts;
  parts.tree = with_tree;
  parts.more = &extensions;
  return wire::Serialize(MlsMessage{MakeSignedGroupInfo(*state_, parts)});
}

Bytes Group::ExportTree() const {
  return state_->tree.Serialize();
}

PreSharedKeyId Group::NewExternalPsk(ByteView psk_id, Random& random) {
  return {ExternalPsk{ToBytes(psk_id)}, random.NextBytes(kHashBytes)};
}

PreSharedKeyId Group::NewResumptionPsk(ByteView group_id, Epoch epoch, Random& random) {
  return {ResumptionPsk{ResumptionPskUsage::kApplication, ToBytes(group_id), epoch},
          random.NextBytes(kHashBytes)};
}

}  // namespace renkei::mls
