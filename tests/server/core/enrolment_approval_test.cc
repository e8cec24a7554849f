// The half of Enrolment that vouches and certifies.
#include <algorithm>

#include "crypto/thread/link.h"
#include "server/core/limits.h"
#include "server/core/watch_session.h"
#include "tests/server/core/enrolment_fixture.h"

namespace renkei::test {
namespace {

using pki::CertRole;
using server::ApprovalState;
using server::ApproveOutcome;
using server::LinkOutcome;
using server::Purpose;
using server::RequestOutcome;
using server::TicketOutcome;
using testing::ElementsAre;

struct Told : server::WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why /*why*/) override {}

  int wakes = 0;
};

// What `told` is told from now on.
std::shared_ptr<server::WatchSession> Listen(server::Relay& relay, server::Store& store,
                                             const Handset& by, const std::shared_ptr<Told>& told) {
  auto session = std::make_shared<server::WatchSession>(
      store, by.Caller(), [] { return true; }, told);
  relay.hub().Add(session);
  EXPECT_TRUE(session->Next()->caught_up);
  EXPECT_TRUE(session->Next()->empty());
  return session;
}

// A colleague of the nurse is to be certified.
class Approving : public Joining {
 protected:
  void SetUp() override {
    Joining::SetUp();
    ASSERT_EQ(*Create(nurse.Caller(), Purpose::kStaff), TicketOutcome::kAccepted);
  }
  void Request() {
    ASSERT_EQ(*Submit(RequestFor(joiner, Purpose::kStaff, Station())), RequestOutcome::kAccepted);
  }
  std::string Told(const std::vector<Bytes>& certificates) {
    const auto outcome = Approve(nurse.Caller(), certificates);
    if (!outcome.ok()) {
      return CodeName(outcome.error().code());
    }
    constexpr std::array kNames = {"accepted", "unknown ticket", "bad certificate", "not allowed"};
    return kNames.at(static_cast<std::size_t>(*outcome));
  }
  // A good set in which one certificate is exchanged for another.
  std::vector<Bytes> With(std::size_t place, const Bytes& other) {
    std::vector<Bytes> out = StaffCertificates(joiner);
    out.at(place) = other;
    return out;
  }
  bool AnyKnown(const std::vector<Bytes>& ders) {
    return std::any_of(ders.begin(), ders.end(), [&](const Bytes& der) { return IsKnown(der); });
  }

  Joiner joiner = NewJoiner();
};

TEST_F(Approving, OneToEightCertificatesAreLookedAt) {
  Request();
  EXPECT_EQ(Told({}), "kMalformed");
  EXPECT_EQ(Told(std::vector<Bytes>(server::kMaxApproved, Bytes{1})), "bad certificate");
  EXPECT_EQ(Told(std::vector<Bytes>(server::kMaxApproved + 1, Bytes{1})), "kMalformed");
}

TEST_F(Approving, NothingIsApprovedThatNobodyAskedFor) {
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(Told(certificates), "unknown ticket") << "no request yet";
  ticket = TicketId::Generate(world.random());
  EXPECT_EQ(Told(certificates), "unknown ticket") << "no ticket";
  EXPECT_FALSE(AnyKnown(certificates));
}

TEST_F(Approving, AnotherInstitutionDoesNotApproveAndThatIsNoted) {
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(*Approve(doctor.Caller(), certificates), ApproveOutcome::kNotAllowed);
  EXPECT_TRUE(IsAudited(doctor, "enrolment.approve", "not allowed"));
  EXPECT_FALSE(AnyKnown(certificates));
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kAccepted)
      << "any administrator's device of the institution may";
  EXPECT_TRUE(IsAudited(colleague, "enrolment.approve", "done"));
}

TEST_F(Approving, EveryCertificateIsThereExactlyOnce) {
  Request();
  const std::vector<Bytes> good = StaffCertificates(joiner);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<Bytes> fewer = good;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(Told(fewer), "bad certificate") << "without " << i;
    std::vector<Bytes> more = good;
    more.push_back(good[i]);
    EXPECT_EQ(Told(more), "bad certificate") << i << " twice";
    EXPECT_EQ(Told(With(i, good[(i + 1) % good.size()])), "bad certificate") << i;
  }
  EXPECT_FALSE(AnyKnown(good)) << "a refused approval must leave nothing";
  EXPECT_TRUE(IsAudited(nurse, "enrolment.approve", "bad certificate"));
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
  EXPECT_EQ(Told(good), "accepted");
}

TEST_F(Approving, EachCertificateCarriesTheKeyThatWasAskedFor) {
  Request();
  // Every other key of the request, and one that nobody asked for.
  Joiner swapped = joiner.Copy();
  std::swap(swapped.signing, swapped.tls);
  std::swap(swapped.device_key, swapped.archive_key);
  const std::vector<Bytes> with_swapped = StaffCertificates(swapped);
  Joiner other = NewJoiner();
  other.subject = joiner.subject;
  other.device = joiner.device;
  const std::vector<Bytes> with_other = StaffCertificates(other);
  for (std::size_t i = 0; i < with_swapped.size(); ++i) {
    EXPECT_EQ(Told(With(i, with_swapped[i])), "bad certificate") << i;
    EXPECT_EQ(Told(With(i, with_other[i])), "bad certificate") << i;
  }
  EXPECT_FALSE(AnyKnown(with_swapped) || AnyKnown(with_other));
}

TEST_F(Approving, EachCertificateNamesThePersonAndTheDeviceThatAsked) {
  Request();
  Joiner other_person = joiner.Copy();
  other_person.subject = SomeNurse(world.random());
  const std::vector<Bytes> for_other_person = StaffCertificates(other_person);
  Joiner other_device = joiner.Copy();
  other_device.device = DeviceId::Generate(world.random());
  const std::vector<Bytes> for_other_device = StaffCertificates(other_device);
  for (std::size_t i = 0; i < for_other_person.size(); ++i) {
    EXPECT_EQ(Told(With(i, for_other_person[i])), "bad certificate") << i;
    if (i < 3) {  // the archive key has no device
      EXPECT_EQ(Told(With(i, for_other_device[i])), "bad certificate") << i;
    }
  }
}

TEST_F(Approving, CertificatesOfAnotherInstitutionsCaAreRefused) {
  Request();
  const std::vector<Bytes> by_clinic = DeviceCertificates(clinic.ca, joiner, joiner.subject);
  for (std::size_t i = 0; i < by_clinic.size(); ++i) {
    EXPECT_EQ(Told(With(i, by_clinic[i])), "bad certificate") << i;
  }
  EXPECT_FALSE(AnyKnown(by_clinic));
}

TEST_F(Approving, ApprovedOnceIsForEver) {
  Request();
  const std::vector<Bytes> first = StaffCertificates(joiner);
  const std::vector<Bytes> second = StaffCertificates(joiner);
  ASSERT_EQ(Told(first), "accepted");
  EXPECT_EQ(Told(second), "not allowed") << "the same keys, other certificates";
  EXPECT_FALSE(AnyKnown({second[0], second[1], second[2]}));
  clock.Advance(Days(8));
  EXPECT_EQ(Told(first), "accepted") << "a retry, though the ticket's time is over";
}

TEST_F(Approving, TicketWhoseTimeIsOverIsNotApproved) {
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  clock.Advance(Days(7));
  EXPECT_EQ(Told(certificates), "unknown ticket");
  EXPECT_FALSE(AnyKnown(certificates));
  EXPECT_EQ(State(), ApprovalState::kExpired);
}

// Mailboxes and key packages go by the device's id: nobody else may have it certified.
TEST_F(Approving, G3_DeviceIdOfSomebodyElseIsNotCertified) {
  joiner.device = doctor.device.id;
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  EXPECT_EQ(Told(certificates), "not allowed");
  EXPECT_FALSE(AnyKnown(certificates));
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
}

TEST_F(Approving, RequestThatCameToTheTicketMeanwhileIsNotWhatWasApproved) {
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  const Bytes other = RequestFor(NewJoiner(), Purpose::kStaff, Station());
  store.BeforeNextWrite([&](server::WriteTransaction& transaction) -> Status {
    RENKEI_ASSIGN(auto row, transaction.FindTicket(ticket));
    row->signed_request = other;
    return transaction.PutTicket(*row);
  });
  EXPECT_EQ(Told(certificates), "unknown ticket");
  EXPECT_FALSE(AnyKnown(certificates));
}

TEST_F(Approving, EverybodyIsToldOfTheNewCertificates) {
  Request();
  const auto told = std::make_shared<renkei::test::Told>();
  const auto session = Listen(*relay, store, doctor, told);
  ASSERT_EQ(Told(StaffCertificates(joiner)), "accepted");
  EXPECT_EQ(told->wakes, 1);
  EXPECT_TRUE(session->Next()->pings.directory);
}

TEST_F(Approving, StoreThatDoesNotAnswerIsUnavailableAndNothingIsApproved) {
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  for (const std::size_t answered : {0U, 1U}) {  // the ticket; the issuer of the certificates
    store.FailReads(true, answered);
    EXPECT_EQ(Told(certificates), "kUnavailable") << answered;
    store.FailReads(false);
  }
  store.FailWrites(true);
  EXPECT_EQ(Told(certificates), "kUnavailable");
  store.FailWrites(false);
  EXPECT_FALSE(AnyKnown(certificates));
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
}

TEST_F(Approving, DamagedCaOfTheDirectoryIsTheStoresFaultNotTheCertificates) {
  Request();
  const std::vector<Bytes> certificates = StaffCertificates(joiner);
  server::CertificateRow damaged;
  damaged.fingerprint.fill(9);
  damaged.role = CertRole::kInstitution;
  damaged.subject_key_id = station.ca.certificate().subject_key_id();
  damaged.der = ToBytes("no certificate");
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_TRY(transaction.AddCertificate(damaged));
        return Ok();
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  EXPECT_EQ(Told(certificates), "kCorrupt");
}

// The operator brings a pharmacy in.
class ApprovingAnInstitution : public Joining {
 protected:
  void SetUp() override {
    Joining::SetUp();
    ASSERT_EQ(*Create(nurse.Caller(), Purpose::kInstitution), TicketOutcome::kNotAllowed);
    ASSERT_EQ(*Create(Operator(), Purpose::kInstitution), TicketOutcome::kAccepted);
    ASSERT_EQ(*Submit(RequestFor(joiner, Purpose::kInstitution, pharmacy)),
              RequestOutcome::kAccepted);
  }
  pki::Certificate Certify(const PublicKey& key, const InstitutionId& institution) {
    const pki::Issuer& issuing = world.region().issuing();
    const pki::Validity validity =
        issuing.Clip(CertRole::kInstitution, {clock.Now(), clock.Now() + Days(365)});
    return *issuing.IssueInstitution(key,
                                     {institution, "薬局（架空）", pki::InstitutionKind::kPharmacy},
                                     validity, world.random());
  }

  const Joiner joiner = NewJoiner();
  const InstitutionId pharmacy = InstitutionId::Generate(world.random());
};

TEST_F(ApprovingAnInstitution, IsTheOperators) {
  const Bytes certificate = Certify(joiner.ca.public_key(), pharmacy).der();
  EXPECT_EQ(*Approve(nurse.Caller(), {certificate}), ApproveOutcome::kNotAllowed);
  EXPECT_EQ(*Approve(Operator(), {certificate}), ApproveOutcome::kAccepted);
  EXPECT_THAT(relay->enrolment().GetApproval(ticket)->ticket.chain,
              ElementsAre(world.region().issuing().certificate().der(),
                          world.region().root().certificate().der()));
}

TEST_F(ApprovingAnInstitution, CaHasTheKeyAndTheInstitutionThatWereAskedFor) {
  const Bytes other_key = Certify(joiner.tls.public_key(), pharmacy).der();
  EXPECT_EQ(*Approve(Operator(), {other_key}), ApproveOutcome::kBadCertificate);
  const Bytes other_institution =
      Certify(joiner.ca.public_key(), InstitutionId::Generate(world.random())).der();
  EXPECT_EQ(*Approve(Operator(), {other_institution}), ApproveOutcome::kBadCertificate);
  EXPECT_FALSE(IsKnown(other_key) || IsKnown(other_institution));
}

TEST_F(ApprovingAnInstitution, FirstPersonsOwnCertificatesAreNotTheOperatorsToApprove) {
  const pki::Certificate ca = Certify(joiner.ca.public_key(), pharmacy);
  const pki::Issuer issuer = pki::Issuer::Create(ca, joiner.ca).value();
  std::vector<Bytes> all = DeviceCertificates(issuer, joiner, joiner.subject);
  all.insert(all.begin(), ca.der());
  EXPECT_EQ(*Approve(Operator(), all), ApproveOutcome::kBadCertificate);
}

// A second device of the nurse has asked to join.
class Linking : public Joining {
 protected:
  void SetUp() override {
    Joining::SetUp();
    Request();
  }
  void Request() {
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
  std::string Told(const Handset& by, ByteView signed_link) {
    return Told(by, signed_link, package);
  }
  std::string Told(const Handset& by, ByteView signed_link, ByteView sealed_package) {
    const auto outcome = Attach(by, signed_link, sealed_package);
    if (!outcome.ok()) {
      return CodeName(outcome.error().code());
    }
    return *outcome == LinkOutcome::kAccepted ? "accepted" : "unknown ticket";
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
  EXPECT_EQ(Told(nurse, Signed(nurse)), "accepted");
  EXPECT_TRUE(IsAudited(nurse, "enrolment.attach_link", "done"));
  EXPECT_EQ(Told(nurse, Signed(nurse)), "accepted") << "the same again";
  EXPECT_EQ(State(), ApprovalState::kWaitingForApproval);
  ASSERT_EQ(relay->enrolment().ListRequests(colleague.Caller())->size(), 1U)
      << "an administrator of the institution sees it";
  EXPECT_EQ(relay->enrolment().ListRequests(nurse.Caller())->size(), 1U);
  EXPECT_TRUE(relay->enrolment().ListRequests(doctor.Caller())->empty());
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kAccepted);
  const auto approval = relay->enrolment().GetApproval(ticket);
  EXPECT_EQ(approval->ticket.signed_link, Signed(nurse));
  EXPECT_EQ(approval->ticket.sealed_package, package);
  EXPECT_EQ(Told(nurse, Signed(nurse)), "accepted") << "the same again, after the approval";
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kAccepted);
}

TEST_F(Linking, DeviceGetsItsThreeCertificatesAndNoOther) {
  ASSERT_EQ(Told(nurse, Signed(nurse)), "accepted");
  auto certificates = DeviceCertificates(station.ca, joiner, nurse.person->subject);
  certificates.push_back(nurse.person->archive.der());
  EXPECT_EQ(*Approve(colleague.Caller(), certificates), ApproveOutcome::kBadCertificate);
  EXPECT_EQ(*Approve(colleague.Caller(), {certificates[0], certificates[1]}),
            ApproveOutcome::kBadCertificate);
}

TEST_F(Linking, NobodyElseLinks) {
  EXPECT_EQ(Told(colleague, Signed(nurse)), "unknown ticket");
  Handset& tablet = world.AddHandset(*nurse.person);
  PublishAll();
  EXPECT_EQ(Told(tablet, Signed(nurse)), "kDenied") << "made by another device";
  EXPECT_TRUE(IsAudited(tablet, "enrolment.attach_link", "refused"));
  EXPECT_EQ(Told(nurse, Signed(tablet)), "kDenied") << "another device's certificate";
  EXPECT_EQ(Told(nurse, Signed(colleague)), "kDenied") << "another person's certificate";
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
}

TEST_F(Linking, LinkIsSignedByTheDeviceThatItNames) {
  const Bytes& certificate = nurse.device.signing.certificate.der();
  EXPECT_EQ(Told(nurse, *thread::MakeLink(link, colleague.device.signing.key, certificate)),
            "kAuthFailed");
  EXPECT_EQ(Told(nurse,
                 *thread::MakeLink(link, nurse.device.tls.key, nurse.device.tls.certificate.der())),
            "kAuthFailed")
      << "a TLS certificate vouches for nobody";
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
}

TEST_F(Linking, LinkingCertificateIsPublished) {
  const Leaf unpublished = world.region().AddDeviceLeaf(station.ca, CertRole::kDeviceSigning,
                                                        nurse.person->subject, nurse.device.id);
  EXPECT_EQ(Told(nurse, *thread::MakeLink(link, unpublished.key, unpublished.certificate.der())),
            "kAuthFailed");
}

TEST_F(Linking, LinkingCertificateHasNotExpired) {
  clock.Set(nurse.device.signing.certificate.not_after() - Days(1));
  ticket = TicketId::Generate(world.random());
  Request();
  clock.Advance(Days(1));
  EXPECT_EQ(Told(nurse, Signed(nurse)), "kAuthFailed");
}

TEST_F(Linking, G9_RevokedDeviceLinksNoOther) {
  const auto list = pki::CreateCrl(station.ca,
                                   {{nurse.device.signing.certificate.serial(), clock.Now(),
                                     pki::RevocationReason::kKeyCompromise}},
                                   1, clock.Now(), clock.Now() + Days(7));
  ASSERT_TRUE(Await<server::RevocationOutcome>([&](const auto& reply) {
                relay->directory().PublishRevocations(colleague.Caller(), list->der(), reply);
              }).ok());
  EXPECT_EQ(Told(nurse, Signed(nurse)), "kAuthFailed");
}

TEST_F(Linking, LinkMustMatchTheRequestAndThePackage) {
  const thread::Link good = link;
  const auto with = [&](const auto& change) {
    link = good;
    change(link);
    return Told(nurse, Signed(nurse));
  };
  EXPECT_EQ(with([](auto& l) { l.person.institution.bytes[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.person.person.bytes[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.new_device.bytes[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.signing_key[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.device_key[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.tls_key[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(with([](auto& l) { l.package_hash[0] ^= 1; }), "kMalformed");
  EXPECT_EQ(Told(nurse, AsBytes("no link")), "kMalformed");
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
  EXPECT_EQ(with([](auto&) {}), "accepted");
}

TEST_F(Linking, PackageHasAtMostOneMebibyte) {
  EXPECT_EQ(Told(nurse, Signed(nurse), {}), "kTooLarge");
  EXPECT_EQ(Told(nurse, Signed(nurse), Bytes(server::kMaxSealedPackageBytes + 1)), "kTooLarge");
  const Bytes largest(server::kMaxSealedPackageBytes);
  link.package_hash = Sha256(largest);
  EXPECT_EQ(Told(nurse, Signed(nurse), largest), "accepted");
}

TEST_F(Linking, OnlyARequestedDevicesTicketIsLinked) {
  const Bytes signed_link = Signed(nurse);
  const TicketId linked = ticket;
  ticket = TicketId::Generate(world.random());
  EXPECT_EQ(Told(nurse, signed_link), "unknown ticket");
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kDevice).ok());
  EXPECT_EQ(Told(nurse, signed_link), "unknown ticket") << "no request yet";
  ticket = TicketId::Generate(world.random());
  ASSERT_TRUE(Create(nurse.Caller(), Purpose::kStaff).ok());
  ASSERT_TRUE(Submit(RequestFor(NewJoiner(), Purpose::kStaff, Station())).ok());
  EXPECT_EQ(Told(nurse, signed_link), "unknown ticket") << "a colleague is nobody's device";
  ticket = linked;
  clock.Advance(Days(7));
  EXPECT_EQ(Told(nurse, signed_link), "unknown ticket") << "its time is over";
}

TEST_F(Linking, SecondLinkDoesNotReplaceTheFirst) {
  const Bytes first = Signed(nurse);
  ASSERT_EQ(Told(nurse, first), "accepted");
  link.created_at = clock.Now() + Seconds(1);
  EXPECT_EQ(Told(nurse, Signed(nurse)), "unknown ticket");
  EXPECT_EQ(relay->enrolment().ListRequests(nurse.Caller())->at(0).signed_link, first);
}

TEST_F(Linking, AdministratorsOfTheInstitutionAreTold) {
  const auto told = std::make_shared<renkei::test::Told>();
  const auto elsewhere = std::make_shared<renkei::test::Told>();
  const auto session = Listen(*relay, store, colleague, told);
  const auto other = Listen(*relay, store, doctor, elsewhere);
  ASSERT_EQ(Told(nurse, Signed(nurse)), "accepted");
  EXPECT_EQ(told->wakes, 1);
  EXPECT_TRUE(session->Next()->pings.enrolment);
  EXPECT_EQ(elsewhere->wakes, 0);
}

TEST_F(Linking, StoreThatDoesNotAnswerIsUnavailableAndNothingIsLinked) {
  for (const std::size_t answered : {0U, 1U}) {  // the ticket; the linking certificate
    store.FailReads(true, answered);
    EXPECT_EQ(Told(nurse, Signed(nurse)), "kUnavailable") << answered;
    store.FailReads(false);
  }
  store.FailWrites(true);
  EXPECT_EQ(Told(nurse, Signed(nurse)), "kUnavailable");
  store.FailWrites(false);
  EXPECT_EQ(State(), ApprovalState::kWaitingForLink);
}

}  // namespace
}  // namespace renkei::test
