// What records do to what is known: counters, standings, corrections, gossip; in any order.
#include "client/core/take_record.h"

#include "client/core/kinds.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::RecordRow;
using client::Warning;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TakeRecord : public CaseFixture {
 protected:
  TakeRecord() { next_ = row_.position.seq + 1; }

  // A judged record of that author at the next place of the thread.
  client::AcceptedRecord Judged(const Actor& author, const care::v1::Content& content,
                                std::uint32_t kind, bool urgent = false) {
    client::AcceptedRecord out;
    out.header.case_id = case_;
    out.header.record_id = RecordId::Generate(random_);
    out.header.sender_device = author.device();
    out.header.urgency = urgent ? thread::Urgency::kUrgent : thread::Urgency::kNormal;
    out.header.seen_seq = next_ - 1;
    out.author = author.person();
    seal::OpenedRecord opened;
    opened.kind = kind;
    opened.created_at = region_.clock.Now();
    opened.content = SecretBytes::CopyOf(AsBytes(content.SerializeAsString()));
    out.opened = std::move(opened);
    return out;
  }
  RecordId Take(const client::AcceptedRecord& record) {
    thread::EntryView entry;
    entry.case_id = case_;
    entry.seq = next_++;
    entry.kind = thread::EntryKind::kRecord;
    entry.received_at = region_.clock.Now();
    EXPECT_TRUE(client::TakeNewRecord(core(), row_, entry, record, changes_).ok());
    return record.header.record_id;
  }
  RecordId TakeNote(const Actor& author, bool urgent = false) {
    care::v1::Content content;
    content.mutable_note()->set_text("架空");
    return Take(Judged(author, content, kNote, urgent));
  }
  care::v1::Content Ack(const RecordId& target, const std::string& read_back = "了解") {
    care::v1::Content content;
    content.mutable_acknowledgement()->set_record_id(ToString(target.view()));
    content.mutable_acknowledgement()->set_read_back(read_back);
    return content;
  }
  RecordId TakeAck(const Actor& author, const RecordId& target) {
    return Take(Judged(author, Ack(target), client::kinds::kAcknowledgement));
  }
  RecordRow Stored(std::uint64_t seq) { return core().records.Find(case_, seq).value().value(); }
  client::Standing StandingOf(const Actor& person, const RecordId& record) {
    return core().records.FindStanding(case_, record, person.person()).value();
  }
  client::Core& core() { return inside_.core(); }

  SeededRandom random_{7};
  Insider inside_{region_, *manager_};
  client::CaseRow row_ = inside_.Open(case_).row;
  client::Changes changes_;
  std::uint64_t next_ = 0;
};

TEST_F(TakeRecord, OfOthersCountsAsUnreadAndIsNewsAndOwnIsNeither) {
  const std::uint64_t before = row_.unread;
  TakeNote(*nurse_);
  EXPECT_EQ(row_.unread, before + 1);
  EXPECT_THAT(changes_.new_records, SizeIs(1));
  TakeNote(*manager_);
  EXPECT_EQ(row_.unread, before + 1);
  EXPECT_THAT(changes_.new_records, SizeIs(1));
}

TEST_F(TakeRecord, UrgentStaysOpenUntilSomebodyElseAcknowledges) {
  const RecordId record = TakeNote(*nurse_, true);
  EXPECT_EQ(row_.urgent_open, 1U);
  TakeAck(*nurse_, record);
  EXPECT_EQ(row_.urgent_open, 1U) << "the author's own word does not count";
  TakeAck(*manager_, record);
  EXPECT_EQ(row_.urgent_open, 0U);
  TakeAck(*manager_, record);
  EXPECT_EQ(row_.urgent_open, 0U) << "twice does not count twice";
}

TEST_F(TakeRecord, AnAcknowledgementSaysOpenedTooAndKeepsTheFirstReadBack) {
  const RecordId record = TakeNote(*manager_);
  TakeAck(*nurse_, record);
  const Millis first = region_.clock.Now();
  region_.clock.Advance(Minutes(5));
  Take(Judged(*nurse_, Ack(record, "二度目"), client::kinds::kAcknowledgement));
  const auto standing = StandingOf(*nurse_, record);
  EXPECT_EQ(standing.opened_at, first);
  EXPECT_EQ(standing.acknowledged_at, first);
  EXPECT_EQ(standing.read_back, "了解");
  EXPECT_FALSE(standing.responding_at.has_value());
}

TEST_F(TakeRecord, RespondingIsAStateOfItsOwn) {
  const RecordId record = TakeNote(*manager_);
  care::v1::Content content;
  content.mutable_response()->set_record_id(ToString(record.view()));
  Take(Judged(*nurse_, content, client::kinds::kResponse));
  const auto standing = StandingOf(*nurse_, record);
  EXPECT_TRUE(standing.responding_at.has_value());
  EXPECT_TRUE(standing.opened_at.has_value());
  EXPECT_FALSE(standing.acknowledged_at.has_value());
}

TEST_F(TakeRecord, AnAcknowledgementOfAnotherCasesRecordDoesNothing) {
  const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
  const RecordId elsewhere = (*manager_)->Records(other).value().front().record_id;
  TakeAck(*nurse_, elsewhere);
  EXPECT_THAT(core().records.Standings(other, elsewhere).value(), IsEmpty());
  EXPECT_THAT(core().records.Standings(case_, elsewhere).value(), IsEmpty());
}

TEST_F(TakeRecord, G4_AReceiptForAnotherThreadIsAForkAndNoReceipt) {
  care::v1::Content content;
  content.mutable_receipt()->set_received_to(2);
  content.mutable_receipt()->set_received_hash(std::string(32, 'x'));
  const auto before = core().records.ReceivedAt(case_, nurse_->person(), 2).value();
  Take(Judged(*nurse_, content, client::kinds::kReceipt));
  EXPECT_TRUE(Warned(*manager_, Warning::kForkSeen));
  EXPECT_THAT(changes_.notices, ElementsAre(client::WarningText(Warning::kForkSeen)));
  EXPECT_EQ(core().records.ReceivedAt(case_, nurse_->person(), 2).value(), before);
}

TEST_F(TakeRecord, AReceiptOpensWhatItNamesAndNothingElse) {
  const RecordId opened = TakeNote(*manager_);
  const RecordId not_opened = TakeNote(*manager_);
  care::v1::Content content;
  content.mutable_receipt()->set_received_to(1);
  content.mutable_receipt()->set_received_hash(
      ToString(core().cases.HashAt(case_, 1).value().value()));
  content.mutable_receipt()->add_opened(ToString(opened.view()));
  content.mutable_receipt()->add_opened("no id at all");
  Take(Judged(*nurse_, content, client::kinds::kReceipt));
  EXPECT_TRUE(StandingOf(*nurse_, opened).opened_at.has_value());
  EXPECT_FALSE(StandingOf(*nurse_, not_opened).opened_at.has_value());
  EXPECT_FALSE(Warned(*manager_, Warning::kForkSeen));
}

TEST_F(TakeRecord, ANumberUsedBeforeIsKeptAndMarkedAndTheFirstStays) {
  care::v1::Content content;
  content.mutable_note()->set_text("一つ目");
  auto record = Judged(*nurse_, content, kNote);
  const RecordId id = Take(record);
  const std::uint64_t first = next_ - 1;
  Take(record);
  EXPECT_EQ(core().records.FindPlace(id).value()->seq, first);
  EXPECT_EQ(Stored(first).problem, "");
  EXPECT_NE(Stored(first + 1).problem, "");
  EXPECT_TRUE(Warned(*manager_, Warning::kRecordIgnored));
  EXPECT_THAT(changes_.new_records, SizeIs(1));
}

TEST_F(TakeRecord, ContentsOfAnotherKindThanSealedDoNotCount) {
  care::v1::Content content;
  content.mutable_note()->set_text("架空");
  Take(Judged(*nurse_, content, client::kinds::kPatient));
  EXPECT_NE(Stored(next_ - 1).problem, "");
  EXPECT_LT(row_.patient_seq, next_ - 1) << "the case's patient stays who it is";
  EXPECT_TRUE(Warned(*manager_, Warning::kRecordIgnored));
}

TEST_F(TakeRecord, ContentsThatAreNoMessageDoNotCount) {
  auto record = Judged(*nurse_, {}, kNote);
  record.opened->content = SecretBytes::CopyOf(Bytes{0xFF, 0xFF});
  const std::uint64_t before = row_.unread;
  Take(record);
  EXPECT_NE(Stored(next_ - 1).problem, "");
  EXPECT_EQ(row_.unread, before);
}

TEST_F(TakeRecord, ABodilessRecordOfAKindThatTheCoreActsOnDoesNotCount) {
  for (const std::uint32_t kind : {client::kinds::kPatient, client::kinds::kAcknowledgement,
                                   client::kinds::kResponse, client::kinds::kReceipt}) {
    Take(Judged(*nurse_, {}, kind));
    EXPECT_NE(Stored(next_ - 1).problem, "") << kind;
  }
  EXPECT_FALSE(Warned(*manager_, Warning::kForkSeen)) << "an empty receipt is no fork";
  EXPECT_EQ((*manager_)->ShowCase(case_)->patient, PatientForm("架空 太郎"));
}

TEST_F(TakeRecord, ABodyOfALaterProgramIsKeptAsItIs) {
  Take(Judged(*nurse_, {}, 900));
  EXPECT_EQ(Stored(next_ - 1).problem, "");
  EXPECT_EQ(Stored(next_ - 1).kind, 900U);
}

TEST_F(TakeRecord, ACorrectionIsFoundFromItsOriginalWithinTheCaseOnly) {
  const RecordId original = TakeNote(*nurse_);
  care::v1::Content content;
  content.mutable_note()->set_text("訂正後");
  content.set_corrects(ToString(original.view()));
  content.set_correction_reason("誤記");
  const RecordId correction = Take(Judged(*nurse_, content, kNote));
  const auto corrections = core().records.Corrections(original).value();
  ASSERT_THAT(corrections, SizeIs(1));
  EXPECT_EQ(corrections[0].record_id, correction);
  EXPECT_EQ(Stored(next_ - 1).correction_reason, "誤記");
  content.set_corrects(std::string(16, 'x'));
  Take(Judged(*nurse_, content, kNote));
  EXPECT_THAT(core().records.Corrections(RecordId::FromBytes(Bytes(16, 'x')).value()).value(),
              IsEmpty());
}

TEST_F(TakeRecord, WithoutItsSecretIsKeptUncountedAndCountedWhenItComes) {
  care::v1::Content content;
  content.mutable_note()->set_text("架空");
  auto later = Judged(*nurse_, content, kNote, true);
  client::AcceptedRecord now;
  now.header = later.header;
  now.author = later.author;
  now.waiting_for_secret = true;
  const std::uint64_t unread = row_.unread;
  Take(now);
  EXPECT_EQ(row_.unread, unread);
  EXPECT_EQ(row_.urgent_open, 0U);
  EXPECT_TRUE(Stored(next_ - 1).waiting_for_secret);
  ASSERT_TRUE(client::TakeOpenedRecord(core(), row_, Stored(next_ - 1), later, changes_).ok());
  EXPECT_FALSE(Stored(next_ - 1).waiting_for_secret);
  EXPECT_EQ(row_.unread, unread + 1);
  EXPECT_EQ(row_.urgent_open, 1U);
}

TEST_F(TakeRecord, ShownHereCountsOnce) {
  const RecordId record = TakeNote(*nurse_);
  const RecordRow stored = Stored(next_ - 1);
  const std::uint64_t unread = row_.unread;
  EXPECT_TRUE(client::TakeOpenedHere(core(), row_, stored).value());
  EXPECT_FALSE(client::TakeOpenedHere(core(), row_, stored).value()) << "no news the second time";
  EXPECT_EQ(row_.unread, unread - 1);
  EXPECT_TRUE(StandingOf(*manager_, record).opened_here);
}

}  // namespace
}  // namespace renkei::test
