// The first simulation: five devices, one relay, lost and repeated calls, crashes of clients at any
// write and of the relay, vaults put back to older copies; in the end everybody agrees. Members
// neither come nor go. RENKEI_SEED repeats a run, RENKEI_SEEDS lengthens it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

class StormRun {
 public:
  explicit StormRun(std::uint64_t seed) : world_(seed) {
    Actor& station =
        world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口", "nurse");
    Actor& clinic = world_.AddInstitution("架空クリニック", "clinic", "伊藤", "doctor");
    people_ = {&station, &clinic, &world_.AddStaff(clinic, "上田", "doctor"),
               &world_.AddInstitution("架空薬局", "pharmacy", "加藤", "pharmacist")};
    people_.push_back(&world_.AddDevice(station, station));
    case_ = station.Open().NewCase(PatientContent()).value();
    for (std::size_t i = 1; i + 1 < people_.size(); ++i) {
      RENKEI_CHECK(people_[i]->Open().Sync().ok());
      RENKEI_CHECK(station.Open().Sync().ok());
      const auto person = station.Open().FindPerson(people_[i]->name());
      RENKEI_CHECK(person.ok());
      const Status added = station.Open().AddMember(case_, person->person_id);
      RENKEI_CHECK(added.ok());
    }
    for (Actor* actor : people_) {
      RENKEI_CHECK(actor->Open().Sync().ok());
    }
  }

  void Storm(std::size_t steps) {
    world_.connector.faults = {.lost_request = 5, .lost_answer = 5, .repeated = 3};
    for (std::size_t i = 0; i < steps; ++i) {
      Step(i);
      world_.clock.Advance(Seconds(1));
    }
    world_.connector.faults = {};
  }

  void Heal() {
    for (Actor* actor : people_) {
      actor->Crash();
    }
    for (int round = 0; round < 3; ++round) {
      for (Actor* actor : people_) {
        const auto report = actor->Open().Sync();
        ASSERT_TRUE(report.ok()) << report.error().where();
      }
    }
  }

  std::size_t put_back() const { return put_back_; }

  void Check() {
    std::vector<RecordId> agreed;
    for (Actor* actor : people_) {
      SCOPED_TRACE(actor->name());
      const auto view = actor->Open().ShowCase(case_);
      ASSERT_TRUE(view.ok());
      EXPECT_EQ(view->waiting, 0U);
      EXPECT_TRUE(view->can_send);
      std::vector<RecordId> shown;
      std::map<std::string, int> times;
      const auto records = actor->Open().Records(case_);
      ASSERT_TRUE(records.ok());
      for (const auto& record : *records) {
        shown.push_back(record.record_id);
        EXPECT_FALSE(record.content.empty()) << "G7: there is no unable to decrypt";
        if (const std::string text = NoteText(record); !text.empty()) {
          ++times[text];
        }
      }
      for (const std::string& text : posted_) {
        EXPECT_EQ(times[text], 1) << "G5: " << text;
      }
      for (const std::string& text : uncertain_) {
        EXPECT_LE(times[text], 1) << "G8: " << text;
      }
      if (agreed.empty()) {
        agreed = shown;
      }
      EXPECT_EQ(agreed, shown) << "G4: everybody sees the same thread";
    }
  }

 private:
  std::size_t Dice(std::size_t n) { return world_.dice.NextUint64() % n; }

  void Step(std::size_t number) {
    Actor& actor = *people_[Dice(people_.size())];
    switch (Dice(14)) {
      case 0:
        actor.Crash();
        break;
      case 1:
        actor.vault().FailAtWrite(1 + Dice(40), Dice(2) == 0
                                                    ? client::MemoryVault::Fault::kDieBefore
                                                    : client::MemoryVault::Fault::kDieAfter);
        break;
      case 2:
        world_.host->Restart();
        break;
      case 3:
        if (world_.dice.NextUint64() % 4 == 0) {
          world_.connector.faults.down = !world_.connector.faults.down;
        }
        break;
      case 4:
      case 5:
      case 6:
        Post(actor, "記録" + std::to_string(number));
        break;
      case 7:
        copies_.insert_or_assign(&actor, Copy{actor.vault().TakeSnapshot(), posted_});
        break;
      case 8:
        PutBack(actor);
        break;
      default:
        static_cast<void>(actor.Open().Sync().ok());
        break;
    }
    if (actor.vault().crashed()) {
      actor.Crash();
    }
  }

  void Post(Actor& actor, const std::string& text) {
    const auto posted = actor.Open().Post(case_, NoteContent(text), {});
    if (posted.ok()) {
      posted_.insert(text);  // the person was told that it is kept
    }
  }

  // What only waited on this device since the copy was made goes with it; it may have reached the
  // relay all the same. All else must still be there (G8).
  void PutBack(Actor& actor) {
    const auto copy = copies_.find(&actor);
    if (copy == copies_.end()) {
      return;
    }
    const auto records = actor.Open().Records(case_);
    ASSERT_TRUE(records.ok());
    for (const auto& record : *records) {
      const std::string text = NoteText(record);
      if (record.state == client::RecordState::kWaiting && copy->second.posted.count(text) == 0 &&
          posted_.erase(text) == 1) {
        uncertain_.insert(text);
      }
    }
    actor.Restore(copy->second.vault);
    ++put_back_;
  }

  SimWorld world_;
  std::vector<Actor*> people_;
  CaseId case_;
  struct Copy {
    client::MemoryVault::Snapshot vault;
    std::set<std::string> posted;  // by then, by anybody
  };

  std::set<std::string> posted_;
  std::set<std::string> uncertain_;
  std::map<Actor*, Copy> copies_;
  std::size_t put_back_ = 0;
};

TEST(Simulation, G4_G5_G7_EverybodyAgreesAfterAnyStorm) {
  const std::uint64_t first = FromEnvironment("RENKEI_SEED", 1);
  const std::uint64_t count = FromEnvironment("RENKEI_SEEDS", 6);
  std::size_t put_back = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    std::cout << "seed " << seed << std::endl;
    SCOPED_TRACE("RENKEI_SEED=" + std::to_string(seed));
    StormRun run(seed);
    run.Storm(120);
    run.Heal();
    run.Check();
    put_back += run.put_back();
    if (testing::Test::HasFailure()) {
      return;
    }
  }
  EXPECT_GT(put_back, 0U) << "no vault was ever put back";
}

}  // namespace
}  // namespace renkei::sim
