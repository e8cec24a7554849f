// Our encoding is protobuf's for the same message: what the .proto files say is what is stored.
#include <gtest/gtest.h>

#include "crypto/thread/card.h"
#include "crypto/thread/deletion.h"
#include "crypto/thread/entry.h"
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

// Protobuf reads the bytes, knows every field, and writes the same bytes again.
template <typename Message>
Message ExpectAgreement(ByteView bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  EXPECT_TRUE(message.GetReflection()->GetUnknownFields(message).empty());
  EXPECT_EQ(ToHex(AsBytes(message.SerializeAsString())), ToHex(bytes));
  return message;
}

std::string Text(ByteView bytes) {
  return ToString(bytes);
}

class ProtoAgreement : public testing::Test {
 protected:
  ProtoAgreement() {
    card_ = example_.NextCard(first_, nurse_, {&nurse_, &other_});
    card_.evidence.revocation_lists = {Bytes(40, 1)};
    card_.evidence.link = Bytes(50, 2);
    card_.evidence.leave_requests = {Bytes(60, 3), Bytes(70, 4)};
    card_.trust_head = Sha256(AsBytes("head"));
    payload_ = test::MakeCommit(card_, nurse_, 0);
  }

  test::ExampleCase example_{31};
  test::ExampleDevice nurse_ = example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 0);
  test::ExampleDevice other_ =
      example_.NewDevice(example_.NewPerson(example_.NewInstitution()), 300);
  SignedCard first_ = test::MakeCommit(example_.FirstCard(nurse_), nurse_, {}).card;
  Card card_;
  CommitPayload payload_;
};

TEST_F(ProtoAgreement, OnCards) {
  const Card& card = payload_.card.card;
  const auto message = ExpectAgreement<proto::EpochCard>(payload_.card.card_bytes);
  EXPECT_EQ(message.version(), 1U);
  EXPECT_EQ(message.case_id(), Text(card.case_id.view()));
  EXPECT_EQ(message.epoch(), 1U);
  EXPECT_EQ(message.epoch_id(), Text(card.epoch_id));
  EXPECT_EQ(message.commit_hash(), Text(card.commit_hash));
  EXPECT_EQ(message.previous_card_hash(), Text(first_.hash));
  EXPECT_EQ(message.group_info_hash(), Text(card.group_info_hash));
  EXPECT_EQ(message.mls_group_id(), Text(card.mls_group_id));
  EXPECT_EQ(message.committer_device(), Text(nurse_.id.view()));
  ASSERT_EQ(message.members_size(), 2);
  EXPECT_EQ(message.members(1).leaf_index(), 300U);
  EXPECT_EQ(message.members(1).device(), Text(other_.id.view()));
  EXPECT_EQ(message.members(1).person(), Text(other_.person.person.view()));
  EXPECT_EQ(message.members(1).institution(), Text(other_.person.institution.view()));
  EXPECT_EQ(message.members(1).signing_certificate_hash(), Text(Sha256(other_.certificate)));
  EXPECT_EQ(message.members(1).joined_epoch(), 1U);
  EXPECT_EQ(message.institutions_size(), 2);
  EXPECT_EQ(message.recipients_size(), 4);
  EXPECT_TRUE(message.recipients(0).person().empty());
  EXPECT_EQ(message.recipients(1).key_version(), 1U);
  EXPECT_EQ(message.evidence().leave_requests_size(), 2);
  EXPECT_TRUE(message.evidence().refound().empty());
  EXPECT_TRUE(message.evidence().recovery().empty());
  EXPECT_EQ(message.trust_head(), Text(*card.trust_head));
  const auto policy = ExpectAgreement<proto::CasePolicy>(AsBytes(message.policy()));
  EXPECT_EQ(policy.kind(), proto::CasePolicy::KIND_HOME_CARE_CASE);
  EXPECT_EQ(policy.stewards(0).person(), Text(nurse_.person.person.view()));
  EXPECT_EQ(policy.who_may_remove(), proto::CasePolicy::RULE_STEWARDS);
  EXPECT_EQ(policy.newcomer_history(), proto::CasePolicy::HISTORY_ALL);
}

TEST_F(ProtoAgreement, OnEntriesAndCommits) {
  const Bytes payload = SerializeCommitPayload(payload_.card, payload_.commit).value();
  const auto commit = ExpectAgreement<proto::CommitPayload>(payload);
  EXPECT_EQ(commit.card().signature(), Text(payload_.card.signature));
  EXPECT_EQ(commit.commit(), Text(payload_.commit));
  ExpectAgreement<proto::SignedCard>(SerializeSignedCard(payload_.card));
  const Entry entry{example_.case_id, 9, EntryKind::kPack, test::kExampleTime, payload, {}};
  const auto message = ExpectAgreement<proto::ThreadEntry>(SerializeEntry(entry.View()));
  EXPECT_EQ(message.kind(), proto::ENTRY_KIND_PACK);
  EXPECT_EQ(message.seq(), 9U);
  EXPECT_EQ(message.received_at(), test::kExampleTime.value);
}

TEST_F(ProtoAgreement, OnHeads) {
  const Head head{example_.case_id, 3, Sha256(AsBytes("x")), test::kExampleTime, {}};
  const auto message = ExpectAgreement<proto::SignedHead>(SignHead(head, nurse_.key));
  const auto inner = ExpectAgreement<proto::ThreadHead>(AsBytes(message.head()));
  EXPECT_EQ(inner.seq(), 3U);
  EXPECT_EQ(inner.hash(), Text(head.hash));
}

TEST_F(ProtoAgreement, OnLinksAndLeaveRequests) {
  const Link link = test::MakeExampleLink(nurse_, other_);
  const auto signed_link =
      ExpectAgreement<proto::SignedLink>(MakeLink(link, nurse_.key, nurse_.certificate).value());
  const auto inner = ExpectAgreement<proto::Link>(AsBytes(signed_link.link()));
  EXPECT_EQ(inner.new_device(), Text(other_.id.view()));
  EXPECT_EQ(inner.tls_key(), Text(link.tls_key));
  EXPECT_EQ(inner.package_hash(), Text(link.package_hash));
  EXPECT_EQ(inner.created_at(), link.created_at.value);
  const LeaveRequest leave{example_.case_id, {0, 1}, nurse_.person, nurse_.id, test::kExampleTime};
  const auto signed_leave =
      ExpectAgreement<proto::SignedLeaveRequest>(MakeLeaveRequest(leave, nurse_.key));
  const auto request = ExpectAgreement<proto::LeaveRequest>(AsBytes(signed_leave.request()));
  EXPECT_EQ(request.epoch(), 1U);
  EXPECT_EQ(request.device(), Text(nurse_.id.view()));
}

TEST_F(ProtoAgreement, OnClosingNoticesAndDeletionCertificates) {
  ClosingNotice notice;
  notice.case_id = example_.case_id;
  notice.at = {0, 4};
  notice.sender_device = nurse_.id;
  notice.seen_seq = 9;
  notice.seen_hash = Sha256(AsBytes("seen"));
  notice.keep_years = 10;
  notice.created_at = test::kExampleTime;
  const Bytes made = MakeClosingNotice(notice, nurse_.key).value();
  const auto signed_notice = ExpectAgreement<proto::SignedClosingNotice>(made);
  const auto inner = ExpectAgreement<proto::ClosingNotice>(AsBytes(signed_notice.notice()));
  EXPECT_EQ(inner.epoch(), 4U);
  EXPECT_EQ(inner.action(), 1U);
  EXPECT_EQ(inner.seen_seq(), 9U);
  EXPECT_EQ(inner.keep_years(), 10U);
  DeletionCertificate certificate;
  certificate.case_id = example_.case_id;
  certificate.head = {12, Sha256(AsBytes("last")), test::kExampleTime};
  certificate.bytes = 12'000;
  certificate.closing = made;
  certificate.closing_seq = 10;
  certificate.years = 10;
  certificate.deleted_at = Days(40'000);
  const auto signed_certificate = ExpectAgreement<proto::SignedDeletionCertificate>(
      MakeDeletionCertificate(certificate, nurse_.key).value());
  const auto deletion =
      ExpectAgreement<proto::DeletionCertificate>(AsBytes(signed_certificate.certificate()));
  EXPECT_EQ(deletion.head_seq(), 12U);
  EXPECT_EQ(deletion.bytes(), 12'000U);
  EXPECT_EQ(deletion.closing(), Text(made));
  EXPECT_EQ(deletion.years(), 10U);
  EXPECT_EQ(deletion.deleted_at(), Days(40'000).value);
}

TEST_F(ProtoAgreement, OnRecords) {
  SealedRecord record;
  record.header.case_id = example_.case_id;
  record.header.at = {0, 1};
  record.header.urgency = Urgency::kUrgent;
  record.header.seen_seq = 8;
  record.ciphertext = Bytes(kMinCiphertextBytes, 5);
  const auto message = ExpectAgreement<proto::SealedRecord>(SerializeSealedRecord(record));
  EXPECT_EQ(message.urgency(), proto::URGENCY_URGENT);
  EXPECT_EQ(message.seen_seq(), 8U);
  EXPECT_EQ(message.ciphertext(), Text(record.ciphertext));
}

TEST_F(ProtoAgreement, OnEnvelopesAndPacks) {
  const Envelope envelope{example_.case_id, {0, 4}, Sha256(AsBytes("k")), 2, {1}, {2}};
  const auto message = ExpectAgreement<proto::Envelope>(SerializeEnvelope(envelope));
  EXPECT_EQ(message.key_version(), 2U);
  EXPECT_EQ(message.enc(), Text(envelope.enc));
  const Pack pack{example_.case_id, Sha256(AsBytes("k")), 3, nurse_.id, {1}, Bytes(40, 9)};
  EXPECT_EQ(ExpectAgreement<proto::Pack>(SerializePack(pack)).key_version(), 3U);
  const PackNotice notice{example_.case_id, pack.key_id, nurse_.id,         Sha256(AsBytes("p")),
                          {0, 1},           {2, 0},      test::kExampleTime};
  const auto signed_notice =
      ExpectAgreement<proto::SignedPackNotice>(MakePackNotice(notice, nurse_.key).value());
  const auto inner = ExpectAgreement<proto::PackNotice>(AsBytes(signed_notice.notice()));
  EXPECT_EQ(inner.first_epoch(), 1U);
  EXPECT_EQ(inner.last_generation(), 2U);
  const RelayNote note{example_.case_id, 1, {}, nurse_.id, test::kExampleTime};
  const auto signed_note =
      ExpectAgreement<proto::SignedRelayNote>(MakeRelayNote(note, nurse_.key).value());
  EXPECT_EQ(ExpectAgreement<proto::RelayNote>(AsBytes(signed_note.note())).kind(), 1U);
}

TEST_F(ProtoAgreement, OfAlerts) {
  AlertPlan plan;
  plan.rounds = 2;
  plan.steps = {{{{nurse_.person.institution, nurse_.person.person, 0},
                  {nurse_.person.institution, std::nullopt, 4},
                  {std::nullopt, std::nullopt, 1}},
                 Minutes(5)}};
  const Bytes plan_bytes = SerializeAlertPlan(plan);
  const auto plan_message = ExpectAgreement<proto::AlertPlan>(plan_bytes);
  EXPECT_EQ(plan_message.rounds(), 2U);
  EXPECT_EQ(plan_message.steps(0).wait_seconds(), 300U);
  EXPECT_EQ(plan_message.steps(0).targets(1).profession(), 4U);
  RelayNote note{example_.case_id, 2, {}, std::nullopt, test::kExampleTime};
  note.alert = AlertNote{9, AlertEvent::kCalled, 3, {}, {{plan.steps[0].targets[0]}}};
  const auto signed_note =
      ExpectAgreement<proto::SignedRelayNote>(MakeRelayNote(note, nurse_.key).value());
  const auto inner = ExpectAgreement<proto::RelayNote>(AsBytes(signed_note.note()));
  EXPECT_EQ(inner.alert().seq(), 9U);
  EXPECT_EQ(inner.alert().calls(0).outcome(), 2U);
  EXPECT_EQ(inner.alert().calls(0).person(), Text(nurse_.person.person.view()));
}

}  // namespace
}  // namespace renkei::thread
