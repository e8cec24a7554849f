#include "server/core/alerts.h"

#include <algorithm>

#include "tests/server/support/alert_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::AlertState;
using server::Duplicate;
using server::NotAMember;
using testing::ElementsAre;

class UrgentAlerts : public AlertFixture {};

TEST_F(UrgentAlerts, CallOneAfterTheOtherUntilTheListEnds) {
  plan.rounds = 2;
  ASSERT_NE(Begin(nurse), 0U);
  EXPECT_EQ(RunDue(), Minutes(5));
  GoOn(Minutes(5));
  EXPECT_EQ(RunDue(), Minutes(10));
  GoOn(Minutes(10));
  EXPECT_EQ(RunDue(), Minutes(5));
  GoOn(Minutes(5));
  EXPECT_EQ(RunDue(), Minutes(10));
  GoOn(Minutes(10));
  EXPECT_EQ(RunDue(), std::nullopt);
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left",
                                  "called 3 doctor:left", "called 4 deputy:left", "ended"));
}

TEST_F(UrgentAlerts, CallNobodyBeforeTheirTime) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  GoOn(Minutes(5) - Millis{1});
  EXPECT_EQ(RunDue(), Millis{1});
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left"));
}

TEST_F(UrgentAlerts, EachStepHappensOnceHoweverOftenItIsAskedFor) {
  ASSERT_NE(Begin(nurse), 0U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(RunDue(), Minutes(5));
  }
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left"));
}

TEST_F(UrgentAlerts, PlanStandsInTheThreadRightBehindItsRecord) {
  const std::uint64_t seq = Begin(nurse);
  const auto notes = Notes();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].alert->seq, seq);
  EXPECT_EQ(notes[0].alert->plan, thread::SerializeAlertPlan(plan));
  EXPECT_EQ(HeadOf(case_id).seq, seq + 1);
  EXPECT_EQ(ByteArray<16>(notes[0].subject), Row(seq)->record.bytes);
}

TEST_F(UrgentAlerts, NeedThePlanThatTheRecordNames) {
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  thread::AlertPlan other = plan;
  other.rounds = 3;
  const auto refuses = [&](const Result<server::PostOutcome>& outcome) {
    ASSERT_FALSE(outcome.ok()) << NameOf(outcome);
    EXPECT_EQ(outcome.error().code(), Code::kMalformed);
  };
  const thread::Position before = HeadOf(case_id);
  refuses(Append(nurse, Urgent(nurse, bytes)));  // a hash and no plan
  refuses(Begin(nurse, world.Record(parts.card, nurse, HeadOf(case_id)), bytes));  // no hash
  refuses(Begin(nurse, Urgent(nurse, bytes), thread::SerializeAlertPlan(other)));
  refuses(Begin(nurse, Urgent(nurse, bytes, thread::Urgency::kNormal), bytes));
  const Bytes no_plan = ToBytes("no plan");
  refuses(Begin(nurse, Urgent(nurse, no_plan), no_plan));
  refuses(Begin(nurse, AsBytes("no record"), bytes));
  EXPECT_EQ(HeadOf(case_id), before);
  EXPECT_EQ(RunDue(), std::nullopt);
}

TEST_F(UrgentAlerts, UrgentRecordWithoutAPlanIsTakenAsBefore) {
  auto record = *thread::ParseSealedRecord(world.Record(parts.card, nurse, HeadOf(case_id)));
  record.header.urgency = thread::Urgency::kUrgent;
  EXPECT_EQ(NameOf(Append(nurse, thread::SerializeSealedRecord(record))), "accepted");
  EXPECT_EQ(RunDue(), std::nullopt);
}

TEST_F(UrgentAlerts, RetryBeginsNothingAnew) {
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  const Bytes record = Urgent(nurse, bytes);
  ASSERT_EQ(NameOf(Begin(nurse, record, bytes)), "accepted");
  RunDue();
  const thread::Position before = HeadOf(case_id);
  EXPECT_EQ(NameOf(Begin(nurse, record, bytes)), "duplicate");
  RunDue();
  EXPECT_EQ(HeadOf(case_id), before);
}

TEST_F(UrgentAlerts, AcknowledgementStopsTheClockInItsOwnTransaction) {
  const std::uint64_t seq = Begin(nurse);
  RunDue();
  const auto outcome = Acknowledge(doctor, Reply(doctor), seq);
  ASSERT_EQ(NameOfAck(outcome), "accepted");
  EXPECT_EQ(outcome->responder, doctor.device.id);
  EXPECT_EQ(Row(seq)->state, AlertState::kAcknowledged);
  GoOn(Hours(1));
  EXPECT_EQ(RunDue(), std::nullopt);
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "acknowledged"));
  EXPECT_EQ(Notes().back().actor, doctor.device.id);
}

TEST_F(UrgentAlerts, AcknowledgementThatCannotBeWrittenDoesNotStopTheClock) {
  const std::uint64_t seq = Begin(nurse);
  RunDue();
  const thread::Position before = HeadOf(case_id);
  const Bytes record = Reply(doctor);
  store.FailWrites(true);
  EXPECT_FALSE(Acknowledge(doctor, record, seq).ok());
  store.FailWrites(false);
  EXPECT_EQ(HeadOf(case_id), before);
  GoOn(Minutes(5));
  RunDue();
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
}

TEST_F(UrgentAlerts, OnlyTheAcknowledgingCallStopsTheClock) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  // Whatever is posted to the thread, a read receipt or a note without read-back: it goes on.
  ASSERT_EQ(NameOf(Append(doctor, Reply(doctor))), "accepted");
  GoOn(Minutes(5));
  RunDue();
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
}

TEST_F(UrgentAlerts, OfTwoWhoAcknowledgeAtOnceOneRespondsAndTheOtherIsTold) {
  const std::uint64_t seq = Begin(nurse);
  RunDue();
  const Bytes first = Reply(doctor);
  const Bytes second = Reply(deputy);
  const auto one = Acknowledge(doctor, first, seq);
  const auto two = Acknowledge(deputy, second, seq);
  EXPECT_EQ(NameOfAck(one), "accepted");
  EXPECT_EQ(NameOfAck(two), "accepted") << "the other's acknowledgement is kept, too";
  EXPECT_EQ(one->responder, doctor.device.id);
  EXPECT_EQ(two->responder, doctor.device.id);
  const auto told = Told();
  EXPECT_EQ(std::count(told.begin(), told.end(), "acknowledged"), 1);
}

TEST_F(UrgentAlerts, RetriedAcknowledgementIsToldTheSame) {
  const std::uint64_t seq = Begin(nurse);
  const Bytes record = Reply(doctor);
  ASSERT_EQ(NameOfAck(Acknowledge(doctor, record, seq)), "accepted");
  const auto again = Acknowledge(doctor, record, seq);
  EXPECT_EQ(NameOfAck(again), "duplicate");
  EXPECT_EQ(again->responder, doctor.device.id);
  const auto told = Told();
  EXPECT_EQ(std::count(told.begin(), told.end(), "acknowledged"), 1);
}

TEST_F(UrgentAlerts, AcknowledgementThatWasPostedBeforeStopsTheClockWhenItIsCalled) {
  const std::uint64_t seq = Begin(nurse);
  const Bytes record = Reply(doctor);
  ASSERT_EQ(NameOf(Append(doctor, record)), "accepted");
  EXPECT_EQ(Row(seq)->state, AlertState::kOpen);
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, record, seq)), "duplicate");
  EXPECT_EQ(Row(seq)->state, AlertState::kAcknowledged);
}

TEST_F(UrgentAlerts, OldAcknowledgementIsNoneOfALaterAlert) {
  const std::uint64_t first = Begin(nurse);
  const Bytes record = Reply(doctor);
  ASSERT_EQ(NameOfAck(Acknowledge(doctor, record, first)), "accepted");
  const std::uint64_t second = Begin(nurse);
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, record, second)), "duplicate");
  EXPECT_EQ(Row(second)->state, AlertState::kOpen) << "a replay must not stop the clock";
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, world.Record(parts.card, doctor, {}), second)),
            "not seen");
}

TEST_F(UrgentAlerts, WhoeverComesAfterTheListHasEndedStillResponds) {
  plan.steps.resize(1);
  const std::uint64_t seq = Begin(nurse);
  RunDue();
  GoOn(Minutes(5));
  RunDue();
  ASSERT_EQ(Row(seq)->state, AlertState::kEnded);
  const auto late = Acknowledge(doctor, Reply(doctor), seq);
  EXPECT_EQ(late->responder, doctor.device.id);
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "ended", "acknowledged"));
}

TEST_F(UrgentAlerts, AreNotAcknowledgedByTheirSenderNorByStrangers) {
  const std::uint64_t seq = Begin(nurse);
  EXPECT_EQ(NameOfAck(Acknowledge(nurse, Reply(nurse), seq)), "own alert");
  EXPECT_EQ(NameOfAck(Acknowledge(stranger, Reply(stranger), seq)), "not a member");
  EXPECT_EQ(NameOfAck(Acknowledge(stranger, Reply(doctor), seq)), "error kDenied");
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, Reply(doctor), seq + 1)), "no alert");
  EXPECT_EQ(NameOfAck(Acknowledge(doctor, AsBytes("no record"), seq)), "error kMalformed");
  EXPECT_EQ(Row(seq)->state, AlertState::kOpen);
  EXPECT_EQ(HeadOf(case_id).seq, seq + 1) << "refused acknowledgements are not in the thread";
}

TEST_F(UrgentAlerts, OfAnotherThreadAreNotReachedThroughTheOwn) {
  const std::uint64_t seq = Begin(nurse);
  // The stranger's own case, with a record at the same place.
  const CommitParts other = world.NewCase(stranger);
  ASSERT_EQ(NameOf(Create(stranger, other)), "accepted");
  const CaseId other_id = other.card.card.case_id;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(NameOf(Append(stranger, world.Record(other.card, stranger, HeadOf(other_id)))),
              "accepted");
  }
  const Bytes record = world.Record(other.card, stranger, HeadOf(other_id));
  EXPECT_EQ(NameOfAck(Acknowledge(stranger, record, seq)), "no alert");
  EXPECT_EQ(Row(seq)->state, AlertState::kOpen);
}

TEST_F(UrgentAlerts, NeverCallARemovedMemberAndSaySo) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  EXPECT_EQ(AlertsThatCall(doctor), 1U);
  const CommitParts next = world.NextCommit(parts.card, nurse, {&nurse, &doctor});
  ASSERT_EQ(NameOf(Commit(nurse, next)), "accepted");
  GoOn(Minutes(5));
  RunDue();
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:no member"));
  EXPECT_EQ(AlertsThatCall(deputy), 0U);
}

TEST_F(UrgentAlerts, NeverCallWhoseDevicesAreRevokedAndSaySo) {
  plan.steps[0].targets.push_back(Whom(stranger));
  const auto list = pki::CreateCrl(clinic.ca,
                                   {{doctor.device.signing.certificate.serial(), clock.Now(),
                                     pki::RevocationReason::kKeyCompromise}},
                                   1, clock.Now(), clock.Now() + Days(7));
  ASSERT_TRUE((Await<server::RevocationOutcome>([&](const auto& reply) {
                 relay->directory().PublishRevocations(deputy.Caller(), list->der(), reply);
               }).ok()));
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:no device other:no member"));
}

TEST_F(UrgentAlerts, CallAProfessionOfAnInstitution) {
  const auto profession = static_cast<std::uint32_t>(pki::Profession::kNurse);
  plan.steps[0].targets = {{clinic.ca.certificate().ids().institution, std::nullopt, profession}};
  plan.steps[1].targets = {{station.ca.certificate().ids().institution, std::nullopt, profession}};
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  GoOn(Minutes(5));
  RunDue();
  const auto told = Told();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_THAT(told[1],
              testing::AllOf(testing::HasSubstr("doctor:left"), testing::HasSubstr("deputy:left")));
  EXPECT_EQ(told[2], "called 2 profession:nobody") << "the sender is not called";
}

TEST_F(UrgentAlerts, AreBoundedForACaseAndADevice) {
  for (std::size_t i = 0; i < server::kMaxOpenAlertsOfCase; ++i) {
    ASSERT_NE(Begin(nurse), 0U);
  }
  const thread::Position before = HeadOf(case_id);
  const Bytes bytes = thread::SerializeAlertPlan(plan);
  const auto refused = Begin(doctor, Urgent(doctor, bytes), bytes);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kThrottled);
  EXPECT_EQ(HeadOf(case_id), before);
  const auto first = relay->mailbox().Alerts(doctor.Caller());
  EXPECT_TRUE(first->empty()) << "no step was done yet";
  // One is over: there is room again.
  ASSERT_EQ(NameOfAck(Acknowledge(doctor, Reply(doctor), 3)), "accepted");
  EXPECT_NE(Begin(doctor), 0U);
}

TEST_F(UrgentAlerts, ManyThatAreDueAtOnceAreAllDone) {
  for (std::size_t i = 0; i < server::kMaxOpenAlertsOfCase; ++i) {
    ASSERT_NE(Begin(nurse), 0U);
  }
  EXPECT_EQ(RunDue(), Minutes(5));
  EXPECT_EQ(Told().size(), 2 * server::kMaxOpenAlertsOfCase);
}

TEST_F(UrgentAlerts, GoOnAfterARestart) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  GoOn(Minutes(2));
  Open();
  EXPECT_EQ(RunDue(), Minutes(3)) << "the clock is kept";
  GoOn(Minutes(3));
  Open();
  EXPECT_EQ(RunDue(), Minutes(10));
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
}

TEST_F(UrgentAlerts, GoOnAtTheirOwnPaceAfterALongOutage) {
  plan.rounds = 3;
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  GoOn(Hours(8));
  Open();
  EXPECT_EQ(RunDue(), Minutes(10)) << "one step, not everything that was missed at once";
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
}

TEST_F(UrgentAlerts, DoNotFollowAWallClockThatJumps) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  clock.Advance(Days(20));
  EXPECT_EQ(RunDue(), Minutes(5));
  clock.Set(clock.Now() - Days(40));
  GoOn(Minutes(1));
  EXPECT_EQ(RunDue(), Minutes(4));
  Open();
  EXPECT_EQ(RunDue(), Minutes(4)) << "nor over a restart of the relay alone";
}

TEST_F(UrgentAlerts, CountTheTimeOverARestartOfTheMachineByTheWallClock) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  clock.Advance(Minutes(2));
  elapsed.now = {{2}, Seconds(20)};
  Open();
  EXPECT_EQ(RunDue(), Minutes(3));
}

TEST_F(UrgentAlerts, LoseOneStepAtMostToAClockThatWasSetWhileTheMachineWasOff) {
  plan.rounds = 3;
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  clock.Advance(Days(20));
  elapsed.now = {{2}, Seconds(20)};
  Open();
  EXPECT_EQ(RunDue(), Minutes(10));
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
  clock.Set(clock.Now() - Days(40));
  elapsed.now = {{3}, Seconds(20)};
  Open();
  EXPECT_EQ(RunDue(), Minutes(10)) << "held up by no more than its own length";
}

TEST_F(UrgentAlerts, StepThatCannotBeWrittenHasNotHappened) {
  ASSERT_NE(Begin(nurse), 0U);
  store.FailWrites(true);
  const auto failed = Await<std::optional<Millis>>(
      [&](const server::Reply<std::optional<Millis>>& reply) { relay->alerts().RunDue(reply); });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kUnavailable);
  store.FailWrites(false);
  EXPECT_EQ(RunDue(), Minutes(5));
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left"));
}

TEST_F(UrgentAlerts, TellTheirDriverWhenOneBegins) {
  int told = 0;
  relay->alerts().SetDriver([&] { ++told; });
  ASSERT_NE(Begin(nurse), 0U);
  EXPECT_EQ(told, 1);
  ASSERT_EQ(NameOf(Append(doctor, Reply(doctor))), "accepted");
  EXPECT_EQ(told, 1);
  relay->alerts().SetDriver(nullptr);
}

TEST_F(UrgentAlerts, WaitForAThreadThatWasRestoredFromABackup) {
  ASSERT_NE(Begin(nurse), 0U);
  RunDue();
  store.Write(
      [](server::WriteTransaction& transaction) {
        static constexpr std::uint8_t kYes = 1;
        return transaction.PutMeta("restored", ByteView(&kYes, 1));
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  GoOn(Minutes(5));
  Open();
  EXPECT_EQ(RunDue(), server::kAlertRetry);
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left"))
      << "an entry of its own would fork the thread";
  GoOn(server::kReturnWait);
  EXPECT_EQ(RunDue(), Minutes(10));
  EXPECT_THAT(Told(), ElementsAre("begun", "called 1 doctor:left", "called 2 deputy:left"));
}

}  // namespace
}  // namespace renkei::test
