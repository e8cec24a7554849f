#include "server/core/card_cache.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::CardCache;
using server::CardInForce;
using server::ReadTransaction;
using server::ThreadRow;
using server::WriteTransaction;
using CardPointer = std::shared_ptr<const CardInForce>;

class TheCardCache : public RelayFixture {
 protected:
  // A case whose first card is entry 1 of the store; the row that names it.
  ThreadRow StoredCase() {
    const CommitParts parts = world.NewCase(nurse);
    const auto payload = thread::SerializeCommitPayload(parts.card, parts.commit);
    EXPECT_TRUE(payload.ok());
    ThreadRow row{parts.card.card.case_id, {1, {}, clock.Now()}, {}, parts.card.hash, 1};
    AddEntry(row.case_id, 1, thread::EntryKind::kCommit, *payload);
    return row;
  }
  void AddEntry(const CaseId& case_id, std::uint64_t seq, thread::EntryKind kind,
                ByteView payload) {
    store.Write(
        [&](WriteTransaction& transaction) {
          return transaction.AddEntry(case_id, {{seq, {}, clock.Now()}, kind, payload, {}});
        },
        [](const Status& status) { EXPECT_TRUE(status.ok()); });
  }
  static Result<CardPointer> Get(server::Store& from, CardCache& cache, const ThreadRow& row) {
    std::optional<Result<CardPointer>> out;
    EXPECT_TRUE(from.Read([&](ReadTransaction& transaction) -> Status {
                      out = cache.Get(transaction, row);
                      return Ok();
                    })
                    .ok());
    return std::move(*out);
  }
  // Whether the card is there without the store, which here has nothing.
  static bool IsKept(CardCache& cache, const ThreadRow& row) {
    MemoryStore empty;
    return Get(empty, cache, row).ok();
  }
  static Code CodeOf(const Result<CardPointer>& outcome) {
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? Code::kInternal : outcome.error().code();
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  CardCache cache{2};
};

TEST_F(TheCardCache, CardIsReadOnceAndThenKept) {
  const ThreadRow row = StoredCase();
  EXPECT_FALSE(IsKept(cache, row));
  const auto card = Get(store, cache, row);
  ASSERT_TRUE(card.ok());
  EXPECT_EQ((*card)->signed_card.hash, row.card_hash);
  EXPECT_TRUE((*card)->HasPerson(nurse.person->Ref()));
  EXPECT_TRUE(IsKept(cache, row));
}

TEST_F(TheCardCache, WhatWasNotUsedLongestGoesFirst) {
  const ThreadRow first = StoredCase();
  const ThreadRow second = StoredCase();
  const ThreadRow third = StoredCase();
  ASSERT_TRUE(Get(store, cache, first).ok());
  ASSERT_TRUE(Get(store, cache, second).ok());
  ASSERT_TRUE(Get(store, cache, first).ok()) << "used again";
  ASSERT_TRUE(Get(store, cache, third).ok());
  EXPECT_FALSE(IsKept(cache, second));
  EXPECT_TRUE(IsKept(cache, first));
  EXPECT_TRUE(IsKept(cache, third));
}

TEST_F(TheCardCache, SameCardTwiceTakesOnePlace) {
  const ThreadRow first = StoredCase();
  const ThreadRow second = StoredCase();
  ASSERT_TRUE(Get(store, cache, first).ok());
  const auto card = Get(store, cache, second);
  ASSERT_TRUE(card.ok());
  cache.Put(*card);
  cache.Put(server::MakeCardInForce((*card)->signed_card));
  EXPECT_TRUE(IsKept(cache, first));
  EXPECT_TRUE(IsKept(cache, second));
}

TEST_F(TheCardCache, EntryThatIsMissingIsDamage) {
  ThreadRow row = StoredCase();
  row.card_seq = 2;
  EXPECT_EQ(CodeOf(Get(store, cache, row)), Code::kCorrupt);
}

TEST_F(TheCardCache, EntryThatIsNoCommitIsDamage) {
  ThreadRow row = StoredCase();
  const CommitParts parts = world.NewCase(nurse);
  // The bytes are a card's: only the kind tells.
  AddEntry(row.case_id, 2, thread::EntryKind::kRecord,
           *thread::SerializeCommitPayload(parts.card, parts.commit));
  row.card_seq = 2;
  row.card_hash = parts.card.hash;
  EXPECT_EQ(CodeOf(Get(store, cache, row)), Code::kCorrupt);
}

TEST_F(TheCardCache, AnotherCardThanTheThreadNamesIsDamageAndNotKept) {
  ThreadRow row = StoredCase();
  const Hash32 right = row.card_hash;
  row.card_hash[0] ^= 1;
  EXPECT_EQ(CodeOf(Get(store, cache, row)), Code::kCorrupt);
  row.card_hash = right;
  EXPECT_FALSE(IsKept(cache, row));
}

TEST_F(TheCardCache, BytesThatAreNoCardAreDamage) {
  ThreadRow row = StoredCase();
  AddEntry(row.case_id, 2, thread::EntryKind::kCommit, AsBytes("no card"));
  row.card_seq = 2;
  EXPECT_EQ(CodeOf(Get(store, cache, row)), Code::kCorrupt);
}

TEST(CardInForce, NamesEachPersonOnceInOrder) {
  thread::SignedCard signed_card;
  const auto add = [&](std::uint8_t person, std::uint8_t device) {
    thread::CardMember member;
    member.person.institution.bytes.fill(1);
    member.person.person.bytes.fill(person);
    member.device.bytes.fill(device);
    signed_card.card.members.push_back(member);
    return member.person;
  };
  const thread::PersonRef later = add(9, 1);
  const thread::PersonRef earlier = add(3, 2);
  add(9, 3);
  const CardPointer card = server::MakeCardInForce(signed_card);
  EXPECT_THAT(card->persons, testing::ElementsAre(earlier, later));
  EXPECT_TRUE(card->HasPerson(earlier));
  EXPECT_FALSE(card->HasPerson({later.institution, {}}));
}

}  // namespace
}  // namespace renkei::test
