#include "crypto/thread/alert_note.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/thread/notice.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

class AlertNotes : public testing::Test {
 protected:
  AlertNotes() {
    const PersonRef doctor{InstitutionId::Generate(random_), PersonId::Generate(random_)};
    AlertPlan plan;
    plan.steps = {{{{doctor.institution, doctor.person, 0}}, Minutes(5)}};
    begun_ = {7, AlertEvent::kBegun, 0, SerializeAlertPlan(plan), {}};
    called_ = {7,
               AlertEvent::kCalled,
               1,
               {},
               {{{doctor.institution, doctor.person, 0}, CallOutcome::kRang},
                {{std::nullopt, std::nullopt, 3}, CallOutcome::kNobody}}};
    over_ = {7, AlertEvent::kAcknowledged, 1, {}, {}};
  }
  RelayNote Note(const AlertNote& alert, bool with_actor = false) {
    RelayNote note;
    note.case_id = CaseId::Generate(random_);
    note.kind = static_cast<std::uint32_t>(RelayNoteKind::kAlertStep);
    note.subject = RecordId::Generate(random_).bytes;
    if (with_actor) {
      note.actor = DeviceId::Generate(random_);
    }
    note.at = test::kExampleTime;
    note.alert = alert;
    return note;
  }

  SeededRandom random_{6};
  SigningKey key_ = SigningKey::Generate(random_);
  AlertNote begun_, called_, over_;
};

TEST_F(AlertNotes, ComeBackAsTheyWereWritten) {
  for (const RelayNote& note : {Note(begun_), Note(called_), Note(over_, true)}) {
    const auto made = MakeRelayNote(note, key_);
    ASSERT_TRUE(made.ok()) << made.error().where();
    const auto read = VerifyRelayNote(*made, key_.public_key());
    ASSERT_TRUE(read.ok()) << read.error().where();
    EXPECT_EQ(*read, note);
  }
}

TEST_F(AlertNotes, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) {
    return VerifyRelayNote(bytes, key_.public_key()).ok();
  };
  const Bytes good = MakeRelayNote(Note(called_), key_).value();
  EXPECT_EQ(test::CountAcceptedMutations(good, accepts), 0U);
}

TEST_F(AlertNotes, HaveOneEncoding) {
  for (const AlertNote& note : {begun_, called_, over_}) {
    const Bytes bytes = Encode([&](FieldWriter& out) { WriteAlertNote(out, note); });
    const auto same_again = [&](ByteView changed) {
      const auto read = ParseAlertNote(changed);
      return read.ok() && (*read == note || Encode([&](FieldWriter& out) {
                                              WriteAlertNote(out, *read);
                                            }) != ToBytes(changed));
    };
    EXPECT_EQ(test::CountAcceptedMutations(bytes, same_again), 0U);
  }
}

TEST_F(AlertNotes, ThatDoNotFitTheirEventAreRefused) {
  const auto refuses = [&](AlertNote note, const std::function<void(AlertNote&)>& change) {
    change(note);
    EXPECT_FALSE(ValidateAlertNote(note).ok());
    EXPECT_FALSE(ParseAlertNote(Encode([&](FieldWriter& out) { WriteAlertNote(out, note); })).ok());
  };
  refuses(begun_, [](AlertNote& n) { n.plan.clear(); });
  refuses(begun_, [](AlertNote& n) { n.plan.push_back(1); });
  refuses(begun_, [](AlertNote& n) { n.seq = 0; });
  refuses(called_, [](AlertNote& n) { n.calls.clear(); });
  refuses(called_, [this](AlertNote& n) { n.plan = begun_.plan; });
  refuses(called_, [](AlertNote& n) { n.calls[0].outcome = CallOutcome::kNobody; });
  refuses(called_, [](AlertNote& n) { n.calls[1].outcome = CallOutcome::kRang; });
  refuses(called_, [](AlertNote& n) { n.calls[0].who = {}; });
  refuses(called_, [](AlertNote& n) { n.calls.resize(kMaxAlertCalls + 1, n.calls[0]); });
  refuses(over_, [this](AlertNote& n) { n.calls = called_.calls; });
  refuses(over_, [](AlertNote& n) { n.event = static_cast<AlertEvent>(9); });
}

TEST_F(AlertNotes, BelongToTheirKindAndNameWhoAcknowledged) {
  RelayNote note = Note(called_);
  note.kind = static_cast<std::uint32_t>(RelayNoteKind::kIncarnation);
  EXPECT_EQ(MakeRelayNote(note, key_).error().code(), Code::kMalformed);
  note = Note(called_);
  note.alert.reset();
  EXPECT_EQ(MakeRelayNote(note, key_).error().code(), Code::kMalformed);
  EXPECT_EQ(MakeRelayNote(Note(over_), key_).error().code(), Code::kMalformed);
  EXPECT_EQ(MakeRelayNote(Note(called_, true), key_).error().code(), Code::kMalformed);
}

TEST_F(AlertNotes, OfTheLargestCaseFit) {
  AlertNote note = called_;
  note.calls.resize(kMaxAlertCalls, note.calls[0]);
  const auto made = MakeRelayNote(Note(note), key_);
  ASSERT_TRUE(made.ok());
  EXPECT_LE(made->size(), kMaxSignedRelayNoteBytes);
  EXPECT_TRUE(VerifyRelayNote(*made, key_.public_key()).ok());
}

}  // namespace
}  // namespace renkei::thread
