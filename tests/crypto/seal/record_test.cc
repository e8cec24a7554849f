#include "crypto/seal/record.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <functional>

#include "crypto/seal/padding.h"
#include "crypto/thread/encoding.h"
#include "renkei/seal/v1/record.pb.h"
#include "tests/crypto/seal/support/sealed_case.h"

namespace renkei::seal {
namespace {

namespace proto = renkei::seal::v1;

constexpr std::string_view kText = "SpO2 88%、呼吸数28。主治医へ連絡済み（架空の患者）";

class Records : public testing::Test {
 protected:
  Bytes Seal(const RecordDraft& draft) {
    return SealRecord(draft, case_.archive_secret, case_.nurse.key, case_.example.random()).value();
  }
  Result<OpenedRecord> Open(ByteView bytes) const {
    return OpenRecord(bytes, case_.archive_secret, case_.card, case_.Lookup());
  }
  // What a member with other habits would seal: any body under any header, with a right tag.
  Bytes SealBody(const thread::RecordHeader& header, const proto::SealedBody& body) {
    const Bytes data = thread::RecordData(header);
    const SecretBytes padded = Pad(AsBytes(body.SerializeAsString()));
    thread::SealedRecord record{header, {}, Bytes(padded.size() + 16)};
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        record.ciphertext.data(), nullptr, padded.Expose().data(), padded.size(), data.data(),
        data.size(), nullptr, record.nonce.data(), RecordKey(case_.archive_secret).Expose().data());
    return thread::SerializeSealedRecord(record);
  }
  // A body that opens, signed by the nurse.
  proto::SealedBody Body(const thread::RecordHeader& header) {
    proto::SealedBody body;
    body.set_kind(11);
    body.set_certificate_hash(ToString(case_.nurse.Signer().certificate_hash));
    body.set_content("content");
    Sign(header, body);
    return body;
  }
  void Sign(const thread::RecordHeader& header, proto::SealedBody& body) {
    Bytes data = thread::RecordData(header);
    thread::AppendU32(data, body.kind());
    Append(data, AsBytes(body.certificate_hash()));
    thread::AppendU64(data, static_cast<std::uint64_t>(body.created_at()));
    Append(data, Sha256(AsBytes(body.content())));
    thread::AppendU8(data, static_cast<std::uint8_t>(body.trust_head().size()));
    Append(data, AsBytes(body.trust_head()));
    body.set_signature(ToString(case_.nurse.key.SignLabelled("Renkei 1.0 record", data)));
  }
  static void ExpectAuthFailed(const Result<OpenedRecord>& opened) {
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), Code::kAuthFailed);
    EXPECT_STREQ(opened.error().where(), "authentication failed");
  }

  test::SealedCase case_{41};
};

TEST_F(Records, OpenToWhatWasSealed) {
  RecordDraft draft = case_.Draft(kText);
  draft.header.urgency = thread::Urgency::kUrgent;
  draft.header.alert_plan_hash = Sha256(AsBytes("plan"));
  draft.trust_head = Sha256(AsBytes("directory"));
  const auto opened = Open(Seal(draft));
  ASSERT_TRUE(opened.ok()) << opened.error().where();
  EXPECT_EQ(opened->header, draft.header);
  EXPECT_EQ(opened->kind, draft.kind);
  EXPECT_EQ(opened->created_at, draft.created_at);
  EXPECT_EQ(AsText(opened->content.Expose()), kText);
  EXPECT_EQ(opened->sender.device, case_.nurse.id);
  EXPECT_EQ(opened->sender.certificate_hash, draft.certificate_hash);
  EXPECT_EQ(opened->trust_head, draft.trust_head);
}

TEST_F(Records, G1_NothingOfTheContentIsOutside) {
  const Bytes bytes = Seal(case_.Draft(kText));
  EXPECT_EQ(AsText(bytes).find(kText.substr(0, 9)), std::string_view::npos);
  const auto header = thread::ParseSealedRecord(bytes);
  EXPECT_EQ(header->ciphertext.size(), kMinPaddedBytes + 16);
}

TEST_F(Records, G1_ShortTextsHaveOneLength) {
  EXPECT_EQ(Seal(case_.Draft("a")).size(), Seal(case_.Draft(std::string(700, 'b'))).size());
}

TEST_F(Records, G2_EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return Open(bytes).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(Seal(case_.Draft(kText)), accepts), 0U);
}

// Whoever changes an outer field and knows how to encode it still fails: it is associated data.
TEST_F(Records, G2_EveryChangedOuterFieldIsRefused) {
  const std::function<void(thread::RecordHeader&)> changes[] = {
      [](auto& h) { h.record_id.bytes[0] ^= 1; },
      [](auto& h) { h.urgency = thread::Urgency::kUrgent; },
      [](auto& h) { h.alert_plan_hash[0] ^= 1; },
      [](auto& h) { h.seen_seq += 1; },
      [](auto& h) { h.seen_hash[0] ^= 1; },
  };
  const Bytes good = Seal(case_.Draft(kText));
  for (const auto& change : changes) {
    thread::SealedRecord record = thread::ParseSealedRecord(good).value();
    change(record.header);
    ExpectAuthFailed(Open(thread::SerializeSealedRecord(record)));
  }
}

TEST_F(Records, OfAnotherEpochsSecretAreRefused) {
  const Bytes bytes = Seal(case_.Draft(kText));
  const SecretBytes other = case_.example.random().NextSecret(kArchiveSecretBytes);
  ExpectAuthFailed(OpenRecord(bytes, other, case_.card, case_.Lookup()));
}

TEST_F(Records, UnderAnotherEpochIdThanTheSecretsAreNotSealed) {
  RecordDraft draft = case_.Draft(kText);
  draft.header.epoch_id[0] ^= 1;
  const auto sealed =
      SealRecord(draft, case_.archive_secret, case_.nurse.key, case_.example.random());
  EXPECT_EQ(sealed.error().code(), Code::kMalformed);
}

TEST_F(Records, G2_SignedByAnotherKeyAreRefused) {
  const SigningKey other = SigningKey::Generate(case_.example.random());
  const Bytes bytes =
      SealRecord(case_.Draft(kText), case_.archive_secret, other, case_.example.random()).value();
  ExpectAuthFailed(Open(bytes));
}

// An institution's archive key opens envelopes, and its CA certifies devices: together they must
// not be able to write in a colleague's name.
TEST_F(Records, G2_CertificateThatIsNotOnTheCardIsRefused) {
  test::ExampleDevice forged = case_.example.NewDevice(case_.nurse.person, 0);
  forged.id = case_.nurse.id;
  RecordDraft draft = case_.Draft(kText);
  draft.certificate_hash = forged.Signer().certificate_hash;
  const Bytes bytes =
      SealRecord(draft, case_.archive_secret, forged.key, case_.example.random()).value();
  const auto lookup = [&](const Hash32&) -> Result<thread::Signer> { return forged.Signer(); };
  ExpectAuthFailed(OpenRecord(bytes, case_.archive_secret, case_.card, lookup));
}

TEST_F(Records, G2_SenderWhoIsNotOnTheCardIsRefused) {
  const test::ExampleDevice outsider = case_.example.NewDevice(case_.nurse.person, 1);
  RecordDraft draft = case_.Draft(kText);
  draft.header.sender_device = outsider.id;
  draft.certificate_hash = outsider.Signer().certificate_hash;
  const Bytes bytes =
      SealRecord(draft, case_.archive_secret, outsider.key, case_.example.random()).value();
  const auto lookup = [&](const Hash32&) -> Result<thread::Signer> { return outsider.Signer(); };
  ExpectAuthFailed(OpenRecord(bytes, case_.archive_secret, case_.card, lookup));
}

// A lookup that answers for another device or certificate than asked.
TEST_F(Records, G2_LookupIsNotBelievedBlindly) {
  const Bytes bytes = Seal(case_.Draft(kText));
  thread::Signer other = case_.nurse.Signer();
  other.device = DeviceId::Generate(case_.example.random());
  const auto wrong_device = [&](const Hash32&) -> Result<thread::Signer> { return other; };
  ExpectAuthFailed(OpenRecord(bytes, case_.archive_secret, case_.card, wrong_device));
  thread::Signer renamed = case_.nurse.Signer();
  renamed.certificate_hash[0] ^= 1;
  const auto wrong_hash = [&](const Hash32&) -> Result<thread::Signer> { return renamed; };
  ExpectAuthFailed(OpenRecord(bytes, case_.archive_secret, case_.card, wrong_hash));
}

TEST_F(Records, UnknownCertificateIsToldAsSuch) {
  const auto unknown = [](const Hash32&) -> Result<thread::Signer> {
    return Error(Code::kNotFound, "test: none");
  };
  const Bytes bytes = Seal(case_.Draft(kText));
  EXPECT_EQ(OpenRecord(bytes, case_.archive_secret, case_.card, unknown).error().code(),
            Code::kNotFound);
}

TEST_F(Records, OfAnotherCardAreRefused) {
  const Bytes bytes = Seal(case_.Draft(kText));
  const std::function<void(thread::Card&)> changes[] = {
      [](auto& c) { c.epoch_id[0] ^= 1; },
      [](auto& c) { c.at.epoch += 1; },
      [](auto& c) { c.case_id.bytes[0] ^= 1; },
      [](auto& c) { c.members[0].device.bytes[0] ^= 1; },
      [](auto& c) { c.members[0].signing_certificate_hash[0] ^= 1; },
  };
  for (const auto& change : changes) {
    thread::Card card = case_.card;
    change(card);
    ExpectAuthFailed(OpenRecord(bytes, case_.archive_secret, card, case_.Lookup()));
  }
}

TEST_F(Records, HaveAKindAndAContentWithinBounds) {
  const auto refusal = [&](const RecordDraft& draft) {
    return SealRecord(draft, case_.archive_secret, case_.nurse.key, case_.example.random())
        .error()
        .code();
  };
  EXPECT_EQ(refusal(case_.Draft("")), Code::kMalformed);
  RecordDraft draft = case_.Draft(kText);
  draft.kind = 0;
  EXPECT_EQ(refusal(draft), Code::kMalformed);
  const std::string large(kMaxContentBytes + 1, 'x');
  EXPECT_EQ(refusal(case_.Draft(large)), Code::kTooLarge);
}

TEST_F(Records, LargestContentFits) {
  const std::string large(kMaxContentBytes, 'x');
  const auto opened = Open(Seal(case_.Draft(large)));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(AsText(opened->content.Expose()), large);
}

TEST_F(Records, SealedTwiceDiffer) {
  const RecordDraft draft = case_.Draft(kText);
  EXPECT_NE(Seal(draft), Seal(draft));
}

TEST_F(Records, BodyUnderARightTagAndSignatureIsStillChecked) {
  const thread::RecordHeader header = case_.Draft(kText).header;
  EXPECT_TRUE(Open(SealBody(header, Body(header))).ok());
  const auto refusal = [&](const std::function<void(proto::SealedBody&)>& change) {
    proto::SealedBody body = Body(header);
    change(body);
    Sign(header, body);
    return Open(SealBody(header, body)).error().code();
  };
  EXPECT_EQ(refusal([](auto& b) { b.GetReflection()->MutableUnknownFields(&b)->AddVarint(99, 1); }),
            Code::kMalformed);
  EXPECT_EQ(refusal([](auto& b) { b.clear_kind(); }), Code::kMalformed);
  EXPECT_EQ(refusal([](auto& b) { b.clear_content(); }), Code::kMalformed);
  EXPECT_EQ(refusal([](auto& b) { b.set_content(std::string(kMaxContentBytes + 1, 'x')); }),
            Code::kMalformed);
  EXPECT_EQ(refusal([](auto& b) { b.set_trust_head("short"); }), Code::kMalformed);
}

// A committer who puts another id on the card than the secret yields: nobody could check later
// which secret the card meant.
TEST_F(Records, EpochIdIsTheSecretsEvenIfCardAndRecordAgree) {
  thread::RecordHeader header = case_.Draft(kText).header;
  header.epoch_id[0] ^= 1;
  thread::Card card = case_.card;
  card.epoch_id = header.epoch_id;
  ExpectAuthFailed(
      OpenRecord(SealBody(header, Body(header)), case_.archive_secret, card, case_.Lookup()));
}

}  // namespace
}  // namespace renkei::seal
