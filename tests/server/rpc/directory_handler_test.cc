#include "server/rpc/directory_handler.h"

#include "tests/server/core/directory_fixture.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;

class DirectoryCalls : public TheDirectory {
 protected:
  void SetUp() override {
    TheDirectory::SetUp();
    handler = std::make_unique<server::DirectoryHandler>(*relay);
  }
  Result<v1::PublishResponse> Publish(const Handset& by, const std::vector<Bytes>& ders) {
    v1::PublishRequest request;
    for (const Bytes& der : ders) {
      request.add_certificates(ToString(der));
    }
    return Await<v1::PublishResponse>(
        [&](const auto& reply) { handler->Publish(by.Caller(), request, reply); });
  }
  Result<v1::DirectorySyncResponse> Sync(std::uint64_t after, std::uint32_t limit,
                                         std::uint32_t max_bytes = 0) {
    v1::DirectorySyncRequest request;
    request.set_after(after);
    request.set_limit(limit);
    request.set_max_bytes(max_bytes);
    return Await<v1::DirectorySyncResponse>(
        [&](const auto& reply) { handler->Sync(nurse.Caller(), request, reply); });
  }
  Result<v1::UploadKeyPackagesResponse> Upload(const Handset& by,
                                               const std::vector<std::string>& key_packages) {
    v1::UploadKeyPackagesRequest request;
    for (const std::string& key_package : key_packages) {
      request.add_key_packages(key_package);
    }
    return Await<v1::UploadKeyPackagesResponse>(
        [&](const auto& reply) { handler->UploadKeyPackages(by.Caller(), request, reply); });
  }
  Result<v1::ClaimKeyPackagesResponse> Claim(const v1::ClaimKeyPackagesRequest& request) {
    return Await<v1::ClaimKeyPackagesResponse>(
        [&](const auto& reply) { handler->ClaimKeyPackages(nurse.Caller(), request, reply); });
  }
  Result<v1::PublishRevocationsResponse> Revoke(const Handset& by, ByteView list) {
    v1::PublishRevocationsRequest request;
    request.set_revocation_list(ToString(list));
    return Await<v1::PublishRevocationsResponse>(
        [&](const auto& reply) { handler->PublishRevocations(by.Caller(), request, reply); });
  }

  std::unique_ptr<server::DirectoryHandler> handler;
};

TEST_F(DirectoryCalls, PublishTellsThePositionOrWhyNot) {
  const auto published = Publish(nurse, world.CertificatesOf(station));
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->published(), Everything().back().position);
  EXPECT_EQ(Publish(nurse, {ToBytes("no certificate")})->refused(),
            v1::PublishResponse::REFUSAL_BAD_CERTIFICATE);
  EXPECT_EQ(Publish(nurse, world.CertificatesOf(clinic))->refused(),
            v1::PublishResponse::REFUSAL_NOT_ALLOWED);
  EXPECT_EQ(Publish(nurse, {}).error().code(), Code::kMalformed);
}

TEST_F(DirectoryCalls, SyncTellsWhatEachEntryIsAndWhetherThereIsMore) {
  PublishAll();
  const Bytes list = ListOf(station.ca, nurse.device.tls.certificate, 1);
  ASSERT_TRUE(Revoke(nurse, list).ok());
  const auto first = Sync(0, 1);
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->entries_size(), 1);
  EXPECT_FALSE(first->complete());
  EXPECT_EQ(first->entries(0).certificate(),
            ToString(world.region().issuing().certificate().der()));
  EXPECT_EQ(first->incarnation(), ToString(relay->incarnation().view()));
  const auto rest = Sync(first->entries(0).position(), 1000);
  ASSERT_TRUE(rest.ok());
  EXPECT_TRUE(rest->complete());
  EXPECT_GT(rest->entries(0).position(), first->entries(0).position());
  const auto& last = rest->entries(rest->entries_size() - 1);
  EXPECT_EQ(last.position(), Everything().back().position);
  EXPECT_FALSE(last.has_certificate());
  EXPECT_EQ(last.revocation_list(), ToString(list));
  EXPECT_EQ(Sync(0, 1000, 1)->entries_size(), 1);
  EXPECT_FALSE(Sync(0, 1000, 1)->complete());
  EXPECT_EQ(Sync(0, 0).error().code(), Code::kMalformed);
  EXPECT_EQ(Sync(0, 1001).error().code(), Code::kMalformed);
}

TEST_F(DirectoryCalls, KeyPackagesAreCountedAndHandedOutUnderTheirPersonAndDevice) {
  PublishAll();
  EXPECT_EQ(Upload(doctor, {"one", "two"})->available(), 2U);
  EXPECT_EQ(Upload(doctor, {}).error().code(), Code::kMalformed);
  v1::ClaimKeyPackagesRequest request;
  auto& person = *request.add_persons();
  person.set_institution(ToString(doctor.person->Ref().institution.view()));
  person.set_person(ToString(doctor.person->Ref().person.view()));
  const auto claimed = Claim(request);
  ASSERT_TRUE(claimed.ok());
  ASSERT_EQ(claimed->claimed_size(), 1);
  EXPECT_EQ(claimed->claimed(0).person().institution(), person.institution());
  EXPECT_EQ(claimed->claimed(0).person().person(), person.person());
  EXPECT_EQ(claimed->claimed(0).device(), ToString(doctor.device.id.view()));
  EXPECT_EQ(claimed->claimed(0).key_package(), "one");
}

TEST_F(DirectoryCalls, PersonWithIdsOfAnotherLengthIsMalformed) {
  v1::ClaimKeyPackagesRequest request;
  EXPECT_EQ(Claim(request).error().code(), Code::kMalformed) << "nobody";
  auto& person = *request.add_persons();
  person.set_institution(std::string(16, 'i'));
  person.set_person(std::string(15, 'p'));
  EXPECT_EQ(Claim(request).error().code(), Code::kMalformed);
}

TEST_F(DirectoryCalls, RevocationListIsToldToBePublishedOrWhyNot) {
  PublishAll();
  const auto published = Revoke(nurse, ListOf(station.ca, nurse.device.tls.certificate, 2));
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->published(), Everything().back().position);
  EXPECT_EQ(Revoke(nurse, ListOf(station.ca, nurse.device.tls.certificate, 1))->refused(),
            v1::PublishRevocationsResponse::REFUSAL_OLDER);
  EXPECT_EQ(Revoke(nurse, AsBytes("no list"))->refused(),
            v1::PublishRevocationsResponse::REFUSAL_BAD_LIST);
  EXPECT_EQ(Revoke(doctor, ListOf(station.ca, nurse.device.tls.certificate, 3)).error().code(),
            Code::kDenied);
}

TEST_F(DirectoryCalls, StoreThatDoesNotAnswerIsTold) {
  PublishAll();
  store.FailReads(true);
  EXPECT_EQ(Sync(0, 10).error().code(), Code::kUnavailable);
  store.FailReads(false);
  store.FailWrites(true);
  EXPECT_EQ(Publish(nurse, world.CertificatesOf(station)).error().code(), Code::kUnavailable);
  EXPECT_EQ(Upload(nurse, {"one"}).error().code(), Code::kUnavailable);
  v1::ClaimKeyPackagesRequest request;
  server::PersonRef ref = doctor.person->Ref();
  request.add_persons()->set_institution(ToString(ref.institution.view()));
  request.mutable_persons(0)->set_person(ToString(ref.person.view()));
  EXPECT_EQ(Claim(request).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace renkei::test
