#include "server/core/relay.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

class TheRelay : public RelayFixture {};

TEST_F(TheRelay, IncarnationStaysTheSameFromStartToStart) {
  const thread::IncarnationId first = relay->incarnation();
  EXPECT_FALSE(first.IsZero());
  Open();
  EXPECT_EQ(relay->incarnation(), first);
}

TEST_F(TheRelay, SigningCertificateThatDoesNotLeadToTheRootIsRefused) {
  RelayWorld elsewhere(5);
  server::RelayIdentity identity = world.Identity();
  identity.signing_certificate = elsewhere.Identity().signing_certificate;
  MemoryStore other;
  const auto opened = server::Relay::Open(other, clock, world.random(), std::move(identity));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kAuthFailed);
}

TEST_F(TheRelay, StoreThatDoesNotAnswerIsUnavailable) {
  MemoryStore full;
  full.FailWrites(true);
  const auto opened = server::Relay::Open(full, clock, world.random(), world.Identity());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kUnavailable);
}

TEST_F(TheRelay, CardInForceThatTheStoreDoesNotHaveIsCorrupt) {
  server::CardCache cards(4);
  const CaseId case_id = CaseId::Generate(world.random());
  const server::ThreadRow row{case_id, thread::StartOf(case_id), {}, {}, 1};
  const Status status = store.Read([&](server::ReadTransaction& transaction) -> Status {
    RENKEI_TRY(cards.Get(transaction, row));
    return Ok();
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
}

TEST_F(TheRelay, CardCacheForgetsTheOneThatWasLongestUnused) {
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  server::CardCache cards(2);
  std::vector<server::ThreadRow> rows;
  for (int i = 0; i < 3; ++i) {
    auto card = server::MakeCardInForce(world.NewCase(nurse).card);
    rows.push_back({card->card().case_id, {}, {}, card->signed_card.hash, 1});
    cards.Put(card);
  }
  const auto is_held = [&](const server::ThreadRow& row) {
    return store
        .Read([&](server::ReadTransaction& transaction) -> Status {
          RENKEI_TRY(cards.Get(transaction, row));
          return Ok();
        })
        .ok();
  };
  EXPECT_FALSE(is_held(rows[0]));
  EXPECT_TRUE(is_held(rows[1]));
  EXPECT_TRUE(is_held(rows[2]));
}

}  // namespace
}  // namespace renkei::test
