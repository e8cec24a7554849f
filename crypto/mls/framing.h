// How content is framed before it is protected (RFC 9420 §6): the structures only. Protection is
// in public_message.h and private_message.h. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_FRAMING_H_
#define RENKEI_CRYPTO_MLS_FRAMING_H_

#include <cstdint>
#include <variant>

#include "crypto/mls/commit.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

enum class ContentType : std::uint8_t { kApplication = 1, kProposal = 2, kCommit = 3 };
void Encode(wire::Writer& out, ContentType value);
Status Decode(wire::Reader& in, ContentType& value);  // kMalformed for any other value

enum class SenderType : std::uint8_t {
  kMember = 1,
  kExternal = 2,
  kNewMemberProposal = 3,
  kNewMemberCommit = 4,
};

struct MemberSender {
  LeafIndex leaf_index;
  friend bool operator==(const MemberSender&, const MemberSender&) = default;
};
struct ExternalSenderIndex {
  std::uint32_t sender_index = 0;  // into the external_senders extension
  friend bool operator==(const ExternalSenderIndex&, const ExternalSenderIndex&) = default;
};
struct NewMemberProposalSender {
  friend bool operator==(const NewMemberProposalSender&, const NewMemberProposalSender&) = default;
};
struct NewMemberCommitSender {
  friend bool operator==(const NewMemberCommitSender&, const NewMemberCommitSender&) = default;
};

struct Sender {
  // In the order of SenderType.
  std::variant<MemberSender, ExternalSenderIndex, NewMemberProposalSender, NewMemberCommitSender>
      value;

  SenderType type() const;
  // The member's leaf, or null for another type.
  const LeafIndex* member() const;
  friend bool operator==(const Sender&, const Sender&) = default;
};
void Encode(wire::Writer& out, const Sender& value);
Status Decode(wire::Reader& in, Sender& value);

struct ApplicationData {
  Bytes data;
  friend bool operator==(const ApplicationData&, const ApplicationData&) = default;
};

// In the order of ContentType.
using Content = std::variant<ApplicationData, Proposal, Commit>;
ContentType TypeOf(const Content& content);
// The contents alone: their type stands elsewhere.
void EncodeContent(wire::Writer& out, const Content& value);
Status DecodeContent(wire::Reader& in, ContentType type, Content& value);

struct FramedContent {
  Bytes group_id;
  Epoch epoch;
  Sender sender;
  Bytes authenticated_data;
  Content content;

  ContentType content_type() const { return TypeOf(content); }
  friend bool operator==(const FramedContent&, const FramedContent&) = default;
};
void Encode(wire::Writer& out, const FramedContent& value);
Status Decode(wire::Reader& in, FramedContent& value);

struct FramedContentAuthData {
  Bytes signature;
  Bytes confirmation_tag;  // on the wire for commits only; else empty
  friend bool operator==(const FramedContentAuthData&, const FramedContentAuthData&) = default;
};
void EncodeAuth(wire::Writer& out, const FramedContentAuthData& value, ContentType type);
Status DecodeAuth(wire::Reader& in, ContentType type, FramedContentAuthData& value);

struct AuthenticatedContent {
  WireFormat wire_format{WireFormat::kPublicMessage};
  FramedContent content;
  FramedContentAuthData auth;
  friend bool operator==(const AuthenticatedContent&, const AuthenticatedContent&) = default;
};
// kMalformed unless the wire format is one of PublicMessage and PrivateMessage.
void Encode(wire::Writer& out, const AuthenticatedContent& value);
Status Decode(wire::Reader& in, AuthenticatedContent& value);

struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  Bytes membership_tag;  // on the wire for members only; else empty
  friend bool operator==(const PublicMessage&, const PublicMessage&) = default;
};
void Encode(wire::Writer& out, const PublicMessage& value);
Status Decode(wire::Reader& in, PublicMessage& value);

struct PrivateMessage {
  Bytes group_id;
  Epoch epoch;
  ContentType content_type{ContentType::kApplication};
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
  friend bool operator==(const PrivateMessage&, const PrivateMessage&) = default;
};
void Encode(wire::Writer& out, const PrivateMessage& value);
Status Decode(wire::Reader& in, PrivateMessage& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_FRAMING_H_
