// What a card's evidence proves (G3, G6), piece by piece: what does not hold is left out, what is
// not known here is asked for.
#include "client/core/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "tests/support/region.h"

namespace renkei::client {
namespace {

using pki::CertRole;
using test::kRegionStart;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Known final : public CertificateSource {
 public:
  void Add(const pki::Certificate& leaf, std::vector<pki::Certificate> issuers) {
    known_.insert_or_assign(leaf.fingerprint(), KnownCertificate{leaf, std::move(issuers)});
  }
  void Forget(const pki::Certificate& leaf) { known_.erase(leaf.fingerprint()); }
  Result<std::optional<KnownCertificate>> Find(const Hash32& fingerprint) const override {
    const auto at = known_.find(fingerprint);
    return at == known_.end() ? std::optional<KnownCertificate>() : std::optional(at->second);
  }

 private:
  std::map<Hash32, KnownCertificate> known_;
};

// A nurse and a doctor of two institutions, both on the previous card.
class CardEvidence : public testing::Test {
 protected:
  CardEvidence() {
    source_.Add(nurse_.signing.certificate, region_.Above(station_));
    source_.Add(doctor_.signing.certificate, region_.Above(clinic_));
    previous_.members = {Member(nurse_, station_, nurse_subject_, 0),
                         Member(doctor_, clinic_, doctor_subject_, 1)};
  }
  static thread::CardMember Member(const test::Device& device, const pki::Issuer& institution,
                                   const pki::PersonSubject& subject, std::uint32_t leaf) {
    return {.leaf_index = leaf,
            .person = {institution.certificate().ids().institution, subject.person},
            .device = device.id,
            .signing_certificate_hash = device.signing.certificate.fingerprint(),
            .joined_epoch = 0};
  }
  // The nurse's device links another one, unless `change` has it otherwise.
  Bytes LinkOf(const std::function<void(thread::Link&)>& change = {}) {
    thread::Link link{.person = previous_.members[0].person,
                      .new_device = DeviceId::Generate(region_.random()),
                      .signing_key = test::NewX25519(region_.random()),
                      .device_key = test::NewX25519(region_.random()),
                      .tls_key = test::NewX25519(region_.random()),
                      .linking_device = nurse_.id,
                      .created_at = now_};
    if (change) {
      change(link);
    }
    return thread::MakeLink(link, nurse_.signing.key, nurse_.signing.certificate.der()).value();
  }
  Bytes LeaveOf(const SigningKey& key, const DeviceId& device) {
    const thread::LeaveRequest request{.case_id = CaseId::Generate(region_.random()),
                                       .at = {},
                                       .person = previous_.members[0].person,
                                       .device = device,
                                       .created_at = now_};
    return thread::MakeLeaveRequest(request, key);
  }
  Bytes ListOf(const pki::Issuer& issuer, const pki::Certificate& revoked, Millis from) {
    return pki::CreateCrl(issuer,
                          {{.serial = revoked.serial(),
                            .revoked_at = from,
                            .reason = pki::RevocationReason::kKeyCompromise}},
                          1, from, from + Days(7))
        ->der();
  }
  thread::JudgedEvidence Judge(const thread::Card* previous) {
    auto judged = JudgeEvidence(previous, card_, now_, certificates_);
    EXPECT_TRUE(judged.ok());
    return judged.ok() ? std::move(*judged) : thread::JudgedEvidence{};
  }
  Code Refusal() {
    const auto judged = JudgeEvidence(&previous_, card_, now_, certificates_);
    return judged.ok() ? Code::kInternal : judged.error().code();
  }

  test::Region region_{1};
  pki::Issuer station_ =
      region_.AddInstitution("架空訪看", pki::InstitutionKind::kVisitingNurseStation);
  pki::Issuer clinic_ = region_.AddInstitution("架空医院", pki::InstitutionKind::kClinic);
  pki::PersonSubject nurse_subject_ = test::SomeNurse(region_.random());
  pki::PersonSubject doctor_subject_ = test::SomeDoctor(region_.random());
  test::Device nurse_ = region_.AddDevice(station_, nurse_subject_);
  test::Device doctor_ = region_.AddDevice(clinic_, doctor_subject_);
  Known source_;
  Certificates certificates_{region_.Verifier(), source_};
  const Millis now_ = kRegionStart + Days(10);
  thread::Card previous_;
  thread::Card card_;
};

TEST_F(CardEvidence, OfACardWithoutAnyProvesNothing) {
  const auto judged = Judge(&previous_);
  EXPECT_FALSE(judged.link.has_value());
  EXPECT_THAT(judged.revoked, IsEmpty());
  EXPECT_THAT(judged.leaving, IsEmpty());
}

TEST_F(CardEvidence, LinkCountsForWhomItNames) {
  card_.evidence.link = LinkOf();
  const auto judged = Judge(&previous_);
  ASSERT_TRUE(judged.link.has_value());
  EXPECT_EQ(judged.link->linking_device, nurse_.id);
  EXPECT_EQ(judged.link->person, previous_.members[0].person);
  EXPECT_TRUE(Judge(nullptr).link.has_value());  // also on a case's first card
}

TEST_F(CardEvidence, G3_LinkThatDoesNotHoldIsLeftOut) {
  card_.evidence.link = ToBytes("no link");
  EXPECT_FALSE(Judge(&previous_).link.has_value());
  card_.evidence.link = LinkOf();
  card_.evidence.link[20] ^= 1U;
  EXPECT_FALSE(Judge(&previous_).link.has_value());
  card_.evidence.link =
      LinkOf([&](thread::Link& link) { link.person = previous_.members[1].person; });
  EXPECT_FALSE(Judge(&previous_).link.has_value());
}

TEST_F(CardEvidence, G3_LinkByACertificateThatWasNotValidIsLeftOut) {
  card_.evidence.link = LinkOf();
  const auto late = JudgeEvidence(nullptr, card_, nurse_.signing.certificate.not_after() + Days(1),
                                  certificates_);
  ASSERT_TRUE(late.ok());
  EXPECT_FALSE(late->link.has_value());
}

TEST_F(CardEvidence, LinkByACertificateThatIsNotKnownHereIsAskedFor) {
  card_.evidence.link = LinkOf();
  source_.Forget(nurse_.signing.certificate);
  EXPECT_EQ(Refusal(), Code::kNotFound);
}

TEST_F(CardEvidence, G6_ListNamesTheDevicesThatItRevokes) {
  card_.evidence.revocation_lists = {ListOf(station_, nurse_.signing.certificate, now_)};
  EXPECT_THAT(Judge(&previous_).revoked, ElementsAre(nurse_.id));
  EXPECT_THAT(Judge(nullptr).revoked, IsEmpty());  // nobody was there before
}

TEST_F(CardEvidence, G6_ListAgainstAnInstitutionRevokesAllOfItsDevices) {
  card_.evidence.revocation_lists = {ListOf(region_.issuing(), station_.certificate(), now_)};
  EXPECT_THAT(Judge(&previous_).revoked, ElementsAre(nurse_.id));
}

TEST_F(CardEvidence, ListCountsFromItsTimeOn) {
  card_.evidence.revocation_lists = {ListOf(station_, nurse_.signing.certificate, now_ + Hours(1))};
  EXPECT_THAT(Judge(&previous_).revoked, IsEmpty());
}

TEST_F(CardEvidence, G3_ListOfAnotherIssuerOrGarbageProvesNothing) {
  card_.evidence.revocation_lists = {ListOf(clinic_, nurse_.signing.certificate, now_),
                                     ToBytes("no list")};
  EXPECT_THAT(Judge(&previous_).revoked, IsEmpty());
  // Under the right issuer's name, but not signed by it.
  Bytes forged = ListOf(station_, nurse_.signing.certificate, now_);
  forged.back() ^= 1U;
  card_.evidence.revocation_lists = {forged};
  EXPECT_THAT(Judge(&previous_).revoked, IsEmpty());
}

TEST_F(CardEvidence, MemberWhoseCertificateIsNotKnownHereIsAskedForIfThereIsAList) {
  source_.Forget(doctor_.signing.certificate);
  EXPECT_EQ(Refusal(), Code::kInternal);
  card_.evidence.revocation_lists = {ListOf(station_, nurse_.signing.certificate, now_)};
  EXPECT_EQ(Refusal(), Code::kNotFound);
}

TEST_F(CardEvidence, LeaveRequestCountsForWhoSignedIt) {
  card_.evidence.leave_requests = {LeaveOf(nurse_.signing.key, nurse_.id)};
  const auto judged = Judge(&previous_);
  ASSERT_THAT(judged.leaving, SizeIs(1));
  EXPECT_EQ(judged.leaving[0].device, nurse_.id);
  EXPECT_THAT(Judge(nullptr).leaving, IsEmpty());
}

TEST_F(CardEvidence, G3_LeaveRequestThatDoesNotHoldIsLeftOut) {
  card_.evidence.leave_requests = {
      ToBytes("no request"), LeaveOf(doctor_.signing.key, nurse_.id),    // another's signature
      LeaveOf(doctor_.signing.key, doctor_.id),                          // for another person
      LeaveOf(nurse_.signing.key, DeviceId::Generate(region_.random()))  // nobody on the card
  };
  EXPECT_THAT(Judge(&previous_).leaving, IsEmpty());
  // One that holds is found among them.
  card_.evidence.leave_requests.push_back(LeaveOf(nurse_.signing.key, nurse_.id));
  EXPECT_THAT(Judge(&previous_).leaving, SizeIs(1));
}

TEST_F(CardEvidence, LeaveRequestOfACertificateThatIsNotKnownHereIsAskedFor) {
  card_.evidence.leave_requests = {LeaveOf(nurse_.signing.key, nurse_.id)};
  source_.Forget(nurse_.signing.certificate);
  EXPECT_EQ(Refusal(), Code::kNotFound);
}

TEST_F(CardEvidence, LeaveRequestUnderACertificateThatWasNotValidIsLeftOut) {
  card_.evidence.leave_requests = {LeaveOf(nurse_.signing.key, nurse_.id)};
  const auto late = JudgeEvidence(&previous_, card_,
                                  nurse_.signing.certificate.not_after() + Days(1), certificates_);
  ASSERT_TRUE(late.ok());
  EXPECT_THAT(late->leaving, IsEmpty());
}

}  // namespace
}  // namespace renkei::client
