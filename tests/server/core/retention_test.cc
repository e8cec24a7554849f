#include "server/core/retention.h"

#include <algorithm>

#include "tests/server/core/closing_fixture.h"

namespace renkei::test {
namespace {

using server::RetentionLook;
using server::RetentionRules;

// Something happens behind the next Read.
class StoreWithAMoment final : public server::Store {
 public:
  explicit StoreWithAMoment(server::Store& store) : store_(store) {}
  void Then(std::function<void()> moment) { moment_ = std::move(moment); }
  void Write(Work work, Done done) override { store_.Write(std::move(work), std::move(done)); }
  void AfterDones(std::function<void()> hook) override { store_.AfterDones(std::move(hook)); }
  Status Read(const View& view) override {
    const Status status = store_.Read(view);
    if (const auto moment = std::exchange(moment_, nullptr)) {
      moment();
    }
    return status;
  }

 private:
  server::Store& store_;
  std::function<void()> moment_;
};

class Retentions : public ClosingFixture {
 protected:
  RetentionLook Look(Millis ran, const RetentionRules& rules = {},
                     server::Retention* other = nullptr) {
    const auto look = Await<RetentionLook>([&](const server::Reply<RetentionLook>& reply) {
      (other != nullptr ? *other : relay->retention()).Look(rules, ran, reply);
    });
    EXPECT_TRUE(look.ok());
    return look.ok() ? *look : RetentionLook{};
  }
  // The relay runs for so long and looks once an hour; how often it announced, deleted.
  RetentionLook Run(Millis span, const RetentionRules& rules = {}) {
    RetentionLook sum;
    for (Millis gone{0}; gone < span; gone = gone + Hours(1)) {
      clock.Advance(Hours(1));
      const RetentionLook look = Look(Hours(1), rules);
      sum.announced += look.announced;
      sum.deleted += look.deleted;
    }
    return sum;
  }
  // To the moment from which on it may be announced.
  void UntilDue() {
    clock.Set(
        thread::KeptUntil(Row()->closing.counted_from, std::max(5U, Row()->closing.keep_years)));
  }
  // A case that is a little too long to be read in one look, until a day before it may go.
  void AnnounceLongCase() {
    constexpr std::size_t kPage = 256;
    for (std::size_t i = 0; i < server::kMaxPagesTogether * kPage; ++i) {
      ASSERT_EQ(NameOf(Append(doctor, Record(doctor))), "accepted");
    }
    ASSERT_EQ(NameOf(Close(nurse)), "accepted");
    UntilDue();
    ASSERT_EQ(Run(Days(30)).announced, 1U);
    clock.Advance(Days(1));
  }
  Result<server::PostOutcome> SendPack(const Handset& by) {
    thread::Pack pack;
    pack.case_id = case_id;
    pack.key_id = doctor.person->archive.fingerprint();
    pack.sender_device = by.device.id;
    pack.ciphertext = world.random().NextBytes(200);
    const Bytes bytes = thread::SerializePack(pack);
    thread::PackNotice notice;
    notice.case_id = case_id;
    notice.key_id = pack.key_id;
    notice.sender_device = by.device.id;
    notice.pack_hash = Sha256(bytes);
    notice.first = {0, 0};
    notice.last = {0, 1};
    notice.created_at = clock.Now();
    const Bytes signed_notice = thread::MakePackNotice(notice, by.device.signing.key).value();
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().AppendPack(by.Caller(), bytes, signed_notice, reply);
    });
  }
  std::optional<server::DeletionRow> Deletion() {
    std::optional<server::DeletionRow> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.FindDeletion(case_id));
                      return Ok();
                    })
                    .ok());
    return out;
  }
  bool HasEntries() {
    std::vector<server::EntryRow> rows;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(rows,
                                    transaction.ReadEntries(case_id, 1, UINT64_MAX, 10, 100'000));
                      return Ok();
                    })
                    .ok());
    return !rows.empty();
  }
  std::uint64_t Stored(const Handset& of) {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(bytes, transaction.StoredBytes(server::UsageOf::kDevice,
                                                                   of.device.id.bytes));
                      return Ok();
                    })
                    .ok());
    return bytes;
  }
  std::uint64_t PayloadBytes() {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto rows, transaction.ReadEntries(case_id, 1, UINT64_MAX,
                                                                             SIZE_MAX, SIZE_MAX));
                      for (const server::EntryRow& row : rows) {
                        bytes += row.payload.size();
                      }
                      return Ok();
                    })
                    .ok());
    return bytes;
  }
  PublicKey RelayKey() { return world.Identity().signing_certificate.public_key(); }
};

TEST_F(Retentions, OpenCaseIsNeverTouched) {
  clock.Advance(Days(365 * 50));
  EXPECT_EQ(Run(Days(40)).announced, 0U);
  EXPECT_TRUE(Row());
}

TEST_F(Retentions, EndedCaseIsAnnouncedThenDeletedWithACertificate) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  const Millis closed_at = clock.Now();
  UntilDue();
  clock.Set(clock.Now() - Millis{1});
  EXPECT_EQ(Look(Hours(1)).announced, 0U) << "a moment too early";
  clock.Advance(Millis{1});
  EXPECT_EQ(Look(Hours(1)).announced, 1U);
  EXPECT_EQ(Look(Hours(1)).announced, 0U) << "once";
  const thread::Position head = HeadOf(case_id);
  const auto page = relay->reader().Read(doctor.Caller(), case_id, head.seq - 1, 10);
  ASSERT_TRUE(page.ok() && *page);
  const auto note = thread::VerifyRelayNote((*page)->entries.at(0).payload, RelayKey());
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->kind, static_cast<std::uint32_t>(thread::RelayNoteKind::kDeletion));

  EXPECT_EQ(Run(Days(30) - Hours(3)).deleted, 0U);
  EXPECT_TRUE(Row());
  EXPECT_EQ(Run(Hours(3)).deleted, 1U);
  EXPECT_FALSE(Row());
  const auto deletion = Deletion();
  ASSERT_TRUE(deletion);
  const auto certificate = thread::VerifyDeletionCertificate(deletion->certificate, RelayKey());
  ASSERT_TRUE(certificate.ok()) << certificate.error().where();
  EXPECT_EQ(certificate->head, head);
  EXPECT_EQ(certificate->counted_from, closed_at);
  EXPECT_EQ(certificate->years, 5U);
  EXPECT_GT(certificate->bytes, 1000U);
  EXPECT_EQ(thread::ParseClosingNotice(certificate->closing)->notice.sender_device,
            nurse.device.id);
  EXPECT_FALSE(Run(Hours(2)).has_more);
  EXPECT_FALSE(HasEntries());
}

// Who gave it back after a restore is no less its members' than the entries.
TEST_F(Retentions, NothingStaysOfWhoGaveADeletedCaseBack) {
  const std::string name = "return/" + ToHex(case_id.view());
  const auto there = [&] {
    std::optional<Bytes> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.FindMeta(name));
                      return Ok();
                    })
                    .ok());
    return out.has_value();
  };
  store.Write([&](server::WriteTransaction& t) { return t.PutMeta(name, AsBytes("state")); },
              [](const Status& status) { EXPECT_TRUE(status.ok()); });
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  EXPECT_TRUE(there());
  ASSERT_EQ(Run(Days(32)).deleted, 1U);
  EXPECT_FALSE(there());
}

// What the case cost its members is given back.
TEST_F(Retentions, DeletedCaseIsCountedNoMore) {
  ASSERT_EQ(NameOf(SendPack(nurse)), "accepted");
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  EXPECT_GT(Stored(nurse), 1000U);
  EXPECT_GT(Stored(doctor), 1000U);
  UntilDue();
  ASSERT_EQ(Run(Days(32)).deleted, 1U);
  EXPECT_EQ(Stored(nurse), 0U);
  EXPECT_EQ(Stored(doctor), 0U);
}

// Reading it is what takes long, so no look reads more than others may wait for.
TEST_F(Retentions, LongCaseIsReadInPiecesBeforeItIsDeleted) {
  ASSERT_NO_FATAL_FAILURE(AnnounceLongCase());
  const std::uint64_t bytes = PayloadBytes();
  const RetentionLook first = Look(Days(1));
  EXPECT_EQ(first.deleted, 0U);
  EXPECT_TRUE(first.has_more);
  EXPECT_TRUE(Row());
  EXPECT_EQ(Look(Millis{0}).deleted, 1U);
  const auto certificate =
      thread::VerifyDeletionCertificate(Deletion().value().certificate, RelayKey());
  ASSERT_TRUE(certificate.ok());
  EXPECT_EQ(certificate->bytes, bytes);
  EXPECT_EQ(Stored(doctor), 0U);
}

TEST_F(Retentions, CaseThatGoesOnWhileItIsReadStays) {
  ASSERT_NO_FATAL_FAILURE(AnnounceLongCase());
  ASSERT_TRUE(Look(Days(1)).has_more);
  ASSERT_EQ(NameOf(Append(doctor, Record(doctor))), "accepted");
  const RetentionLook next = Look(Millis{0});
  EXPECT_EQ(next.deleted, 0U);
  EXPECT_FALSE(next.has_more);
}

// What was read is of a head that it has no more.
TEST_F(Retentions, CaseThatGotANoteSinceItWasReadIsReadAgain) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(30)).announced, 1U);
  clock.Advance(Days(1));
  StoreWithAMoment between(store);
  server::CardCache cards(8);
  const server::HeadSigner signer(world.Identity().signing_key.Clone(), relay->incarnation());
  server::Retention retention(between, clock, relay->audit(), cards, signer, relay->returns(),
                              relay->hub(), relay->incarnation());
  between.Then([&] {
    store.Write(
        [&](server::WriteTransaction& transaction) -> Status {
          RENKEI_ASSIGN(auto row, transaction.FindThread(case_id));
          thread::RelayNote note;
          note.kind = static_cast<std::uint32_t>(thread::RelayNoteKind::kDeletion);
          note.subject = case_id.bytes;
          RENKEI_TRY(server::AppendRelayNote(transaction, *row, note, signer, clock.Now()));
          return transaction.PutThread(*row);
        },
        [](const Status& status) { EXPECT_TRUE(status.ok()); });
  });
  const RetentionLook first = Look(Days(1), {}, &retention);
  EXPECT_EQ(first.deleted, 0U);
  EXPECT_TRUE(first.has_more);
  const std::uint64_t bytes = PayloadBytes();
  EXPECT_EQ(Look(Millis{0}, {}, &retention).deleted, 1U);
  EXPECT_EQ(thread::VerifyDeletionCertificate(Deletion().value().certificate, RelayKey())->bytes,
            bytes);
}

TEST_F(Retentions, MoreThanGoTogetherGoOneLookLater) {
  constexpr std::size_t kCases = server::kMaxRetentionStepsTogether + 1;
  for (std::size_t i = 0; i < kCases; ++i) {
    parts = world.NewCase(nurse);
    case_id = parts.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, parts)), "accepted");
    ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  }
  UntilDue();
  ASSERT_EQ(Run(Days(30)).announced, kCases);
  clock.Advance(Days(2));
  RetentionLook look = Look(Days(2));
  EXPECT_LE(look.deleted, server::kMaxRetentionStepsTogether);
  std::size_t deleted = look.deleted;
  for (int i = 0; i < 5 && look.has_more; ++i) {
    look = Look(Millis{0});
    deleted += look.deleted;
  }
  EXPECT_EQ(deleted, kCases);
}

TEST_F(Retentions, DamagedCaseStaysAndKeepsNoOtherOne) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  const CaseId damaged = case_id;
  const CommitParts other = world.NewCase(nurse);
  ASSERT_EQ(NameOf(Create(nurse, other)), "accepted");
  case_id = other.card.card.case_id;
  parts = other;
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(30)).announced, 2U);
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(auto row, transaction.FindThread(damaged));
        ++row->head.seq;  // an entry is gone
        return transaction.PutThread(*row);
      },
      [](const Status& status) { EXPECT_TRUE(status.ok()); });
  EXPECT_EQ(Run(Days(2)).deleted, 1U);
  EXPECT_FALSE(Row());
  case_id = damaged;
  EXPECT_TRUE(Row());
}

// Both take more than one look to read, and the damaged one comes first.
TEST_F(Retentions, LongDamagedCaseDoesNotKeepALongOneBehindIt) {
  const auto make_long = [this] {
    for (std::size_t i = 0; i < server::kMaxPagesTogether * 256; ++i) {
      ASSERT_EQ(NameOf(Append(nurse, Record(nurse))), "accepted");
    }
    ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  };
  ASSERT_NO_FATAL_FAILURE(make_long());
  const CaseId damaged = case_id;
  clock.Advance(Seconds(1));
  parts = world.NewCase(nurse);
  case_id = parts.card.card.case_id;
  ASSERT_EQ(NameOf(Create(nurse, parts)), "accepted");
  ASSERT_NO_FATAL_FAILURE(make_long());
  UntilDue();
  ASSERT_EQ(Run(Days(30)).announced, 2U);
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(auto row, transaction.FindThread(damaged));
        ++row->head.seq;  // an entry is gone
        return transaction.PutThread(*row);
      },
      [](const Status& status) { EXPECT_TRUE(status.ok()); });
  clock.Advance(Days(2));
  std::size_t deleted = Look(Days(2)).deleted;
  for (int i = 0; i < 6; ++i) {
    deleted += Look(Millis{0}).deleted;
  }
  EXPECT_EQ(deleted, 1U);
  EXPECT_FALSE(Row());
}

TEST_F(Retentions, WhoWasAMemberGetsTheCertificateNobodyElse) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(32)).deleted, 1U);
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 0, 10);
  ASSERT_TRUE(page.ok() && *page);
  EXPECT_EQ((*page)->deletion, Deletion()->certificate);
  EXPECT_TRUE((*page)->entries.empty());
  const auto none = relay->reader().Read(stranger.Caller(), case_id, 0, 10);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(*none);
  EXPECT_EQ(NameOf(Append(doctor, world.Record(parts.card, doctor, HeadOf(case_id)))),
            "unknown thread");
}

TEST_F(Retentions, DeletedCaseDoesNotComeBackUnderItsName) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(32)).deleted, 1U);
  CommitParts again = world.NewCase(nurse);
  thread::Card card = again.card.card;
  card.case_id = case_id;
  again.card = thread::SignCard(card, nurse.device.signing.key).value();
  EXPECT_EQ(NameOf(Create(nurse, again)), "thread exists");
}

TEST_F(Retentions, RecordOrReopeningCallsTheDeletionOff) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(20)).announced, 1U);
  ASSERT_EQ(NameOf(Append(doctor, Record(doctor))), "accepted");
  const RetentionLook later = Run(Days(20));
  EXPECT_EQ(later.announced + later.deleted, 0U) << "counted from the record";
  UntilDue();
  ASSERT_EQ(Run(Days(20)).announced, 1U) << "anew";
  ASSERT_EQ(NameOf(Reopen(nurse)), "accepted");
  EXPECT_EQ(Run(Days(20)).deleted, 0U);
  EXPECT_TRUE(Row());
}

TEST_F(Retentions, NoticeMayAskForMoreYearsThanTheRelayNotForLess) {
  thread::ClosingNotice notice = Notice(nurse, thread::ClosingAction::kClose);
  notice.keep_years = 10;
  ASSERT_EQ(NameOf(Send(nurse, notice)), "accepted");
  const Millis closed_at = clock.Now();
  clock.Set(thread::KeptUntil(closed_at, 10) - Hours(2));
  EXPECT_EQ(Look(Hours(1)).announced, 0U);
  clock.Advance(Hours(2));
  RetentionRules longer;
  longer.years = 20;
  EXPECT_EQ(Look(Hours(1), longer).announced, 0U);
  RetentionRules never;
  never.deletes = false;
  EXPECT_EQ(Look(Hours(1), never).announced, 0U);
  EXPECT_EQ(Look(Hours(1)).announced, 1U);
}

// A clock that was set years ahead by mistake, and set right again within the month.
TEST_F(Retentions, ClockThatJumpsDeletesNothing) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  const Millis right = clock.Now();
  clock.Set(right + Days(365 * 40));
  ASSERT_EQ(Look(Hours(1)).announced, 1U);
  clock.Advance(Days(60));
  EXPECT_EQ(Look(Hours(1)).deleted, 0U) << "it has not run for a month";
  clock.Set(right + Days(1));
  EXPECT_EQ(Run(Days(60)).deleted, 0U) << "and here the month has not begun";
  EXPECT_TRUE(Row());
}

// The time that was run is in the store: whoever comes after it goes on from there.
TEST_F(Retentions, MonthGoesOnOverRestarts) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  ASSERT_EQ(Run(Days(29)).announced, 1U);
  server::CardCache cards(8);
  const server::HeadSigner signer(world.Identity().signing_key.Clone(), relay->incarnation());
  server::Retention again(store, clock, relay->audit(), cards, signer, relay->returns(),
                          relay->hub(), relay->incarnation());
  clock.Advance(Hours(22));
  EXPECT_EQ(Look(Hours(22), {}, &again).deleted, 0U);
  clock.Advance(Hours(4));
  EXPECT_EQ(Look(Hours(4), {}, &again).deleted, 1U);
}

TEST_F(Retentions, FullDiskChangesNothing) {
  ASSERT_EQ(NameOf(Close(nurse)), "accepted");
  UntilDue();
  store.FailWrites(true);
  const auto look = Await<RetentionLook>([&](const server::Reply<RetentionLook>& reply) {
    relay->retention().Look({}, Hours(1), reply);
  });
  EXPECT_EQ(look.error().code(), Code::kUnavailable);
  store.FailWrites(false);
  EXPECT_EQ(Look(Hours(1)).announced, 1U);
}

}  // namespace
}  // namespace renkei::test
