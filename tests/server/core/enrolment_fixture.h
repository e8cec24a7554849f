// Somebody joins: the tickets, requests, links and approvals of one station, for the tests of
// enrolment.
#ifndef RENKEI_TESTS_SERVER_CORE_ENROLMENT_FIXTURE_H_
#define RENKEI_TESTS_SERVER_CORE_ENROLMENT_FIXTURE_H_

#include "crypto/seal/join_request.h"
#include "server/core/enrolment.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {

// Somebody who is joining: the keys, and the request for a ticket.
struct Joiner {
  pki::PersonSubject subject;
  DeviceId device;
  SigningKey signing;
  SigningKey tls;
  SigningKey ca;
  PublicKey device_key{};
  PublicKey archive_key{};

  Joiner Copy() const {
    return {subject, device, signing.Clone(), tls.Clone(), ca.Clone(), device_key, archive_key};
  }
};

class Joining : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    ticket = TicketId::Generate(world.random());
  }
  Joiner NewJoiner() {
    SeededRandom& random = world.random();
    return {SomeNurse(random),
            DeviceId::Generate(random),
            SigningKey::Generate(random),
            SigningKey::Generate(random),
            SigningKey::Generate(random),
            NewX25519(random),
            NewX25519(random)};
  }
  Bytes RequestFor(const Joiner& joiner, server::Purpose purpose, const InstitutionId& institution,
                   const std::optional<PersonId>& person = {}) {
    seal::JoinRequest request;
    request.purpose = static_cast<seal::InvitationPurpose>(purpose);
    request.ticket = ticket;
    request.region = region_of_request.value_or(world.region().id());
    request.institution = institution;
    request.person = person.value_or(joiner.subject.person);
    request.device = joiner.device;
    request.signing_key = joiner.signing.public_key();
    request.device_key = joiner.device_key;
    request.tls_key = joiner.tls.public_key();
    request.created_at = clock.Now();
    if (purpose != server::Purpose::kDevice) {
      request.person_name = joiner.subject.name;
      request.profession = "nurse";
      request.person_archive_key = joiner.archive_key;
    }
    if (purpose == server::Purpose::kInstitution) {
      request.institution_ca_key = joiner.ca.public_key();
      request.institution_archive_key = joiner.archive_key;
    }
    const SecretBytes secret(seal::kInvitationSecretBytes);
    return seal::MakeJoinRequest(request,
                                 {joiner.signing, joiner.tls,
                                  purpose == server::Purpose::kInstitution ? &joiner.ca : nullptr},
                                 secret);
  }
  std::vector<Bytes> DeviceCertificates(const pki::Issuer& ca, const Joiner& joiner,
                                        const pki::PersonSubject& subject) {
    const auto validity = [&](pki::CertRole role) {
      return ca.Clip(role, {clock.Now(), clock.Now() + Days(365)});
    };
    using pki::CertRole;
    SeededRandom& random = world.random();
    return {ca.IssueDevice(CertRole::kDeviceSigning, joiner.signing.public_key(), subject,
                           joiner.device, validity(CertRole::kDeviceSigning), random)
                ->der(),
            ca.IssueDevice(CertRole::kDeviceKey, joiner.device_key, subject, joiner.device,
                           validity(CertRole::kDeviceKey), random)
                ->der(),
            ca.IssueDevice(CertRole::kDeviceTls, joiner.tls.public_key(), subject, joiner.device,
                           validity(CertRole::kDeviceTls), random)
                ->der()};
  }
  std::vector<Bytes> StaffCertificates(const Joiner& joiner) {
    std::vector<Bytes> out = DeviceCertificates(station.ca, joiner, joiner.subject);
    out.push_back(station.ca
                      .IssuePersonArchive(joiner.archive_key, joiner.subject, 1,
                                          station.ca.Clip(pki::CertRole::kPersonArchive,
                                                          {clock.Now(), clock.Now() + Days(365)}),
                                          world.random())
                      ->der());
    return out;
  }

  Result<server::TicketOutcome> Create(const server::Caller& by, server::Purpose purpose,
                                       Millis life = Days(7)) {
    return Await<server::TicketOutcome>([&](const auto& reply) {
      relay->enrolment().CreateTicket(by, ticket, purpose, clock.Now() + life, reply);
    });
  }
  Result<server::RequestOutcome> Submit(ByteView request) {
    return Await<server::RequestOutcome>(
        [&](const auto& reply) { relay->enrolment().SubmitRequest(ticket, request, reply); });
  }
  Result<server::ApproveOutcome> Approve(const server::Caller& by, const std::vector<Bytes>& ders) {
    const std::vector<ByteView> views(ders.begin(), ders.end());
    return Await<server::ApproveOutcome>(
        [&](const auto& reply) { relay->enrolment().Approve(by, ticket, views, reply); });
  }
  Result<server::LinkOutcome> Attach(const Handset& by, ByteView link, ByteView package) {
    return Await<server::LinkOutcome>([&](const auto& reply) {
      relay->enrolment().AttachLink(by.Caller(), ticket, link, package, reply);
    });
  }
  server::ApprovalState State() { return relay->enrolment().GetApproval(ticket)->state; }
  bool IsKnown(const Bytes& der) {
    bool known = false;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto row, transaction.FindCertificate(Sha256(der)));
                      known = row.has_value();
                      return Ok();
                    })
                    .ok());
    return known;
  }
  server::Caller Operator() {
    server::Caller caller = nurse.Caller();
    caller.person.institution = world.Identity().operator_institution;
    return caller;
  }
  InstitutionId Station() const { return station.ca.certificate().ids().institution; }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  TicketId ticket;
  std::optional<RegionId> region_of_request;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_CORE_ENROLMENT_FIXTURE_H_
