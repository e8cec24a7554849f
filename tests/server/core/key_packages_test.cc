#include "server/core/key_packages.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using Claimed = std::vector<server::ClaimedKeyPackage>;

class TheKeyPackages : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
  }
  Result<std::uint32_t> Upload(const Handset& by, std::vector<Bytes> key_packages) {
    return Await<std::uint32_t>([&](const server::Reply<std::uint32_t>& reply) {
      relay->key_packages().Upload(by.Caller(), key_packages, reply);
    });
  }
  Result<Claimed> Claim(std::vector<server::PersonRef> persons) {
    return Await<Claimed>([&](const server::Reply<Claimed>& reply) {
      relay->key_packages().Claim(nurse.Caller(), persons, reply);
    });
  }
  std::string ClaimOne() {
    const auto claimed = Claim({doctor.person->Ref()});
    EXPECT_TRUE(claimed.ok());
    return claimed->empty() ? "" : ToString(claimed->front().key_package);
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
  Handset& tablet = world.AddHandset(*doctor.person);
};

TEST_F(TheKeyPackages, EachIsHandedOutOnceButTheLast) {
  EXPECT_EQ(ClaimOne(), "");
  EXPECT_EQ(*Upload(doctor, {ToBytes("a"), ToBytes("b")}), 2U);
  EXPECT_EQ(ClaimOne(), "a");
  EXPECT_EQ(ClaimOne(), "b");
  EXPECT_EQ(ClaimOne(), "b") << "the last one stays";
}

TEST_F(TheKeyPackages, TheLastOneGoesWhenNewOnesCome) {
  ASSERT_TRUE(Upload(doctor, {ToBytes("old")}).ok());
  EXPECT_EQ(ClaimOne(), "old");
  EXPECT_EQ(*Upload(doctor, {ToBytes("new")}), 1U);
  EXPECT_EQ(ClaimOne(), "new");
}

TEST_F(TheKeyPackages, OneForEachDeviceOfEachPerson) {
  ASSERT_TRUE(Upload(doctor, {ToBytes("phone")}).ok());
  ASSERT_TRUE(Upload(tablet, {ToBytes("tablet")}).ok());
  const auto claimed = Claim({doctor.person->Ref(), nurse.person->Ref()});
  ASSERT_EQ(claimed->size(), 2U);
  std::set<Bytes> got = {(*claimed)[0].key_package, (*claimed)[1].key_package};
  EXPECT_EQ(got, (std::set<Bytes>{ToBytes("phone"), ToBytes("tablet")}));
}

TEST_F(TheKeyPackages, RevokedDeviceIsLeftOut) {
  ASSERT_TRUE(Upload(doctor, {ToBytes("phone")}).ok());
  const auto list = pki::CreateCrl(station.ca,
                                   {{doctor.device.signing.certificate.serial(), clock.Now(),
                                     pki::RevocationReason::kKeyCompromise}},
                                   1, clock.Now(), clock.Now() + Days(7));
  ASSERT_TRUE((Await<server::RevocationOutcome>([&](const auto& reply) {
                 relay->directory().PublishRevocations(nurse.Caller(), list->der(), reply);
               }).ok()));
  EXPECT_EQ(ClaimOne(), "");
}

// Somebody with very many devices neither makes the answer one that no client takes, nor leaves the
// others without theirs.
TEST_F(TheKeyPackages, APersonHasAShareOfTheAnswerAndNoMore) {
  constexpr std::size_t kShare = 4;  // of the largest, in 64 KiB
  const Bytes large(server::kMaxKeyPackageBytes, 7);
  std::vector<Handset*> devices = {&doctor, &tablet};
  while (devices.size() < kShare + 2) {
    devices.push_back(&world.AddHandset(*doctor.person));
  }
  PublishAll();
  for (const Handset* device : devices) {
    ASSERT_TRUE(Upload(*device, {large, large}).ok());
  }
  ASSERT_TRUE(Upload(nurse, {large}).ok());
  const auto claimed = Claim({doctor.person->Ref(), nurse.person->Ref()});
  ASSERT_TRUE(claimed.ok());
  ASSERT_EQ(claimed->size(), kShare + 1);
  EXPECT_EQ(claimed->back().person, nurse.person->Ref());
  std::size_t left = 0;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    for (const Handset* device : devices) {
                      RENKEI_ASSIGN(const std::size_t waiting,
                                    transaction.CountKeyPackages(device->device.id));
                      left += waiting;
                    }
                    return Ok();
                  })
                  .ok());
  EXPECT_EQ(left, 2 * devices.size() - kShare) << "who was left out keeps what it had";
}

TEST_F(TheKeyPackages, LimitsAreKept) {
  EXPECT_EQ(Upload(doctor, {}).error().code(), Code::kMalformed);
  EXPECT_EQ(Upload(doctor, std::vector<Bytes>(51, Bytes{1})).error().code(), Code::kMalformed);
  EXPECT_EQ(Upload(doctor, {Bytes{}}).error().code(), Code::kMalformed);
  EXPECT_EQ(Upload(doctor, {Bytes(server::kMaxKeyPackageBytes + 1)}).error().code(),
            Code::kTooLarge);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Upload(doctor, std::vector<Bytes>(50, Bytes{1})).ok());
  }
  EXPECT_EQ(Upload(doctor, {Bytes{1}}).error().code(), Code::kThrottled);
  EXPECT_EQ(Claim({}).error().code(), Code::kMalformed);
  EXPECT_EQ(Claim({nurse.person->Ref(), nurse.person->Ref()}).error().code(), Code::kMalformed);
  EXPECT_EQ(Claim(std::vector<server::PersonRef>(65, nurse.person->Ref())).error().code(),
            Code::kMalformed);
}

}  // namespace
}  // namespace renkei::test
