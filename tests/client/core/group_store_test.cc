#include "client/core/group_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/core/keys.h"
#include "tests/crypto/mls/support/world.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using mls::Group;
using mls::test::World;
using testing::IsEmpty;

constexpr Table kTable = Table::kGroups;

// Alice's vault; Bob to talk to.
class GroupStates : public testing::Test {
 protected:
  GroupStates()
      : world_(151), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {}

  void Save() { ASSERT_TRUE(store_.Save(case_, alice_, saved_).ok()); }
  void BobCommits() { world_.Commit(bob_, {&alice_}, {}); }
  void ExpectHolds(const Group& group) {
    const auto held = store_.Find(case_);
    ASSERT_TRUE(held.ok()) << held.error().where();
    ASSERT_TRUE(held->has_value());
    EXPECT_TRUE(Equal((*held)->group.Serialize(), group.Serialize()));
  }
  // The pieces of that group and nothing else that once was one.
  void ExpectExactly(const Group& group) {
    ExpectHolds(group);
    std::map<Bytes, Bytes> wanted;
    const auto all = group.Save({});
    for (const mls::StatePart& part : all.changes.put) {
      wanted[RowKey("state/").Add(case_.view()).Add(part.name).bytes()] =
          ToBytes(part.value.Expose());
    }
    std::map<Bytes, Bytes> there;
    const auto rows = vault_.Scan(kTable, AsBytes("state/"), {}).value();
    for (const Row& row : rows) {
      there[row.key] = row.value;
    }
    there.erase(RowKey("state/").Add(case_.view()).bytes());
    EXPECT_EQ(there, wanted);
    EXPECT_THAT(vault_.Scan(kTable, AsBytes("group/"), {}).value(), IsEmpty());
  }
  bool VaultHolds(ByteView secret) {
    const auto rows = vault_.Scan(kTable, {}, {}).value();
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return std::search(row.value.begin(), row.value.end(), secret.begin(), secret.end()) !=
             row.value.end();
    });
  }
  Bytes KeyOf(std::string_view name) { return RowKey(name).Add(case_.view()).bytes(); }

  World world_;
  Group alice_;
  Group bob_;
  CaseId case_ = CaseId::FromBytes(Bytes(16, 7)).value();
  MemoryVault vault_;
  GroupStore store_{vault_};
  SavedGroup saved_;
};

TEST_F(GroupStates, ComeBackAndAreFollowed) {
  EXPECT_FALSE(store_.Find(case_).value().has_value());
  Save();
  ExpectExactly(alice_);
  for (int i = 0; i < 3; ++i) {
    BobCommits();
    Save();
    ExpectExactly(alice_);
  }
}

TEST_F(GroupStates, WithoutAChangeNothingIsWritten) {
  Save();
  const std::size_t writes = vault_.writes();
  Save();
  EXPECT_EQ(vault_.writes(), writes);
}

TEST_F(GroupStates, AfterARestartTheNextCommitWritesWhatChanged) {
  Save();
  auto held = store_.Find(case_).value();
  alice_ = std::move(held->group);
  saved_ = std::move(held->saved);
  const std::size_t writes = vault_.writes();
  Save();
  EXPECT_EQ(vault_.writes(), writes);
  BobCommits();
  Save();
  ExpectExactly(alice_);
}

// The promise, counted by what reaches the vault: not as the group is large.
TEST_F(GroupStates, ACommitInAGroupOf200WritesWhatItChanged) {
  mls::CommitOptions options;
  for (int i = 0; i < 198; ++i) {
    options.add.push_back(world_.KeyPackageFor("member " + std::to_string(i)).message);
  }
  world_.Commit(alice_, {&bob_}, options);
  Save();
  const std::size_t whole = vault_.BytesPut(kTable, "state/");
  EXPECT_GT(whole, 30'000U);
  const std::size_t writes = vault_.writes();
  BobCommits();
  Save();
  EXPECT_LT(vault_.BytesPut(kTable, "state/") - whole, 5'000U);
  EXPECT_LT(vault_.writes() - writes, 40U);
  ExpectExactly(alice_);
  // A commit of one's own waits as its changes; taken over, it writes them once more.
  auto pending = alice_.Commit({}, world_.Env(), world_.random);
  ASSERT_TRUE(store_.SaveNext(case_, pending->next, saved_).ok());
  EXPECT_LT(vault_.BytesPut(kTable, "step/"), 5'000U);
  EXPECT_TRUE(Equal(store_.FindNext(case_).value()->Serialize(), pending->next.Serialize()));
}

TEST_F(GroupStates, AMessageInAGroupOf200WritesOneRatchet) {
  mls::CommitOptions options;
  for (int i = 0; i < 198; ++i) {
    options.add.push_back(world_.KeyPackageFor("member " + std::to_string(i)).message);
  }
  world_.Commit(alice_, {&bob_}, options);
  const auto receive = [&] {
    const auto message = bob_.Protect(AsBytes("x"), {}, world_.random).value();
    ASSERT_TRUE(alice_.Unprotect(message).ok());
  };
  receive();
  Save();
  const std::size_t before = vault_.BytesPut(kTable, "state/");
  receive();
  Save();
  EXPECT_LT(vault_.BytesPut(kTable, "state/") - before, 300U);
  ExpectExactly(alice_);
}

TEST_F(GroupStates, SecretsThatWereUsedUpAreGone) {  // RFC 9420 §9.2
  Save();
  ASSERT_TRUE(alice_.Unprotect(bob_.Protect(AsBytes("x"), {}, world_.random).value()).ok());
  std::vector<SecretBytes> old;
  const auto before = alice_.Save({});
  for (const mls::StatePart& part : before.changes.put) {
    const auto letter = static_cast<char>(part.name[0]);
    if (letter == 's' || letter == 'l' || letter == 'k') {
      old.push_back(part.value.Clone());
    }
  }
  ASSERT_GE(old.size(), 3U);
  Save();
  for (const SecretBytes& secret : old) {
    EXPECT_TRUE(VaultHolds(secret.Expose()));
  }
  BobCommits();
  BobCommits();
  Save();
  for (const SecretBytes& secret : old) {
    EXPECT_FALSE(VaultHolds(secret.Expose()));
  }
}

TEST_F(GroupStates, WhatWasRolledBackIsNotTakenForSaved) {
  Save();
  {
    const auto transaction = Transaction::Begin(vault_);
    BobCommits();
    Save();
  }
  BobCommits();
  Save();
  ExpectExactly(alice_);
}

TEST_F(GroupStates, AnotherCopyOfTheCaseDoesNotMixWithThisOne) {
  Save();
  auto held = store_.Find(case_).value();
  ASSERT_TRUE(held.has_value());
  BobCommits();
  Save();
  // The stale copy goes another way, and is saved last.
  auto other = held->group.Commit({}, world_.Env(), world_.random);
  ASSERT_TRUE(store_.Save(case_, other->next, held->saved).ok());
  ExpectExactly(other->next);
  BobCommits();
  Save();
  ExpectExactly(alice_);
}

TEST_F(GroupStates, ACrashAtAnyWriteLeavesTheOldStateOrTheNew) {
  using Fault = MemoryVault::Fault;
  Save();
  for (const Fault fault :
       {Fault::kFailOnce, Fault::kFailOn, Fault::kDieBefore, Fault::kDieAfter}) {
    bool met = true;
    std::size_t nth = 1;
    for (; met; ++nth) {
      ASSERT_LT(nth, 100U);
      SCOPED_TRACE(nth);
      const SecretBytes before = alice_.Serialize();
      BobCommits();
      vault_.FailAtWrite(nth, fault);
      {
        auto transaction = Transaction::Begin(vault_);
        const Status saved = store_.Save(case_, alice_, saved_);
        met = !saved.ok() || !transaction->Commit().ok();
      }
      vault_.Reopen();
      const SecretBytes now = store_.Find(case_).value()->group.Serialize();
      EXPECT_TRUE(Equal(now, alice_.Serialize()) || (met && Equal(now, before)));
      Save();  // with what this program believes, right or wrong
      ExpectExactly(alice_);
    }
    EXPECT_GT(nth, 4U) << "no fault was met at all";
  }
}

TEST_F(GroupStates, TheOlderWholeFormIsReadAndReplaced) {
  ASSERT_TRUE(vault_.Put(kTable, KeyOf("group/"), alice_.Serialize().Expose()).ok());
  ASSERT_TRUE(vault_.Put(kTable, KeyOf("next/"), bob_.Serialize().Expose()).ok());
  auto held = store_.Find(case_).value();
  ASSERT_TRUE(held.has_value());
  EXPECT_TRUE(Equal(held->group.Serialize(), alice_.Serialize()));
  EXPECT_TRUE(Equal(store_.FindNext(case_).value()->Serialize(), bob_.Serialize()));
  saved_ = std::move(held->saved);
  BobCommits();
  Save();
  ExpectExactly(alice_);
  ASSERT_TRUE(store_.EraseNext(case_).ok());
  EXPECT_FALSE(store_.FindNext(case_).value().has_value());
}

TEST_F(GroupStates, ACommitUnderWayIsFoundAsLongAsWhatItStartsFromIsThere) {
  Save();
  auto pending = alice_.Commit({}, world_.Env(), world_.random);
  ASSERT_TRUE(store_.SaveNext(case_, pending->next, saved_).ok());
  EXPECT_TRUE(Equal(store_.FindNext(case_).value()->Serialize(), pending->next.Serialize()));
  BobCommits();
  Save();
  EXPECT_FALSE(store_.FindNext(case_).value().has_value());
  ASSERT_TRUE(store_.EraseNext(case_).ok());
  EXPECT_FALSE(store_.FindNext(case_).value().has_value());
}

TEST_F(GroupStates, AFirstCommitUnderWayIsComplete) {
  ASSERT_TRUE(store_.SaveNext(case_, alice_, saved_).ok());
  EXPECT_TRUE(Equal(store_.FindNext(case_).value()->Serialize(), alice_.Serialize()));
}

TEST_F(GroupStates, JoinedGroupsWaitByEpoch) {
  ASSERT_TRUE(store_.SaveJoined(case_, {0, 4}, alice_).ok());
  EXPECT_FALSE(store_.FindJoined(case_, {0, 5}).value().has_value());
  EXPECT_TRUE(store_.FindJoined(case_, {0, 4}).value().has_value());
  ASSERT_TRUE(store_.EraseJoined(case_, {0, 4}).ok());
  EXPECT_FALSE(store_.FindJoined(case_, {0, 4}).value().has_value());
}

TEST_F(GroupStates, ErasingOneCaseLeavesTheOthers) {
  Save();
  const CaseId next = CaseId::FromBytes(Bytes(16, 8)).value();
  SavedGroup saved;
  ASSERT_TRUE(store_.Save(next, bob_, saved).ok());
  ASSERT_TRUE(store_.Erase(next).ok());
  EXPECT_FALSE(store_.Find(next).value().has_value());
  ExpectExactly(alice_);
}

TEST_F(GroupStates, EraseAllLeavesNoStateAndNothingElseIsTouched) {
  Save();
  ASSERT_TRUE(store_.SaveNext(case_, bob_, saved_).ok());
  ASSERT_TRUE(store_.SaveJoined(case_, {0, 4}, alice_).ok());
  for (const char* name : {"group/", "next/", "kp/"}) {
    ASSERT_TRUE(vault_.Put(kTable, KeyOf(name), alice_.Serialize().Expose()).ok());
  }
  ASSERT_TRUE(store_.EraseAll().ok());
  const auto rows = vault_.Scan(kTable, {}, {}).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].key, KeyOf("kp/"));
}

TEST_F(GroupStates, DamageIsDamageNotNone) {
  Save();
  ASSERT_TRUE(store_.SaveNext(case_, bob_, saved_).ok());
  const auto rows = vault_.Scan(kTable, AsBytes("state/"), {}).value();
  for (const Row& row : rows) {
    ASSERT_TRUE(vault_.Erase(kTable, row.key).ok());
    EXPECT_EQ(store_.Find(case_).error().code(), Code::kCorrupt);
    ASSERT_TRUE(vault_.Put(kTable, row.key, Bytes(31, 7)).ok());
    EXPECT_EQ(store_.Find(case_).error().code(), Code::kCorrupt);
    ASSERT_TRUE(vault_.Put(kTable, row.key, row.value).ok());
  }
  ExpectHolds(alice_);
  ASSERT_TRUE(vault_.Put(kTable, KeyOf("step/"), Bytes(40, 7)).ok());
  EXPECT_EQ(store_.FindNext(case_).error().code(), Code::kCorrupt);
  ASSERT_TRUE(store_.Erase(case_).ok());
  ASSERT_TRUE(vault_.Put(kTable, KeyOf("group/"), Bytes(40, 7)).ok());
  EXPECT_EQ(store_.Find(case_).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
