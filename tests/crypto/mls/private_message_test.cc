#include "crypto/mls/private_message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/examples.h"
#include "tests/crypto/mls/support/one_epoch.h"

namespace renkei::mls {
namespace {

using test::OneEpoch;

class PrivateMessages : public testing::Test {
 protected:
  PrivateMessage Protect(LeafIndex leaf, Content content, std::size_t padding = 0) {
    return ProtectPrivate(epoch_.Signed(WireFormat::kPrivateMessage, leaf, std::move(content)),
                          sending_, epoch_.sender_data_secret(), padding, random_)
        .value();
  }
  Code Unprotect(const PrivateMessage& message) {
    const Bytes before = wire::Serialize(receiving_);
    const auto result = UnprotectPrivate(message, epoch_.framing(), receiving_);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(wire::Serialize(receiving_), before) << "a failed call changed the tree";
    return result.ok() ? Code::kInternal : result.error().code();
  }
  // A message of leaf 1, generation 0, around a plaintext of our making.
  PrivateMessage Forge(ByteView plaintext, ContentType type) {
    PrivateMessage out;
    out.group_id = epoch_.framing().group_context.group_id;
    out.epoch = epoch_.framing().group_context.epoch;
    out.content_type = type;
    wire::Writer aad;
    aad.Opaque(out.group_id);
    Encode(aad, out.epoch);
    Encode(aad, out.content_type);
    const Bytes sender_aad = ToBytes(aad.view());
    aad.Opaque({});
    const auto key = sending_.NextSendKey({1}, RatchetKind::kApplication);
    out.ciphertext = AeadSeal(key->message_key.key, key->message_key.nonce, aad.view(), plaintext);
    const MessageKey sender = SenderDataKey(epoch_.sender_data_secret(), out.ciphertext);
    out.encrypted_sender_data = AeadSeal(sender.key, sender.nonce, sender_aad,
                                         FromHex("00000001"
                                                 "00000000"
                                                 "00000000")
                                             .value());
    return out;
  }

  OneEpoch epoch_;
  SeededRandom random_{3};
  SecretTree sending_ = epoch_.Tree();
  SecretTree receiving_ = epoch_.Tree();
  const Content hello_ = ApplicationData{ToBytes("hello")};
};

TEST_F(PrivateMessages, EveryContentOpens) {
  for (const Content& content :
       {hello_, Content(test::ExampleProposals()[0]), Content(test::ExampleCommit())}) {
    const PrivateMessage message = Protect({3}, content);
    const auto opened = UnprotectPrivate(message, epoch_.framing(), receiving_);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened->content.content == content);
    EXPECT_EQ(*opened->content.sender.member(), LeafIndex{3});
    EXPECT_EQ(opened->content.authenticated_data, ToBytes("seen by all"));
    EXPECT_EQ(opened->wire_format, WireFormat::kPrivateMessage);
  }
}

TEST_F(PrivateMessages, MessagesOpenInAnyOrderAndOnce) {
  std::vector<PrivateMessage> messages;
  for (int i = 0; i < 4; ++i) {
    messages.push_back(Protect({1}, hello_));
  }
  for (const std::size_t i : {2U, 0U, 3U, 1U}) {
    EXPECT_TRUE(UnprotectPrivate(messages[i], epoch_.framing(), receiving_).ok());
  }
  EXPECT_EQ(Unprotect(messages[2]), Code::kNotFound);
}

TEST_F(PrivateMessages, PlaintextIsNotInTheMessage) {
  const Bytes text = ToBytes("a text that would be found");
  const Bytes message = wire::Serialize(Protect({1}, ApplicationData{text}));
  EXPECT_EQ(std::search(message.begin(), message.end(), text.begin(), text.end()), message.end());
}

TEST_F(PrivateMessages, PaddingHidesTheLength) {
  const PrivateMessage one = Protect({1}, ApplicationData{Bytes(10)}, 30);
  const PrivateMessage two = Protect({1}, ApplicationData{Bytes(40)}, 0);
  EXPECT_EQ(one.ciphertext.size(), two.ciphertext.size());
  EXPECT_TRUE(UnprotectPrivate(one, epoch_.framing(), receiving_).ok());
}

TEST_F(PrivateMessages, PaddingThatIsNotZeroIsMalformed) {  // RFC 9420 §6.3.1
  const auto content = epoch_.Signed(WireFormat::kPrivateMessage, {1}, hello_);
  wire::Writer plaintext;
  EncodeContent(plaintext, content.content.content);
  EncodeAuth(plaintext, content.auth, ContentType::kApplication);
  plaintext.U16(0x0001);
  EXPECT_EQ(Unprotect(Forge(plaintext.view(), ContentType::kApplication)), Code::kMalformed);
}

TEST_F(PrivateMessages, PlaintextThatIsCutOffIsMalformed) {
  EXPECT_EQ(Unprotect(Forge(FromHex("0548").value(), ContentType::kApplication)), Code::kMalformed);
}

// Everything decrypts, but nobody signed it.
TEST_F(PrivateMessages, WrongSignatureIsRefused) {  // RFC 9420 §6.1
  wire::Writer plaintext;
  EncodeContent(plaintext, hello_);
  EncodeAuth(plaintext, {Bytes(64), {}}, ContentType::kApplication);
  EXPECT_EQ(Unprotect(Forge(plaintext.view(), ContentType::kApplication)), Code::kAuthFailed);
}

TEST_F(PrivateMessages, AnyChangedFieldIsRefusedAndTheOriginalStillOpens) {
  const PrivateMessage good = Protect({1}, hello_);
  PrivateMessage changed = good;
  changed.ciphertext.back() ^= 1;  // behind the sample: only the content fails
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  changed = good;
  changed.ciphertext.front() ^= 1;
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  changed = good;
  changed.encrypted_sender_data.front() ^= 1;
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  changed = good;
  changed.authenticated_data.push_back(0);
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  changed = good;
  changed.content_type = ContentType::kProposal;
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  changed = good;
  changed.ciphertext.clear();
  EXPECT_EQ(Unprotect(changed), Code::kAuthFailed);
  EXPECT_TRUE(UnprotectPrivate(good, epoch_.framing(), receiving_).ok());
}

TEST_F(PrivateMessages, AnotherGroupOrEpochIsToldApart) {
  PrivateMessage message = Protect({1}, hello_);
  message.group_id.push_back(0);
  EXPECT_EQ(Unprotect(message), Code::kUnsupported);
  message = Protect({1}, hello_);
  ++message.epoch.value;
  EXPECT_EQ(Unprotect(message), Code::kFutureEpoch);
  message.epoch.value -= 2;
  EXPECT_EQ(Unprotect(message), Code::kStaleEpoch);
}

TEST_F(PrivateMessages, BlankSenderIsMalformed) {  // RFC 9420 §6.3.2
  EXPECT_EQ(Unprotect(Protect(test::kBlankLeaf, hello_)), Code::kMalformed);
}

TEST_F(PrivateMessages, GenerationTooFarAheadIsTooLarge) {  // RFC 9420 §15.3
  for (std::uint32_t i = 0; i <= kMaxForwardGenerations; ++i) {
    ASSERT_TRUE(sending_.NextSendKey({1}, RatchetKind::kApplication).ok());
  }
  EXPECT_EQ(Unprotect(Protect({1}, hello_)), Code::kTooLarge);
}

TEST_F(PrivateMessages, OnlyMembersSendThem) {  // RFC 9420 §6.3.2
  auto content = epoch_.Signed(WireFormat::kPrivateMessage, {1}, test::ExampleProposals()[0]);
  content.content.sender.value = NewMemberProposalSender{};
  EXPECT_EQ(
      ProtectPrivate(content, sending_, epoch_.sender_data_secret(), 0, random_).error().code(),
      Code::kDenied);
}

TEST_F(PrivateMessages, ContentSignedForAnotherWireFormatIsNotSent) {
  const auto content = epoch_.Signed(WireFormat::kPublicMessage, {1}, hello_);
  EXPECT_EQ(
      ProtectPrivate(content, sending_, epoch_.sender_data_secret(), 0, random_).error().code(),
      Code::kDenied);
}

TEST_F(PrivateMessages, MessageOverTheLimitIsTooLargeAndUsesNoKey) {
  const auto small = epoch_.Signed(WireFormat::kPrivateMessage, {1}, hello_);
  for (const std::size_t padding : {kMaxMessageBytes, kMaxMessageBytes + 1, ~std::size_t{0}}) {
    EXPECT_EQ(ProtectPrivate(small, sending_, epoch_.sender_data_secret(), padding, random_)
                  .error()
                  .code(),
              Code::kTooLarge);
  }
  EXPECT_EQ(sending_.NextSendKey({1}, RatchetKind::kApplication)->generation.value, 0U);
}

TEST_F(PrivateMessages, ReuseGuardMakesARepeatedGenerationDiffer) {  // RFC 9420 §6.3.1
  const PrivateMessage one = Protect({1}, hello_);
  sending_ = epoch_.Tree();  // state was lost
  const PrivateMessage two = Protect({1}, hello_);
  EXPECT_NE(one.ciphertext, two.ciphertext);
  EXPECT_TRUE(UnprotectPrivate(one, epoch_.framing(), receiving_).ok());
}

}  // namespace
}  // namespace renkei::mls
