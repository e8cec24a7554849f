#include "server/core/post_outcome.h"

#include <set>

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Acknowledged;
using server::PostOutcome;
using server::ReadTransaction;
using server::Refusal;
using server::WriteTransaction;

TEST(PostOutcome, EachArmHasANameOfItsOwn) {
  EXPECT_EQ(server::OutcomeName(server::Accepted{}), "accepted");
  EXPECT_EQ(server::OutcomeName(server::Duplicate{}), "duplicate");
  EXPECT_EQ(server::OutcomeName(server::Stale{}), "stale epoch");
  EXPECT_EQ(server::OutcomeName(server::NotAMember{}), "not a member");
  std::set<std::string_view> names;
  for (int refusal = 0; refusal <= static_cast<int>(Refusal::kBadPack); ++refusal) {
    const std::string_view name = server::OutcomeName(static_cast<Refusal>(refusal));
    EXPECT_NE(name, "refused") << refusal;
    EXPECT_LE(name.size(), 40U) << "the audit log takes no more";
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

class EntryByKey : public ::testing::Test {
 protected:
  void Add(const thread::Position& at, ByteView payload) {
    store.Write(
        [&](WriteTransaction& transaction) {
          return transaction.AddEntry(case_id, {at, thread::EntryKind::kRecord, payload, key});
        },
        [](const Status& status) { ASSERT_TRUE(status.ok()); });
  }
  Result<std::optional<Acknowledged>> Find(const server::EntryKey& wanted) {
    std::optional<Acknowledged> found;
    RENKEI_TRY(store.Read([&](ReadTransaction& transaction) -> Status {
      RENKEI_ASSIGN(found, server::FindByKey(transaction, case_id, wanted));
      return Ok();
    }));
    return found;
  }

  MemoryStore store;
  CaseId case_id{{1}};
  server::EntryKey key{7};
};

TEST_F(EntryByKey, IsToldAsItWasAcknowledged) {
  const thread::Position at{1, {5}, {1234}};
  Add(at, AsBytes("sealed"));
  const auto found = Find(key);
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->at, at);
  EXPECT_EQ((*found)->payload_hash, Sha256(AsBytes("sealed")));
  EXPECT_TRUE((*found)->signed_head.empty()) << "whoever answers signs the head that it has";
}

TEST_F(EntryByKey, WhatIsNotThereIsNotAnError) {
  Add({1, {5}, {1234}}, AsBytes("sealed"));
  const auto found = Find({8});
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(*found);
}

}  // namespace
}  // namespace renkei::test
