#include "client/core/alert_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/base/random.h"
#include "crypto/pki/profession.h"

namespace renkei::client {
namespace {

using thread::AlertEvent;
using thread::CallOutcome;

class AlertViews : public testing::Test {
 protected:
  AlertViews() {
    plan_.rounds = 2;
    plan_.steps = {{{Whom(doctor_)}, Minutes(5)}, {{{std::nullopt, std::nullopt, 3}}, Minutes(10)}};
    record_.record_id = RecordId::Generate(random_);
    record_.seq = 7;
    record_.received_at = {1000};
    record_.alert_plan_hash = thread::HashOfAlertPlan(thread::SerializeAlertPlan(plan_));
  }
  thread::PersonRef Person() {
    return {InstitutionId::Generate(random_), PersonId::Generate(random_)};
  }
  static thread::AlertTarget Whom(const thread::PersonRef& person) {
    return {person.institution, person.person, 0};
  }
  void Say(const thread::AlertNote& alert, Millis at,
           const std::optional<DeviceId>& actor = std::nullopt) {
    thread::RelayNote note;
    note.kind = 2;
    note.at = at;
    note.actor = actor;
    note.alert = alert;
    notes_.push_back(note);
  }
  void Begin() { Say({7, AlertEvent::kBegun, 0, thread::SerializeAlertPlan(plan_), {}}, {2000}); }
  void CallDoctor() {
    Say({7, AlertEvent::kCalled, 1, {}, {{Whom(doctor_), CallOutcome::kRang}}}, {3000});
  }
  AlertView View() { return MakeAlertView(record_, notes_, person_of_, owner_of_).value(); }

  SeededRandom random_{8};
  thread::PersonRef doctor_ = Person();
  thread::PersonRef nurse_ = Person();
  DeviceId device_ = DeviceId::Generate(random_);
  thread::AlertPlan plan_;
  RecordRow record_;
  std::vector<thread::RelayNote> notes_;
  PersonLookup person_of_ = [this](const thread::PersonRef& person) -> Result<PersonView> {
    PersonView out;
    out.institution_id = person.institution;
    out.person_id = person.person;
    out.name = person == doctor_ ? "doctor" : "nurse";
    return out;
  };
  OwnerLookup owner_of_ =
      [this](const DeviceId& device) -> Result<std::optional<thread::PersonRef>> {
    return device == device_ ? std::optional(doctor_) : std::nullopt;
  };
};

TEST_F(AlertViews, WithoutAWordOfTheRelayAreUnconfirmed) {
  const AlertView view = View();
  EXPECT_EQ(view.state, AlertState::kUnconfirmed);
  EXPECT_TRUE(view.plan.empty());
  EXPECT_EQ(view.next_at, std::nullopt);
}

TEST_F(AlertViews, ShowThePlanAndWhatWasDone) {
  Begin();
  EXPECT_EQ(View().next_at, Millis{2000}) << "the first call is due at once";
  CallDoctor();
  const AlertView view = View();
  EXPECT_EQ(view.state, AlertState::kCalling);
  EXPECT_EQ(view.rounds, 2U);
  ASSERT_EQ(view.plan.size(), 2U);
  EXPECT_EQ(view.plan[0].calls[0].person->name, "doctor");
  EXPECT_EQ(view.plan[1].calls[0].profession,
            pki::NamesOf(pki::Profession::kPharmacist).certificate);
  ASSERT_EQ(view.steps.size(), 1U);
  EXPECT_EQ(view.steps[0].calls[0].outcome, "rang");
  EXPECT_EQ(view.next_at, Millis{3000} + Minutes(5));
}

TEST_F(AlertViews, DoNotBelieveAPlanThatTheRecordDoesNotName) {
  thread::AlertPlan other = plan_;
  other.rounds = 9;
  Say({7, AlertEvent::kBegun, 0, thread::SerializeAlertPlan(other), {}}, {2000});
  EXPECT_EQ(View().state, AlertState::kUnconfirmed);
  EXPECT_TRUE(View().plan.empty());
}

TEST_F(AlertViews, NameWhoAcknowledgedFirst) {
  Begin();
  CallDoctor();
  Say({7, AlertEvent::kAcknowledged, 1, {}, {}}, {4000}, device_);
  EXPECT_EQ(View().state, AlertState::kAcknowledged);
  EXPECT_EQ(View().responder->name, "doctor");
  EXPECT_FALSE(ProgressOf(record_, notes_).open);
}

TEST_F(AlertViews, SayWhenTheListEndedAndWhoCameAfterAllTheSame) {
  Begin();
  Say({7, AlertEvent::kEnded, 4, {}, {}}, {9000});
  EXPECT_EQ(View().state, AlertState::kEnded);
  Say({7, AlertEvent::kAcknowledged, 4, {}, {}}, {9500}, device_);
  EXPECT_EQ(View().state, AlertState::kAcknowledged);
}

TEST_F(AlertViews, NewsKnowWhetherTheyCallThisPerson) {
  CallDoctor();
  EXPECT_EQ(MakeAlertNews(record_, notes_[0], doctor_, person_of_, owner_of_)->kind,
            AlertNews::Kind::kCallsYou);
  EXPECT_EQ(MakeAlertNews(record_, notes_[0], nurse_, person_of_, owner_of_)->kind,
            AlertNews::Kind::kCalls);
  Say({7, AlertEvent::kCalled, 2, {}, {{Whom(doctor_), CallOutcome::kNotMember}}}, {5000});
  EXPECT_EQ(MakeAlertNews(record_, notes_[1], doctor_, person_of_, owner_of_)->kind,
            AlertNews::Kind::kCalls)
      << "skipped is not called";
}

TEST_F(AlertViews, OfAWaitingRecordShowThePlanOnly) {
  const auto view = MakeWaitingAlert(thread::SerializeAlertPlan(plan_), person_of_);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->state, AlertState::kWaiting);
  EXPECT_EQ(view->plan.size(), 2U);
  EXPECT_EQ(MakeWaitingAlert(AsBytes("no plan"), person_of_).error().code(), Code::kCorrupt);
}

TEST_F(AlertViews, ProgressIsTheLastStepsWait) {
  EXPECT_EQ(ProgressOf(record_, notes_).last_at, Millis{1000});
  Begin();
  EXPECT_EQ(ProgressOf(record_, notes_).wait, Millis{0});
  CallDoctor();
  const AlertProgress progress = ProgressOf(record_, notes_);
  EXPECT_TRUE(progress.open && progress.begun);
  EXPECT_EQ(progress.step, 1U);
  EXPECT_EQ(progress.last_at, Millis{3000});
  EXPECT_EQ(progress.wait, Minutes(5));
}

}  // namespace
}  // namespace renkei::client
