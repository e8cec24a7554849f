// What people write arrives exactly once, whatever dies in between (G5).
#include "client/core/outbox.h"

#include <algorithm>

#include "tests/client/core/case_fixture.h"

namespace renkei::test {
namespace {

using client::MemoryVault;
using testing::ElementsAre;
using testing::SizeIs;

class Outbox : public CaseFixture {
 protected:
  // Syncs until nothing waits any more, starting again where the process has died.
  void Settle(Actor& actor) {
    for (int i = 0; i < 4; ++i) {
      if (actor.vault().crashed()) {
        actor.Restart();
      }
      (void)actor->Sync();
    }
    EXPECT_THAT(*(*actor).Outbox(), SizeIs(0));
  }

  // Posts them while the relay cannot be reached.
  void Wait(const std::vector<std::string>& notes) {
    region_.relay.down = true;
    for (const std::string& text : notes) {
      const auto posted = (*nurse_)->Post(case_, NoteForm(text), {});
      ASSERT_TRUE(posted.ok());
      EXPECT_EQ(posted->state, client::RecordState::kWaiting);
    }
    region_.relay.down = false;
  }

  // Each note that was queued stands in everybody's thread exactly once.
  void ExpectOnce(const std::vector<std::string>& notes) {
    manager_->Sync();
    EXPECT_EQ(Notes(*manager_), notes);
    EXPECT_EQ(Notes(*nurse_), notes);
    EXPECT_EQ((*manager_)->ShowCase(case_)->warnings, std::vector<std::string>());
    EXPECT_EQ((*nurse_)->ShowCase(case_)->warnings, std::vector<std::string>());
  }
};

TEST_F(Outbox, G5_ALostAnswerDoesNotSendTwice) {
  region_.relay.lose_answer_of_write = region_.relay.writes + 1;
  const auto posted = (*nurse_)->Post(case_, NoteForm("一度"), {});
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(posted->state, client::RecordState::kWaiting);
  Settle(*nurse_);
  ExpectOnce({"一度"});
}

TEST_F(Outbox, G5_ALostRequestIsSentAgain) {
  region_.relay.lose_write = region_.relay.writes + 1;
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("一度"), {}).ok());
  Settle(*nurse_);
  ExpectOnce({"一度"});
}

TEST_F(Outbox, WhatWaitedGoesInOrderOverOneCall) {
  Wait({"一", "二", "三", "四", "五"});
  ASSERT_TRUE((*nurse_)->Sync().ok());
  EXPECT_THAT(region_.relay.runs, ElementsAre(5));
  EXPECT_THAT(*(*nurse_)->Outbox(), SizeIs(0));
  ExpectOnce({"一", "二", "三", "四", "五"});
}

TEST_F(Outbox, MoreThanGoesOverOneCallGoesOverSeveral) {
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back("記録" + std::to_string(i));
  }
  Wait(many);
  Settle(*nurse_);
  EXPECT_THAT(region_.relay.runs, ElementsAre(64, 36));
  ExpectOnce(many);
  // Two of these are 200 KB, three more than goes together.
  const std::vector<std::string> large(3, std::string(100'000, 'a'));
  Wait(large);
  Settle(*nurse_);
  EXPECT_THAT(region_.relay.runs, ElementsAre(64, 36, 2)) << "the third alone";
  many.insert(many.end(), large.begin(), large.end());
  ExpectOnce(many);
}

TEST_F(Outbox, AnUrgentRecordGoesAloneAndBeforeAll) {
  Wait({"一", "二"});
  region_.relay.down = true;
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("急変"), {.urgent = true}).ok());
  region_.relay.down = false;
  Settle(*nurse_);
  EXPECT_THAT(region_.relay.runs, ElementsAre(2)) << "the other two";
  ExpectOnce({"急変", "一", "二"});
}

TEST_F(Outbox, G5_ALostAnswerAmongManySendsNothingTwice) {
  const std::vector<std::string> all = {"一", "二", "三", "四", "五"};
  Wait(all);
  region_.relay.lose_answer_of_write = region_.relay.writes + 3;
  EXPECT_FALSE((*nurse_)->Sync().ok());
  const auto waiting = *(*nurse_)->Outbox();
  ASSERT_FALSE(waiting.empty());
  EXPECT_EQ(waiting.back().waiting_for, "no connection to the relay");
  Settle(*nurse_);
  ExpectOnce(all);
}

TEST_F(Outbox, G5_ALostRequestAmongManyIsSentAgainWithAllBehindIt) {
  const std::vector<std::string> all = {"一", "二", "三", "四", "五"};
  Wait(all);
  region_.relay.lose_write = region_.relay.writes + 3;
  EXPECT_FALSE((*nurse_)->Sync().ok());
  Settle(*nurse_);
  ExpectOnce(all);
}

TEST_F(Outbox, WhatIsRefusedAmongManySaysSoAtEachOfThem) {
  Wait({"一", "二", "三"});
  region_.relay.refuse_writes = Error(Code::kInternal, "test: the relay refuses the request");
  (void)(*nurse_)->Sync();
  const auto waiting = *(*nurse_)->Outbox();
  ASSERT_THAT(waiting, SizeIs(3));
  for (const auto& each : waiting) {
    EXPECT_EQ(each.waiting_for, client::WaitReasonText(client::WaitReason::kRefused));
  }
  region_.relay.refuse_writes.reset();
  Settle(*nurse_);
  ExpectOnce({"一", "二", "三"});
}

TEST_F(Outbox, ManyOfAStaleEpochAreSealedAnew) {
  const std::vector<std::string> all = {"一", "二", "三"};
  Wait(all);
  region_.relay.lose_write = region_.relay.writes + 1;  // they are sealed by then
  EXPECT_FALSE((*nurse_)->Sync().ok());
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  Settle(*nurse_);
  ExpectOnce(all);
}

TEST_F(Outbox, WhatIsOverALimitWaitsAsLongAsTheRelayAsksAndThenGoes) {
  region_.relay.throttle_writes = Minutes(10);
  const Millis until = region_.clock.Now() + Minutes(10);
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("あとで"), {}).ok());
  auto waiting = *(*nurse_)->Outbox();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].waiting_for, "the relay asks to wait");
  EXPECT_EQ(waiting[0].retry_at, until);
  // Until then nothing is sent, though it would be taken; reading goes on.
  region_.relay.throttle_writes.reset();
  const std::size_t writes = region_.relay.writes;
  nurse_->Restart();
  ASSERT_TRUE((*nurse_)->Sync().ok());
  EXPECT_EQ(region_.relay.writes, writes);
  EXPECT_EQ((*(*nurse_)->Outbox())[0].retry_at, until) << "it survives the process";
  region_.clock.Advance(Minutes(10));
  ASSERT_TRUE((*nurse_)->Sync().ok());
  EXPECT_THAT(*(*nurse_)->Outbox(), SizeIs(0));
  ExpectOnce({"あとで"});
}

TEST_F(Outbox, AnUrgentRecordIsTriedWithEachSyncWhateverTheRelayAsked) {
  region_.relay.throttle_writes = Minutes(10);
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("急変"), {.urgent = true}).ok());
  EXPECT_THAT(*(*nurse_)->Outbox(), SizeIs(1));
  region_.relay.throttle_writes.reset();
  (void)(*nurse_)->Sync();
  EXPECT_THAT(*(*nurse_)->Outbox(), SizeIs(0));
}

TEST_F(Outbox, AClockThatIsTurnedBackHoldsNothingUp) {
  region_.relay.throttle_writes = Minutes(10);
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("時計"), {}).ok());
  region_.relay.throttle_writes.reset();
  region_.clock.Advance(Millis{-Days(2).value});
  (void)(*nurse_)->Sync();
  EXPECT_THAT(*(*nurse_)->Outbox(), SizeIs(0));
}

// Breaks at each write of the vault in turn, until one run needs no more writes than that.
class OutboxCrash : public Outbox, public testing::WithParamInterface<MemoryVault::Fault> {};

TEST_P(OutboxCrash, G5_PostingSurvivesACrashAtEachWrite) {
  std::vector<std::string> sent;
  for (std::size_t nth = 1; nth < 200; ++nth) {
    const std::string text = "記録" + std::to_string(nth);
    nurse_->vault().FailAtWrite(nth, GetParam());
    const bool queued = (*nurse_)->Post(case_, NoteForm(text), {}).ok();
    const bool broke = nurse_->vault().crashed() || nurse_->vault().writes() >= nth;
    nurse_->vault().ClearFault();
    if (nurse_->vault().crashed()) {
      nurse_->Restart();
    }
    Settle(*nurse_);
    // Not queued means not sent; queued, or dead just after the commit, means once.
    const auto notes = Notes(*nurse_);
    const auto times = std::count(notes.begin(), notes.end(), text);
    EXPECT_LE(times, 1) << nth;
    if (queued) {
      EXPECT_EQ(times, 1) << nth;
    }
    if (times == 1) {
      sent.push_back(text);
    }
    if (!broke) {
      break;
    }
  }
  EXPECT_GT(sent.size(), 3U);
  ExpectOnce(sent);
}

TEST_P(OutboxCrash, G5_SendingManySurvivesACrashAtEachWrite) {
  std::vector<std::string> sent;
  for (std::size_t nth = 1; nth < 100; ++nth) {
    const std::vector<std::string> three = {"甲" + std::to_string(nth), "乙" + std::to_string(nth),
                                            "丙" + std::to_string(nth)};
    Wait(three);
    sent.insert(sent.end(), three.begin(), three.end());
    nurse_->vault().FailAtWrite(nth, GetParam());
    (void)(*nurse_)->Sync();
    const bool broke = nurse_->vault().crashed() || nurse_->vault().writes() >= nth;
    nurse_->vault().ClearFault();
    Settle(*nurse_);
    ASSERT_EQ(Notes(*nurse_), sent) << nth;
    if (!broke) {
      break;
    }
  }
  EXPECT_GT(sent.size(), 15U);
  ExpectOnce(sent);
}

TEST_P(OutboxCrash, G5_ReceivingSurvivesACrashAtEachWrite) {
  std::vector<std::string> sent;
  for (std::size_t nth = 1; nth < 60; ++nth) {
    const std::string text = "記録" + std::to_string(nth);
    Post(*manager_, text);
    sent.push_back(text);
    nurse_->vault().FailAtWrite(nth, GetParam());
    (void)(*nurse_)->Sync();
    nurse_->vault().ClearFault();
    Settle(*nurse_);
    EXPECT_EQ(Notes(*nurse_), sent) << nth;
    manager_->Sync();
  }
  ExpectOnce(sent);
}

TEST_P(OutboxCrash, G5_AddingAPersonSurvivesACrashAtEachWrite) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  Post(*nurse_, "前から");
  for (std::size_t nth = 1; nth < 60; ++nth) {
    manager_->vault().FailAtWrite(nth, GetParam());
    (void)(*manager_)->AddMember(case_, third->person().person);
    manager_->vault().ClearFault();
    Settle(*manager_);
    (void)(*manager_)->AddMember(case_, third->person().person);
    Settle(*manager_);
    third->Sync();
    EXPECT_THAT(Notes(*third), ElementsAre("前から")) << nth;
    EXPECT_TRUE((*third)->ShowCase(case_)->can_send) << nth;
    EXPECT_THAT((*third)->ShowCase(case_)->warnings, SizeIs(0)) << nth;
    ASSERT_TRUE((*manager_)->RemoveMember(case_, third->person().person).ok()) << nth;
    third->Sync();
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, OutboxCrash,
                         testing::Values(MemoryVault::Fault::kFailOnce,
                                         MemoryVault::Fault::kDieBefore,
                                         MemoryVault::Fault::kDieAfter));

TEST_F(Outbox, G5_ALostAnswerToAnAddIsFinishedAtTheNextSync) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  Post(*nurse_, "前から");
  manager_->Sync();
  region_.relay.lose_answer_of_write = region_.relay.writes + 1;
  EXPECT_FALSE((*manager_)->AddMember(case_, third->person().person).ok());
  Settle(*manager_);
  third->Sync();
  EXPECT_THAT(Notes(*third), ElementsAre("前から"));
  EXPECT_TRUE((*third)->ShowCase(case_)->can_send);
}

TEST_F(Outbox, AnAddThatLostTheRaceIsCarriedOutAfterwards) {
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  const auto fourth = region_.AddPerson("架空医院", pki::InstitutionKind::kClinic, "架空 医師",
                                        pki::Profession::kDoctor);
  third->Sync();
  fourth->Sync();
  manager_->Sync();
  region_.relay.lose_write = region_.relay.writes + 1;
  EXPECT_FALSE((*manager_)->AddMember(case_, third->person().person).ok());
  nurse_->Sync();
  ASSERT_TRUE((*nurse_)->AddMember(case_, fourth->person().person).ok());
  Settle(*manager_);
  EXPECT_THAT((*manager_)->ShowCase(case_)->members, SizeIs(4));
}

TEST_F(Outbox, ARecordOfAStaleEpochIsSealedAnew) {
  region_.relay.lose_write = region_.relay.writes + 1;
  ASSERT_TRUE((*nurse_)->Post(case_, NoteForm("古い鍵"), {}).ok());
  const auto third = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 かおる",
                                       pki::Profession::kPharmacist);
  third->Sync();
  manager_->Sync();
  ASSERT_TRUE((*manager_)->AddMember(case_, third->person().person).ok());
  Settle(*nurse_);
  ExpectOnce({"古い鍵"});
  third->Sync();
  EXPECT_THAT(Notes(*third), ElementsAre("古い鍵"));
}

}  // namespace
}  // namespace renkei::test
