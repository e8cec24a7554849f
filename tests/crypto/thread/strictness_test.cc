// What a signer may not put under a valid signature: unknown fields, values out of range, fields
// that contradict each other. The messages are built by protobuf and signed for real.
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crypto/base/labels.h"
#include "crypto/thread/card.h"
#include "crypto/thread/deletion.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/head.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/record_header.h"
#include "crypto/thread/sealed_secrets.h"
#include "renkei/seal/v1/archive.pb.h"
#include "renkei/seal/v1/card.pb.h"
#include "renkei/seal/v1/enrolment.pb.h"
#include "renkei/seal/v1/record.pb.h"
#include "renkei/seal/v1/thread.pb.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

namespace proto = renkei::seal::v1;

void AddUnknown(google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddVarint(99, 1);
}

template <typename Message>
Message Read(ByteView bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

class Strictness : public testing::Test {
 protected:
  Strictness() {
    Card card = example_.NextCard(first_, nurse_, {&nurse_, &doctor_});
    card.evidence.leave_requests = {Bytes(60, 3)};
    card_ = Read<proto::EpochCard>(test::MakeCommit(card, nurse_, 0).card.card_bytes);
  }

  static void Expect(const Status& status, Code code, const std::string& where) {
    ASSERT_FALSE(status.ok()) << "accepted, expected: " << where;
    EXPECT_EQ(CodeName(status.error().code()), std::string(CodeName(code)));
    EXPECT_EQ(status.error().where(), where);
  }
  template <typename T>
  static Status ToStatus(const Result<T>& result) {
    return result.ok() ? Ok() : Status(result.error());
  }
  Status ParseChangedPolicy(const std::function<void(proto::CasePolicy&)>& change) const {
    auto policy = Read<proto::CasePolicy>(AsBytes(card_.policy()));
    change(policy);
    return ToStatus(ParsePolicy(AsBytes(policy.SerializeAsString())));
  }
  // The inner message changed and signed again under `label`.
  template <typename Inner>
  Bytes Resigned(ByteView bytes, std::string_view label,
                 const std::function<void(Inner&)>& change) const {
    FieldReader in(bytes);
    auto inner = Read<Inner>(in.Blob(1));
    in.Blob(2);
    const ByteView third = in.Blob(3);
    change(inner);
    const Bytes content = ToBytes(inner.SerializeAsString());
    return Encode([&](FieldWriter& out) {
      out.Blob(1, content);
      out.Blob(2, nurse_.key.SignLabelled(label, content));
      out.Blob(3, third);
    });
  }

  test::ExampleCase example_{37};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  test::ExampleDevice doctor_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 1);
  SignedCard first_ = test::MakeCommit(example_.FirstCard(nurse_), nurse_, {}).card;
  proto::EpochCard card_;
};

TEST_F(Strictness, UnknownFieldInAPolicyIsRefused) {
  Expect(ParseChangedPolicy([](auto& p) { AddUnknown(&p); }), Code::kMalformed,
         "policy: not the one encoding");
  Expect(ParseChangedPolicy([](auto& p) { AddUnknown(p.mutable_stewards(0)); }), Code::kMalformed,
         "policy: not the one encoding of a steward");
}

// 257 must not become 1 on its way into an enum of one byte.
TEST_F(Strictness, RulesOutOfRangeAreOfALaterVersion) {
  const std::string where = "policy: a rule of a later version";
  using Policy = proto::CasePolicy;
  Expect(ParseChangedPolicy([](auto& p) { p.set_kind(static_cast<Policy::Kind>(257)); }),
         Code::kUnsupported, where);
  Expect(ParseChangedPolicy([](auto& p) { p.set_who_may_add(static_cast<Policy::Rule>(257)); }),
         Code::kUnsupported, where);
  Expect(ParseChangedPolicy([](auto& p) { p.set_who_may_remove(static_cast<Policy::Rule>(258)); }),
         Code::kUnsupported, where);
  Expect(ParseChangedPolicy(
             [](auto& p) { p.set_newcomer_history(static_cast<Policy::History>(257)); }),
         Code::kUnsupported, where);
}

TEST_F(Strictness, PolicyListIsCutOffAtItsLimit) {
  Expect(ParseChangedPolicy([](auto& p) {
           for (std::size_t i = 0; i < kMaxStewards; ++i) {
             *p.add_stewards() = p.stewards(0);
           }
         }),
         Code::kTooLarge, "policy: too many stewards");
  Expect(ToStatus(ParsePolicy(Bytes(kMaxPolicyBytes + 1))), Code::kMalformed, "policy: length");
}

TEST_F(Strictness, LinkUnderAValidSignatureIsStillChecked) {
  const Bytes good =
      MakeLink(test::MakeExampleLink(nurse_, doctor_), nurse_.key, nurse_.certificate).value();
  const auto parse = [&](const std::function<void(proto::Link&)>& change) {
    return ToStatus(ParseSignedLink(Resigned<proto::Link>(good, labels::kDeviceLink, change)));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& l) { AddUnknown(&l); }), Code::kMalformed,
         "link: not the one encoding of a link");
  Expect(parse([](auto& l) { l.set_new_device(l.linking_device()); }), Code::kMalformed,
         "link: a device links itself");
  Expect(parse([](auto& l) { l.clear_tls_key(); }), Code::kMalformed,
         "link: not the one encoding of a link");
  Expect(ToStatus(ParseSignedLink(Bytes(kMaxSignedLinkBytes + 1))), Code::kMalformed,
         "link: too long");
  auto no_certificate = Read<proto::SignedLink>(good);
  no_certificate.clear_linking_certificate();
  Expect(ToStatus(ParseSignedLink(AsBytes(no_certificate.SerializeAsString()))), Code::kMalformed,
         "link: length of the linking certificate");
}

TEST_F(Strictness, LeaveRequestUnderAValidSignatureIsStillChecked) {
  const Bytes good = MakeLeaveRequest(
      {example_.case_id, {0, 1}, nurse_.person, nurse_.id, test::kExampleTime}, nurse_.key);
  const auto parse = [&](const std::function<void(proto::LeaveRequest&)>& change) {
    return ToStatus(
        ParseLeaveRequest(Resigned<proto::LeaveRequest>(good, labels::kLeaveRequest, change)));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& r) { AddUnknown(&r); }), Code::kMalformed,
         "leave: not the one encoding of a request");
  Expect(ToStatus(ParseLeaveRequest(Bytes(kMaxSignedLeaveBytes + 1))), Code::kMalformed,
         "leave: not a signed request");
}

TEST_F(Strictness, PackNoticeUnderAValidSignatureIsStillChecked) {
  PackNotice notice;
  notice.case_id = example_.case_id;
  notice.sender_device = nurse_.id;
  notice.last.epoch = 1;
  const Bytes good = MakePackNotice(notice, nurse_.key).value();
  const auto parse = [&](const std::function<void(proto::PackNotice&)>& change) {
    return ToStatus(
        ParsePackNotice(Resigned<proto::PackNotice>(good, labels::kPackNotice, change)));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& n) { AddUnknown(&n); }), Code::kMalformed,
         "notice: not the one encoding of a notice");
  Expect(parse([](auto& n) { n.set_first_epoch(2); }), Code::kMalformed,
         "notice: the range ends before it begins");
  Expect(ToStatus(ParsePackNotice(Bytes(kMaxSignedNoticeBytes + 1))), Code::kMalformed,
         "notice: not a signed notice");
}

TEST_F(Strictness, ClosingNoticeUnderAValidSignatureIsStillChecked) {
  ClosingNotice notice;
  notice.case_id = example_.case_id;
  notice.sender_device = nurse_.id;
  notice.keep_years = 5;
  const Bytes good = MakeClosingNotice(notice, nurse_.key).value();
  const auto parse = [&](const std::function<void(proto::ClosingNotice&)>& change) {
    return ToStatus(
        ParseClosingNotice(Resigned<proto::ClosingNotice>(good, labels::kClosingNotice, change)));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& n) { AddUnknown(&n); }), Code::kMalformed,
         "closing: not the one encoding of a notice");
  Expect(parse([](auto& n) { n.set_action(3); }), Code::kUnsupported,
         "closing: an action of a later version");
  Expect(parse([](auto& n) { n.set_keep_years(kMaxKeepYears + 1); }), Code::kMalformed,
         "closing: too many years");
  Expect(parse([](auto& n) { n.set_action(2); }), Code::kMalformed,
         "closing: years without an end");
  Expect(ToStatus(ParseClosingNotice(Bytes(kMaxSignedClosingBytes + 1))), Code::kMalformed,
         "closing: not a signed notice");
}

TEST_F(Strictness, DeletionCertificateUnderAValidSignatureIsStillChecked) {
  ClosingNotice notice;
  notice.case_id = example_.case_id;
  DeletionCertificate certificate;
  certificate.case_id = example_.case_id;
  certificate.closing = MakeClosingNotice(notice, nurse_.key).value();
  certificate.years = 5;
  certificate.deleted_at = Days(4000);
  const Bytes good = MakeDeletionCertificate(certificate, nurse_.key).value();
  const auto parse = [&](const std::function<void(proto::DeletionCertificate&)>& change) {
    return ToStatus(VerifyDeletionCertificate(
        Resigned<proto::DeletionCertificate>(good, labels::kDeletionCertificate, change),
        nurse_.key.public_key()));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& c) { AddUnknown(&c); }), Code::kMalformed,
         "deletion: not the one encoding");
  Expect(parse([](auto& c) { c.set_years(100); }), Code::kMalformed, "deletion: before its time");
  Expect(parse([](auto& c) { c.set_counted_from(INT64_MAX); }), Code::kMalformed,
         "deletion: before its time");
  Expect(parse([](auto& c) { c.clear_closing(); }), Code::kMalformed,
         "deletion: nobody ended this case");
  Expect(ToStatus(VerifyDeletionCertificate(Bytes(kMaxSignedDeletionBytes + 1),
                                            nurse_.key.public_key())),
         Code::kMalformed, "deletion: not a signed certificate");
}

TEST_F(Strictness, RelayNoteUnderAValidSignatureIsStillChecked) {
  const RelayNote note{example_.case_id, 1, {}, nurse_.id, test::kExampleTime};
  const Bytes good = MakeRelayNote(note, nurse_.key).value();
  const auto parse = [&](const std::function<void(proto::RelayNote&)>& change) {
    return ToStatus(VerifyRelayNote(Resigned<proto::RelayNote>(good, labels::kRelayNote, change),
                                    nurse_.key.public_key()));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  EXPECT_EQ(parse([](auto& m) { m.set_version(2); }).error().code(), Code::kUnsupported);
  Expect(parse([](auto& n) { AddUnknown(&n); }), Code::kMalformed,
         "relay note: not the one encoding of a note");
  Expect(parse([](auto& n) { n.clear_kind(); }), Code::kMalformed, "relay note: no kind");
}

TEST_F(Strictness, HeadUnderAValidSignatureIsStillChecked) {
  const Bytes good = SignHead({example_.case_id, 1, {}, test::kExampleTime, {}}, nurse_.key);
  const auto parse = [&](const std::function<void(proto::ThreadHead&)>& change) {
    return ToStatus(VerifyHead(Resigned<proto::ThreadHead>(good, labels::kThreadHead, change),
                               nurse_.key.public_key()));
  };
  EXPECT_TRUE(parse([](auto&) {}).ok());
  Expect(parse([](auto& h) { AddUnknown(&h); }), Code::kMalformed,
         "head: not the one encoding of a head");
  Expect(ToStatus(VerifyHead(Bytes(kMaxSignedHeadBytes + 1), nurse_.key.public_key())),
         Code::kMalformed, "head: too long");
}

TEST_F(Strictness, UnsignedOutsidesAreCheckedToo) {
  SealedRecord record;
  record.ciphertext = Bytes(kMinCiphertextBytes, 5);
  auto message = Read<proto::SealedRecord>(SerializeSealedRecord(record));
  message.set_urgency(static_cast<proto::Urgency>(2));
  Expect(ToStatus(ParseSealedRecord(AsBytes(message.SerializeAsString()))), Code::kUnsupported,
         "record: an urgency of a later version");
  message.set_urgency(proto::URGENCY_NORMAL);
  for (const std::size_t size : {kMinCiphertextBytes - 1, kMaxCiphertextBytes + 1}) {
    message.set_ciphertext(std::string(size, 'c'));
    Expect(ToStatus(ParseSealedRecord(AsBytes(message.SerializeAsString()))), Code::kMalformed,
           "record: length of the ciphertext");
  }
  AddUnknown(&message);
  Expect(ToStatus(ParseSealedRecord(AsBytes(message.SerializeAsString()))), Code::kMalformed,
         "record: not the one encoding");
  auto envelope = Read<proto::Envelope>(SerializeEnvelope({}));
  AddUnknown(&envelope);
  Expect(ToStatus(ParseEnvelope(AsBytes(envelope.SerializeAsString()))), Code::kMalformed,
         "envelope: not the one encoding");
  Expect(ToStatus(ParseEnvelope(Bytes(kMaxEnvelopeBytes + 1))), Code::kMalformed,
         "envelope: too long");
  Pack empty;
  empty.ciphertext = Bytes(40, 1);
  auto pack = Read<proto::Pack>(SerializePack(empty));
  pack.clear_key_version();
  Expect(ToStatus(ParsePack(AsBytes(pack.SerializeAsString()))), Code::kMalformed,
         "pack: key version or length of the ciphertext");
}

}  // namespace
}  // namespace renkei::thread
