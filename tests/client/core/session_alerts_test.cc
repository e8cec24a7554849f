// Urgent records through whole sessions and the relay's own core: what is sent, shown, told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/alert_watch.h"
#include "tests/sim/sim_world.h"

namespace renkei::sim {
namespace {

using client::AlertNews;
using client::AlertState;
using client::RecordView;

class UrgentSessions : public testing::Test {
 protected:
  UrgentSessions() {
    case_ = nurse_.Open().NewCase(PatientContent()).value();
    for (Actor* actor : {&doctor_, &deputy_}) {
      RENKEI_CHECK(actor->Open().Sync().ok());
      RENKEI_CHECK(nurse_.Open().Sync().ok());
      const auto person = nurse_.Open().FindPerson(actor->name());
      RENKEI_CHECK(nurse_.Open().AddMember(case_, person->person_id).ok());
      RENKEI_CHECK(actor->Open().Sync().ok());
    }
  }
  client::PersonView Person(Actor& actor) { return nurse_.Open().FindPerson(actor.name()).value(); }
  client::CallList List() {
    client::CallList out;
    out.steps = {{{{Person(doctor_), pki::Profession::kNone}}, Minutes(5)},
                 {{{Person(deputy_), pki::Profession::kNone}}, Minutes(5)}};
    return out;
  }
  RecordView Post(const std::optional<client::CallList>& list) {
    client::PostOptions options;
    options.urgent = true;
    options.call_list = list;
    return nurse_.Open().Post(case_, NoteContent("急変"), options).value();
  }
  // What the relay's driver does.
  std::optional<Millis> Drive() {
    std::optional<Millis> next;
    world_.host->relay().alerts().RunDue([&](const Result<std::optional<Millis>>& result) {
      ASSERT_TRUE(result.ok());
      next = *result;
    });
    return next;
  }
  client::AlertView Alert(Actor& actor, const RecordId& record) {
    EXPECT_TRUE(actor.Open().Sync().ok());
    return *actor.Open().Record(record)->alert;
  }

  SimWorld world_{3};
  Actor& nurse_ = world_.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口", "nurse");
  Actor& doctor_ = world_.AddInstitution("架空クリニック", "clinic", "伊藤", "doctor");
  Actor& deputy_ = world_.AddStaff(doctor_, "上田", "doctor");
  CaseId case_;
};

TEST_F(UrgentSessions, EverybodySeesWhomTheRelayCalled) {
  const RecordId record = Post(List()).record_id;
  EXPECT_EQ(Drive(), Minutes(5));
  for (Actor* actor : {&nurse_, &doctor_, &deputy_}) {
    const client::AlertView alert = Alert(*actor, record);
    EXPECT_EQ(alert.state, AlertState::kCalling);
    ASSERT_EQ(alert.steps.size(), 1U);
    EXPECT_EQ(alert.steps[0].calls[0].person->name, "伊藤");
    EXPECT_EQ(alert.steps[0].calls[0].outcome, "left");
    EXPECT_EQ(alert.plan.size(), 2U);
  }
}

// A post reads its case first: the call that came in by it must not be silent.
TEST_F(UrgentSessions, WhatAPostTookInIsToldOnceAfterIt) {
  const RecordId urgent = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Post(case_, NoteContent("往診の予定"), {}).ok());
  const auto untold = doctor_.Open().Untold();
  ASSERT_TRUE(untold.ok());
  ASSERT_THAT(untold->new_records, testing::SizeIs(1));
  EXPECT_EQ(untold->new_records[0].record_id, urgent);
  EXPECT_THAT(untold->alerts, testing::SizeIs(1));
  EXPECT_EQ(untold->records_sent, 0U) << "its figures are of no sync";
  for (const auto& again : {doctor_.Open().Untold(), doctor_.Open().Sync()}) {
    ASSERT_TRUE(again.ok());
    EXPECT_THAT(again->new_records, testing::IsEmpty());
    EXPECT_THAT(again->alerts, testing::IsEmpty());
  }
}

TEST_F(UrgentSessions, WithoutAListTheUsualOneIsCalled) {
  const RecordId record = Post(std::nullopt).record_id;
  Drive();
  const client::AlertView alert = Alert(nurse_, record);
  ASSERT_EQ(alert.plan.size(), 2U);
  EXPECT_EQ(alert.plan[0].calls[0].person->profession,
            pki::NamesOf(pki::Profession::kDoctor).certificate);
  EXPECT_EQ(alert.rounds, 2U);
}

TEST_F(UrgentSessions, AnEmptyListCallsNobody) {
  EXPECT_EQ(Post(client::CallList{}).alert, std::nullopt);
  EXPECT_EQ(Drive(), std::nullopt);
}

TEST_F(UrgentSessions, AcknowledgementStopsTheCallsAndNamesTheResponder) {
  const RecordId record = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  ASSERT_TRUE(doctor_.Open().Acknowledge(record, "了解、向かいます").ok());
  world_.clock.Advance(Minutes(30));
  EXPECT_EQ(Drive(), std::nullopt);
  const client::AlertView alert = Alert(nurse_, record);
  EXPECT_EQ(alert.state, AlertState::kAcknowledged);
  EXPECT_EQ(alert.responder->name, "伊藤");
  EXPECT_EQ(alert.steps.size(), 2U);
  EXPECT_EQ(nurse_.Open().Record(record)->state, client::RecordState::kAcknowledged);
}

TEST_F(UrgentSessions, AcknowledgementWithoutReadBackDoesNotStopTheCalls) {
  const RecordId record = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  EXPECT_EQ(doctor_.Open().Acknowledge(record, "").error().code(), Code::kMalformed);
  ASSERT_TRUE(doctor_.Open().Respond(record).ok()) << "on the way, but nothing was read back";
  ASSERT_TRUE(doctor_.Open().MarkOpened(case_, {record}).ok());
  world_.clock.Advance(Minutes(5));
  Drive();
  EXPECT_EQ(Alert(nurse_, record).steps.size(), 2U);
  EXPECT_EQ(Alert(nurse_, record).state, AlertState::kCalling);
}

TEST_F(UrgentSessions, AcknowledgementThatWaitsStopsTheCallsOnceItArrives) {
  const RecordId record = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  world_.connector.faults.down = true;
  ASSERT_TRUE(doctor_.Open().Acknowledge(record, "了解").ok());
  ASSERT_EQ(doctor_.Open().Outbox()->size(), 1U);
  world_.clock.Advance(Minutes(5));
  Drive();
  world_.connector.faults.down = false;
  doctor_.Crash();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  const client::AlertView alert = Alert(nurse_, record);
  EXPECT_EQ(alert.state, AlertState::kAcknowledged);
  EXPECT_EQ(alert.steps.size(), 3U) << "the second was called meanwhile";
}

TEST_F(UrgentSessions, LostAnswerOfAnAcknowledgementIsAskedForAgain) {
  const RecordId record = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  world_.connector.faults.lost_answer = 100;
  static_cast<void>(doctor_.Open().Acknowledge(record, "了解").ok());
  world_.connector.faults.lost_answer = 0;
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  EXPECT_TRUE(doctor_.Open().Outbox()->empty());
  const client::AlertView alert = Alert(nurse_, record);
  EXPECT_EQ(alert.responder->name, "伊藤");
  EXPECT_EQ(alert.steps.size(), 2U);
}

TEST_F(UrgentSessions, TheSecondToAcknowledgeSeesWhoResponds) {
  const RecordId record = Post(List()).record_id;
  Drive();
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  ASSERT_TRUE(deputy_.Open().Sync().ok());
  ASSERT_TRUE(deputy_.Open().Acknowledge(record, "私が行きます").ok());
  ASSERT_TRUE(doctor_.Open().Acknowledge(record, "私も").ok());
  EXPECT_EQ(doctor_.Open().Coverage(record)->record.alert->responder->name, "上田");
}

TEST_F(UrgentSessions, SyncTellsWhomItCalls) {
  const RecordId record = Post(List()).record_id;
  Drive();
  const auto of_doctor = doctor_.Open().Sync();
  ASSERT_TRUE(of_doctor.ok());
  ASSERT_EQ(of_doctor->alerts.size(), 1U);
  EXPECT_EQ(of_doctor->alerts[0].kind, AlertNews::Kind::kCallsYou);
  EXPECT_EQ(of_doctor->alerts[0].record_id, record);
  const auto of_deputy = deputy_.Open().Sync();
  ASSERT_EQ(of_deputy->alerts.size(), 1U);
  EXPECT_EQ(of_deputy->alerts[0].kind, AlertNews::Kind::kCalls);
  EXPECT_TRUE(deputy_.Open().Sync()->alerts.empty()) << "told once";
}

TEST_F(UrgentSessions, WaitingRecordShowsThatNobodyIsCalledYet) {
  world_.connector.faults.down = true;
  const RecordView posted = Post(List());
  ASSERT_TRUE(posted.alert.has_value());
  EXPECT_EQ(posted.alert->state, AlertState::kWaiting);
  EXPECT_EQ(posted.alert->plan.size(), 2U);
  world_.connector.faults.down = false;
  ASSERT_TRUE(nurse_.Open().Sync().ok());
  Drive();
  EXPECT_EQ(Alert(doctor_, posted.record_id).state, AlertState::kCalling);
}

// What a watch told until `ticks` of its stream were over; each is a minute of nothing.
std::vector<AlertNews> WatchFor(SimWorld& world, Actor& actor, int ticks) {
  std::vector<AlertNews> told;
  int left = ticks;
  world.connector.watch = [&](const SimConnector::OnEvent&) {
    --left;
    world.clock.Advance(Minutes(1));
    return Ok();
  };
  EXPECT_TRUE(actor.Open()
                  .Watch(
                      [&](const client::SyncReport& report) {
                        told.insert(told.end(), report.alerts.begin(), report.alerts.end());
                      },
                      [&] { return left > 0; })
                  .ok());
  world.connector.watch = nullptr;
  return told;
}

TEST_F(UrgentSessions, OpenClientAlarmsWhenTheRelayIsLate) {
  const RecordId record = Post(List()).record_id;
  Drive();
  // The relay does nothing any more. Five minutes and ten seconds later somebody must know.
  const auto told = WatchFor(world_, nurse_, 8);
  int late = 0;
  for (const AlertNews& news : told) {
    late += news.kind == AlertNews::Kind::kLate ? 1 : 0;
    EXPECT_EQ(news.record_id, record);
  }
  EXPECT_EQ(late, 1);
}

TEST_F(UrgentSessions, OpenClientIsSilentWhileTheRelayIsInTimeOrItIsOver) {
  const RecordId record = Post(List()).record_id;
  Drive();
  for (const AlertNews& news : WatchFor(world_, nurse_, 5)) {
    EXPECT_NE(news.kind, AlertNews::Kind::kLate);
  }
  ASSERT_TRUE(doctor_.Open().Sync().ok());
  ASSERT_TRUE(doctor_.Open().Acknowledge(record, "了解").ok());
  for (const AlertNews& news : WatchFor(world_, nurse_, 20)) {
    EXPECT_NE(news.kind, AlertNews::Kind::kLate);
  }
}

}  // namespace
}  // namespace renkei::sim
