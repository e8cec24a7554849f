#include "client/core/case_store.h"

#include "client/core/keys.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::CaseRow;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CaseRows : public CaseFixture {
 protected:
  Insider inside_{region_, *manager_};
  client::OpenCase open_ = inside_.Open(case_);
  client::MemoryVault fresh_;
  client::CaseStore store_{fresh_};
};

TEST_F(CaseRows, KeepEveryField) {
  CaseRow row;
  row.case_id = case_;
  row.position = {.seq = 9, .hash = Sha256({}), .received_at = {77}};
  row.has_card = true;
  row.at = {1, 4};
  row.card_hash = Sha256(AsBytes("card"));
  row.removed = true;
  row.patient_seq = 2;
  row.unread = 3;
  row.urgent_open = 1;
  row.receipt_sent_to = 6;
  row.newest_foreign_seq = 7;
  row.fetch_envelopes = row.fetch_packs = row.rejoin = row.checked = true;
  row.checked_to = {1, 3};
  row.newest_seq_told = 11;
  row.has_group = true;
  row.leaf_at = {88};
  ASSERT_TRUE(store_.SaveRow(row).ok());
  const CaseRow read = store_.FindRow(case_).value().value();
  EXPECT_EQ(read.position, row.position);
  EXPECT_TRUE(read.has_card && read.removed && read.fetch_envelopes && read.fetch_packs &&
              read.rejoin && read.checked && read.has_group);
  EXPECT_EQ(read.at, row.at);
  EXPECT_EQ(read.card_hash, row.card_hash);
  EXPECT_EQ(read.patient_seq, 2U);
  EXPECT_EQ(read.unread, 3U);
  EXPECT_EQ(read.urgent_open, 1U);
  EXPECT_EQ(read.receipt_sent_to, 6U);
  EXPECT_EQ(read.newest_foreign_seq, 7U);
  EXPECT_EQ(read.checked_to, row.checked_to);
  EXPECT_EQ(read.newest_seq_told, 11U);
  EXPECT_EQ(read.leaf_at, row.leaf_at);
  EXPECT_THAT(store_.Rows().value(), SizeIs(1));
}

TEST_F(CaseRows, TheChainsHashIsTheStartsBeforeAndNoneBeyond) {
  EXPECT_EQ(store_.HashAt(case_, 0).value(), thread::StartOf(case_).hash);
  EXPECT_EQ(store_.HashAt(case_, 1).value(), std::nullopt);
  auto& held = inside_.core().cases;
  EXPECT_EQ(held.HashAt(case_, open_.row.position.seq).value(), open_.row.position.hash);
  EXPECT_EQ(held.HashAt(case_, open_.row.position.seq + 1).value(), std::nullopt);
}

TEST_F(CaseRows, EntriesComeBackInOrderAsReceived) {
  const auto entries = inside_.core().cases.Entries(case_, 2, 3).value();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].seq, 2U);
  EXPECT_EQ(ToString(entries[1].payload), region_.relay.entries(case_)[2].payload());
  EXPECT_THAT(inside_.core().cases.Entries(case_, 0, 5).value(), IsEmpty());
  EXPECT_THAT(inside_.core().cases.Entries(case_, 3, 2).value(), IsEmpty());
}

TEST_F(CaseRows, CardsComeBackOldestFirst) {
  const auto cards = inside_.core().cases.Cards(case_).value();
  ASSERT_THAT(cards, SizeIs(2)) << "founding, and adding the nurse";
  EXPECT_LT(cards[0].card.card.at, cards[1].card.card.at);
  EXPECT_EQ(cards[1].card.hash, open_.card->hash);
}

TEST_F(CaseRows, SecretsComeBackByEpochAndOneThatIsMissingIsDamage) {
  for (const std::uint64_t epoch : {300U, 2U}) {
    ASSERT_TRUE(store_.SaveSecret(case_, {0, epoch}, *open_.secret).ok());
  }
  EXPECT_THAT(store_.EpochsWithSecret(case_).value(),
              ElementsAre(thread::EpochRef{0, 2}, thread::EpochRef{0, 300}));
  EXPECT_THAT(store_.Secrets(case_).value(), SizeIs(2));
  EXPECT_FALSE(store_.FindSecret(case_, {0, 3}).value().has_value());
  const auto keys = fresh_.Scan(client::Table::kArchive, {}, {}).value();
  ASSERT_TRUE(fresh_.Put(client::Table::kArchive, keys[0].key, Bytes(31, 1)).ok());
  EXPECT_EQ(store_.FindSecret(case_, {0, 2}).error().code(), Code::kCorrupt);
  ASSERT_TRUE(fresh_.Erase(client::Table::kArchive, keys[0].key).ok());
  EXPECT_EQ(store_.Secrets(case_).error().code(), Code::kCorrupt);
}

TEST_F(CaseRows, WhatIsUnderWayComesBackAndGoes) {
  client::SentCommit sent;
  sent.request = ToBytes("request");
  sent.card_hash = Sha256(AsBytes("card"));
  sent.at = {0, 5};
  sent.create = true;
  sent.add = {nurse_->person()};
  sent.remove = {manager_->person()};
  sent.new_keys = {Sha256(AsBytes("key"))};
  ASSERT_TRUE(store_.SaveSent(case_, sent).ok());
  const auto read = store_.FindSent(case_).value().value();
  EXPECT_EQ(read.request, sent.request);
  EXPECT_EQ(read.card_hash, sent.card_hash);
  EXPECT_EQ(read.at, sent.at);
  EXPECT_TRUE(read.create);
  EXPECT_THAT(read.add, ElementsAre(nurse_->person()));
  EXPECT_THAT(read.remove, ElementsAre(manager_->person()));
  EXPECT_EQ(read.new_keys, sent.new_keys);
  ASSERT_TRUE(store_.EraseSent(case_).ok());
  EXPECT_FALSE(store_.FindSent(case_).value().has_value());
}

}  // namespace
}  // namespace renkei::test
