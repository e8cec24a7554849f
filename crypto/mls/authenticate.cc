#include "crypto/mls/authenticate.h"

#include <utility>

#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

constexpr std::string_view kLabel = "FramedContentTBS";

// RFC 9420 §12.1.8.
bool ExternalMaySend(ProposalType type) {
  switch (type) {
    case ProposalType::kAdd:
    case ProposalType::kRemove:
    case ProposalType::kPsk:
    case ProposalType::kReInit:
    case ProposalType::kGroupContextExtensions:
      return true;
    case ProposalType::kUpdate:
    case ProposalType::kExternalInit:
      return false;
  }
  return false;
}

Result<Bytes> ExternalSenderKey(const FramedContent& content, const Extensions& extensions) {
  RENKEI_ASSIGN(const ExternalSenders senders, ParseExtension<ExternalSenders>(extensions));
  const auto& sender = std::get<ExternalSenderIndex>(content.sender.value);
  if (sender.sender_index >= senders.senders.size()) {  // RFC 9420 §6.1
    return Error(Code::kMalformed, "mls: no such external sender");
  }
  return senders.senders[sender.sender_index].signature_key;
}

}  // namespace

Status CheckAddressed(ByteView group_id, Epoch epoch, const GroupContext& group_context) {
  if (!Equal(group_id, group_context.group_id)) {
    return Error(Code::kUnsupported, "mls: message of another group");
  }
  if (epoch < group_context.epoch) {
    return Error(Code::kStaleEpoch, "mls: message of an epoch that is over");
  }
  if (epoch > group_context.epoch) {
    return Error(Code::kFutureEpoch, "mls: message of an epoch to come");
  }
  return Ok();
}

Status CheckSenderMaySend(const FramedContent& content) {
  const auto* proposal = std::get_if<Proposal>(&content.content);
  switch (content.sender.type()) {
    case SenderType::kMember:
      return Ok();
    case SenderType::kExternal:
      if (proposal == nullptr) {  // RFC 9420 §6.1
        return Error(Code::kMalformed, "mls: external sender sends no proposal");
      }
      if (!ExternalMaySend(proposal->type())) {  // RFC 9420 §12.1.8
        return Error(Code::kMalformed, "mls: proposal type not for external senders");
      }
      return Ok();
    case SenderType::kNewMemberProposal:
      if (proposal == nullptr || proposal->type() != ProposalType::kAdd) {  // RFC 9420 §6.1
        return Error(Code::kMalformed, "mls: new member proposes other than add");
      }
      return Ok();
    case SenderType::kNewMemberCommit:
      if (content.content_type() != ContentType::kCommit) {  // RFC 9420 §6.1
        return Error(Code::kMalformed, "mls: new member's commit is no commit");
      }
      return Ok();
  }
  return Error(Code::kMalformed, "mls: sender type");
}

Result<Bytes> SignatureKeyFor(const FramedContent& content, const FramingEpoch& epoch) {
  switch (content.sender.type()) {
    case SenderType::kMember: {
      const Bytes* key = epoch.members.SignatureKeyOf(*content.sender.member());
      if (key == nullptr) {  // RFC 9420 §6.1, §6.3.2
        return Error(Code::kMalformed, "mls: sender's leaf is blank");
      }
      return *key;
    }
    case SenderType::kExternal: {
      auto key = ExternalSenderKey(content, epoch.group_context.extensions);
      if (!key.ok() && key.error().code() == Code::kNotFound) {  // RFC 9420 §12.1.8
        return Error(Code::kMalformed, "mls: group has no external senders");
      }
      return key;
    }
    case SenderType::kNewMemberProposal:
      if (const auto* proposal = std::get_if<Proposal>(&content.content)) {
        if (const auto* add = std::get_if<Add>(&proposal->value)) {
          return add->key_package.leaf_node.signature_key;
        }
      }
      break;
    case SenderType::kNewMemberCommit:
      if (const auto* commit = std::get_if<Commit>(&content.content); commit && commit->path) {
        return commit->path->leaf_node.signature_key;
      }
      break;
  }
  return Error(Code::kMalformed, "mls: no key to verify the sender with");
}

void EncodeFramedContentTbs(wire::Writer& out, WireFormat wire_format, const FramedContent& content,
                            ByteView encoded_group_context) {
  wire::Encode(out, ProtocolVersion::kMls10);
  wire::Encode(out, wire_format);
  Encode(out, content);
  const SenderType sender = content.sender.type();
  if (sender == SenderType::kMember || sender == SenderType::kNewMemberCommit) {
    out.Raw(encoded_group_context);
  }
}

AuthenticatedContent SignFramedContent(WireFormat wire_format, FramedContent content,
                                       const SigningKey& key, ByteView encoded_group_context) {
  wire::Writer tbs(1024, wire::Writer::Holds::kSecret);  // application data is in it
  EncodeFramedContentTbs(tbs, wire_format, content, encoded_group_context);
  AuthenticatedContent out;
  out.wire_format = wire_format;
  out.content = std::move(content);
  out.auth.signature = SignWithLabel(key, kLabel, tbs.view());
  return out;
}

Status VerifyFramedContent(const AuthenticatedContent& content, ByteView signature_key,
                           ByteView encoded_group_context) {
  wire::Writer tbs(1024, wire::Writer::Holds::kSecret);  // application data is in it
  EncodeFramedContentTbs(tbs, content.wire_format, content.content, encoded_group_context);
  return VerifyWithLabel(signature_key, kLabel, tbs.view(), content.auth.signature);
}

}  // namespace renkei::mls
