#include "crypto/pki/issue.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/region.h"

namespace renkei::pki {
namespace {

class IssueTest : public testing::Test {
 protected:
  Validity For(const Issuer& issuer, CertRole role) const {
    return issuer.Clip(role, {test::kRegionStart, test::kRegionStart + Days(36500)});
  }
  PublicKey NewKey() { return SigningKey::Generate(region_.random()).public_key(); }
  Result<Certificate> Device(CertRole role, const PublicKey& key, const PersonSubject& person) {
    return institution_.IssueDevice(role, key, person, DeviceId::Generate(region_.random()),
                                    For(institution_, role), region_.random());
  }

  test::Region region_{4};
  Issuer institution_ =
      region_.AddInstitution("架空居宅介護支援事業所", InstitutionKind::kCareManagementOffice);
  PersonSubject manager_{PersonId::Generate(region_.random()), "架空 まり",
                         Profession::kCareManager};
};

TEST_F(IssueTest, EveryRoleComesOutAsAsked) {
  const auto archive = institution_.IssuePersonArchive(
      test::NewX25519(region_.random()), manager_, 3, For(institution_, CertRole::kPersonArchive),
      region_.random());
  ASSERT_TRUE(archive.ok());
  EXPECT_EQ(archive->role(), CertRole::kPersonArchive);
  EXPECT_EQ(archive->ids().archive_version, 3U);
  EXPECT_EQ(archive->ids().person, manager_.person);
  EXPECT_EQ(archive->profession(), Profession::kCareManager);

  const auto own = institution_.IssueInstitutionArchive(
      test::NewX25519(region_.random()), 7, For(institution_, CertRole::kInstitutionArchive),
      region_.random());
  ASSERT_TRUE(own.ok());
  EXPECT_EQ(own->ids().archive_version, 7U);
  EXPECT_TRUE(own->ids().person.IsZero());
  EXPECT_EQ(own->name(), "架空居宅介護支援事業所");

  EXPECT_EQ(region_.AddRelay(CertRole::kRelaySigning).certificate.ids().region, region_.id());
  EXPECT_EQ(region_.issuing().certificate().ids().region, region_.id());
  EXPECT_EQ(region_.root().certificate().ids().region, region_.id());
}

TEST_F(IssueTest, AnIssuerIsACaWithItsOwnKey) {
  const auto device = region_.AddDevice(institution_, manager_);
  EXPECT_EQ(Issuer::Create(device.signing.certificate, device.signing.key).error().code(),
            Code::kDenied);
  EXPECT_EQ(Issuer::Create(institution_.certificate(), device.signing.key).error().code(),
            Code::kDenied);
  EXPECT_TRUE(Issuer::Create(institution_.certificate(), institution_.key()).ok());
}

TEST_F(IssueTest, NobodyIssuesWhatTheTableGivesToAnother) {
  const auto denied = [](const Result<Certificate>& result) {
    return !result.ok() && result.error().code() == Code::kDenied;
  };
  Random& random = region_.random();
  const Validity year = {test::kRegionStart, test::kRegionStart + Days(300)};
  const InstitutionSubject subject = {InstitutionId::Generate(random), "架空",
                                      InstitutionKind::kClinic};
  EXPECT_TRUE(denied(institution_.IssueRelay(CertRole::kRelayTls, NewKey(), year, random)));
  EXPECT_TRUE(denied(institution_.IssueInstitution(NewKey(), subject, year, random)));
  EXPECT_TRUE(denied(institution_.IssueRegionIssuing(NewKey(), year, random)));
  EXPECT_TRUE(denied(region_.root().IssueInstitution(NewKey(), subject, year, random)));
  EXPECT_TRUE(denied(region_.root().IssueRelay(CertRole::kRelayTls, NewKey(), year, random)));
  EXPECT_TRUE(denied(region_.issuing().IssueDevice(CertRole::kDeviceTls, NewKey(), manager_,
                                                   DeviceId::Generate(random), year, random)));
  EXPECT_TRUE(denied(Device(CertRole::kRelayTls, NewKey(), manager_)));
  EXPECT_TRUE(denied(Device(CertRole::kInstitution, NewKey(), manager_)));
  EXPECT_TRUE(denied(region_.issuing().IssueRelay(CertRole::kInstitution, NewKey(), year, random)));
}

TEST_F(IssueTest, ValidityStaysInsideTheRoleAndTheIssuer) {
  const auto issue = [&](Validity validity) {
    return institution_.IssueDevice(CertRole::kDeviceTls, NewKey(), manager_,
                                    DeviceId::Generate(region_.random()), validity,
                                    region_.random());
  };
  const Millis start = institution_.certificate().not_before();
  const Millis end = institution_.certificate().not_after();
  const Millis longest = ProfileOf(CertRole::kDeviceTls).max_lifetime;
  EXPECT_TRUE(issue({start, start + longest}).ok());
  for (const Validity bad :
       {Validity{start, start}, Validity{start + Days(2), start + Days(1)},
        Validity{start, start + longest + Seconds(1)}, Validity{start - Days(1), start + Days(1)},
        Validity{end - Days(1), end + Seconds(1)}, Validity{Seconds(-5), start + Days(1)},
        Validity{start, {INT64_MAX}}, Validity{{INT64_MIN}, {INT64_MAX}}}) {
    EXPECT_EQ(issue(bad).error().code(), Code::kDenied);
  }
}

TEST_F(IssueTest, ClipMakesWhatIsAllowed) {
  const Millis start = institution_.certificate().not_before();
  const Millis end = institution_.certificate().not_after();
  const Validity clipped =
      institution_.Clip(CertRole::kDeviceTls, {start - Days(9), end + Days(9)});
  EXPECT_EQ(clipped.not_before, start);
  EXPECT_EQ(clipped.not_after, start + ProfileOf(CertRole::kDeviceTls).max_lifetime);
  const Validity late = institution_.Clip(CertRole::kDeviceTls, {end - Days(2), end + Days(9)});
  EXPECT_EQ(late.not_after, end);
  const Validity fine = institution_.Clip(CertRole::kDeviceTls,
                                          {start + Millis{1500}, start + Days(1) + Millis{999}});
  EXPECT_EQ(fine.not_before, start + Seconds(1));
  EXPECT_EQ(fine.not_after, start + Days(1));
}

TEST_F(IssueTest, MillisecondsAreCutOff) {
  const Millis start = test::kRegionStart + Millis{789};
  const auto issued = institution_.IssueDevice(CertRole::kDeviceTls, NewKey(), manager_,
                                               DeviceId::Generate(region_.random()),
                                               {start, start + Days(10)}, region_.random());
  ASSERT_TRUE(issued.ok());
  EXPECT_EQ(issued->not_before(), test::kRegionStart);
  EXPECT_EQ(issued->not_after(), test::kRegionStart + Days(10));
}

TEST_F(IssueTest, BadNamesAndIdsAreMalformed) {
  const auto malformed = [&](const PersonSubject& person) {
    const auto result = Device(CertRole::kDeviceSigning, NewKey(), person);
    return !result.ok() && result.error().code() == Code::kMalformed;
  };
  EXPECT_TRUE(malformed({manager_.person, "", Profession::kNurse}));
  EXPECT_TRUE(malformed({manager_.person, "架空\n花子", Profession::kNurse}));
  EXPECT_TRUE(malformed({manager_.person, "relay.example", Profession::kNurse}));
  EXPECT_TRUE(malformed({manager_.person, "架空 花子", Profession::kNone}));
  EXPECT_TRUE(malformed({PersonId{}, "架空 花子", Profession::kNurse}));
  EXPECT_FALSE(institution_
                   .IssuePersonArchive(test::NewX25519(region_.random()), manager_, 0,
                                       For(institution_, CertRole::kPersonArchive),
                                       region_.random())
                   .ok());
}

TEST_F(IssueTest, KeysThatNobodyShouldUseAreMalformed) {
  EXPECT_EQ(Device(CertRole::kDeviceSigning, PublicKey{1}, manager_).error().code(),
            Code::kMalformed);
  EXPECT_EQ(Device(CertRole::kDeviceKey, PublicKey{}, manager_).error().code(), Code::kMalformed);
}

TEST_F(IssueTest, SerialsAreRandomAndOfFullLength) {
  std::set<Serial> seen;
  for (int i = 0; i < 50; ++i) {
    const auto issued = Device(CertRole::kDeviceTls, NewKey(), manager_);
    ASSERT_TRUE(issued.ok());
    EXPECT_EQ(issued->serial()[0] & 0xC0U, 0x40U);
    seen.insert(issued->serial());
  }
  EXPECT_EQ(seen.size(), 50U);
}

TEST_F(IssueTest, ARootNeedsANameAndATime) {
  const SigningKey key = SigningKey::Generate(region_.random());
  const Validity good = {test::kRegionStart, test::kRegionStart + Days(3650)};
  EXPECT_TRUE(CreateRoot(key, region_.id(), "架空地区", good, region_.random()).ok());
  EXPECT_EQ(CreateRoot(key, region_.id(), "", good, region_.random()).error().code(),
            Code::kMalformed);
  EXPECT_EQ(CreateRoot(key, RegionId{}, "架空地区", good, region_.random()).error().code(),
            Code::kMalformed);
  const Validity endless = {test::kRegionStart, test::kRegionStart + Days(36500)};
  EXPECT_EQ(CreateRoot(key, region_.id(), "架空地区", endless, region_.random()).error().code(),
            Code::kDenied);
}

}  // namespace
}  // namespace renkei::pki
