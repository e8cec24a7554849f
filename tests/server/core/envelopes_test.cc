#include "server/core/envelopes.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class TheEnvelopes : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    CommitParts parts = world.NewCase(nurse);
    case_id = parts.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, parts)), "accepted");
    for (int i = 0; i < 4; ++i) {
      parts = world.NextCommit(parts.card, nurse, {&nurse, &doctor});
      ASSERT_EQ(NameOf(Commit(nurse, parts)), "accepted");
    }
  }
  std::vector<std::uint64_t> EpochsOf(const Handset& handset,
                                      const std::optional<server::EpochRef>& after) {
    std::vector<std::uint64_t> out;
    const auto page = relay->envelopes().Fetch(handset.Caller(), case_id,
                                               handset.person->archive.fingerprint(), after);
    EXPECT_TRUE(page.ok());
    for (const server::EnvelopeRow& row : page->envelopes) {
      const auto parsed = thread::ParseEnvelope(row.envelope);
      EXPECT_TRUE(parsed.ok());
      EXPECT_EQ(parsed->key_id, handset.person->archive.fingerprint());
      out.push_back(parsed->at.epoch);
    }
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(station);
  CaseId case_id;
};

TEST_F(TheEnvelopes, G7_NewDeviceFetchesEveryEpochOfItsPerson) {
  Handset& tablet = world.AddHandset(*doctor.person);
  EXPECT_THAT(EpochsOf(tablet, std::nullopt), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(EpochsOf(nurse, std::nullopt), testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(EpochsOf(doctor, server::EpochRef{0, 2}), testing::ElementsAre(3, 4));
}

TEST_F(TheEnvelopes, NobodyFetchesAnothersOrTheInstitutions) {
  for (const Hash32& key_id :
       {doctor.person->archive.fingerprint(), station.archive.fingerprint(), Hash32{}}) {
    const auto page = relay->envelopes().Fetch(nurse.Caller(), case_id, key_id, std::nullopt);
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().code(), Code::kDenied);
    EXPECT_FALSE(relay->envelopes().FetchPacks(nurse.Caller(), case_id, key_id, 0).ok());
  }
}

TEST_F(TheEnvelopes, G10_FetchingIsInTheAuditLog) {
  (void)EpochsOf(doctor, std::nullopt);
  std::optional<server::AuditRow> last;
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(last, transaction.LastAudit());
                    return Ok();
                  })
                  .ok());
  EXPECT_EQ(last->action, "envelopes.fetch");
  EXPECT_EQ(last->device, doctor.device.id);
  EXPECT_EQ(last->subject, case_id.bytes);
}

}  // namespace
}  // namespace renkei::test
