#include "tests/crypto/mls/support/one_epoch.h"

#include "crypto/base/hash.h"
#include "tests/crypto/mls/support/examples.h"

namespace renkei::mls::test {

OneEpoch::OneEpoch()
    : external_key_(SigningKey::Generate(random_)),
      context_(ExampleGroupContext()),
      membership_key_(random_.NextSecret(kHashBytes)),
      sender_data_secret_(random_.NextSecret(kHashBytes)),
      encryption_secret_(random_.NextSecret(kHashBytes)) {
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    keys_.push_back(SigningKey::Generate(random_));
    public_keys_.push_back(ToBytes(keys_.back().public_key()));
  }
  context_.extensions = {MakeExtension(ExternalSenders{
      {{Filler(32, 1), ExampleBasic()}, {ToBytes(external_key_.public_key()), ExampleBasic()}}})};
  EncodeContext();
}

const Bytes* OneEpoch::SignatureKeyOf(LeafIndex leaf) const {
  return leaf.value < kLeaves && leaf != kBlankLeaf ? &public_keys_[leaf.value] : nullptr;
}

FramingEpoch OneEpoch::framing() const {
  return {context_, encoded_, *this, membership_key_, sender_data_secret_};
}

SecretTree OneEpoch::Tree() const {
  return {kLeaves, encryption_secret_.Clone()};
}

FramedContent OneEpoch::Content(Sender sender, mls::Content content) const {
  FramedContent out;
  out.group_id = context_.group_id;
  out.epoch = context_.epoch;
  out.sender = std::move(sender);
  out.authenticated_data = ToBytes("seen by all");
  out.content = std::move(content);
  return out;
}

AuthenticatedContent OneEpoch::Signed(WireFormat format, LeafIndex leaf,
                                      mls::Content content) const {
  AuthenticatedContent out = SignFramedContent(
      format, Content({MemberSender{leaf}}, std::move(content)), key(leaf), encoded_);
  if (out.content.content_type() == ContentType::kCommit) {
    out.auth.confirmation_tag = Filler(kHashBytes, 2);
  }
  return out;
}

}  // namespace renkei::mls::test
