#include "server/core/thread_entries.h"

#include <algorithm>

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::PersonRef;
using server::Span;
using testing::ElementsAre;
using testing::IsEmpty;

// A case of one nurse, three entries long.
class ThreadEntries : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(NameOf(Append(nurse, world.Record(first.card, nurse, HeadOf(case_id)))),
                "accepted");
      positions.push_back(HeadOf(case_id));
    }
  }
  std::optional<Hash32> At(std::uint64_t seq) {
    std::optional<Hash32> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto row, transaction.FindThread(case_id));
                      RENKEI_ASSIGN(out, server::HashAt(transaction, *row, seq));
                      return Ok();
                    })
                    .ok());
    return out;
  }
  // Stores who came and went with this card at entry `seq`, in a case without spans so far.
  void Store(const CommitParts& parts, const std::vector<PersonRef>& before, std::uint64_t seq) {
    const auto card = server::MakeCardInForce(parts.card);
    store.Write(
        [&](server::WriteTransaction& transaction) {
          return server::StoreMembership(transaction, *card, before, seq);
        },
        [](const Status& status) { ASSERT_TRUE(status.ok()); });
  }
  std::vector<Span> SpansOf(const CaseId& of_case, const Handset& handset) {
    std::vector<Span> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.SpansOf(of_case, handset.person->Ref()));
                      return Ok();
                    })
                    .ok());
    return out;
  }
  static std::vector<PersonRef> Persons(std::vector<const Handset*> handsets) {
    std::vector<PersonRef> out;
    for (const Handset* handset : handsets) {
      out.push_back(handset->person->Ref());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& colleague = world.AddMember(station);
  CommitParts first;
  CaseId case_id;
  std::vector<thread::Position> positions;  // of entries 2 and 3
};

TEST_F(ThreadEntries, HashIsTheChainsFromItsStartToItsHead) {
  EXPECT_EQ(At(0), thread::StartOf(case_id).hash);
  EXPECT_EQ(At(2), positions[0].hash);
  EXPECT_EQ(At(3), positions[1].hash);
}

TEST_F(ThreadEntries, ThereIsNoHashBeyondTheHead) {
  EXPECT_FALSE(At(4));
  EXPECT_FALSE(At(UINT64_MAX));
}

// Entries of one transaction are judged before the store has the ones before them.
TEST_F(ThreadEntries, HashAtTheHeadIsTheRows) {
  server::ThreadRow row;
  row.case_id = case_id;
  row.head = {9, {}, {}};
  row.head.hash.fill(7);
  ASSERT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    RENKEI_ASSIGN(const auto hash, server::HashAt(transaction, row, 9));
                    EXPECT_EQ(hash, row.head.hash);
                    return Ok();
                  })
                  .ok());
}

TEST_F(ThreadEntries, DeviceIsOnTheCardAsItsOwnPersonsOnly) {
  const thread::Card& card = first.card.card;
  EXPECT_TRUE(server::IsOnCard(card, nurse.person->Ref(), nurse.device.id));
  EXPECT_FALSE(server::IsOnCard(card, doctor.person->Ref(), nurse.device.id));
  EXPECT_FALSE(server::IsOnCard(card, nurse.person->Ref(), doctor.device.id));
  PersonRef elsewhere = nurse.person->Ref();
  elsewhere.institution = doctor.person->Ref().institution;
  EXPECT_FALSE(server::IsOnCard(card, elsewhere, nurse.device.id));
}

TEST_F(ThreadEntries, WhoComesReadsFromThereOnOrEverythingAsThePolicySays) {
  const CommitParts closed = world.NewCase(nurse, thread::History::kNone);
  const CaseId closed_case = closed.card.card.case_id;
  Store(closed, {}, 1);
  Store(world.NextCommit(closed.card, nurse, {&nurse, &doctor}), Persons({&nurse}), 5);
  EXPECT_THAT(SpansOf(closed_case, nurse), ElementsAre(Span{1, std::nullopt}));
  EXPECT_THAT(SpansOf(closed_case, doctor), ElementsAre(Span{5, std::nullopt}));

  const CommitParts open = world.NewCase(nurse, thread::History::kAll);
  Store(world.NextCommit(open.card, nurse, {&nurse, &doctor}), Persons({&nurse}), 5);
  EXPECT_THAT(SpansOf(open.card.card.case_id, doctor), ElementsAre(Span{1, std::nullopt}));
}

TEST_F(ThreadEntries, G6_WhoGoesReadsUpToTheCommitThatTakesThemOut) {
  const CommitParts start = world.NewCase(nurse, thread::History::kNone);
  const CaseId id = start.card.card.case_id;
  const CommitParts both = world.NextCommit(start.card, nurse, {&nurse, &doctor, &colleague});
  Store(start, {}, 1);
  Store(both, Persons({&nurse}), 2);
  const CommitParts without = world.NextCommit(both.card, nurse, {&nurse, &colleague});
  Store(without, Persons({&nurse, &doctor, &colleague}), 6);
  EXPECT_THAT(SpansOf(id, doctor), ElementsAre(Span{2, 6}));
  EXPECT_THAT(SpansOf(id, nurse), ElementsAre(Span{1, std::nullopt})) << "who stays stays";
  EXPECT_THAT(SpansOf(id, colleague), ElementsAre(Span{2, std::nullopt}));
  Store(world.NextCommit(without.card, nurse, {&nurse, &doctor, &colleague}),
        Persons({&nurse, &colleague}), 9);
  EXPECT_THAT(SpansOf(id, doctor), ElementsAre(Span{2, 6}, Span{9, std::nullopt}));
}

TEST_F(ThreadEntries, AnotherDeviceOfAMemberChangesNothing) {
  const CommitParts start = world.NewCase(nurse);
  const CaseId id = start.card.card.case_id;
  Handset& tablet = world.AddHandset(*nurse.person);
  Store(start, {}, 1);
  Store(world.NextCommit(start.card, nurse, {&nurse, &tablet}), Persons({&nurse}), 4);
  EXPECT_THAT(SpansOf(id, nurse), ElementsAre(Span{1, std::nullopt}));
  EXPECT_THAT(SpansOf(id, doctor), IsEmpty());
}

}  // namespace
}  // namespace renkei::test
