// Two people and then more exchange records over an honest relay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_region.h"

namespace renkei::test {
namespace {

using client::RecordState;
using testing::ElementsAre;
using testing::SizeIs;

class Exchange : public testing::Test {
 protected:
  Exchange()
      : manager_(region_.AddPerson("架空居宅", pki::InstitutionKind::kCareManagementOffice,
                                   "架空 まき", pki::Profession::kCareManager)),
        nurse_(region_.AddPerson("架空訪看", pki::InstitutionKind::kVisitingNurseStation,
                                 "架空 ゆき", pki::Profession::kNurse)) {
    manager_->Sync();
    nurse_->Sync();
  }

  CaseId NewCase() {
    const auto id = (*manager_)->NewCase(PatientForm("架空 太郎"));
    EXPECT_TRUE(id.ok()) << (id.ok() ? "" : id.error().where());
    return *id;
  }

  std::vector<std::string> Notes(Actor& actor, const CaseId& case_id) {
    std::vector<std::string> out;
    const auto records = actor->Records(case_id);
    EXPECT_TRUE(records.ok());
    for (const auto& record : *records) {
      if (record.kind == 10) {
        out.push_back(NoteText(record));
      }
    }
    return out;
  }

  TestRegion region_;
  std::unique_ptr<Actor> manager_;
  std::unique_ptr<Actor> nurse_;
};

TEST_F(Exchange, ANewCaseHoldsItsPatientAndItsFounder) {
  const CaseId id = NewCase();
  const auto view = (*manager_)->ShowCase(id);
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view->can_send);
  EXPECT_EQ(view->waiting, 0U);
  EXPECT_EQ(view->patient, PatientForm("架空 太郎"));
  ASSERT_THAT(view->members, SizeIs(1));
  EXPECT_EQ(view->members[0].person.name, "架空 まき");
  EXPECT_TRUE(view->members[0].steward);
  EXPECT_THAT(view->readers, SizeIs(2));
  EXPECT_TRUE(view->warnings.empty());
}

TEST_F(Exchange, WhoIsAddedReadsWhatCameBeforeAndAnswers) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("前から"), {}).ok());
  const Status added = (*manager_)->AddMember(id, nurse_->person().person);
  ASSERT_TRUE(added.ok()) << added.error().where();
  const auto report = nurse_->Sync();
  EXPECT_EQ(report.cases_joined, 1U);
  EXPECT_THAT(report.notices, SizeIs(0));
  EXPECT_THAT(Notes(*nurse_, id), ElementsAre("前から"));
  const auto posted = (*nurse_)->Post(id, NoteForm("看護から"), {});
  ASSERT_TRUE(posted.ok()) << posted.error().where();
  EXPECT_EQ(posted->state, RecordState::kSent);
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_, id), ElementsAre("前から", "看護から"));
  EXPECT_TRUE((*manager_)->ShowCase(id)->warnings.empty());
}

TEST_F(Exchange, CoverageTellsReceivedOpenedAcknowledgedAndRespondingApart) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  const auto posted = (*manager_)->Post(id, NoteForm("急変"), {.urgent = true});
  ASSERT_TRUE(posted.ok());
  const RecordId record = posted->record_id;
  auto coverage = (*manager_)->Coverage(record);
  ASSERT_TRUE(coverage.ok());
  ASSERT_THAT(coverage->rows, SizeIs(1));
  EXPECT_FALSE(coverage->rows[0].received_at.has_value());
  EXPECT_THAT(coverage->professions_missing, ElementsAre("Registered Nurse"));

  nurse_->Sync();
  manager_->Sync();
  coverage = (*manager_)->Coverage(record);
  EXPECT_EQ(coverage->record.state, RecordState::kReceived);
  EXPECT_TRUE(coverage->rows[0].received_at.has_value());
  EXPECT_FALSE(coverage->rows[0].opened_at.has_value());
  EXPECT_TRUE(coverage->professions_missing.empty());
  EXPECT_THAT(coverage->professions_not_opened, ElementsAre("Registered Nurse"));
  EXPECT_EQ((*manager_)->ShowCase(id)->urgent_open, 1U);
  EXPECT_EQ((*nurse_)->ShowCase(id)->unread, 2U);  // the patient and the note

  ASSERT_TRUE((*nurse_)->MarkOpened(id, {record}).ok());
  EXPECT_EQ((*nurse_)->ShowCase(id)->unread, 1U);
  manager_->Sync();
  EXPECT_EQ((*manager_)->Record(record)->state, RecordState::kOpened);

  ASSERT_TRUE((*nurse_)->Acknowledge(record, "急変、了解").ok());
  manager_->Sync();
  coverage = (*manager_)->Coverage(record);
  EXPECT_EQ(coverage->record.state, RecordState::kAcknowledged);
  EXPECT_EQ(coverage->rows[0].read_back, "急変、了解");
  EXPECT_EQ((*manager_)->ShowCase(id)->urgent_open, 0U);

  ASSERT_TRUE((*nurse_)->Respond(record).ok());
  manager_->Sync();
  EXPECT_EQ((*manager_)->Record(record)->state, RecordState::kResponding);
  EXPECT_EQ((*nurse_)->Record(record)->state, RecordState::kResponding);
}

TEST_F(Exchange, ReceiptsAreNotAnsweredWithReceipts) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("一"), {}).ok());
  for (int i = 0; i < 3; ++i) {
    nurse_->Sync();
    manager_->Sync();
  }
  const std::size_t before = region_.relay.entries(id).size();
  nurse_->Sync();
  manager_->Sync();
  EXPECT_EQ(region_.relay.entries(id).size(), before);
}

TEST_F(Exchange, ACorrectionIsShownWithItsReasonAndTheOriginal) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  const auto original = (*manager_)->Post(id, NoteForm("体重 50kg"), {});
  ASSERT_TRUE(original.ok());
  const auto correction = (*manager_)->Post(
      id, NoteForm("体重 48kg"), {.corrects = original->record_id, .correction_reason = "誤記"});
  ASSERT_TRUE(correction.ok()) << correction.error().where();
  nurse_->Sync();
  const auto first = (*nurse_)->Record(original->record_id);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(NoteText(*first), "体重 50kg");
  EXPECT_THAT(first->corrected_by, ElementsAre(correction->record_id));
  const auto second = (*nurse_)->Record(correction->record_id);
  EXPECT_EQ(second->corrects, original->record_id);
  EXPECT_EQ(second->correction_reason, "誤記");
  EXPECT_EQ(second->author.name, "架空 まき");
  EXPECT_EQ(second->author.institution, "架空居宅");
}

TEST_F(Exchange, SearchFindsEverybodysRecords) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("アムロジピン錠を減量"), {}).ok());
  nurse_->Sync();
  const auto hits = (*nurse_)->Search("ｱﾑﾛｼﾞﾋﾟﾝ");
  ASSERT_TRUE(hits.ok());
  ASSERT_THAT(*hits, SizeIs(1));
  EXPECT_EQ(NoteText(hits->front()), "アムロジピン錠を減量");
}

TEST_F(Exchange, WhatIsWrittenWithoutNetworkWaitsAndUrgentGoesFirst) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  nurse_->Sync();
  region_.relay.down = true;
  const auto normal = (*nurse_)->Post(id, NoteForm("普通"), {});
  ASSERT_TRUE(normal.ok());
  EXPECT_EQ(normal->state, RecordState::kWaiting);
  const auto urgent = (*nurse_)->Post(id, NoteForm("至急"), {.urgent = true});
  ASSERT_TRUE(urgent.ok());
  nurse_->Restart();
  const auto outbox = (*nurse_)->Outbox();
  ASSERT_TRUE(outbox.ok());
  ASSERT_THAT(*outbox, SizeIs(2));
  EXPECT_EQ(outbox->front().record_id, urgent->record_id);
  EXPECT_EQ(outbox->front().waiting_for, "no connection to the relay");
  EXPECT_EQ((*nurse_)->Sync().error().code(), Code::kUnavailable);
  EXPECT_EQ((*nurse_)->ShowCase(id)->waiting, 2U);

  region_.relay.down = false;
  const auto report = nurse_->Sync();
  EXPECT_EQ(report.records_sent, 2U);
  EXPECT_EQ(report.still_waiting, 0U);
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_, id), ElementsAre("至急", "普通"));
}

TEST_F(Exchange, G1_NothingReadableReachesTheRelay) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("絶対に見えない言葉"), {}).ok());
  nurse_->Sync();
  const std::string all = ToString(region_.relay.Everything());
  EXPECT_EQ(all.find("見えない"), std::string::npos);
  EXPECT_EQ(all.find("太郎"), std::string::npos);
}

TEST_F(Exchange, G6_WhoIsRemovedOpensNothingThatComesAfter) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("在籍中"), {}).ok());
  nurse_->Sync();
  const Status removed = (*manager_)->RemoveMember(id, nurse_->person().person);
  ASSERT_TRUE(removed.ok()) << removed.error().where();
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("退出後"), {}).ok());
  const auto report = nurse_->Sync();
  EXPECT_THAT(report.notices, SizeIs(1));
  EXPECT_FALSE((*nurse_)->ShowCase(id)->member);
  EXPECT_THAT(Notes(*nurse_, id), ElementsAre("在籍中"));
  EXPECT_EQ((*nurse_)->Post(id, NoteForm("無理"), {}).error().code(), Code::kDenied);
  // Nothing under any of the nurse's keys for the new epoch, institution included.
  const auto view = (*manager_)->ShowCase(id);
  EXPECT_THAT(view->members, SizeIs(1));
  EXPECT_THAT(view->readers, SizeIs(2));
}

TEST_F(Exchange, WhoMayNotRemoveIsTold) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  nurse_->Sync();
  EXPECT_EQ((*nurse_)->RemoveMember(id, manager_->person().person).error().code(), Code::kDenied);
  EXPECT_THAT((*nurse_)->ShowCase(id)->members, SizeIs(2));
}

TEST_F(Exchange, G7_ANewDeviceReadsEverythingWithAllOthersOff) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->Post(id, NoteForm("一"), {}).ok());
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  nurse_->Sync();
  ASSERT_TRUE((*nurse_)->Post(id, NoteForm("二"), {}).ok());
  const auto second = region_.AddDevice(*nurse_);
  const auto report = second->Sync();
  EXPECT_THAT(report.notices, SizeIs(0));
  EXPECT_THAT(Notes(*second, id), ElementsAre("一", "二"));
  EXPECT_EQ(report.cases_joined, 1U);
  const auto posted = (*second)->Post(id, NoteForm("三"), {});
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(posted->state, RecordState::kSent);
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_, id), ElementsAre("一", "二", "三"));
  nurse_->Sync();
  EXPECT_THAT(Notes(*nurse_, id), ElementsAre("一", "二", "三"));
  EXPECT_EQ((*nurse_)->ShowCase(id)->members[1].devices, 2U);
}

TEST_F(Exchange, G8_AnOlderCopyOfAVaultRejoinsAndLosesNothing) {
  const CaseId id = NewCase();
  ASSERT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
  nurse_->Sync();
  const auto copy = nurse_->vault().TakeSnapshot();
  ASSERT_TRUE((*nurse_)->Post(id, NoteForm("写しの後"), {}).ok());
  nurse_->vault().Restore(copy);
  nurse_->Restart();
  const auto report = nurse_->Sync();
  EXPECT_EQ(report.cases_joined, 1U);
  EXPECT_THAT(Notes(*nurse_, id), ElementsAre("写しの後"));
  ASSERT_TRUE((*nurse_)->Post(id, NoteForm("戻った後"), {}).ok());
  manager_->Sync();
  EXPECT_THAT(Notes(*manager_, id), ElementsAre("写しの後", "戻った後"));
}

}  // namespace
}  // namespace renkei::test
