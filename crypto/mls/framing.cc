#include "crypto/mls/framing.h"

namespace renkei::mls {

void Encode(wire::Writer& out, ContentType value) {
  out.U8(static_cast<std::uint8_t>(value));
}

Status Decode(wire::Reader& in, ContentType& value) {
  std::uint8_t type = 0;
  RENKEI_TRY(in.U8(type));
  if (type < static_cast<std::uint8_t>(ContentType::kApplication) ||
      type > static_cast<std::uint8_t>(ContentType::kCommit)) {
    return Error(Code::kMalformed, "mls: content type");
  }
  value = static_cast<ContentType>(type);
  return Ok();
}

SenderType Sender::type() const {
  return static_cast<SenderType>(value.index() + 1);
}

const LeafIndex* Sender::member() const {
  const auto* member = std::get_if<MemberSender>(&value);
  return member == nullptr ? nullptr : &member->leaf_index;
}

void Encode(wire::Writer& out, const Sender& value) {
  out.U8(static_cast<std::uint8_t>(value.type()));
  if (const LeafIndex* leaf = value.member()) {
    Encode(out, *leaf);
  } else if (const auto* external = std::get_if<ExternalSenderIndex>(&value.value)) {
    out.U32(external->sender_index);
  }
}

Status Decode(wire::Reader& in, Sender& value) {
  std::uint8_t type = 0;
  RENKEI_TRY(in.U8(type));
  switch (type) {
    case static_cast<std::uint8_t>(SenderType::kMember):
      return Decode(in, value.value.emplace<MemberSender>().leaf_index);
    case static_cast<std::uint8_t>(SenderType::kExternal):
      return in.U32(value.value.emplace<ExternalSenderIndex>().sender_index);
    case static_cast<std::uint8_t>(SenderType::kNewMemberProposal):
      value.value.emplace<NewMemberProposalSender>();
      return Ok();
    case static_cast<std::uint8_t>(SenderType::kNewMemberCommit):
      value.value.emplace<NewMemberCommitSender>();
      return Ok();
    default:
      return Error(Code::kMalformed, "mls: sender type");
  }
}

ContentType TypeOf(const Content& content) {
  return static_cast<ContentType>(content.index() + 1);
}

void EncodeContent(wire::Writer& out, const Content& value) {
  if (const auto* application = std::get_if<ApplicationData>(&value)) {
    out.Opaque(application->data);
  } else if (const auto* proposal = std::get_if<Proposal>(&value)) {
    Encode(out, *proposal);
  } else if (const auto* commit = std::get_if<Commit>(&value)) {
    Encode(out, *commit);
  }
}

Status DecodeContent(wire::Reader& in, ContentType type, Content& value) {
  switch (type) {
    case ContentType::kApplication:
      return in.Opaque(value.emplace<ApplicationData>().data);
    case ContentType::kProposal:
      return Decode(in, value.emplace<Proposal>());
    case ContentType::kCommit:
      return Decode(in, value.emplace<Commit>());
  }
  return Error(Code::kMalformed, "mls: content type");
}

void Encode(wire::Writer& out, const FramedContent& value) {
  out.Opaque(value.group_id);
  Encode(out, value.epoch);
  Encode(out, value.sender);
  out.Opaque(value.authenticated_data);
  Encode(out, value.content_type());
  EncodeContent(out, value.content);
}

Status Decode(wire::Reader& in, FramedContent& value) {
  RENKEI_TRY(in.Opaque(value.group_id));
  RENKEI_TRY(Decode(in, value.epoch));
  RENKEI_TRY(Decode(in, value.sender));
  RENKEI_TRY(in.Opaque(value.authenticated_data));
  ContentType type{};
  RENKEI_TRY(Decode(in, type));
  return DecodeContent(in, type, value.content);
}

void EncodeAuth(wire::Writer& out, const FramedContentAuthData& value, ContentType type) {
  out.Opaque(value.signature);
  if (type == ContentType::kCommit) {
    out.Opaque(value.confirmation_tag);
  }
}

Status DecodeAuth(wire::Reader& in, ContentType type, FramedContentAuthData& value) {
  RENKEI_TRY(in.Opaque(value.signature));
  value.confirmation_tag.clear();
  return type == ContentType::kCommit ? in.Opaque(value.confirmation_tag) : Ok();
}

void Encode(wire::Writer& out, const AuthenticatedContent& value) {
  wire::Encode(out, value.wire_format);
  Encode(out, value.content);
  EncodeAuth(out, value.auth, value.content.content_type());
}

Status Decode(wire::Reader& in, AuthenticatedContent& value) {
  RENKEI_TRY(wire::Decode(in, value.wire_format));
  if (value.wire_format != WireFormat::kPublicMessage &&
      value.wire_format != WireFormat::kPrivateMessage) {
    return Error(Code::kMalformed, "mls: wire format of authenticated content");
  }
  RENKEI_TRY(Decode(in, value.content));
  return DecodeAuth(in, value.content.content_type(), value.auth);
}

void Encode(wire::Writer& out, const PublicMessage& value) {
  Encode(out, value.content);
  EncodeAuth(out, value.auth, value.content.content_type());
  if (value.content.sender.type() == SenderType::kMember) {
    out.Opaque(value.membership_tag);
  }
}

Status Decode(wire::Reader& in, PublicMessage& value) {
  RENKEI_TRY(Decode(in, value.content));
  RENKEI_TRY(DecodeAuth(in, value.content.content_type(), value.auth));
  value.membership_tag.clear();
  return value.content.sender.type() == SenderType::kMember ? in.Opaque(value.membership_tag)
                                                            : Ok();
}

void Encode(wire::Writer& out, const PrivateMessage& value) {
  out.Opaque(value.group_id);
  Encode(out, value.epoch);
  Encode(out, value.content_type);
  out.Opaque(value.authenticated_data);
  out.Opaque(value.encrypted_sender_data);
  out.Opaque(value.ciphertext);
}

Status Decode(wire::Reader& in, PrivateMessage& value) {
  RENKEI_TRY(in.Opaque(value.group_id));
  RENKEI_TRY(Decode(in, value.epoch));
  RENKEI_TRY(Decode(in, value.content_type));
  RENKEI_TRY(in.Opaque(value.authenticated_data));
  RENKEI_TRY(in.Opaque(value.encrypted_sender_data));
  return in.Opaque(value.ciphertext);
}

}  // namespace renkei::mls
