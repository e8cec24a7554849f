// What is in the vault of a case's MLS group while people work, and what a crash leaves of it.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/core/group_store.h"
#include "client/core/keys.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::MemoryVault;
using client::Table;
using testing::IsEmpty;
using Fault = MemoryVault::Fault;

class GroupsInTheVault : public CaseFixture {
 protected:
  std::unique_ptr<Actor> AddNurse(int number) {
    auto actor = region_.AddPerson("架空訪看", pki::InstitutionKind::kVisitingNurseStation,
                                   "架空 " + std::to_string(number), pki::Profession::kNurse);
    actor->Sync();
    return actor;
  }
  std::size_t StateBytes(Actor& actor) {
    return actor.vault().BytesPut(Table::kGroups, "state/") +
           actor.vault().BytesPut(Table::kGroups, "step/");
  }
  // The vault holds the pieces of the group of the epoch in force, and no other secret of one.
  void ExpectExactly(Actor& actor) {
    const auto open = Insider(region_, actor).Open(case_);
    ASSERT_TRUE(open.group.has_value());
    EXPECT_EQ(open.group->epoch().value, open.row.at.epoch);
    std::map<Bytes, Bytes> wanted;
    const auto all = open.group->Save({});
    for (const mls::StatePart& part : all.changes.put) {
      wanted[client::RowKey("state/").Add(case_.view()).Add(part.name).bytes()] =
          ToBytes(part.value.Expose());
    }
    std::map<Bytes, Bytes> there;
    for (const client::Row& row : Rows(actor, "state/")) {
      there[row.key] = row.value;
    }
    there.erase(client::RowKey("state/").Add(case_.view()).bytes());
    EXPECT_EQ(there, wanted);
    for (const char* name : {"step/", "joined/", "group/", "next/", "sent/"}) {
      EXPECT_THAT(Rows(actor, name), IsEmpty()) << name;
    }
  }
  std::vector<client::Row> Rows(Actor& actor, const char* prefix) {
    return actor.vault().Scan(Table::kGroups, AsBytes(prefix), {}).value();
  }
};

TEST_F(GroupsInTheVault, AreThoseOfTheEpochInForceWhateverHappens) {
  const auto third = AddNurse(3);
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  for (Actor* actor : {nurse_.get(), third.get()}) {
    actor->Sync();
    ExpectExactly(*actor);
  }
  const auto tablet = region_.AddDevice(*manager_);  // comes in by external commit
  tablet->Sync();
  manager_->Sync();
  nurse_->Sync();
  ExpectExactly(*tablet);
  ExpectExactly(*manager_);
  ExpectExactly(*nurse_);
  ASSERT_TRUE((*manager_)->RemoveMember(case_, third->person().person).ok());
  ExpectExactly(*manager_);
  third->Sync();
  EXPECT_THAT(Rows(*third, "state/"), IsEmpty()) << "who was removed keeps no group";
}

TEST_F(GroupsInTheVault, OfAnOlderCopyAreForgottenTheJoinedOnesToo) {
  const auto old = nurse_->vault().TakeSnapshot();
  Post(*nurse_, "前");
  nurse_->vault().Restore(old);
  Insider inside(region_, *nurse_);
  const auto open = inside.Open(case_);
  ASSERT_TRUE(inside.core().groups.SaveJoined(case_, {0, 99}, *open.group).ok());
  nurse_->Restart();
  for (const char* name : {"state/", "joined/"}) {
    EXPECT_THAT(Rows(*nurse_, name), IsEmpty()) << name;
  }
  nurse_->Sync();
  ExpectExactly(*nurse_);
}

TEST_F(GroupsInTheVault, AnOlderVaultsWholeStateGoesOnAsPieces) {
  const auto open = Insider(region_, *nurse_).Open(case_);
  const SecretBytes whole = open.group->Serialize();
  ASSERT_TRUE(nurse_->vault().ErasePrefix(Table::kGroups, AsBytes("state/")).ok());
  ASSERT_TRUE(
      nurse_->vault()
          .Put(Table::kGroups, client::RowKey("group/").Add(case_.view()).bytes(), whole.Expose())
          .ok());
  nurse_->Restart();
  EXPECT_TRUE((*nurse_)->ShowCase(case_)->can_send);
  Post(*nurse_, "前の版から");
  const auto third = AddNurse(3);
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  nurse_->Sync();
  ExpectExactly(*nurse_);
  EXPECT_THAT((*nurse_)->ShowCase(case_)->warnings, IsEmpty());
}

TEST_F(GroupsInTheVault, ACommitWritesWhatItChangedForWhoMakesItAndWhoReadsIt) {
  std::vector<std::unique_ptr<Actor>> team;
  for (int i = 3; i <= 14; ++i) {
    team.push_back(AddNurse(i));
    ASSERT_TRUE((*manager_)->AddMember(case_, team.back()->person().person).ok());
  }
  nurse_->Sync();
  const std::size_t whole = Insider(region_, *nurse_).Open(case_).group->Serialize().size();
  const std::size_t made = StateBytes(*manager_);
  const std::size_t read = StateBytes(*nurse_);
  ASSERT_TRUE((*manager_)->RemoveMember(case_, team.back()->person().person).ok());
  nurse_->Sync();
  EXPECT_GT(StateBytes(*nurse_), read);
  EXPECT_LT(StateBytes(*nurse_) - read, whole / 3);
  EXPECT_LT(StateBytes(*manager_) - made, whole * 2 / 3) << "once to wait, once in force";
  ExpectExactly(*nurse_);
  ExpectExactly(*manager_);
}

class GroupsAfterAFault : public GroupsInTheVault, public testing::WithParamInterface<Fault> {
 protected:
  GroupsAfterAFault() : third_(AddNurse(3)) {}

  // The third person in or out; which of them it was shows on the manager's card.
  Status Toggle() {
    third_->Sync();  // brings new key packages
    const PersonId who = third_->person().person;
    const auto card = Insider(region_, *manager_).Open(case_).card;
    return thread::HasPerson(card->card, third_->person()) ? (*manager_)->RemoveMember(case_, who)
                                                           : (*manager_)->AddMember(case_, who);
  }
  // Runs `step` with the fault at its first write, its second... until it meets none.
  void AtEachWrite(Actor& actor, const std::function<void()>& prepare,
                   const std::function<void()>& step) {
    for (std::size_t nth = 1; !HasFailure(); ++nth) {
      ASSERT_LT(nth, 400U);
      SCOPED_TRACE(nth);
      prepare();
      const std::size_t before = actor.vault().writes();
      actor.vault().FailAtWrite(nth, GetParam());
      step();
      const bool met = actor.vault().writes() >= before + nth;
      actor.vault().ClearFault();
      if (actor.vault().crashed()) {
        actor.Restart();
      }
      actor.Sync();
      ExpectExactly(actor);
      EXPECT_TRUE(actor->ShowCase(case_)->can_send);
      EXPECT_THAT(actor->ShowCase(case_)->warnings, IsEmpty());
      if (!met) {
        EXPECT_GT(nth, 10U) << "no fault was met at all";
        return;
      }
    }
  }

  std::unique_ptr<Actor> third_;
};

TEST_P(GroupsAfterAFault, WhoReadsACommitHoldsTheOldGroupOrTheNew) {
  AtEachWrite(
      *nurse_, [&] { ASSERT_TRUE(Toggle().ok()); }, [&] { (void)(*nurse_)->Sync(); });
  Post(*nurse_, "読めます");
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_), testing::Contains("読めます"));
}

TEST_P(GroupsAfterAFault, WhoMakesACommitHoldsTheOldGroupOrTheNew) {
  AtEachWrite(
      *manager_, [] {}, [&] { (void)Toggle(); });
  nurse_->Sync();
  ExpectExactly(*nurse_);
  EXPECT_THAT((*nurse_)->ShowCase(case_)->warnings, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Any, GroupsAfterAFault,
                         testing::Values(Fault::kFailOnce, Fault::kFailOn, Fault::kDieBefore,
                                         Fault::kDieAfter));

}  // namespace
}  // namespace renkei::test
