#include "crypto/mls/private_message.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

constexpr std::size_t kReuseGuardBytes = 4;

struct SenderData {
  LeafIndex leaf_index;
  Generation generation;
  ByteArray<kReuseGuardBytes> reuse_guard{};
};

void Encode(wire::Writer& out, const SenderData& value) {
  Encode(out, value.leaf_index);
  Encode(out, value.generation);
  out.Raw(value.reuse_guard);
}

Status Decode(wire::Reader& in, SenderData& value) {
  RENKEI_TRY(Decode(in, value.leaf_index));
  RENKEI_TRY(Decode(in, value.generation));
  ByteView guard;
  RENKEI_TRY(in.Raw(kReuseGuardBytes, guard));
  std::copy(guard.begin(), guard.end(), value.reuse_guard.begin());
  return Ok();
}

RatchetKind KindOf(ContentType type) {
  return type == ContentType::kApplication ? RatchetKind::kApplication : RatchetKind::kHandshake;
}

// The ratchet's nonce with the guard in its first four bytes (RFC 9420 §6.3.1).
SecretBytes GuardedNonce(const SecretBytes& nonce, const ByteArray<kReuseGuardBytes>& guard) {
  SecretBytes out = nonce.Clone();
  const MutableByteView bytes = out.ExposeMutable();
  for (std::size_t i = 0; i < guard.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ guard[i]);
  }
  return out;
}

// SenderDataAAD (§6.3.2) is the beginning of PrivateContentAAD (§6.3.1).
struct Aads {
  Bytes bytes;
  std::size_t sender_data_size = 0;
  ByteView sender_data() const { return ByteView(bytes).first(sender_data_size); }
  ByteView content() const { return bytes; }
};

Aads MakeAads(const PrivateMessage& message) {
  wire::Writer out(message.group_id.size() + message.authenticated_data.size() + 24);
  out.Opaque(message.group_id);
  Encode(out, message.epoch);
  Encode(out, message.content_type);
  const std::size_t sender_data_size = out.size();
  out.Opaque(message.authenticated_data);
  return {std::move(out).Take(), sender_data_size};
}

// PrivateMessageContent (§6.3.1) with room for the tag.
void EncodePrivateContent(wire::Writer& out, const AuthenticatedContent& content,
                          std::size_t padding_size) {
  EncodeContent(out, content.content.content);
  EncodeAuth(out, content.auth, content.content.content_type());
  out.Zeros(padding_size + kAeadTagBytes);
}

Status DecodePrivateContent(ByteView plaintext, ContentType type, AuthenticatedContent& out) {
  wire::Reader in(plaintext);
  RENKEI_TRY(DecodeContent(in, type, out.content.content));
  RENKEI_TRY(DecodeAuth(in, type, out.auth));
  const ByteView padding = in.rest();
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) {
    return Error(Code::kMalformed, "mls: padding is not zero");  // RFC 9420 §6.3.1
  }
  return Ok();
}

// Application data is a member's words, or might be: whatever fails, they are not left behind.
class WipedUnlessTaken {
 public:
  explicit WipedUnlessTaken(AuthenticatedContent& content) : content_(content) {}
  WipedUnlessTaken(const WipedUnlessTaken&) = delete;
  WipedUnlessTaken& operator=(const WipedUnlessTaken&) = delete;
  ~WipedUnlessTaken() {
    if (auto* application = std::get_if<ApplicationData>(&content_.content.content)) {
      Wipe(application->data);  // empty once it was moved on
    }
  }

 private:
  AuthenticatedContent& content_;
};

Result<SenderData> OpenSenderData(const PrivateMessage& message, ByteView aad,
                                  const SecretBytes& sender_data_secret) {
  const MessageKey key = SenderDataKey(sender_data_secret, message.ciphertext);
  RENKEI_ASSIGN(const SecretBytes plaintext,
                AeadOpen(key.key, key.nonce, aad, message.encrypted_sender_data));
  return wire::Parse<SenderData>(plaintext.Expose());
}

}  // namespace

MessageKey SenderDataKey(const SecretBytes& sender_data_secret, ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), kHashBytes));
  return {ExpandWithLabel(sender_data_secret, "key", sample, kAeadKeyBytes),
          ExpandWithLabel(sender_data_secret, "nonce", sample, kAeadNonceBytes)};
}

Result<PrivateMessage> ProtectPrivate(const AuthenticatedContent& content, SecretTree& tree,
                                      const SecretBytes& sender_data_secret,
                                      std::size_t padding_size, Random& random) {
  const LeafIndex* own = content.content.sender.member();
  if (own == nullptr) {  // RFC 9420 §6.3.2
    return Error(Code::kDenied, "mls: only members send private messages");
  }
  if (content.wire_format != WireFormat::kPrivateMessage) {
    return Error(Code::kDenied, "mls: content was signed for another wire format");
  }
  if (padding_size > kMaxMessageBytes) {
    return Error(Code::kTooLarge, "mls: padding over kMaxMessageBytes");
  }
  wire::Writer plaintext(1024, wire::Writer::Holds::kSecret);
  EncodePrivateContent(plaintext, content, padding_size);
  if (plaintext.size() + content.content.authenticated_data.size() > kMaxMessageBytes) {
    return Error(Code::kTooLarge, "mls: message over kMaxMessageBytes");
  }
  PrivateMessage out;
  out.group_id = content.content.group_id;
  out.epoch = content.content.epoch;
  out.content_type = content.content.content_type();
  out.authenticated_data = content.content.authenticated_data;
  const Aads aads = MakeAads(out);

  RENKEI_ASSIGN(const SecretTree::SendKey send, tree.NextSendKey(*own, KindOf(out.content_type)));
  out.ciphertext = std::move(plaintext).Take();  // encrypted where it stands
  const SenderData sender{*own, send.generation, random.NextArray<kReuseGuardBytes>()};
  AeadSealInPlace(send.message_key.key, GuardedNonce(send.message_key.nonce, sender.reuse_guard),
                  aads.content(), out.ciphertext);
  const MessageKey key = SenderDataKey(sender_data_secret, out.ciphertext);
  out.encrypted_sender_data =
      AeadSeal(key.key, key.nonce, aads.sender_data(), wire::Serialize(sender));
  return out;
}

Result<OpenedPrivate> OpenPrivate(const PrivateMessage& message, const FramingEpoch& epoch,
                                  const SecretTree& tree) {
  RENKEI_TRY(CheckAddressed(message.group_id, message.epoch, epoch.group_context));
  const Aads aads = MakeAads(message);
  RENKEI_ASSIGN(const SenderData sender,
                OpenSenderData(message, aads.sender_data(), epoch.sender_data_secret));
  if (epoch.own == sender.leaf_index) {  // its key was used up when it was sent
    return Error(Code::kUnsupported, "mls: our own message");
  }
  const Bytes* signature_key = epoch.members.SignatureKeyOf(sender.leaf_index);
  if (signature_key == nullptr) {  // RFC 9420 §6.3.2
    return Error(Code::kMalformed, "mls: sender's leaf is blank");
  }
  RENKEI_ASSIGN(SecretTree::Trial trial,
                tree.TryKey(sender.leaf_index, KindOf(message.content_type), sender.generation));
  RENKEI_ASSIGN(
      const SecretBytes plaintext,
      AeadOpen(trial.message_key().key, GuardedNonce(trial.message_key().nonce, sender.reuse_guard),
               aads.content(), message.ciphertext));
  AuthenticatedContent out;
  const WipedUnlessTaken wiped(out);
  out.wire_format = WireFormat::kPrivateMessage;
  out.content.group_id = message.group_id;
  out.content.epoch = message.epoch;
  out.content.sender.value = MemberSender{sender.leaf_index};
  out.content.authenticated_data = message.authenticated_data;
  RENKEI_TRY(DecodePrivateContent(plaintext.Expose(), message.content_type, out));
  RENKEI_TRY(VerifyFramedContent(out, *signature_key, epoch.encoded_group_context));
  return OpenedPrivate{std::move(out), std::move(trial)};
}

Result<AuthenticatedContent> UnprotectPrivate(const PrivateMessage& message,
                                              const FramingEpoch& epoch, SecretTree& tree) {
  RENKEI_ASSIGN(OpenedPrivate opened, OpenPrivate(message, epoch, tree));
  tree.Accept(std::move(opened.trial));
  return std::move(opened.content);
}

}  // namespace renkei::mls
