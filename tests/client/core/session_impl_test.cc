// What the faces may ask of a session, and what it refuses.
#include "client/core/session_impl.h"

#include "renkei/care/v1/content.pb.h"
#include "tests/client/core/case_fixture.h"

namespace renkei::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class TheSession : public CaseFixture {
 protected:
  client::Session& manager() { return **manager_; }
  client::Session& nurse() { return **nurse_; }
};

TEST_F(TheSession, KnowsItselfBeforeAndAfterTheFirstSync) {
  const auto fresh = region_.AddPerson("架空訪看", pki::InstitutionKind::kVisitingNurseStation,
                                       "架空 あき", pki::Profession::kNurse);
  for (int i = 0; i < 2; ++i) {
    const auto self = (*fresh)->Self();
    EXPECT_EQ(self.name, "架空 あき");
    EXPECT_EQ(self.profession, "Registered Nurse");
    EXPECT_EQ(self.institution, "架空訪看");
    EXPECT_TRUE(self.self);
    fresh->Sync();
  }
}

TEST_F(TheSession, FindsPeopleByNameAndTellsNamesakesApartByInstitution) {
  const auto namesake = region_.AddPerson("架空薬局", pki::InstitutionKind::kPharmacy, "架空 ゆき",
                                          pki::Profession::kPharmacist);
  EXPECT_EQ(manager().FindPerson("架空 ゆき")->person_id, nurse_->person().person);
  manager_->Sync();
  EXPECT_EQ(manager().FindPerson("架空 ゆき").error().code(), Code::kConflict);
  EXPECT_EQ(manager().FindPerson("架空薬局/架空 ゆき")->person_id, namesake->person().person);
  EXPECT_EQ(manager().FindPerson("だれか").error().code(), Code::kNotFound);
}

TEST_F(TheSession, ACaseBeginsWithAPatientAndNothingElse) {
  EXPECT_EQ(manager().NewCase(NoteForm("患者ではない")).error().code(), Code::kMalformed);
  EXPECT_EQ(manager().NewCase(ToBytes("\xFF\xFF")).error().code(), Code::kMalformed);
  EXPECT_EQ(manager().NewCase({}).error().code(), Code::kMalformed);
  EXPECT_THAT(manager().ListCases().value(), SizeIs(1));
}

TEST_F(TheSession, RefusesCasesAndRecordsThatItDoesNotKnow) {
  const CaseId nowhere{};
  const RecordId nothing{};
  EXPECT_EQ(manager().ShowCase(nowhere).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().Post(nowhere, NoteForm("x"), {}).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().Records(nowhere).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().MarkOpened(nowhere, {}).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().Record(nothing).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().Coverage(nothing).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().Respond(nothing).error().code(), Code::kNotFound);
  EXPECT_THAT(manager().Outbox().value(), IsEmpty());
}

TEST_F(TheSession, ACorrectionIsOfTheSameKindInTheSameCaseWithAReason) {
  const RecordId note = Post(*manager_, "前");
  const CaseId other = manager().NewCase(PatientForm("架空 次郎")).value();
  const auto refusal = [&](const CaseId& id, const Bytes& form, const std::string& reason) {
    const auto posted = manager().Post(id, form, {.corrects = note, .correction_reason = reason});
    return posted.ok() ? Code::kInternal : posted.error().code();
  };
  EXPECT_EQ(refusal(other, NoteForm("後"), "誤記"), Code::kNotFound);
  EXPECT_EQ(refusal(case_, PatientForm("架空 太郎"), "誤記"), Code::kMalformed);
  EXPECT_EQ(refusal(case_, NoteForm("後"), ""), Code::kMalformed);
  EXPECT_THAT(manager().Outbox().value(), IsEmpty());
  const auto posted =
      manager().Post(case_, NoteForm("後"), {.corrects = note, .correction_reason = "誤記"});
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(posted->corrects, note);
  EXPECT_THAT(manager().Record(note)->corrected_by, SizeIs(1));
}

TEST_F(TheSession, AnAnswerStaysInItsCase) {
  const RecordId note = Post(*manager_, "疑義");
  const CaseId other = manager().NewCase(PatientForm("架空 次郎")).value();
  EXPECT_EQ(manager().Post(other, NoteForm("答え"), {.answers = note}).error().code(),
            Code::kNotFound);
  EXPECT_EQ(manager().Post(case_, NoteForm("答え"), {.answers = note})->answers, note);
}

TEST_F(TheSession, NobodyAcknowledgesTheirOwnRecordOrWithoutAReadBack) {
  const RecordId note = Post(*manager_, "急変");
  nurse_->Sync();
  EXPECT_EQ(manager().Acknowledge(note, "了解").error().code(), Code::kDenied);
  EXPECT_EQ(manager().Respond(note).error().code(), Code::kDenied);
  EXPECT_EQ(nurse().Acknowledge(note, "").error().code(), Code::kMalformed);
  EXPECT_TRUE(nurse().Acknowledge(note, "了解").ok());
}

TEST_F(TheSession, WhoWasRemovedNeitherPostsNorAcknowledges) {
  const RecordId note = Post(*manager_, "まだいたとき");
  nurse_->Sync();
  ASSERT_TRUE(manager().RemoveMember(case_, nurse_->person().person).ok());
  nurse_->Sync();
  EXPECT_EQ(nurse().Post(case_, NoteForm("x"), {}).error().code(), Code::kDenied);
  EXPECT_EQ(nurse().Acknowledge(note, "了解").error().code(), Code::kDenied);
  EXPECT_TRUE(nurse().MarkOpened(case_, {note}).ok()) << "reading goes on";
  EXPECT_THAT(nurse().Outbox().value(), IsEmpty());
}

TEST_F(TheSession, MarkingWhatIsOwnUnknownOrOpenedAlreadySendsNothing) {
  const RecordId own = Post(*manager_, "自分の");
  const std::size_t writes = region_.relay.writes;
  EXPECT_TRUE(manager().MarkOpened(case_, {own, RecordId{}}).ok());
  EXPECT_EQ(region_.relay.writes, writes);
  nurse_->Sync();
  ASSERT_TRUE(nurse().MarkOpened(case_, {own}).ok());
  const std::size_t after = region_.relay.writes;
  ASSERT_TRUE(nurse().MarkOpened(case_, {own}).ok());
  EXPECT_EQ(region_.relay.writes, after);
}

TEST_F(TheSession, FindsRecordsByTheBeginningOfTheirNumberWaitingOnesToo) {
  const RecordId sent = Post(*manager_, "送った");
  region_.relay.down = true;
  const RecordId waiting = manager().Post(case_, NoteForm("待つ"), {})->record_id;
  for (const RecordId& id : {sent, waiting}) {
    EXPECT_EQ(manager().FindRecord(id.Text().substr(0, 13)).value(), id);
    EXPECT_EQ(manager().FindRecord(id.Text()).value(), id);
  }
  EXPECT_EQ(manager().FindRecord(sent.Text().substr(0, 3)).error().code(), Code::kNotFound);
  EXPECT_EQ(manager().FindRecord("zzzz").error().code(), Code::kNotFound);
}

TEST_F(TheSession, ARecordOverTheLimitIsRefusedBeforeItWaits) {
  EXPECT_EQ(
      manager().Post(case_, NoteForm(std::string(std::size_t{600} << 10U, 'x')), {}).error().code(),
      Code::kTooLarge);
  EXPECT_THAT(manager().Outbox().value(), IsEmpty());
}

TEST_F(TheSession, AStaleIndexIsMadeAnewWhenTheSessionOpens) {
  Post(*manager_, "フロセミド");
  manager_->vault().MakeIndexStale();
  manager_->Restart();
  EXPECT_FALSE(manager_->vault().IndexIsStale());
  EXPECT_THAT(manager().Search("フロセミド").value(), SizeIs(1));
}

TEST_F(TheSession, OfAVaultOfNobodyDoesNotOpen) {
  client::MemoryVault empty;
  client::Environment environment = manager_->Env();
  EXPECT_EQ(client::Session::Open({empty, environment.connector, environment.clock,
                                   environment.random, environment.search_text})
                .error()
                .code(),
            Code::kNotFound);
}

}  // namespace
}  // namespace renkei::test
