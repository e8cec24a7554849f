#include "tests/support/test_region.h"

#include <utility>

#include "client/core/certify.h"
#include "client/core/link_state.h"
#include "crypto/thread/link.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::test {
namespace {

// A fixed moment well inside the region's life.
constexpr Millis kStart = kRegionStart + Days(30);

client::Identity Blank(SigningKey signing, SigningKey tls) {
  return client::Identity{.signing_key = std::move(signing), .tls_key = std::move(tls)};
}

std::string SearchText(ByteView bytes) {
  care::v1::Content content;
  RENKEI_CHECK(content.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return content.note().text() + " " + content.patient().name();
}

}  // namespace

Bytes PatientForm(const std::string& name) {
  care::v1::Content content;
  content.mutable_patient()->set_name(name);
  return ToBytes(content.SerializeAsString());
}

Bytes NoteForm(const std::string& text) {
  care::v1::Content content;
  content.mutable_note()->set_text(text);
  return ToBytes(content.SerializeAsString());
}

std::string NoteText(const client::RecordView& record) {
  care::v1::Content content;
  RENKEI_CHECK(
      content.ParseFromArray(record.content.data(), static_cast<int>(record.content.size())));
  return content.note().text();
}

Actor::Actor(TestRegion& region, const client::Identity& identity, std::uint64_t seed)
    : region_(region),
      random_(seed),
      device_(identity.device),
      person_{identity.institution, identity.person} {
  auto transaction = client::Transaction::Begin(vault_).value();
  RENKEI_CHECK(client::SaveIdentity(vault_, identity).ok());
  RENKEI_CHECK(transaction.Commit().ok());
  Restart();
}

client::Identity Actor::Identity() {
  return client::LoadIdentity(vault_).value();
}

client::Environment Actor::Env() {
  return {vault_, region_.connector, region_.clock, random_, SearchText};
}

void Actor::Restart() {
  session_.reset();
  vault_.Reopen();
  auto session = client::Session::Open(Env());
  RENKEI_CHECK(session.ok());
  session_ = std::move(*session);
}

client::SyncReport Actor::Sync() {
  auto report = session_->Sync();
  if (!report.ok()) {
    CheckFailed(report.error().where(), __FILE__, __LINE__);
  }
  return std::move(*report);
}

TestRegion::TestRegion(std::uint64_t seed)
    : clock(kStart),
      authority(seed),
      relay_signing(authority.AddRelay(pki::CertRole::kRelaySigning)),
      relay(clock, relay_signing.key.Clone()),
      connector(relay),
      next_seed_(seed * 1000) {
  relay.AddCertificate(authority.issuing().certificate().der());
  relay.AddCertificate(relay_signing.certificate.der());
}

const pki::Issuer& TestRegion::InstitutionOf(const std::string& name, pki::InstitutionKind kind) {
  auto& institution = institutions_[name];
  if (institution != nullptr) {
    return *institution;
  }
  institution = std::make_unique<pki::Issuer>(authority.AddInstitution(name, kind));
  relay.AddCertificate(institution->certificate().der());
  SecretBytes archive = authority.random().NextSecret(32);
  const auto certificate = institution->IssueInstitutionArchive(
      client::X25519Public(archive).value(), 1,
      institution->Clip(pki::CertRole::kInstitutionArchive,
                        {kStart - Hours(1), kStart + Days(900)}),
      authority.random());
  relay.AddCertificate(certificate.value().der());
  institution_archives_[institution->certificate().ids().institution] = std::move(archive);
  return *institution;
}

std::unique_ptr<Actor> TestRegion::AddPerson(const std::string& institution,
                                             pki::InstitutionKind kind, const std::string& name,
                                             pki::Profession profession) {
  const pki::Issuer& issuer = InstitutionOf(institution, kind);
  client::NewKeys keys = client::GenerateKeys(true, authority.random());
  const pki::PersonSubject subject{PersonId::Generate(authority.random()), name, profession};
  const auto certificates =
      client::CertifyDevice(issuer, subject, keys.Public(), clock.Now(), authority.random())
          .value();
  for (const Bytes& der : certificates.All()) {
    relay.AddCertificate(der);
  }
  client::Identity identity = Blank(std::move(keys.signing), std::move(keys.tls));
  identity.region = authority.id();
  identity.root_der = authority.root().certificate().der();
  identity.relay_address = "relay.invalid:1";
  identity.institution = issuer.certificate().ids().institution;
  identity.person = subject.person;
  identity.device = keys.device;
  identity.signing_certificate = certificates.signing.der();
  identity.device_certificate = certificates.key.der();
  identity.tls_certificate = certificates.tls.der();
  identity.chain = {issuer.certificate().der(), authority.issuing().certificate().der()};
  identity.device_key = std::move(keys.device_key);
  identity.person_archive_keys.push_back({.version = 1,
                                          .certificate = certificates.person_archive->der(),
                                          .private_key = std::move(keys.person_archive)});
  return std::make_unique<Actor>(*this, identity, ++next_seed_);
}

std::unique_ptr<Actor> TestRegion::AddDevice(Actor& from) {
  client::Identity old = from.Identity();
  const auto old_certificate = pki::Certificate::Parse(old.signing_certificate).value();
  const pki::Issuer& issuer = *institutions_.at(old_certificate.organization());
  client::NewKeys keys = client::GenerateKeys(false, authority.random());
  const client::DevicePublicKeys public_keys = keys.Public();
  const pki::PersonSubject subject{old.person, old_certificate.name(),
                                   old_certificate.profession()};
  const auto certificates =
      client::CertifyDevice(issuer, subject, public_keys, clock.Now(), authority.random()).value();
  for (const Bytes& der : certificates.All()) {
    relay.AddCertificate(der);
  }
  thread::Link link{.person = from.person(),
                    .new_device = keys.device,
                    .signing_key = public_keys.signing,
                    .device_key = public_keys.key,
                    .tls_key = public_keys.tls,
                    .linking_device = old.device,
                    .created_at = clock.Now()};
  const Bytes signed_link =
      thread::MakeLink(link, old.signing_key, old.signing_certificate).value();
  const auto positions = client::LoadThreadPositions(from.vault()).value();
  client::Identity identity = std::move(old);
  identity.device = keys.device;
  identity.signing_key = std::move(keys.signing);
  identity.tls_key = std::move(keys.tls);
  identity.device_key = std::move(keys.device_key);
  identity.signing_certificate = certificates.signing.der();
  identity.device_certificate = certificates.key.der();
  identity.tls_certificate = certificates.tls.der();
  auto actor = std::make_unique<Actor>(*this, identity, ++next_seed_);
  RENKEI_CHECK(client::SaveLinkState(actor->vault(), signed_link, positions).ok());
  return actor;
}

void TestRegion::Revoke(Actor& actor) {
  const client::Identity identity = actor.Identity();
  const auto certificate = pki::Certificate::Parse(identity.signing_certificate).value();
  const pki::Issuer& issuer = *institutions_.at(certificate.organization());
  auto& revoked = revoked_[identity.institution];
  revoked.push_back({.serial = certificate.serial(),
                     .revoked_at = clock.Now(),
                     .reason = pki::RevocationReason::kKeyCompromise});
  const auto list =
      pki::CreateCrl(issuer, revoked, revoked.size(), clock.Now(), clock.Now() + Days(7));
  relay.AddRevocationList(list.value().der());
}

}  // namespace renkei::test
