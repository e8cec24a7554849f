// Urgent alerts in bad weather: calls to the relay are lost, repeated, answered into nothing,
// clients die at any write, the relay is killed between any two of its transactions, its disk
// refuses. In the end each alert has begun once, each step is in the thread once and in order,
// whoever acknowledged first responds, and everybody sees the same. RENKEI_SEED repeats a run,
// RENKEI_SEEDS lengthens it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "client/core/alert_watch.h"
#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using client::AlertState;
using client::AlertStepView;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

class AlertStorm {
 public:
  explicit AlertStorm(std::uint64_t seed) : world_(seed) {
    Actor& nurse = world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口", "nurse");
    Actor& doctor = world_.AddInstitution("架空クリニック", "clinic", "伊藤", "doctor");
    people_ = {&nurse, &doctor, &world_.AddStaff(doctor, "上田", "doctor")};
    case_ = nurse.Open().NewCase(PatientContent()).value();
    for (std::size_t i = 1; i < people_.size(); ++i) {
      RENKEI_CHECK(people_[i]->Open().Sync().ok());
      RENKEI_CHECK(nurse.Open().Sync().ok());
      const auto person = nurse.Open().FindPerson(people_[i]->name());
      RENKEI_CHECK(nurse.Open().AddMember(case_, person->person_id).ok());
      RENKEI_CHECK(people_[i]->Open().Sync().ok());
    }
  }

  void Storm(int steps) {
    world_.connector.faults = {.lost_request = 8, .lost_answer = 8, .repeated = 5};
    for (int i = 0; i < steps; ++i) {
      Step(i);
      world_.clock.Advance(Seconds(static_cast<std::int64_t>(Dice(40))));
      Drive();
    }
    world_.connector.faults = {};
  }

  void Heal() {
    for (Actor* actor : people_) {
      actor->Crash();
    }
    for (int round = 0; round < 3; ++round) {
      for (Actor* actor : people_) {
        ASSERT_TRUE(actor->Open().Sync().ok());
      }
    }
    for (int i = 0; i < 50; ++i) {
      world_.clock.Advance(Minutes(1));
      Drive();
    }
    for (Actor* actor : people_) {
      ASSERT_TRUE(actor->Open().Sync().ok());
    }
  }

  void Check() {
    std::map<RecordId, std::string> agreed;
    for (Actor* actor : people_) {
      SCOPED_TRACE(actor->name());
      std::size_t alerts = 0;
      const auto records = actor->Open().Records(case_);
      ASSERT_TRUE(records.ok());
      for (const auto& record : *records) {
        if (record.alert.has_value()) {
          ++alerts;
          const std::string told = CheckOne(*record.alert);
          const auto [at, fresh] = agreed.emplace(record.record_id, told);
          EXPECT_EQ(at->second, told) << "everybody is told the same";
        }
      }
      EXPECT_GE(alerts, posted_) << "a vault that died after its commit has kept it, too";
      EXPECT_EQ(alerts, agreed.size());
    }
  }

 private:
  std::size_t Dice(std::size_t n) { return world_.dice.NextUint64() % n; }

  // Returns what was told, to be compared.
  static std::string CheckOne(const client::AlertView& alert) {
    std::string told;
    std::uint32_t called = 0;
    int over = 0;
    for (const AlertStepView& step : alert.steps) {
      if (step.event == AlertStepView::Event::kCalled) {
        EXPECT_EQ(step.step, ++called) << "each step once and in order";
        EXPECT_EQ(over, 0) << "nobody is called after it is over";
      } else {
        ++over;
      }
      told += std::to_string(static_cast<int>(step.event)) + ":" + std::to_string(step.step) + " ";
    }
    EXPECT_TRUE(alert.state == AlertState::kAcknowledged || alert.state == AlertState::kEnded)
        << "with the weather fine again each comes to its end";
    EXPECT_LE(called, 4U);
    EXPECT_LE(over, 2) << "at most the end of the list, and one who came after it";
    if (alert.state == AlertState::kAcknowledged) {
      told += alert.responder.has_value() ? alert.responder->name : "?";
    }
    return told;
  }

  void Step(int number) {
    Actor& actor = *people_[Dice(people_.size())];
    switch (Dice(10)) {
      case 0:
        actor.Crash();
        break;
      case 1:
        actor.vault().FailAtWrite(1 + Dice(30), Dice(2) == 0
                                                    ? client::MemoryVault::Fault::kDieBefore
                                                    : client::MemoryVault::Fault::kDieAfter);
        break;
      case 2:
        world_.host->Restart();
        break;
      case 3:
        world_.host->store().FailWrites(Dice(2) == 0);
        break;
      case 4:
        Post(actor, "急変" + std::to_string(number));
        break;
      case 5:
      case 6:
        Acknowledge(actor);
        break;
      default:
        static_cast<void>(actor.Open().Sync().ok());
        break;
    }
    world_.host->store().FailWrites(false);
    if (actor.vault().crashed()) {
      actor.Crash();
    }
  }

  void Post(Actor& actor, const std::string& text) {
    client::PostOptions options;
    options.urgent = true;
    client::CallList list;
    list.rounds = 2;
    for (Actor* other : people_) {
      const auto person = actor.Open().FindPerson(other->name());
      if (other != &actor && person.ok()) {
        list.steps.push_back({{{*person, pki::Profession::kNone}}, Seconds(30)});
      }
    }
    options.call_list = list;
    if (posted_ < 10 && actor.Open().Post(case_, NoteContent(text), options).ok()) {
      ++posted_;  // the person was told that it is kept
    }
  }

  void Acknowledge(Actor& actor) {
    const auto records = actor.Open().Records(case_);
    if (!records.ok() || actor.vault().crashed()) {
      return;
    }
    for (const auto& record : *records) {
      if (record.alert.has_value() && record.alert->state == AlertState::kCalling &&
          !record.author.self && Dice(3) == 0) {
        static_cast<void>(actor.Open().Acknowledge(record.record_id, "了解").ok());
        return;
      }
    }
  }

  // The relay's driver; its disk may refuse, and then it comes again.
  void Drive() {
    for (int i = 0; i < 5; ++i) {
      std::optional<Millis> next;
      bool done = false;
      world_.host->store().FailWrites(Dice(10) == 0);
      world_.host->relay().alerts().RunDue([&](const Result<std::optional<Millis>>& result) {
        done = result.ok();
        next = done ? *result : std::nullopt;
      });
      world_.host->store().FailWrites(false);
      if (done && (!next.has_value() || *next > Millis{0})) {
        return;
      }
      if (Dice(4) == 0) {
        world_.host->Restart();
      }
    }
  }

  SimWorld world_;
  std::vector<Actor*> people_;
  CaseId case_;
  std::size_t posted_ = 0;
};

TEST(AlertsInAStorm, BeginOnceStepOnceAndEndTheSameForEverybody) {
  const std::uint64_t first = FromEnvironment("RENKEI_SEED", 1);
  const std::uint64_t count = FromEnvironment("RENKEI_SEEDS", 6);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    std::cout << "seed " << seed << std::endl;
    SCOPED_TRACE("RENKEI_SEED=" + std::to_string(seed));
    AlertStorm storm(seed);
    storm.Storm(120);
    storm.Heal();
    storm.Check();
    if (testing::Test::HasFailure()) {
      return;
    }
  }
}

}  // namespace
}  // namespace renkei::sim
