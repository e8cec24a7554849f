// What the faces are shown, out of rows as they may stand in a vault.
#include "client/core/view_builder.h"

#include "client/core/kinds.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::RecordRow;
using client::RecordState;
using client::RecordStateName;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Views : public CaseFixture {
 protected:
  // A note at the end of the thread, as if it had been taken over.
  RecordRow Note(const Actor& author, const std::string& text = "架空") {
    RecordRow row;
    row.case_id = case_;
    row.seq = next_++;
    row.record_id = RecordId::Generate(random_);
    row.kind = kNote;
    row.author = author.person();
    row.author_name = "証明書の名前";
    row.device = author.device();
    row.content = NoteForm(text);
    row.received_at = region_.clock.Now();
    EXPECT_TRUE(core().records.SaveNew(row).value());
    return row;
  }
  void Stand(const RecordRow& row, const thread::PersonRef& person,
             const std::function<void(client::Standing&)>& change) {
    client::Standing standing = core().records.FindStanding(case_, row.record_id, person).value();
    change(standing);
    ASSERT_TRUE(core().records.SaveStanding(case_, row.record_id, person, standing).ok());
  }
  RecordState StateOf(const RecordRow& row) { return Builder().Record(row).value().state; }
  client::ViewBuilder Builder() { return client::ViewBuilder(core()); }
  client::Core& core() { return inside_.core(); }

  SeededRandom random_{9};
  Insider inside_{region_, *manager_};
  std::uint64_t next_ = inside_.Open(case_).row.position.seq + 1;
};

TEST_F(Views, ARecordClimbsThroughItsStatesByWhatOthersDid) {
  const RecordRow row = Note(*manager_);
  const auto nurse = nurse_->person();
  EXPECT_EQ(StateOf(row), RecordState::kSent);
  ASSERT_TRUE(core().records.SaveHeard(case_, nurse, row.seq + 1, {10}, row.seq).ok());
  EXPECT_EQ(StateOf(row), RecordState::kReceived);
  Stand(row, nurse, [](client::Standing& standing) { standing.opened_at = Millis{20}; });
  EXPECT_EQ(StateOf(row), RecordState::kOpened);
  Stand(row, nurse, [](client::Standing& standing) { standing.acknowledged_at = Millis{30}; });
  EXPECT_EQ(StateOf(row), RecordState::kAcknowledged);
  Stand(row, nurse, [](client::Standing& standing) { standing.responding_at = Millis{40}; });
  EXPECT_EQ(StateOf(row), RecordState::kResponding);
}

TEST_F(Views, TheAuthorsOwnWordDoesNotMoveARecord) {
  const RecordRow row = Note(*manager_);
  Stand(row, manager_->person(), [](client::Standing& standing) {
    standing.opened_at = standing.acknowledged_at = standing.responding_at = Millis{20};
  });
  ASSERT_TRUE(core().records.SaveHeard(case_, manager_->person(), row.seq + 1, {10}, row.seq).ok());
  EXPECT_EQ(StateOf(row), RecordState::kSent);
}

TEST_F(Views, AReceiptThatStopsShortOfARecordIsNoneForIt) {
  const RecordRow row = Note(*manager_);
  ASSERT_TRUE(
      core().records.SaveHeard(case_, nurse_->person(), row.seq + 1, {10}, row.seq - 1).ok());
  EXPECT_EQ(StateOf(row), RecordState::kSent);
}

TEST_F(Views, WhatIsHereFromOthersIsReceived) {
  EXPECT_EQ(StateOf(Note(*nurse_)), RecordState::kReceived);
}

TEST_F(Views, EveryStateHasANameOfItsOwn) {
  EXPECT_STREQ(RecordStateName(RecordState::kWaiting), "waiting");
  EXPECT_STREQ(RecordStateName(RecordState::kSent), "sent");
  EXPECT_STREQ(RecordStateName(RecordState::kReceived), "received");
  EXPECT_STREQ(RecordStateName(RecordState::kOpened), "opened");
  EXPECT_STREQ(RecordStateName(RecordState::kAcknowledged), "acknowledged");
  EXPECT_STREQ(RecordStateName(RecordState::kResponding), "responding");
}

TEST_F(Views, ACorrectionShowsItsReasonAndTheOriginalNamesIt) {
  const RecordRow original = Note(*nurse_, "前");
  RecordRow correction = Note(*nurse_, "後");
  correction.corrects = original.record_id;
  correction.correction_reason = "誤記";
  ASSERT_TRUE(core().records.Save(correction).ok());
  ASSERT_TRUE(core()
                  .records
                  .SaveCorrection(original.record_id,
                                  {case_, correction.seq, correction.record_id, correction.device})
                  .ok());
  const auto views = Builder().Records(case_).value();
  ASSERT_GE(views.size(), 2U);
  const auto& shown = views[views.size() - 2];
  const auto& corrected = views.back();
  EXPECT_EQ(NoteText(shown), "前") << "the original stays readable";
  EXPECT_THAT(shown.corrected_by, ElementsAre(correction.record_id));
  EXPECT_EQ(corrected.corrects, original.record_id);
  EXPECT_EQ(corrected.correction_reason, "誤記");
}

TEST_F(Views, OnlyWhatPeopleWroteIsListedAndWhatDoesNotCountIsListedWithItsReason) {
  const std::size_t before = Builder().Records(case_).value().size();
  RecordRow receipt = Note(*nurse_);
  receipt.kind = client::kinds::kReceipt;
  RecordRow sealed = Note(*nurse_);
  sealed.waiting_for_secret = true;
  RecordRow bad = Note(*nurse_);
  bad.kind = 0;
  bad.problem = "record: its contents are damaged";
  for (const RecordRow* row : {&receipt, &sealed, &bad}) {
    ASSERT_TRUE(core().records.Save(*row).ok());
  }
  const auto views = Builder().Records(case_).value();
  ASSERT_THAT(views, SizeIs(before + 1));
  EXPECT_EQ(views.back().problem, bad.problem);
}

TEST_F(Views, WhatWaitsComesLastWithoutAPlace) {
  client::OutboxStore outbox(core().vault);
  client::OutboxItem item;
  item.case_id = case_;
  item.record_id = RecordId::Generate(random_);
  item.kind = kNote;
  item.content = NoteForm("待つ");
  ASSERT_TRUE(outbox.Add(item, client::Priority::kUrgent).ok());
  Note(*nurse_);
  const auto views = Builder().Records(case_).value();
  EXPECT_EQ(views.back().record_id, item.record_id);
  EXPECT_EQ(views.back().state, RecordState::kWaiting);
  EXPECT_EQ(views.back().seq, 0U);
  EXPECT_FALSE(views.back().received_at.has_value());
  EXPECT_TRUE(views.back().author.self);
  EXPECT_EQ((*manager_)->ShowCase(case_)->waiting, 1U);
}

TEST_F(Views, CoverageNamesProfessionsOfWhichNobodyHasIt) {
  const auto second = region_.AddPerson("架空訪看", pki::InstitutionKind::kVisitingNurseStation,
                                        "架空 あき", pki::Profession::kNurse);
  const auto pharmacist = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy,
                                            "架空 かおる", pki::Profession::kPharmacist);
  for (Actor* actor : {second.get(), pharmacist.get()}) {
    actor->Sync();
    ASSERT_TRUE((*manager_)->AddMember(case_, actor->person().person).ok());
  }
  Insider fresh(region_, *manager_);
  next_ = fresh.Open(case_).row.position.seq + 1;
  const RecordRow row = Note(*manager_);
  ASSERT_TRUE(core().records.SaveHeard(case_, nurse_->person(), row.seq + 1, {10}, row.seq).ok());
  const auto coverage = client::ViewBuilder(fresh.core()).Coverage(row).value();
  EXPECT_THAT(coverage.rows, SizeIs(3)) << "everybody but the author";
  EXPECT_THAT(coverage.professions_missing, ElementsAre("Pharmacist"))
      << "one of two nurses has it";
  EXPECT_THAT(coverage.professions_not_opened, SizeIs(2));
}

TEST_F(Views, WhoLeftStaysInCoverageButMissesNothing) {
  const RecordRow row = Note(*manager_);
  const thread::PersonRef gone{manager_->person().institution, PersonId::Generate(random_)};
  Stand(row, gone, [](client::Standing& standing) { standing.opened_at = Millis{5}; });
  const auto coverage = Builder().Coverage(row).value();
  ASSERT_THAT(coverage.rows, SizeIs(2));
  const auto& former = coverage.rows[0].member_now ? coverage.rows[1] : coverage.rows[0];
  EXPECT_FALSE(former.member_now);
  EXPECT_EQ(former.opened_at, Millis{5});
  EXPECT_EQ(former.received_at, Millis{5}) << "opened is received";
  EXPECT_THAT(coverage.professions_missing, ElementsAre("Registered Nurse"));
}

TEST_F(Views, AnAuthorWhomTheDirectoryLacksHasTheNameOfTheirCertificate) {
  RecordRow row = Note(*nurse_);
  row.author.person = PersonId::Generate(random_);
  EXPECT_EQ(Builder().Record(row).value().author.name, "証明書の名前");
  EXPECT_EQ(Builder().Record(row).value().author.institution, "架空訪看");
}

TEST_F(Views, ACaseShowsMembersReadersAndStewards) {
  const auto view = (*manager_)->ShowCase(case_).value();
  ASSERT_THAT(view.members, SizeIs(2));
  EXPECT_EQ(view.members[0].person.name, "架空 まき");
  EXPECT_TRUE(view.members[0].steward);
  EXPECT_TRUE(view.members[0].person.self);
  EXPECT_FALSE(view.members[1].steward);
  EXPECT_THAT(view.readers,
              testing::UnorderedElementsAre("架空居宅 (archive)", "架空 まき (架空居宅)",
                                            "架空訪看 (archive)", "架空 ゆき (架空訪看)"));
  EXPECT_THAT(view.warnings, IsEmpty());
}

TEST_F(Views, ACaseWithoutItsCardIsDamageNotACrash) {
  const RecordRow row = Note(*manager_);
  const auto cards = core().vault.Scan(client::Table::kCards, {}, {}).value();
  for (const client::Row& card : cards) {
    ASSERT_TRUE(core().vault.Erase(client::Table::kCards, card.key).ok());
  }
  EXPECT_EQ(Builder().Coverage(row).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::test
