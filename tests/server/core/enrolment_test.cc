#include "server/core/enrolment.h"

#include "crypto/seal/join_request.h"
#include "crypto/thread/link.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::ApprovalState;
using server::ApproveOutcome;
using server::LinkOutcome;
using server::Purpose;
using server::RequestOutcome;
using server::TicketOutcome;

// Somebody who is joining: the keys, and the request for a ticket.
struct Joiner {
  pki::PersonSubject subject;
  DeviceId device;
  SigningKey signing;
  SigningKey tls;
  SigningKey ca;
  PublicKey device_key{};
  PublicKey archive_key{};
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
  Bytes RequestFor(const Joiner& joiner, Purpose purpose, const InstitutionId& institution,
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
    if (purpose != Purpose::kDevice) {
      request.person_name = joiner.subject.name;
      request.profession = "nurse";
      request.person_archive_key = joiner.archive_key;
    }
    if (purpose == Purpose::kInstitution) {
      request.institution_ca_key = joiner.ca.public_key();
      request.institution_archive_key = joiner.archive_key;
    }
    const SecretBytes secret(seal::kInvitationSecretBytes);
    return seal::MakeJoinRequest(
        request,
        {joiner.signing, joiner.tls, purpose == Purpose::kInstitution ? &joiner.ca : nullptr},
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

  Result<TicketOutcome> Create(const server::Caller& by, Purpose purpose, Millis life = Days(7)) {
    return Await<TicketOutcome>([&](const auto& reply) {
      relay->enrolment().CreateTicket(by, ticket, purpose, clock.Now() + life, reply);
    });
  }
  Result<RequestOutcome> Submit(ByteView request) {
    return Await<RequestOutcome>(
        [&](const auto& reply) { relay->enrolment().SubmitRequest(ticket, request, reply); });
  }
  Result<ApproveOutcome> Approve(const server::Caller& by, const std::vector<Bytes>& ders) {
    const std::vector<ByteView> views(ders.begin(), ders.end());
    return Await<ApproveOutcome>(
        [&](const auto& reply) { relay->enrolment().Approve(by, ticket, views, reply); });
  }
  Result<LinkOutcome> Attach(const Handset& by, ByteView link, ByteView package) {
    return Await<LinkOutcome>([&](const auto& reply) {
      relay->enrolment().AttachLink(by.Caller(), ticket, link, package, reply);
    });
  }
  ApprovalState State() { return relay->enrolment().GetApproval(ticket)->state; }
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

TEST_F(Joining, StaffJoinsFromTicketToDirectory) {
  const Joiner joiner = NewJoiner();
  EXPECT_EQ(State(), ApprovalState::kUnknownTicket);
  EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  EXPECT_EQ(State(), ApprovalState::kWaitingForRequest);
  const Bytes request = RequestFor(joiner, Purpose::kStaff, Station());
  EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
  const auto waiting = relay->enrolment().ListRequests(nurse.Caller());
  ASSERT_EQ(waiting->size(), 1U);
  EXPECT_EQ((*waiting)[0].signed_request, request);
  EXPECT_TRUE(relay->enrolment().ListRequests(doctor.Caller())->empty());
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(*Approve(nurse.Caller(), certificates), ApproveOutcome::kAccepted);
  const auto approval = relay->enrolment().GetApproval(ticket);
  EXPECT_EQ(approval->state, ApprovalState::kApproved);
  EXPECT_EQ(approval->ticket.certificates, certificates);
  EXPECT_THAT(approval->ticket.chain,
              testing::ElementsAre(station.ca.certificate().der(),
                                   world.region().issuing().certificate().der(),
                                   world.region().root().certificate().der()));
  for (const Bytes& der : certificates) {
    EXPECT_TRUE(IsKnown(der));
  }
  EXPECT_TRUE(relay->enrolment().ListRequests(nurse.Caller())->empty());
}

TEST_F(Joining, EveryStepMayBeRepeated) {
  const Joiner joiner = NewJoiner();
  const Bytes request = RequestFor(joiner, Purpose::kStaff, Station());
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
    EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
    EXPECT_EQ(*Approve(nurse.Caller(), certificates), ApproveOutcome::kAccepted);
  }
  EXPECT_EQ(*Submit(request), RequestOutcome::kAccepted);
}

TEST_F(Joining, TicketServesOneRequestOnly) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  ASSERT_EQ(*Submit(RequestFor(NewJoiner(), Purpose::kStaff, Station())),
            RequestOutcome::kAccepted);
  EXPECT_EQ(*Submit(RequestFor(NewJoiner(), Purpose::kStaff, Station())), RequestOutcome::kUsed);
  EXPECT_EQ(*Create(colleague.Caller(), Purpose::kStaff), TicketOutcome::kTicketExists);
}

TEST_F(Joining, ExpiredTicketServesNothing) {
  const Bytes request = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  EXPECT_EQ(*Submit(request), RequestOutcome::kUnknownTicket);
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff, Minutes(5)).ok());
  clock.Advance(Minutes(5));
  EXPECT_EQ(*Submit(request), RequestOutcome::kExpired);
  EXPECT_EQ(State(), ApprovalState::kExpired);
}

TEST_F(Joining, TicketLivesAtMostThirtyDays) {
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff, Days(30) + Seconds(1)).error().code(),
            Code::kMalformed);
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff, {0}).error().code(), Code::kMalformed);
  EXPECT_EQ(*Create(nurse.Caller(), Purpose::kStaff, Days(30)), TicketOutcome::kAccepted);
}

TEST_F(Joining, OnlySoManyTicketsOfOnePersonAreOpen) {
  for (std::size_t i = 0; i < server::kMaxOpenTickets; ++i) {
    ticket = TicketId::Generate(world.random());
    ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  }
  ticket = TicketId::Generate(world.random());
  EXPECT_EQ(Create(nurse.Caller(), Purpose::kStaff).error().code(), Code::kThrottled);
  EXPECT_TRUE(Create(colleague.Caller(), Purpose::kStaff).ok());
}

TEST_F(Joining, RequestMustFitItsTicket) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  const Joiner joiner = NewJoiner();
  const auto is_malformed = [&](const Bytes& request) {
    const auto outcome = Submit(request);
    return !outcome.ok() && outcome.error().code() == Code::kMalformed;
  };
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kStaff, clinic.ca.certificate().ids().institution)));
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kDevice, Station(), nurse.person->subject.person)));
  EXPECT_TRUE(
      is_malformed(RequestFor(joiner, Purpose::kStaff, Station(), nurse.person->subject.person)));
  region_of_request = RegionId::Generate(world.random());
  EXPECT_TRUE(is_malformed(RequestFor(joiner, Purpose::kStaff, Station())));
  region_of_request.reset();
  const Bytes for_this = RequestFor(joiner, Purpose::kStaff, Station());
  ticket = TicketId::Generate(world.random());
  EXPECT_TRUE(is_malformed(for_this));
  EXPECT_TRUE(is_malformed(ToBytes("no request")));
}

TEST_F(Joining, RequestWhoseKeysHaveNotSignedIsRefused) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  const Bytes good = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  EXPECT_TRUE(server::ReadJoinClaim(good).ok());
  for (std::size_t i = 0; i < good.size() - 34; ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(server::ReadJoinClaim(bad).ok()) << "byte " << i;
  }
  EXPECT_EQ(server::ReadJoinClaim(Bytes(9000)).error().code(), Code::kTooLarge);
}

TEST_F(Joining, InstitutionIsTheOperatorsToInviteAndApprove) {
  EXPECT_EQ(*Create(nurse.Caller(), Purpose::kInstitution), TicketOutcome::kNotAllowed);
  ASSERT_EQ(*Create(Operator(), Purpose::kInstitution), TicketOutcome::kAccepted);
  const Joiner joiner = NewJoiner();
  const InstitutionId institution = InstitutionId::Generate(world.random());
  ASSERT_EQ(*Submit(RequestFor(joiner, Purpose::kInstitution, institution)),
            RequestOutcome::kAccepted);
  const pki::Issuer& issuing = world.region().issuing();
  const pki::Validity validity =
      issuing.Clip(pki::CertRole::kInstitution, {clock.Now(), clock.Now() + Days(365)});
  const auto certify = [&](const PublicKey& key) {
    return issuing
        .IssueInstitution(key, {institution, "薬局（架空）", pki::InstitutionKind::kPharmacy},
                          validity, world.random())
        ->der();
  };
  EXPECT_EQ(*Approve(nurse.Caller(), {certify(joiner.ca.public_key())}),
            ApproveOutcome::kNotAllowed);
  EXPECT_EQ(*Approve(Operator(), {certify(joiner.tls.public_key())}),
            ApproveOutcome::kBadCertificate);
  EXPECT_EQ(*Approve(Operator(), {certify(joiner.ca.public_key())}), ApproveOutcome::kAccepted);
}

TEST_F(Joining, CertificatesMustBeTheOnesThatWereAskedFor) {
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  const Joiner joiner = NewJoiner();
  EXPECT_EQ(*Approve(nurse.Caller(), StaffCertificates(joiner)), ApproveOutcome::kUnknownTicket)
      << "no request yet";
  ASSERT_TRUE(Submit(RequestFor(joiner, Purpose::kStaff, Station())).ok());
  std::vector<Bytes> fewer = StaffCertificates(joiner);
  fewer.pop_back();
  EXPECT_EQ(*Approve(nurse.Caller(), fewer), ApproveOutcome::kBadCertificate);
  std::vector<Bytes> twice = StaffCertificates(joiner);
  twice[3] = twice[2];
  EXPECT_EQ(*Approve(nurse.Caller(), twice), ApproveOutcome::kBadCertificate);
  EXPECT_EQ(*Approve(nurse.Caller(), StaffCertificates(NewJoiner())),
            ApproveOutcome::kBadCertificate);
  EXPECT_EQ(*Approve(doctor.Caller(), StaffCertificates(joiner)), ApproveOutcome::kNotAllowed);
  EXPECT_FALSE(IsKnown(fewer[0])) << "a refused approval must leave nothing";
}

class Linking : public Joining {
 protected:
  void SetUp() override {
    Joining::SetUp();
    ASSERT_TRUE(Create(nurse.Caller(), Purpose::kDevice).ok());
    ASSERT_EQ(
        *Submit(RequestFor(joiner, Purpose::kDevice, Station(), nurse.person->subject.person)),
        RequestOutcome::kAccepted);
    link.person = nurse.person->Ref();
    link.new_device = joiner.device;
    link.signing_key = joiner.signing.public_key();
    link.device_key = joiner.device_key;
    link.tls_key = joiner.tls.public_key();
    link.linking_device = nurse.device.id;
    link.created_at = clock.Now();
    link.package_hash = Sha256(package);
  }
  Bytes Signed(const Handset& by) {
    return thread::MakeLink(link, by.device.signing.key, by.device.signing.certificate.der())
        .value();
  }

  Joiner joiner = NewJoiner();
  const Bytes package = Bytes(500, 7);
  thread::Link link;
};

TEST_F(Linking, DeviceIsLinkedByItsPersonAndThenCertified) {
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
  const auto certificates = DeviceCertificates(station.ca, joiner, nurse.person->subject);
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kNotAllowed)
      << "nobody has vouched for it";
  EXPECT_EQ(*Attach(nurse, Signed(nurse), package), LinkOutcome::kAccepted);
  EXPECT_EQ(*Attach(nurse, Signed(nurse), package), LinkOutcome::kAccepted);
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
  ASSERT_EQ(relay->enrolment().ListRequests(colleague.Caller())->size(), 1U)
      << "an administrator of the institution sees it";
  EXPECT_EQ(relay->enrolment().ListRequests(nurse.Caller())->size(), 1U);
  EXPECT_TRUE(relay->enrolment().ListRequests(doctor.Caller())->empty());
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kAccepted);
  const auto approval = relay->enrolment().GetApproval(ticket);
  EXPECT_EQ(approval->ticket.signed_link, Signed(nurse));
  EXPECT_EQ(approval->ticket.sealed_package, package);
}

TEST_F(Linking, NobodyElseLinks) {
  EXPECT_EQ(*Attach(colleague, Signed(nurse), package), LinkOutcome::kUnknownTicket);
  const auto by_other_key = Attach(nurse, Signed(colleague), package);
  ASSERT_FALSE(by_other_key.ok());
  Handset& tablet = world.AddHandset(*nurse.person);
  PublishAll();
  EXPECT_EQ(Attach(tablet, Signed(nurse), package).error().code(), Code::kDenied);
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
}

TEST_F(Linking, LinkMustMatchTheRequestAndThePackage) {
  link.tls_key[0] ^= 1;
  EXPECT_EQ(Attach(nurse, Signed(nurse), package).error().code(), Code::kMalformed);
  link.tls_key[0] ^= 1;
  EXPECT_EQ(Attach(nurse, Signed(nurse), Bytes(500, 8)).error().code(), Code::kMalformed);
  EXPECT_EQ(Attach(nurse, Signed(nurse), {}).error().code(), Code::kTooLarge);
}

TEST_F(Linking, SecondLinkDoesNotReplaceTheFirst) {
  ASSERT_EQ(*Attach(nurse, Signed(nurse), package), LinkOutcome::kAccepted);
  link.created_at = clock.Now() + Seconds(1);
  EXPECT_EQ(*Attach(nurse, Signed(nurse), package), LinkOutcome::kUnknownTicket);
}

}  // namespace
}  // namespace renkei::test
