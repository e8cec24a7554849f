// The relay restored from last night's backup: several clients give back what it lost, every case
// goes on, nothing that was acknowledged is lost as long as one of them has it (G5, G8); a relay
// that lies about its past gains nothing (G4). RENKEI_SEED repeats the storm, RENKEI_SEEDS
// lengthens it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using Backup = std::shared_ptr<const test::MemoryStore::Content>;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// Puts the copy in place of the store, marked as `renkei-relay restore` marks it.
void RestoreRelay(SimWorld& world, const Backup& backup) {
  world.host->store().Restore(*backup);
  bool marked = false;
  world.host->store().Write(
      [](server::WriteTransaction& transaction) {
        static constexpr std::uint8_t kYes = 1;
        return transaction.PutMeta("restored", ByteView(&kYes, 1));
      },
      [&](const Status& status) { marked = status.ok(); });
  RENKEI_CHECK(marked);
  world.host->Restart();
}

std::vector<std::string> Notes(Actor& actor, const CaseId& case_id) {
  std::vector<std::string> out;
  const auto records = actor.Open().Records(case_id);
  EXPECT_TRUE(records.ok());
  for (const auto& record : *records) {
    EXPECT_FALSE(record.content.empty()) << "G7: there is no unable to decrypt";
    if (const std::string text = NoteText(record); !text.empty()) {
      out.push_back(text);
    }
  }
  return out;
}

class Restored : public testing::Test {
 protected:
  Restored() : world_(FromEnvironment("RENKEI_SEED", 11)) {
    case_ = nurse_.Open().NewCase(PatientContent()).value();
    Add(case_, doctor_);
    Sync({&nurse_, &doctor_});
    Post(nurse_, "前");
    Sync({&doctor_, &nurse_});
  }

  void Add(const CaseId& case_id, Actor& actor) {
    RENKEI_CHECK(nurse_.Open().Sync().ok());
    const auto person = nurse_.Open().FindPerson(actor.name());
    RENKEI_CHECK(person.ok());
    RENKEI_CHECK(nurse_.Open().AddMember(case_id, person->person_id).ok());
    RENKEI_CHECK(actor.Open().Sync().ok());
  }
  void Post(Actor& actor, const std::string& text) { PostTo(case_, actor, text); }
  void PostTo(const CaseId& case_id, Actor& actor, const std::string& text) {
    ASSERT_TRUE(actor.Open().Post(case_id, NoteContent(text), {}).ok());
  }
  void Sync(const std::vector<Actor*>& actors) {
    for (Actor* actor : actors) {
      const auto report = actor->Open().Sync();
      ASSERT_TRUE(report.ok()) << actor->name() << ": " << report.error().where();
    }
  }
  Backup Copy() { return world_.host->store().Backup(); }
  std::vector<std::string> WaitingFor(Actor& actor) {
    std::vector<std::string> out;
    const auto items = actor.Open().Outbox();
    for (const auto& item : *items) {
      out.push_back(item.waiting_for);
    }
    return out;
  }
  // Everybody has exactly these, nothing waits, everybody can send.
  void ExpectAll(const CaseId& case_id, const std::vector<Actor*>& actors,
                 const std::vector<std::string>& notes) {
    for (Actor* actor : actors) {
      SCOPED_TRACE(actor->name());
      EXPECT_EQ(Notes(*actor, case_id), notes);
      const auto view = actor->Open().ShowCase(case_id);
      ASSERT_TRUE(view.ok());
      EXPECT_EQ(view->waiting, 0U);
      EXPECT_TRUE(view->can_send);
      EXPECT_THAT(view->warnings, testing::IsEmpty());
    }
  }

  SimWorld world_;
  Actor& nurse_ = world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口", "nurse");
  Actor& doctor_ = world_.AddInstitution("架空クリニック", "clinic", "伊藤", "doctor");
  CaseId case_;
};

TEST_F(Restored, G5_G8_CaseGoesOnWithEverythingThatOneMemberStillHas) {
  const Backup backup = Copy();
  Post(doctor_, "医師の記録");
  Post(nurse_, "看護の記録");  // only the nurse has both
  RestoreRelay(world_, backup);
  Post(doctor_, "復元の後");
  EXPECT_THAT(WaitingFor(doctor_), testing::Contains(testing::HasSubstr("restored")))
      << "it waits, and says for what";
  Sync({&doctor_});
  EXPECT_THAT(Notes(doctor_, case_), testing::Contains("復元の後"));
  Sync({&nurse_, &doctor_, &nurse_, &doctor_, &nurse_});
  ExpectAll(case_, {&nurse_, &doctor_}, {"前", "医師の記録", "看護の記録", "復元の後"});
}

TEST_F(Restored, G5_NothingMissingStillGoesOnOnceBothWereHeard) {
  RestoreRelay(world_, Copy());
  Sync({&nurse_, &doctor_, &nurse_});
  Post(nurse_, "後");
  Sync({&doctor_, &nurse_});
  ExpectAll(case_, {&nurse_, &doctor_}, {"前", "後"});
}

TEST_F(Restored, G3_MembersWhoCameAfterTheBackupAreStillMembers) {
  const Backup backup = Copy();
  Actor& pharmacist = world_.AddInstitution("架空薬局", "pharmacy", "加藤", "pharmacist");
  Add(case_, pharmacist);
  Sync({&nurse_, &pharmacist, &nurse_});
  Post(pharmacist, "薬局の記録");
  RestoreRelay(world_, backup);
  Sync({&doctor_, &nurse_, &pharmacist, &doctor_, &nurse_, &pharmacist, &doctor_, &nurse_});
  Post(pharmacist, "その後");
  Sync({&doctor_, &nurse_, &pharmacist});
  ExpectAll(case_, {&nurse_, &doctor_, &pharmacist}, {"前", "薬局の記録", "その後"});
  // The relay has a GroupInfo again: a new device of the nurse comes in by external commit.
  Actor& tablet = world_.AddDevice(nurse_, nurse_);
  Sync({&tablet, &nurse_, &doctor_, &tablet});
  ExpectAll(case_, {&tablet}, {"前", "薬局の記録", "その後"});
}

TEST_F(Restored, G8_CaseThatTheBackupDoesNotKnowComesBack) {
  const Backup backup = Copy();
  const CaseId other = nurse_.Open().NewCase(PatientContent()).value();
  Add(other, doctor_);
  Sync({&nurse_, &doctor_});
  PostTo(other, doctor_, "別の事例");
  RestoreRelay(world_, backup);
  Sync({&nurse_, &doctor_, &nurse_, &doctor_, &nurse_});
  PostTo(other, nurse_, "続き");
  Sync({&doctor_, &nurse_});
  ExpectAll(other, {&nurse_, &doctor_}, {"別の事例", "続き"});
  ExpectAll(case_, {&nurse_, &doctor_}, {"前"});
}

TEST_F(Restored, PackSentAfterTheBackupIsSentAgain) {
  Actor& pharmacist = world_.AddInstitution("架空薬局", "pharmacy", "加藤", "pharmacist");
  const Backup backup = Copy();
  RENKEI_CHECK(nurse_.Open().Sync().ok());
  const auto person = nurse_.Open().FindPerson(pharmacist.name());
  ASSERT_TRUE(nurse_.Open().AddMember(case_, person->person_id).ok());
  Sync({&nurse_});
  RestoreRelay(world_, backup);  // before the pharmacist has fetched anything
  for (int round = 0; round < 3; ++round) {
    Sync({&nurse_, &doctor_, &pharmacist});
  }
  ExpectAll(case_, {&nurse_, &doctor_, &pharmacist}, {"前"});
}

TEST_F(Restored, StewardsWordLetsTheCaseGoOnWithoutADeviceThatNeverComes) {
  Actor& pharmacist = world_.AddInstitution("架空薬局", "pharmacy", "加藤", "pharmacist");
  Add(case_, pharmacist);
  Sync({&nurse_, &doctor_, &pharmacist, &nurse_});
  const Backup backup = Copy();
  Post(nurse_, "記録");
  RestoreRelay(world_, backup);
  Sync({&nurse_, &doctor_, &nurse_});  // the pharmacist's only device is lost
  Post(nurse_, "急ぎ");
  EXPECT_EQ(WaitingFor(nurse_).size(), 1U);
  const Status others = doctor_.Open().GoOn(case_);
  ASSERT_FALSE(others.ok());
  EXPECT_EQ(others.error().code(), Code::kDenied) << "not a steward";
  EXPECT_TRUE(nurse_.Open().GoOn(case_).ok());
  EXPECT_TRUE(WaitingFor(nurse_).empty());
  Sync({&doctor_});
  EXPECT_THAT(Notes(doctor_, case_), testing::ElementsAre("前", "記録", "急ぎ"));
}

TEST_F(Restored, G4_RelayThatWentOnWithoutThemCannotMakeMembersDropWhatTheyHold) {
  const Backup backup = Copy();
  Post(doctor_, "医師だけが持つ記録");
  RestoreRelay(world_, backup);
  ASSERT_TRUE(nurse_.Open().Sync().ok());
  world_.clock.Advance(server::kReturnWait);
  Post(nurse_, "待たずに続けた記録");
  ASSERT_TRUE(nurse_.Open().Sync().ok());
  const auto report = doctor_.Open().Sync();
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(report->notices, testing::Not(testing::IsEmpty())) << "loudly";
  EXPECT_THAT(Notes(doctor_, case_), testing::ElementsAre("前", "医師だけが持つ記録"));
  EXPECT_THAT(doctor_.Open().ShowCase(case_)->warnings, testing::Not(testing::IsEmpty()));
  EXPECT_THAT(Notes(nurse_, case_), testing::ElementsAre("前", "待たずに続けた記録"));
}

// Random posts, crashes, lost calls, backups and restores: as long as no device is lost, nothing
// is.
TEST(RestoreStorm, G4_G5_G7_EverybodyAgreesAfterAnyNumberOfRestores) {
  const std::uint64_t first = FromEnvironment("RENKEI_SEED", 1);
  const std::uint64_t count = FromEnvironment("RENKEI_SEEDS", 4);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    std::cout << "seed " << seed << std::endl;
    SCOPED_TRACE("RENKEI_SEED=" + std::to_string(seed));
    SimWorld world(seed);
    Actor& nurse = world.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口", "nurse");
    Actor& doctor = world.AddInstitution("架空クリニック", "clinic", "伊藤", "doctor");
    Actor& pharmacist = world.AddInstitution("架空薬局", "pharmacy", "加藤", "pharmacist");
    const std::vector<Actor*> people = {&nurse, &doctor, &pharmacist};
    RENKEI_CHECK(nurse.Open().Sync().ok());
    const CaseId case_id = nurse.Open().NewCase(PatientContent()).value();
    for (Actor* actor : {&doctor, &pharmacist}) {
      const auto person = nurse.Open().FindPerson(actor->name());
      RENKEI_CHECK(nurse.Open().AddMember(case_id, person->person_id).ok());
      RENKEI_CHECK(actor->Open().Sync().ok());
    }
    std::set<std::string> posted;
    Backup backup = world.host->store().Backup();
    world.connector.faults = {.lost_request = 4, .lost_answer = 4, .repeated = 3};
    for (std::size_t step = 0; step < 100; ++step) {
      Actor& actor = *people[world.dice.NextUint64() % people.size()];
      switch (world.dice.NextUint64() % 12) {
        case 0:
          actor.Crash();
          break;
        case 1:
          actor.vault().FailAtWrite(1 + world.dice.NextUint64() % 40,
                                    client::MemoryVault::Fault::kDieBefore);
          break;
        case 2:
          backup = world.host->store().Backup();
          break;
        case 3:
          if (world.dice.NextUint64() % 3 == 0) {
            RestoreRelay(world, backup);
            backup = world.host->store().Backup();
          }
          break;
        case 4:
        case 5:
        case 6: {
          const std::string text = "記録" + std::to_string(step);
          if (actor.Open().Post(case_id, NoteContent(text), {}).ok()) {
            posted.insert(text);
          }
          break;
        }
        default:
          static_cast<void>(actor.Open().Sync().ok());
          break;
      }
      if (actor.vault().crashed()) {
        actor.Crash();
      }
      world.clock.Advance(Seconds(1));
    }
    world.connector.faults = {};
    for (Actor* actor : people) {
      actor->Crash();
    }
    for (int round = 0; round < 5; ++round) {
      for (Actor* actor : people) {
        ASSERT_TRUE(actor->Open().Sync().ok());
      }
    }
    const std::vector<std::string> agreed = Notes(nurse, case_id);
    for (Actor* actor : people) {
      SCOPED_TRACE(actor->name());
      const std::vector<std::string> notes = Notes(*actor, case_id);
      EXPECT_EQ(notes, agreed) << "G4: everybody sees the same thread";
      for (const std::string& text : posted) {
        EXPECT_EQ(std::count(notes.begin(), notes.end(), text), 1) << "G5: " << text;
      }
      EXPECT_EQ(actor->Open().ShowCase(case_id)->waiting, 0U);
    }
    if (testing::Test::HasFailure()) {
      return;
    }
  }
}

}  // namespace
}  // namespace renkei::sim
