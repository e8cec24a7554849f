// The directory of a relay with two offices, for its tests.
#ifndef RENKEI_TESTS_SERVER_CORE_DIRECTORY_FIXTURE_H_
#define RENKEI_TESTS_SERVER_CORE_DIRECTORY_FIXTURE_H_

#include "server/core/directory.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {

class TheDirectory : public RelayFixture {
 protected:
  Result<server::PublishOutcome> Publish(const Handset& by, const std::vector<Bytes>& ders) {
    std::vector<ByteView> views(ders.begin(), ders.end());
    return Await<server::PublishOutcome>([&](const server::Reply<server::PublishOutcome>& reply) {
      relay->directory().Publish(by.Caller(), views, reply);
    });
  }
  Result<server::RevocationOutcome> Revoke(const Handset& by, ByteView list) {
    return Await<server::RevocationOutcome>(
        [&](const server::Reply<server::RevocationOutcome>& reply) {
          relay->directory().PublishRevocations(by.Caller(), list, reply);
        });
  }
  Bytes ListOf(const pki::Issuer& issuer, const pki::Certificate& revoked, std::uint64_t number) {
    return pki::CreateCrl(issuer,
                          {{revoked.serial(), clock.Now(), pki::RevocationReason::kKeyCompromise}},
                          number, clock.Now(), clock.Now() + Days(7))
        .value()
        .der();
  }
  std::vector<server::DirectoryItem> Everything() {
    auto page = relay->directory().Sync(0, 1000);
    EXPECT_TRUE(page.ok());
    return page.ok() ? page->items : std::vector<server::DirectoryItem>();
  }
  static bool IsRefused(const Result<server::PublishOutcome>& outcome,
                        server::PublishRefusal refusal) {
    return outcome.ok() && *outcome == server::PublishOutcome(refusal);
  }
  static bool IsRefused(const Result<server::RevocationOutcome>& outcome,
                        server::RevocationRefusal refusal) {
    return outcome.ok() && *outcome == server::RevocationOutcome(refusal);
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_CORE_DIRECTORY_FIXTURE_H_
