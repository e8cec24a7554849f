#include "tests/support/relay_world.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "crypto/pki/pem.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/succession.h"
#include "server/region_files.h"

namespace renkei::test {
namespace {

using pki::CertRole;
using thread::Card;

// Within what every issuing CA of a test region allows.
pki::Validity ValidityUnder(const pki::Issuer& issuer, CertRole role) {
  return issuer.Clip(role, {issuer.certificate().not_before(), issuer.certificate().not_after()});
}

// The front of an MLS commit in a PublicMessage (RFC 9420 §6), and a tail that is none.
Bytes CommitBytes(ByteView group_id, std::uint64_t epoch, std::optional<std::uint32_t> leaf) {
  Bytes out = {0, 1, 0, 1, static_cast<std::uint8_t>(group_id.size())};
  Append(out, group_id);
  thread::AppendU64(out, epoch);
  thread::AppendU8(out, leaf ? 1 : 4);
  if (leaf) {
    thread::AppendU32(out, *leaf);
  }
  thread::AppendU8(out, 0);
  thread::AppendU8(out, 3);
  Append(out, AsBytes("invented"));
  return out;
}

void WriteFile(const std::filesystem::path& path, ByteView bytes, bool is_secret) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  chmod(path.c_str(), is_secret ? 0600 : 0644);
}

}  // namespace

thread::PersonRef Person::Ref() const {
  return {office->ca.certificate().ids().institution, subject.person};
}

server::Caller Handset::Caller() const {
  return {person->Ref(), device.id, device.tls.certificate.fingerprint(), true};
}

thread::Signer Handset::Signer() const {
  return {person->Ref(), device.id, device.signing.certificate.public_key(),
          device.signing.certificate.fingerprint()};
}

std::vector<pki::Certificate> Handset::TlsChain(const Region& region) const {
  std::vector<pki::Certificate> out = {device.tls.certificate};
  for (const pki::Certificate& above : region.Above(person->office->ca)) {
    out.push_back(above);
  }
  return out;
}

server::CommitView CommitParts::View() const {
  server::CommitView out;
  out.card = card.card_bytes;
  out.signature = card.signature;
  out.commit = commit;
  out.group_info = group_info;
  for (const auto& [devices, welcome] : welcomes) {
    out.welcomes.push_back({devices, welcome});
  }
  out.envelopes = envelopes;
  return out;
}

RelayWorld::RelayWorld(std::uint64_t seed, Millis start)
    : random_(seed + 1),
      region_(seed, "ひがし地区医師会（架空）", start),
      relay_tls_(region_.AddRelay(CertRole::kRelayTls)),
      relay_signing_(region_.AddRelay(CertRole::kRelaySigning)) {
  AddOffice("ひがし地区医師会（架空）", pki::InstitutionKind::kMedicalAssociation);
}

Office& RelayWorld::AddOffice(const std::string& name, pki::InstitutionKind kind) {
  pki::Issuer ca = region_.AddInstitution(name, kind);
  auto archive = ca.IssueInstitutionArchive(
      NewX25519(random_), 1, ValidityUnder(ca, CertRole::kInstitutionArchive), random_);
  return offices_.emplace_back(Office{std::move(ca), std::move(archive).value()});
}

Person& RelayWorld::AddPerson(const Office& office) {
  const pki::PersonSubject subject = SomeNurse(random_);
  auto archive = office.ca.IssuePersonArchive(
      NewX25519(random_), subject, 1, ValidityUnder(office.ca, CertRole::kPersonArchive), random_);
  return persons_.emplace_back(Person{&office, subject, std::move(archive).value()});
}

Handset& RelayWorld::AddHandset(const Person& person) {
  return handsets_.emplace_back(
      Handset{&person, region_.AddDevice(person.office->ca, person.subject)});
}

server::RelayIdentity RelayWorld::Identity() const {
  return {region_.root().certificate(), region_.issuing().certificate(), relay_signing_.certificate,
          relay_signing_.key.Clone(), offices_.front().ca.certificate().ids().institution};
}

std::vector<Bytes> RelayWorld::CertificatesOf(const Office& office) const {
  std::vector<Bytes> out = {office.ca.certificate().der(), office.archive.der()};
  for (const Person& person : persons_) {
    if (person.office == &office) {
      out.push_back(person.archive.der());
    }
  }
  for (const Handset& handset : handsets_) {
    if (handset.person->office == &office) {
      out.push_back(handset.device.signing.certificate.der());
      out.push_back(handset.device.key.der());
      out.push_back(handset.device.tls.certificate.der());
    }
  }
  return out;
}

void RelayWorld::PublishAll(server::Relay& relay) const {
  for (const Office& office : offices_) {
    for (const Bytes& der : CertificatesOf(office)) {
      const std::vector<ByteView> one = {der};
      auto rows = relay.directory().VerifyAll(one);
      RENKEI_CHECK(rows.ok());
      std::atomic<bool> is_done = false;
      relay.store().Write(
          [&](server::WriteTransaction& transaction) -> Status {
            RENKEI_TRY(relay.directory().Add(transaction, *rows));
            return Ok();
          },
          [&](const Status& status) {
            RENKEI_CHECK(status.ok());
            is_done = true;
            is_done.notify_all();
          });
      is_done.wait(false);
    }
  }
}

void RelayWorld::WriteRelayFiles(const std::filesystem::path& data_dir) const {
  const std::filesystem::path folder = data_dir / server::kRelayFolder;
  std::filesystem::create_directories(folder);
  const std::string json = "{\"version\": 1, \"region\": \"" + region_.id().Text() +
                           "\", \"operator_institution\": \"" +
                           offices_.front().ca.certificate().ids().institution.Text() + "\"}";
  const std::vector<pki::Certificate> chain = {
      relay_tls_.certificate, region_.issuing().certificate(), region_.root().certificate()};
  WriteFile(folder / server::kRegionFile, AsBytes(json), false);
  WriteFile(folder / server::kRootFile, region_.root().certificate().der(), false);
  WriteFile(folder / server::kIssuingFile, region_.issuing().certificate().der(), false);
  WriteFile(folder / server::kTlsChainFile, AsBytes(pki::ToPem(chain)), false);
  WriteFile(folder / server::kTlsKeyFile, pki::PrivateKeyPem(relay_tls_.key).Expose(), true);
  WriteFile(folder / server::kSigningCertificateFile, relay_signing_.certificate.der(), false);
  WriteFile(folder / server::kSigningKeyFile, relay_signing_.key.Seed().Expose(), true);
}

CommitParts RelayWorld::NewCase(const Handset& creator, thread::History history) {
  CommitParts parts;
  Card card;
  card.case_id = CaseId::Generate(random_);
  card.epoch_id = random_.NextArray<kHashBytes>();
  card.policy.stewards = {creator.person->Ref()};
  card.policy.newcomer_history = history;
  card.mls_group_id = random_.NextBytes(32);
  card.committer_device = creator.device.id;
  card.members = {{0, creator.person->Ref(), creator.device.id,
                   creator.device.signing.certificate.fingerprint(), 0}};
  FillReaders(card);
  parts.card.card = std::move(card);
  FillRest(parts);
  Resign(parts, creator);
  return parts;
}

CommitParts RelayWorld::NextCommit(const thread::SignedCard& previous, const Handset& committer,
                                   const std::vector<const Handset*>& members) {
  CommitParts parts;
  Card card = previous.card;
  card.at.epoch += 1;
  card.epoch_id = random_.NextArray<kHashBytes>();
  card.previous_card_hash = previous.hash;
  card.committer_device = committer.device.id;
  card.evidence = {};
  std::uint32_t free_leaf = 0;
  for (const thread::CardMember& member : previous.card.members) {
    free_leaf = std::max(free_leaf, member.leaf_index + 1);
  }
  card.members.clear();
  for (const Handset* member : members) {
    const thread::CardMember* before = thread::FindMember(previous.card, member->device.id);
    card.members.push_back({before != nullptr ? before->leaf_index : free_leaf++,
                            member->person->Ref(), member->device.id,
                            member->device.signing.certificate.fingerprint(),
                            thread::JoinedEpoch(&previous.card, member->device.id, card.at.epoch)});
  }
  std::sort(card.members.begin(), card.members.end(),
            [](const auto& a, const auto& b) { return a.leaf_index < b.leaf_index; });
  FillReaders(card);
  const thread::CardMember* before = thread::FindMember(previous.card, committer.device.id);
  parts.commit = CommitBytes(card.mls_group_id, card.at.epoch - 1,
                             before != nullptr ? std::optional(before->leaf_index) : std::nullopt);
  card.commit_hash = Sha256(parts.commit);
  parts.card.card = std::move(card);
  FillRest(parts);
  Resign(parts, committer);
  return parts;
}

// GroupInfo, welcomes for who is new, envelopes for who reads.
void RelayWorld::FillRest(CommitParts& parts) {
  Card& card = parts.card.card;
  parts.group_info = random_.NextBytes(400);
  card.group_info_hash = Sha256(parts.group_info);
  std::vector<DeviceId> joined;
  for (const thread::CardMember& member : card.members) {
    if (member.joined_epoch == card.at.epoch && member.device != card.committer_device) {
      joined.push_back(member.device);
    }
  }
  if (!joined.empty()) {
    parts.welcomes = {{joined, random_.NextBytes(300)}};
  }
  parts.envelopes.clear();
  for (const thread::CardRecipient& recipient : card.recipients) {
    thread::Envelope envelope;
    envelope.case_id = card.case_id;
    envelope.at = card.at;
    envelope.key_id = recipient.key_id;
    envelope.key_version = recipient.key_version;
    random_.Fill(envelope.enc);
    random_.Fill(envelope.ciphertext);
    parts.envelopes.push_back(envelope);
  }
}

void RelayWorld::Resign(CommitParts& parts, const Handset& signer) {
  parts.card = thread::SignCard(parts.card.card, signer.device.signing.key).value();
}

const Office* RelayWorld::OfficeOf(const InstitutionId& institution) const {
  for (const Office& office : offices_) {
    if (office.ca.certificate().ids().institution == institution) {
      return &office;
    }
  }
  RENKEI_CHECK(false);
  return nullptr;
}

void RelayWorld::FillReaders(Card& card) const {
  std::set<thread::PersonRef> readers;
  for (const thread::CardMember& member : card.members) {
    readers.insert(member.person);
  }
  card.institutions.clear();
  card.recipients.clear();
  for (const thread::PersonRef& reader : readers) {
    const Office& office = *OfficeOf(reader.institution);
    if (card.institutions.empty() || card.institutions.back().institution != reader.institution) {
      card.institutions.push_back({reader.institution, office.ca.certificate().public_key()});
      card.recipients.push_back(
          {reader.institution, std::nullopt, office.archive.fingerprint(), 1});
    }
    for (const Person& person : persons_) {
      if (person.Ref() == reader) {
        card.recipients.push_back(
            {reader.institution, reader.person, person.archive.fingerprint(), 1});
      }
    }
  }
}

Bytes RelayWorld::Record(const thread::SignedCard& card, const Handset& sender,
                         const thread::Position& seen, std::size_t ciphertext_bytes) {
  thread::SealedRecord record;
  record.header.case_id = card.card.case_id;
  record.header.at = card.card.at;
  record.header.epoch_id = card.card.epoch_id;
  record.header.record_id = RecordId::Generate(random_);
  record.header.sender_device = sender.device.id;
  record.header.seen_seq = seen.seq;
  record.header.seen_hash = seen.seq == 0 ? thread::StartOf(card.card.case_id).hash : seen.hash;
  random_.Fill(record.nonce);
  record.ciphertext = random_.NextBytes(ciphertext_bytes);
  return thread::SerializeSealedRecord(record);
}

}  // namespace renkei::test
