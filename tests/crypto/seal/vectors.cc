#include "tests/crypto/seal/vectors.h"

#include <initializer_list>

#include "crypto/base/labels.h"
#include "crypto/seal/invitation.h"
#include "crypto/seal/join_request.h"
#include "crypto/seal/link_package.h"
#include "crypto/seal/pack.h"
#include "crypto/seal/padding.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/deletion.h"
#include "crypto/thread/head.h"
#include "tests/crypto/seal/support/sealed_case.h"

namespace renkei::test {
namespace {

std::string Hex(ByteView bytes) {
  return ToHex(bytes);
}

std::string Seed(const SigningKey& key) {
  return ToHex(key.Seed().Expose());
}

Json Labels() {
  Json out = Json::array();
  for (const std::string_view label : labels::kAll) {
    out.push_back(label);
  }
  return out;
}

Json Padding() {
  Json out = Json::array();
  for (const std::size_t size : std::initializer_list<std::size_t>{
           0, 1, 1023, 1024, 1087, 1088, 2000, 10000, 65536, 100000, 524288}) {
    out.push_back({{"size", size}, {"padded", seal::PaddedSize(size)}});
  }
  return out;
}

// The nurse ends the case, and five years later the relay deletes it.
void AddDeletion(const SealedCase& world, const thread::Position& head, const SigningKey& relay,
                 Json& out) {
  const thread::ClosingNotice notice{world.card.case_id,
                                     world.card.at,
                                     thread::ClosingAction::kClose,
                                     world.nurse.id,
                                     head.seq,
                                     head.hash,
                                     5,
                                     kExampleTime};
  thread::DeletionCertificate certificate;
  certificate.case_id = notice.case_id;
  certificate.head = {head.seq + 1, Sha256(AsBytes("last entry")), kExampleTime};
  certificate.first_received = kExampleTime;
  certificate.bytes = 240;
  certificate.closing = thread::MakeClosingNotice(notice, world.nurse.key).value();
  certificate.closing_seq = head.seq + 1;
  certificate.counted_from = kExampleTime;
  certificate.years = 5;
  certificate.announced_at = thread::KeptUntil(kExampleTime, 5);
  certificate.deleted_at = certificate.announced_at + thread::kMinDeletionNotice;
  out["sender_key"] = Hex(world.nurse.key.public_key());
  out["signed_closing_notice"] = Hex(certificate.closing);
  out["signed_deletion_certificate"] =
      Hex(thread::MakeDeletionCertificate(certificate, relay).value());
}

Json Thread() {
  SealedCase world(101);
  const CaseId& case_id = world.card.case_id;
  thread::Position at = thread::StartOf(case_id);
  Json out = {{"case_id", Hex(case_id.view())}, {"start_hash", Hex(at.hash)}};
  const thread::EntryKind kinds[] = {thread::EntryKind::kCommit, thread::EntryKind::kRecord,
                                     thread::EntryKind::kRelayNote};
  for (const thread::EntryKind kind : kinds) {
    const Bytes payload = world.example.random().NextBytes(20);
    thread::EntryView entry{case_id, at.seq + 1, kind, {kExampleTime.value + 7}, payload, {}};
    entry.hash = thread::NextHash(at.hash, entry);
    at = thread::CheckNext(case_id, at, entry).value();
    out["entries"].push_back({{"seq", entry.seq},
                              {"kind", static_cast<int>(kind)},
                              {"received_at", entry.received_at.value},
                              {"payload", Hex(payload)},
                              {"hash", Hex(entry.hash)},
                              {"thread_entry", Hex(thread::SerializeEntry(entry))}});
  }
  const SigningKey relay = SigningKey::Generate(world.example.random());
  const thread::Head head{case_id, at.seq, at.hash, at.received_at,
                          thread::IncarnationId::Generate(world.example.random())};
  out["relay_seed"] = Seed(relay);
  out["relay_key"] = Hex(relay.public_key());
  out["incarnation"] = Hex(head.incarnation.view());
  out["signed_head"] = Hex(thread::SignHead(head, relay));
  // Of three: the last one moves up without a neighbour.
  const std::vector<thread::Head> batch = {
      {case_id, 0, thread::StartOf(case_id).hash, {}, head.incarnation}, head, head};
  for (const Bytes& signed_head : thread::SignHeads(batch, relay)) {
    out["signed_heads"].push_back(Hex(signed_head));
  }
  const thread::RelayNote note{case_id, 1, world.nurse.person.institution.bytes, world.nurse.id,
                               kExampleTime};
  out["signed_relay_note"] = Hex(thread::MakeRelayNote(note, relay).value());
  AddDeletion(world, at, relay, out);
  return out;
}

Json CardItem(const thread::CommitPayload& payload, const ExampleDevice& signer) {
  return {{"signing_seed", Seed(signer.key)},
          {"signing_key", Hex(signer.key.public_key())},
          {"commit", Hex(payload.commit)},
          {"card", Hex(payload.card.card_bytes)},
          {"card_hash", Hex(payload.card.hash)},
          {"signed_card", Hex(thread::SerializeSignedCard(payload.card))}};
}

// A case's first card, one that adds a doctor, and the doctor's new device by external commit.
Json Cards() {
  SealedCase world(102);
  ExampleCase& example = world.example;
  const ExampleDevice doctor = example.NewDevice(example.NewPerson(example.NewInstitution()), 1);
  const ExampleDevice second = example.NewDevice(doctor.person, 2);
  const auto first = MakeCommit(world.card, world.nurse, {});
  const auto add = MakeCommit(example.NextCard(first.card, world.nurse, {&world.nurse, &doctor}),
                              world.nurse, 0);
  thread::Card join = example.NextCard(add.card, second, {&world.nurse, &doctor, &second});
  join.evidence.link =
      thread::MakeLink(MakeExampleLink(doctor, second), doctor.key, doctor.certificate).value();
  const thread::LeaveRequest leave{example.case_id, {0, 2}, doctor.person, doctor.id, kExampleTime};
  Json out;
  out["cards"] = {CardItem(first, world.nurse), CardItem(add, world.nurse),
                  CardItem(MakeCommit(join, second, {}), second)};
  out["linking_key"] = Hex(doctor.key.public_key());
  out["signed_link"] = Hex(join.evidence.link);
  out["signed_leave_request"] = Hex(thread::MakeLeaveRequest(leave, doctor.key));
  return out;
}

Json Record() {
  SealedCase world(103);
  seal::RecordDraft draft = world.Draft("架空の患者の記録");
  draft.header.urgency = thread::Urgency::kUrgent;
  draft.header.alert_plan_hash = Sha256(AsBytes("alert plan"));
  const Bytes sealed =
      seal::SealRecord(draft, world.archive_secret, world.nurse.key, world.example.random())
          .value();
  const thread::SealedRecord outer = thread::ParseSealedRecord(sealed).value();
  return {{"archive_secret", Hex(world.archive_secret.Expose())},
          {"epoch_id", Hex(world.card.epoch_id)},
          {"record_key", Hex(seal::RecordKey(world.archive_secret).Expose())},
          {"signing_seed", Seed(world.nurse.key)},
          {"signing_key", Hex(world.nurse.key.public_key())},
          {"certificate_hash", Hex(draft.certificate_hash)},
          {"card", Hex(thread::SerializeCard(world.card).value())},
          {"kind", draft.kind},
          {"created_at", draft.created_at.value},
          {"content", Hex(draft.content)},
          {"associated_data", Hex(thread::RecordData(draft.header))},
          {"nonce", Hex(outer.nonce)},
          {"sealed_record", Hex(sealed)}};
}

Json ArchiveKeyJson(const SealedCase& world) {
  return {{"key_id", Hex(world.ArchiveKey().key_id)},
          {"key_version", world.ArchiveKey().version},
          {"private_key", Hex(world.archive_key.private_key().Expose())},
          {"public_key", Hex(world.archive_key.public_key())}};
}

Json Envelope() {
  SealedCase world(104);
  const thread::EpochRef at{0, 300};
  const thread::Envelope envelope =
      seal::SealEnvelope(world.archive_secret, world.ArchiveKey(), world.card.case_id, at).value();
  return {{"archive_secret", Hex(world.archive_secret.Expose())},
          {"epoch_id", Hex(world.card.epoch_id)},
          {"to", ArchiveKeyJson(world)},
          {"case_id", Hex(world.card.case_id.view())},
          {"generation", at.generation},
          {"epoch", at.epoch},
          {"envelope", Hex(thread::SerializeEnvelope(envelope))}};
}

Json Pack() {
  SealedCase world(105);
  std::vector<seal::PackSecret> secrets;
  Json listed = Json::array();
  for (const thread::EpochRef at : {thread::EpochRef{0, 0}, {0, 1}, {1, 0}}) {
    secrets.push_back({at, world.example.random().NextSecret(seal::kArchiveSecretBytes)});
    const SecretBytes& secret = secrets.back().archive_secret;
    listed.push_back({{"generation", at.generation},
                      {"epoch", at.epoch},
                      {"archive_secret", Hex(secret.Expose())},
                      {"epoch_id", Hex(seal::EpochId(secret))}});
  }
  const seal::MadePack made = seal::MakePack(secrets, world.ArchiveKey(), world.card.case_id,
                                             world.nurse.id, kExampleTime, world.example.random())
                                  .value();
  return {{"to", ArchiveKeyJson(world)},
          {"secrets", listed},
          {"pack", Hex(made.pack)},
          {"sender_seed", Seed(world.nurse.key)},
          {"sender_key", Hex(world.nurse.key.public_key())},
          {"signed_notice", Hex(thread::MakePackNotice(made.notice, world.nurse.key).value())}};
}

Json LinkPackage() {
  SealedCase world(106);
  SeededRandom& random = world.example.random();
  const mls::HpkeKeyPair device_key = mls::HpkeKeyPair::Generate(random);
  seal::LinkPackage package;
  package.person_archive_keys.push_back(
      {1, world.archive_key.private_key().Clone(), world.nurse.certificate});
  package.threads.push_back(
      {world.card.case_id, 17, random.NextArray<32>(), {0, 4}, random.NextArray<32>()});
  const seal::LinkPackageParties parties{world.nurse.id, DeviceId::Generate(random),
                                         device_key.public_key()};
  return {{"linking_device", Hex(parties.linking_device.view())},
          {"new_device", Hex(parties.new_device.view())},
          {"device_private_key", Hex(device_key.private_key().Expose())},
          {"device_public_key", Hex(device_key.public_key())},
          {"archive_private_key", Hex(world.archive_key.private_key().Expose())},
          {"archive_certificate", Hex(world.nurse.certificate)},
          {"thread_hash", Hex(package.threads[0].hash)},
          {"sealed_link_package", Hex(seal::SealLinkPackage(package, parties, random).value())}};
}

seal::Invitation MakeInvitation(seal::InvitationPurpose purpose, SeededRandom& random) {
  seal::Invitation out;
  out.purpose = purpose;
  out.region = RegionId::Generate(random);
  out.root_fingerprint = random.NextArray<32>();
  out.institution = InstitutionId::Generate(random);
  out.person = PersonId::Generate(random);
  if (purpose != seal::InvitationPurpose::kInstitution) {
    out.institution_key_hash = random.NextArray<32>();
  }
  out.ticket = TicketId::Generate(random);
  out.secret = random.NextSecret(seal::kInvitationSecretBytes);
  out.expires_at = kExampleTime;
  out.relay_address = "relay.example.jp:7443";
  return out;
}

Json Invitations() {
  SeededRandom random(107);
  Json out = Json::array();
  for (const auto purpose : {seal::InvitationPurpose::kInstitution, seal::InvitationPurpose::kStaff,
                             seal::InvitationPurpose::kDevice}) {
    const seal::Invitation invitation = MakeInvitation(purpose, random);
    out.push_back({{"purpose", static_cast<int>(purpose)},
                   {"region", Hex(invitation.region.view())},
                   {"root_fingerprint", Hex(invitation.root_fingerprint)},
                   {"institution", Hex(invitation.institution.view())},
                   {"person", Hex(invitation.person.view())},
                   {"institution_key_hash", Hex(invitation.institution_key_hash)},
                   {"ticket", Hex(invitation.ticket.view())},
                   {"secret", Hex(invitation.secret.Expose())},
                   {"expires_at", invitation.expires_at.value},
                   {"relay_address", invitation.relay_address},
                   {"code", seal::FormatInvitation(invitation)}});
  }
  return out;
}

seal::JoinRequest MakeRequest(const seal::Invitation& invitation, const SigningKey& signing,
                              const SigningKey& tls, const SigningKey& ca, SeededRandom& random) {
  seal::JoinRequest out;
  out.purpose = invitation.purpose;
  out.ticket = invitation.ticket;
  out.region = invitation.region;
  out.institution = invitation.institution;
  out.person = invitation.person;
  out.device = DeviceId::Generate(random);
  out.signing_key = signing.public_key();
  out.device_key = random.NextArray<32>();
  out.tls_key = tls.public_key();
  out.created_at = kExampleTime;
  if (invitation.purpose != seal::InvitationPurpose::kDevice) {
    out.person_name = "佐藤 架空";
    out.profession = "Registered Nurse";
    out.person_archive_key = random.NextArray<32>();
  }
  if (invitation.purpose == seal::InvitationPurpose::kInstitution) {
    out.institution_ca_key = ca.public_key();
    out.institution_archive_key = random.NextArray<32>();
  }
  return out;
}

Json JoinRequests() {
  SeededRandom random(108);
  const SigningKey signing = SigningKey::Generate(random);
  const SigningKey tls = SigningKey::Generate(random);
  const SigningKey ca = SigningKey::Generate(random);
  Json out = {{"signing_seed", Seed(signing)}, {"tls_seed", Seed(tls)}, {"ca_seed", Seed(ca)}};
  for (const auto purpose : {seal::InvitationPurpose::kInstitution, seal::InvitationPurpose::kStaff,
                             seal::InvitationPurpose::kDevice}) {
    const seal::Invitation invitation = MakeInvitation(purpose, random);
    const bool institution = purpose == seal::InvitationPurpose::kInstitution;
    const Bytes request =
        seal::MakeJoinRequest(MakeRequest(invitation, signing, tls, ca, random),
                              {signing, tls, institution ? &ca : nullptr}, invitation.secret);
    out["requests"].push_back({{"purpose", static_cast<int>(purpose)},
                               {"secret", Hex(invitation.secret.Expose())},
                               {"signed_join_request", Hex(request)}});
  }
  return out;
}

}  // namespace

std::vector<VectorFile> MakeVectors() {
  return {{"labels.json", Labels()},
          {"padding.json", Padding()},
          {"thread.json", Thread()},
          {"cards.json", Cards()},
          {"record.json", Record()},
          {"envelope.json", Envelope()},
          {"pack.json", Pack()},
          {"link_package.json", LinkPackage()},
          {"invitations.json", Invitations()},
          {"join_requests.json", JoinRequests()}};
}

std::string Text(const VectorFile& file) {
  return file.content.dump(1) + "\n";
}

}  // namespace renkei::test
