// The directory of a relay that was restored from a backup gets back what it lost of our own
// institution (G8); here nothing is forgotten. (The relay's side: tests/sim/restore_test.cc.)
#include <set>

#include "client/core/directory.h"
#include "tests/client/core/case_fixture.h"

namespace renkei::test {
namespace {

using client::Directory;
using testing::IsEmpty;
using testing::SizeIs;

class RestoredDirectory : public CaseFixture {
 protected:
  RestoredDirectory()
      : relay_(region_.relay.ConnectionFor(nurse_->device(), nurse_->person())),
        directory_(Directory::Open(nurse_->vault(), nurse_->Identity().root_der).value()) {
    Become("one");
    EXPECT_TRUE(Sync().ok());
    region_.relay.published.clear();
  }

  Result<bool> Sync() { return directory_->Sync(*relay_, region_.clock.Now()); }
  // The relay is of this incarnation from now on, and has lost these certificates (all lists too).
  void Become(const std::string& incarnation, const std::set<std::string>& lost = {}) {
    region_.relay.tamper_directory = [=](relay::v1::DirectorySyncResponse& response) {
      response.set_incarnation(incarnation);
      auto* entries = response.mutable_entries();
      for (int i = entries->size() - 1; i >= 0; --i) {
        if (lost.contains(entries->Get(i).certificate()) ||
            (!lost.empty() && entries->Get(i).has_revocation_list())) {
          entries->DeleteSubrange(i, 1);
        }
      }
    };
  }
  std::vector<std::string> Published() {
    std::vector<std::string> out;
    for (const auto& request : region_.relay.published) {
      out.insert(out.end(), request.certificates().begin(), request.certificates().end());
    }
    return out;
  }
  static std::string Text(const Bytes& der) { return ToString(der); }

  std::unique_ptr<client::Relay> relay_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(RestoredDirectory, OfTheSameIncarnationIsGivenNothing) {
  Become("one", {Text(nurse_->Identity().signing_certificate)});
  ASSERT_TRUE(Sync().ok());
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(RestoredDirectory, G8_GetsWhatItLostOfOurInstitutionItsCaFirst) {
  const client::Identity nurse = nurse_->Identity();
  const client::Identity manager = manager_->Identity();
  Become("two", {Text(nurse.chain[0]), Text(nurse.signing_certificate), Text(nurse.tls_certificate),
                 Text(manager.signing_certificate)});
  ASSERT_TRUE(Sync().ok());
  const auto published = Published();
  ASSERT_THAT(published, SizeIs(3));
  EXPECT_EQ(published[0], Text(nurse.chain[0]));
  EXPECT_THAT(published, testing::Contains(Text(nurse.signing_certificate)));
  EXPECT_THAT(published, testing::Contains(Text(nurse.tls_certificate)));
  // The manager's is the manager's to give back; it is still known here.
  EXPECT_TRUE(directory_->Find(Sha256(manager.signing_certificate)).value().has_value());
  region_.relay.published.clear();
  ASSERT_TRUE(Sync().ok());  // once for each time that it was restored
  EXPECT_THAT(Published(), IsEmpty());
}

TEST_F(RestoredDirectory, PositionsOfTheNewIncarnationCountFromTheStart) {
  Become("two");
  EXPECT_TRUE(Sync().value());
  const auto later = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  EXPECT_TRUE(Sync().value());
  EXPECT_TRUE(directory_->FindPerson(later->person()).value().has_value());
  EXPECT_FALSE(Sync().value());
}

TEST_F(RestoredDirectory, ManyAreGivenBackInSeveralCalls) {
  std::set<std::string> lost;
  for (int i = 0; i < 6; ++i) {
    const client::Identity more = region_.AddDevice(*nurse_)->Identity();
    lost.insert({Text(more.signing_certificate), Text(more.tls_certificate),
                 Text(more.device_certificate)});
  }
  ASSERT_TRUE(Sync().ok());
  Become("two", lost);
  ASSERT_TRUE(Sync().ok());
  EXPECT_THAT(Published(), SizeIs(18));
  EXPECT_THAT(region_.relay.published, SizeIs(2));
  EXPECT_EQ(region_.relay.published[0].certificates_size(), 16);
}

TEST_F(RestoredDirectory, G6_GetsRevocationListsBackAndMayRefuseThem) {
  region_.Revoke(*manager_);
  ASSERT_TRUE(Sync().ok());
  const Bytes list = directory_->ListsAgainst(
      directory_->Find(Sha256(manager_->Identity().signing_certificate)).value().value())[0];
  region_.relay.refuse_lists = Error(Code::kDenied, "test: another institution's");
  Become("two", {"nothing but the lists"});
  ASSERT_TRUE(Sync().ok());
  ASSERT_THAT(region_.relay.published_lists, SizeIs(1));
  EXPECT_EQ(region_.relay.published_lists[0].revocation_list(), ToString(list));
  EXPECT_TRUE(directory_->AnyRevoked());
}

TEST_F(RestoredDirectory, WhatItHasIsNotGivenAgain) {
  region_.Revoke(*manager_);
  ASSERT_TRUE(Sync().ok());
  Become("two");
  ASSERT_TRUE(Sync().ok());
  EXPECT_THAT(Published(), IsEmpty());
  EXPECT_THAT(region_.relay.published_lists, IsEmpty());
}

TEST_F(RestoredDirectory, ThatGoesAwayInTheMiddleIsGivenTheRestLater) {
  region_.Revoke(*manager_);
  ASSERT_TRUE(Sync().ok());
  region_.relay.refuse_lists = Error(Code::kUnavailable, "test: gone");
  Become("two", {"nothing but the lists"});
  EXPECT_EQ(Sync().error().code(), Code::kUnavailable);
  region_.relay.refuse_lists.reset();
  ASSERT_TRUE(Sync().ok());
  EXPECT_THAT(region_.relay.published_lists, SizeIs(2));
}

}  // namespace
}  // namespace renkei::test
