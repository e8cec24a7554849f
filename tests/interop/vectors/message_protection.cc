// "Message Protection" (RFC 9420 §6): the member with leaf 1 of two sends everything.
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

constexpr mls::LeafIndex kSender{1};

class OneMember final : public mls::MemberKeys {
 public:
  explicit OneMember(Bytes key) : key_(std::move(key)) {}
  const Bytes* SignatureKeyOf(mls::LeafIndex leaf) const override {
    return leaf == kSender ? &key_ : nullptr;
  }

 private:
  Bytes key_;
};

struct Setting {
  explicit Setting(const Json& test_case)
      : members(Hex(test_case, "signature_pub")),
        membership_key(HexSecret(test_case, "membership_key")),
        sender_data_secret(HexSecret(test_case, "sender_data_secret")),
        encryption_secret(HexSecret(test_case, "encryption_secret")),
        signing_key(HexSigningKey(test_case, "signature_priv")) {
    context.group_id = Hex(test_case, "group_id");
    context.epoch.value = test_case.at("epoch").get<std::uint64_t>();
    context.tree_hash = Hex(test_case, "tree_hash");
    context.confirmed_transcript_hash = Hex(test_case, "confirmed_transcript_hash");
    encoded = wire::Serialize(context);
  }
  mls::FramingEpoch epoch() const {
    return {context, encoded, members, membership_key, sender_data_secret};
  }
  mls::SecretTree tree() const { return {2, encryption_secret.Clone()}; }
  mls::AuthenticatedContent Sign(mls::WireFormat format, const mls::Content& content) const {
    mls::FramedContent framed;
    framed.group_id = context.group_id;
    framed.epoch = context.epoch;
    framed.sender.value = mls::MemberSender{kSender};
    framed.content = content;
    auto out = mls::SignFramedContent(format, std::move(framed), signing_key, encoded);
    if (std::holds_alternative<mls::Commit>(content)) {
      out.auth.confirmation_tag = Bytes(kHashBytes);
    }
    return out;
  }

  OneMember members;
  SecretBytes membership_key;
  SecretBytes sender_data_secret;
  SecretBytes encryption_secret;
  SigningKey signing_key;
  mls::GroupContext context;
  Bytes encoded;
};

Bytes Raw(const mls::Content& content) {
  if (const auto* application = std::get_if<mls::ApplicationData>(&content)) {
    return application->data;
  }
  wire::Writer out;
  EncodeContent(out, content);
  return std::move(out).Take();
}

Verdict CheckPublic(const Setting& setting, const Bytes& given, const Bytes& raw) {
  auto message = mls::ParseMessage(given);
  VECTOR_EXPECT(message.ok() && std::holds_alternative<mls::PublicMessage>(message->value));
  const auto opened = mls::UnprotectPublic(std::move(std::get<mls::PublicMessage>(message->value)),
                                           setting.epoch());
  VECTOR_EXPECT(opened.ok());
  VECTOR_EXPECT(Same(Raw(opened->content.content), raw));
  auto again =
      mls::ProtectPublic(setting.Sign(mls::WireFormat::kPublicMessage, opened->content.content),
                         &setting.membership_key, setting.encoded);
  VECTOR_EXPECT(again.ok());
  const auto reopened = mls::UnprotectPublic(std::move(*again), setting.epoch());
  VECTOR_EXPECT(reopened.ok() && Same(Raw(reopened->content.content), raw));
  return {};
}

Verdict CheckPrivate(const Setting& setting, const Bytes& given, const Bytes& raw) {
  const auto message = mls::ParseMessage(given);
  VECTOR_EXPECT(message.ok() && std::holds_alternative<mls::PrivateMessage>(message->value));
  mls::SecretTree tree = setting.tree();
  const auto opened =
      mls::UnprotectPrivate(std::get<mls::PrivateMessage>(message->value), setting.epoch(), tree);
  VECTOR_EXPECT(opened.ok());
  VECTOR_EXPECT(Same(Raw(opened->content.content), raw));
  mls::SecretTree sending = setting.tree();
  const auto again =
      mls::ProtectPrivate(setting.Sign(mls::WireFormat::kPrivateMessage, opened->content.content),
                          sending, setting.sender_data_secret, 7, TestRandom());
  VECTOR_EXPECT(again.ok());
  mls::SecretTree receiving = setting.tree();
  const auto reopened = mls::UnprotectPrivate(*again, setting.epoch(), receiving);
  VECTOR_EXPECT(reopened.ok() && Same(Raw(reopened->content.content), raw));
  return {};
}

}  // namespace

Verdict RunMessageProtection(const Json& test_case) {
  const Setting setting(test_case);
  for (const char* kind : {"proposal", "commit"}) {
    const Bytes raw = Hex(test_case, kind);
    VECTOR_TRY(CheckPublic(setting, Hex(test_case, (kind + std::string("_pub")).c_str()), raw));
    VECTOR_TRY(CheckPrivate(setting, Hex(test_case, (kind + std::string("_priv")).c_str()), raw));
  }
  const Bytes application = Hex(test_case, "application");
  VECTOR_TRY(CheckPrivate(setting, Hex(test_case, "application_priv"), application));
  const auto in_the_clear = mls::ProtectPublic(
      setting.Sign(mls::WireFormat::kPublicMessage, mls::ApplicationData{application}),
      &setting.membership_key, setting.encoded);
  VECTOR_EXPECT(!in_the_clear.ok());
  return {};
}

}  // namespace renkei::interop
