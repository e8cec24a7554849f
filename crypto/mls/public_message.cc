#include "crypto/mls/public_message.h"

#include <utility>

#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

// AuthenticatedContentTBM (RFC 9420 §6.2).
Bytes Tbm(const FramedContent& content, const FramedContentAuthData& auth,
          ByteView encoded_group_context) {
  wire::Writer out(1024);
  EncodeFramedContentTbs(out, WireFormat::kPublicMessage, content, encoded_group_context);
  EncodeAuth(out, auth, content.content_type());
  return std::move(out).Take();
}

}  // namespace

Result<PublicMessage> ProtectPublic(AuthenticatedContent content, const SecretBytes* membership_key,
                                    ByteView encoded_group_context) {
  if (content.content.content_type() == ContentType::kApplication) {  // RFC 9420 §6
    return Error(Code::kDenied, "mls: application data is never sent in the clear");
  }
  if (content.wire_format != WireFormat::kPublicMessage) {
    return Error(Code::kDenied, "mls: content was signed for another wire format");
  }
  PublicMessage out;
  out.content = std::move(content.content);
  out.auth = std::move(content.auth);
  if (out.content.sender.type() == SenderType::kMember) {
    RENKEI_CHECK(membership_key != nullptr);
    out.membership_tag =
        ToBytes(Mac(*membership_key, Tbm(out.content, out.auth, encoded_group_context)));
  }
  return out;
}

Result<AuthenticatedContent> UnprotectPublic(PublicMessage message, const FramingEpoch& epoch) {
  RENKEI_TRY(CheckAddressed(message.content.group_id, message.content.epoch, epoch.group_context));
  if (message.content.content_type() == ContentType::kApplication) {  // RFC 9420 §6
    return Error(Code::kMalformed, "mls: application data in the clear");
  }
  RENKEI_TRY(CheckSenderMaySend(message.content));
  if (message.content.sender.type() == SenderType::kMember) {  // RFC 9420 §6.2
    RENKEI_TRY(VerifyMac(epoch.membership_key,
                         Tbm(message.content, message.auth, epoch.encoded_group_context),
                         message.membership_tag));
  }
  RENKEI_ASSIGN(const Bytes key, SignatureKeyFor(message.content, epoch));
  AuthenticatedContent out{WireFormat::kPublicMessage, std::move(message.content),
                           std::move(message.auth)};
  RENKEI_TRY(VerifyFramedContent(out, key, epoch.encoded_group_context));  // RFC 9420 §6.1
  return out;
}

}  // namespace renkei::mls
