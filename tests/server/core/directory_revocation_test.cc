// The half of Directory that deals with revocation lists, and with the paths of callers.
#include <sodium.h>

#include <algorithm>

#include "server/core/watch_session.h"
#include "tests/server/core/directory_fixture.h"

namespace renkei::test {
namespace {

using server::RevocationOutcome;
using server::RevocationRefusal;
using server::WatchListener;

struct Told : WatchListener {
  void Wake() override { ++wakes; }
  void Cut(Why why) override { cut = why; }

  int wakes = 0;
  std::optional<Why> cut;
};

class RevocationLists : public TheDirectory {
 protected:
  void SetUp() override {
    TheDirectory::SetUp();
    PublishAll();
  }
  server::Caller Operator() const {
    server::Caller out = nurse.Caller();
    out.person.institution = world.Identity().operator_institution;
    return out;
  }
  Result<RevocationOutcome> RevokeAs(const server::Caller& by, ByteView list) {
    return Await<RevocationOutcome>([&](const server::Reply<RevocationOutcome>& reply) {
      relay->directory().PublishRevocations(by, list, reply);
    });
  }
  // A list of the station, this one device on it as of `revoked_at`.
  Bytes ListAt(const pki::Certificate& revoked, Millis revoked_at, std::uint64_t number = 1) {
    return pki::CreateCrl(station.ca,
                          {{revoked.serial(), revoked_at, pki::RevocationReason::kKeyCompromise}},
                          number, revoked_at, revoked_at + Days(7))
        .value()
        .der();
  }
  bool IsAccepted(const Result<RevocationOutcome>& outcome) {
    return outcome.ok() && *outcome == RevocationOutcome(Everything().back().position);
  }
  const pki::Certificate& TlsOf(const Handset& handset) { return handset.device.tls.certificate; }
  bool IsRevoked(const Handset& handset) { return relay->directory().IsRevoked(TlsOf(handset)); }
  // What the path of the nurse's TLS certificate is found to be.
  std::string PathOf(const Handset& handset, bool with_chain = true) {
    const std::vector<pki::Certificate> sent =
        with_chain ? handset.TlsChain(world.region()) : std::vector<pki::Certificate>();
    const auto identity = relay->directory().VerifyDevice(TlsOf(handset), sent, clock.Now());
    return identity.ok() ? "good" : CodeName(identity.error().code());
  }

  Handset& colleague = world.AddMember(station);
};

TEST_F(RevocationLists, CountFromTheListOnAndAfterARestart) {
  const std::size_t before = Everything().size();
  EXPECT_FALSE(IsRevoked(nurse));
  EXPECT_TRUE(IsAccepted(Revoke(colleague, ListOf(station.ca, TlsOf(nurse), 1))));
  EXPECT_TRUE(IsRevoked(nurse));
  EXPECT_FALSE(IsRevoked(colleague));
  EXPECT_EQ(Everything().size(), before + 1);
  EXPECT_TRUE(Everything().back().is_revocation_list);
  EXPECT_TRUE(IsAudited(colleague, "directory.revoke", "done"));
  Open();
  EXPECT_TRUE(IsRevoked(nurse));
  EXPECT_FALSE(IsRevoked(colleague));
}

// What any member of an institution could make: a list that names the institution's CA and its key
// id, signed with a key of their own.
Bytes Forged(const Bytes& list, const SigningKey& key) {
  // SEQUENCE of TBSCertList, algorithm (7 bytes), BIT STRING with the signature (67 bytes).
  const std::size_t header = list[1] < 0x80 ? 2 : 2 + (list[1] & 0x7FU);
  const ByteView to_be_signed = ByteView(list).subspan(header, list.size() - header - 7 - 67);
  const SecretBytes seed = key.Seed();
  ByteArray<crypto_sign_PUBLICKEYBYTES> public_key{};
  ByteArray<crypto_sign_SECRETKEYBYTES> secret_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.Expose().data());
  Bytes out = list;
  crypto_sign_detached(&out[out.size() - kSignatureBytes], nullptr, to_be_signed.data(),
                       to_be_signed.size(), secret_key.data());
  return out;
}

TEST_F(RevocationLists, G3_ForgedUnderTheRightIssuerAreRefusedAndNoted) {
  const Bytes good = ListOf(station.ca, TlsOf(nurse), 1);
  ASSERT_EQ(Forged(good, station.ca.key()), good) << "the forger does not work";
  const std::size_t before = Everything().size();
  EXPECT_TRUE(IsRefused(Revoke(colleague, Forged(good, colleague.device.signing.key)),
                        RevocationRefusal::kBadList));
  EXPECT_TRUE(IsAudited(colleague, "directory.revoke", "bad list"));
  Bytes changed = ListOf(station.ca, TlsOf(colleague), 1);
  std::copy(good.end() - kSignatureBytes, good.end(), changed.end() - kSignatureBytes);
  EXPECT_TRUE(IsRefused(Revoke(nurse, changed), RevocationRefusal::kBadList))
      << "the signature of another list";
  EXPECT_FALSE(IsRevoked(nurse) || IsRevoked(colleague));
  EXPECT_EQ(Everything().size(), before);
  Open();
  EXPECT_FALSE(IsRevoked(nurse) || IsRevoked(colleague));
}

TEST_F(RevocationLists, OfNobodyKnownAreRefusedAndNoted) {
  RelayWorld elsewhere(98);
  const Office& office = elsewhere.AddOffice("よその事業所（架空）");
  EXPECT_TRUE(
      IsRefused(Revoke(nurse, ListOf(office.ca, TlsOf(nurse), 1)), RevocationRefusal::kBadList));
  EXPECT_TRUE(IsAudited(nurse, "directory.revoke", "bad list"));
  EXPECT_TRUE(IsRefused(Revoke(nurse, AsBytes("no list")), RevocationRefusal::kBadList));
  EXPECT_FALSE(IsRevoked(nurse));
}

TEST_F(RevocationLists, AreTheInstitutionsOwnToPublish) {
  const auto outcome = Revoke(doctor, ListOf(station.ca, TlsOf(nurse), 1));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
  EXPECT_TRUE(IsAudited(doctor, "directory.revoke", "not allowed"));
  EXPECT_FALSE(IsRevoked(nurse));
  EXPECT_FALSE(Everything().back().is_revocation_list);
}

TEST_F(RevocationLists, RegionsComesFromTheOperatorAndRevokesAnInstitution) {
  const Bytes list = ListOf(world.region().issuing(), clinic.ca.certificate(), 1);
  EXPECT_EQ(Revoke(doctor, list).error().code(), Code::kDenied);
  EXPECT_EQ(PathOf(doctor), "good");
  EXPECT_TRUE(IsAccepted(RevokeAs(Operator(), list)));
  EXPECT_EQ(PathOf(doctor), "kAuthFailed");
  EXPECT_EQ(PathOf(nurse), "good");
  const std::vector<ByteView> leaf = {doctor.device.signing.certificate.der()};
  EXPECT_FALSE(relay->directory().VerifyAll(leaf).ok());
}

TEST_F(RevocationLists, RootsComesFromTheOperatorToo) {
  const Bytes list = ListOf(world.region().root(), world.region().issuing().certificate(), 1);
  EXPECT_EQ(Revoke(nurse, list).error().code(), Code::kDenied);
  EXPECT_TRUE(IsAccepted(RevokeAs(Operator(), list)));
  EXPECT_EQ(PathOf(nurse), "kAuthFailed") << "the issuing CA stands above everybody";
}

TEST_F(RevocationLists, OlderOnesAndOthersOfTheSameNumberAreRefused) {
  const Bytes second = ListOf(station.ca, TlsOf(nurse), 2);
  ASSERT_TRUE(IsAccepted(Revoke(nurse, second)));
  for (const std::uint64_t number : {1U, 2U}) {
    EXPECT_TRUE(IsRefused(Revoke(colleague, ListOf(station.ca, TlsOf(colleague), number)),
                          RevocationRefusal::kOlder));
  }
  EXPECT_FALSE(IsRevoked(colleague));
  EXPECT_EQ(Everything().back().der, second);
}

TEST_F(RevocationLists, SameAgainIsAcceptedWithoutChange) {
  const Bytes list = ListOf(station.ca, TlsOf(nurse), 1);
  ASSERT_TRUE(IsAccepted(Revoke(nurse, list)));
  const auto before = Everything();
  EXPECT_TRUE(IsAccepted(Revoke(colleague, list)));
  EXPECT_EQ(Everything().size(), before.size());
  EXPECT_EQ(Everything().back().position, before.back().position);
  EXPECT_FALSE(IsAudited(colleague, "directory.revoke", "done")) << "nothing was done";
}

TEST_F(RevocationLists, WhatOnceWasRevokedStaysRevoked) {
  ASSERT_TRUE(IsAccepted(Revoke(nurse, ListOf(station.ca, TlsOf(nurse), 1))));
  EXPECT_TRUE(IsRefused(Revoke(nurse, ListOf(station.ca, TlsOf(colleague), 2)),
                        RevocationRefusal::kBadList))
      << "it leaves out whom the first one named";
  EXPECT_TRUE(IsAudited(nurse, "directory.revoke", "leaves out"));
  EXPECT_FALSE(IsRevoked(colleague));
  const auto both = pki::CreateCrl(
      station.ca,
      {{TlsOf(nurse).serial(), clock.Now(), pki::RevocationReason::kKeyCompromise},
       {TlsOf(colleague).serial(), clock.Now(), pki::RevocationReason::kKeyCompromise}},
      2, clock.Now(), clock.Now() + Days(7));
  ASSERT_TRUE(IsAccepted(Revoke(nurse, both->der())));
  Open();
  EXPECT_TRUE(IsRevoked(nurse)) << "only the newest list is kept over a start";
  EXPECT_TRUE(IsRevoked(colleague));
}

// The clock of who made the list may be ahead: the device must not come in until then.
TEST_F(RevocationLists, G9_CountAtOnceWhateverTheTimeTheyName) {
  ASSERT_TRUE(IsAccepted(Revoke(nurse, ListAt(TlsOf(nurse), clock.Now() + Hours(3)))));
  EXPECT_TRUE(IsRevoked(nurse));
  EXPECT_EQ(PathOf(nurse), "kAuthFailed");
  EXPECT_EQ(PathOf(colleague), "good");
  const auto of_clinic = pki::CreateCrl(world.region().issuing(),
                                        {{clinic.ca.certificate().serial(), clock.Now() + Hours(3),
                                          pki::RevocationReason::kCessation}},
                                        1, clock.Now() + Hours(3), clock.Now() + Days(7));
  ASSERT_TRUE(IsAccepted(RevokeAs(Operator(), of_clinic->der())));
  EXPECT_EQ(PathOf(doctor), "kAuthFailed") << "its institution was revoked";
}

TEST_F(RevocationLists, AnswersMayBeKeptUntilOneCameIn) {
  const std::uint64_t before = relay->directory().revocation_count();
  const Bytes list = ListOf(station.ca, TlsOf(nurse), 2);
  (void)Revoke(nurse, Forged(list, colleague.device.signing.key));
  (void)Revoke(doctor, list);
  EXPECT_EQ(relay->directory().revocation_count(), before);
  ASSERT_TRUE(IsAccepted(Revoke(nurse, list)));
  const std::uint64_t after = relay->directory().revocation_count();
  EXPECT_NE(after, before);
  (void)Revoke(nurse, ListOf(station.ca, TlsOf(colleague), 1));
  EXPECT_EQ(relay->directory().revocation_count(), after) << "an older one changes no answer";
}

TEST_F(RevocationLists, G9_CutStreamsAndAreToldToEverybody) {
  bool valid = true;
  const auto told = std::make_shared<Told>();
  const auto session = std::make_shared<server::WatchSession>(
      store, nurse.Caller(), [&valid] { return valid; }, told);
  relay->hub().Add(session);
  while (!session->Next()->empty()) {
  }
  const Bytes list = ListOf(station.ca, TlsOf(nurse), 2);
  (void)Revoke(doctor, list);
  EXPECT_EQ(told->wakes, 0) << "it was refused";
  ASSERT_TRUE(IsAccepted(Revoke(colleague, list)));
  EXPECT_EQ(told->wakes, 1);
  EXPECT_TRUE(session->Next()->pings.directory);
  EXPECT_FALSE(told->cut) << "who is still valid stays";
  valid = false;
  ASSERT_TRUE(IsAccepted(Revoke(colleague, ListOf(station.ca, TlsOf(nurse), 3))));
  EXPECT_EQ(told->cut, WatchListener::Why::kNotValidAnyMore);
}

TEST_F(RevocationLists, StoreThatDoesNotAnswerIsUnavailableAndNothingIsRevoked) {
  const Bytes list = ListOf(station.ca, TlsOf(nurse), 1);
  store.FailReads(true);
  EXPECT_EQ(Revoke(nurse, list).error().code(), Code::kUnavailable);
  EXPECT_EQ(PathOf(nurse, false), "kUnavailable") << "not the caller's fault";
  store.FailReads(false);
  store.FailWrites(true);
  EXPECT_EQ(Revoke(nurse, list).error().code(), Code::kUnavailable);
  store.FailWrites(false);
  EXPECT_FALSE(IsRevoked(nurse));
}

TEST_F(RevocationLists, DamagedOneInTheStoreIsToldAtTheStart) {
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_TRY(transaction.AddRevocations(
            {station.ca.certificate().subject_key_id(), 1, ToBytes("no list")}));
        return Ok();
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  relay.reset();
  const auto opened = server::Relay::Open(store, clock, world.random(), world.Identity());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
}

TEST_F(RevocationLists, PathIsFoundFromTheDirectoryWhereTheLeafComesAlone) {
  EXPECT_EQ(PathOf(nurse, false), "good") << "a resumed TLS session";
  const Handset& newcomer = world.AddMember(world.AddOffice("訪問看護ステーション（架空）"));
  EXPECT_EQ(PathOf(newcomer), "good") << "not published, but it brings its CA";
  EXPECT_EQ(PathOf(newcomer, false), "kAuthFailed");
}

TEST_F(RevocationLists, PathIsOfADevicesTlsCertificateWithinItsTime) {
  const auto verify = [&](const pki::Certificate& leaf, Millis at) {
    return relay->directory().VerifyDevice(leaf, nurse.TlsChain(world.region()), at).ok();
  };
  EXPECT_TRUE(verify(TlsOf(nurse), clock.Now()));
  EXPECT_FALSE(verify(nurse.device.signing.certificate, clock.Now()));
  EXPECT_FALSE(verify(TlsOf(nurse), TlsOf(nurse).not_after()));
  EXPECT_FALSE(verify(TlsOf(nurse), TlsOf(nurse).not_before() - Seconds(1)));
}

}  // namespace
}  // namespace renkei::test
