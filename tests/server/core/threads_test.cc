#include "server/core/threads.h"

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using server::Accepted;
using server::Duplicate;
using server::NotAMember;
using server::Refusal;
using server::Stale;

// A case of two offices: nurse (creator), doctor.
class Threads : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
    case_id = first.card.card.case_id;
  }
  Bytes Record(const Handset& sender, const CommitParts& in_force) {
    return world.Record(in_force.card, sender, HeadOf(case_id));
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts first;
  CommitParts second;
  CaseId case_id;
};

TEST_F(Threads, RecordIsAcknowledgedWithASignedHeadOfExactlyItsEntry) {
  const Bytes record = Record(nurse, second);
  const auto outcome = Append(nurse, record);
  const auto* accepted = ArmOf<Accepted>(outcome);
  ASSERT_NE(accepted, nullptr) << NameOf(outcome);
  EXPECT_EQ(accepted->entry.at.seq, 3U);
  EXPECT_EQ(accepted->entry.payload_hash, Sha256(record));
  const auto head = thread::VerifyHead(accepted->entry.signed_head,
                                       world.Identity().signing_certificate.public_key());
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->seq, 3U);
  EXPECT_EQ(head->hash, HeadOf(case_id).hash);
  EXPECT_EQ(head->incarnation, relay->incarnation());
}

TEST_F(Threads, EntriesFormTheChainThatMembersRecompute) {
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
  ASSERT_NE(ArmOf<Accepted>(Append(doctor, Record(doctor, second))), nullptr);
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 0, 100);
  ASSERT_TRUE(page.ok() && *page);
  thread::Position position = thread::StartOf(case_id);
  for (const server::EntryRow& row : (*page)->entries) {
    const auto next = thread::CheckNext(
        case_id, position, {case_id, row.seq, row.kind, row.received_at, row.payload, row.hash});
    ASSERT_TRUE(next.ok()) << next.error().where();
    position = *next;
  }
  EXPECT_EQ(position.seq, 4U);
  EXPECT_TRUE((*page)->complete);
}

// A commit is large, and rare.
TEST_F(Threads, ARecordMayBeWaitedForOnItsThreadACommitNot) {
  const std::size_t before = store.writes_of_who_waits();
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
  EXPECT_EQ(store.writes_of_who_waits(), before + 1);
  const CommitParts third = world.NextCommit(second.card, doctor, {&nurse, &doctor});
  ASSERT_NE(ArmOf<Accepted>(Commit(doctor, third)), nullptr);
  EXPECT_EQ(store.writes_of_who_waits(), before + 1);
}

TEST_F(Threads, RetryIsToldBeforeTheEpochIsCompared) {
  const Bytes record = Record(nurse, second);
  const auto once = Append(nurse, record);
  const CommitParts third = world.NextCommit(second.card, doctor, {&nurse, &doctor});
  ASSERT_NE(ArmOf<Accepted>(Commit(doctor, third)), nullptr);
  const auto again = Append(nurse, record);
  const auto* duplicate = ArmOf<Duplicate>(again);
  ASSERT_NE(duplicate, nullptr) << NameOf(again);
  EXPECT_EQ(duplicate->entry.at, ArmOf<Accepted>(once)->entry.at);
  EXPECT_EQ(duplicate->entry.payload_hash, Sha256(record));
  EXPECT_EQ(duplicate->entry.signed_head, ArmOf<Accepted>(once)->entry.signed_head);
}

TEST_F(Threads, DuplicateNamesTheHashOfWhatIsStoredNotOfWhatWasSent) {
  const Bytes record = Record(nurse, second);
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, record)), nullptr);
  // The same record id, sealed anew: another nonce and ciphertext.
  auto other = thread::ParseSealedRecord(record);
  other->ciphertext[0] ^= 1;
  const auto outcome = Append(nurse, thread::SerializeSealedRecord(*other));
  ASSERT_NE(ArmOf<Duplicate>(outcome), nullptr);
  EXPECT_EQ(ArmOf<Duplicate>(outcome)->entry.payload_hash, Sha256(record));
}

TEST_F(Threads, RecordOfAnEpochThatIsOverIsStale) {
  const Bytes record = Record(nurse, second);
  const CommitParts third = world.NextCommit(second.card, doctor, {&nurse, &doctor});
  ASSERT_NE(ArmOf<Accepted>(Commit(doctor, third)), nullptr);
  const auto outcome = Append(nurse, record);
  const auto* stale = ArmOf<Stale>(outcome);
  ASSERT_NE(stale, nullptr) << NameOf(outcome);
  EXPECT_EQ(stale->in_force, (thread::EpochRef{0, 2}));
  EXPECT_EQ(stale->head_seq, 3U);
}

TEST_F(Threads, RecordOfWhoIsNoMemberIsRefused) {
  EXPECT_NE(ArmOf<NotAMember>(Append(stranger, Record(stranger, second))), nullptr);
}

TEST_F(Threads, RecordSentWithAnotherDevicesCertificateIsDenied) {
  const auto outcome = Append(stranger, Record(nurse, second));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
}

TEST_F(Threads, RecordWhoseSeenPositionIsOffTheChainIsRefused) {
  thread::Position off = HeadOf(case_id);
  off.hash[0] ^= 1;
  EXPECT_EQ(NameOf(Append(nurse, world.Record(second.card, nurse, off))), "bad position");
  off = HeadOf(case_id);
  off.seq += 1;
  EXPECT_EQ(NameOf(Append(nurse, world.Record(second.card, nurse, off))), "bad position");
}

TEST_F(Threads, RecordWithTheEpochIdOfAnotherChainIsRefused) {
  CommitParts other = second;
  other.card.card.epoch_id[0] ^= 1;
  EXPECT_EQ(NameOf(Append(nurse, Record(nurse, other))), "bad position");
}

TEST_F(Threads, RecordForAThreadThatDoesNotExistIsRefused) {
  const CommitParts other = world.NewCase(nurse);
  const Bytes record = world.Record(other.card, nurse, {});
  EXPECT_EQ(NameOf(Append(nurse, record)), "unknown thread");
}

TEST_F(Threads, BytesThatAreNoRecordAreMalformed) {
  const auto outcome = Append(nurse, AsBytes("no record"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kMalformed);
}

TEST_F(Threads, TimeNeverGoesBackWithinAThread) {
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
  const Millis before = HeadOf(case_id).received_at;
  clock.Set(before - Hours(5));
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
  EXPECT_EQ(HeadOf(case_id).received_at, before);
  clock.Set(before + Seconds(1));
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, Record(nurse, second))), nullptr);
  EXPECT_EQ(HeadOf(case_id).received_at, before + Seconds(1));
}

TEST_F(Threads, FullDiskIsUnavailableAndChangesNothing) {
  const thread::Position before = HeadOf(case_id);
  const Bytes record = Record(nurse, second);
  store.FailWrites(true);
  const auto refused = Append(nurse, record);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  EXPECT_EQ(HeadOf(case_id), before);
  store.FailWrites(false);
  EXPECT_NE(ArmOf<Accepted>(Append(nurse, record)), nullptr);
}

TEST_F(Threads, G5_AcknowledgedRecordIsThereAfterARestartAndShownOnce) {
  const Bytes record = Record(nurse, second);
  ASSERT_NE(ArmOf<Accepted>(Append(nurse, record)), nullptr);
  Open();
  EXPECT_NE(ArmOf<Duplicate>(Append(nurse, record)), nullptr);
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 2, 100);
  ASSERT_TRUE(page.ok() && *page);
  ASSERT_EQ((*page)->entries.size(), 1U);
  EXPECT_EQ((*page)->entries[0].payload, record);
}

class Packs : public Threads {
 protected:
  void Prepare() {
    pack.case_id = case_id;
    pack.key_id = doctor.person->archive.fingerprint();
    pack.sender_device = nurse.device.id;
    pack.ciphertext = world.random().NextBytes(200);
    notice.case_id = case_id;
    notice.key_id = pack.key_id;
    notice.sender_device = nurse.device.id;
    notice.pack_hash = Sha256(thread::SerializePack(pack));
    notice.first = {0, 0};
    notice.last = {0, 1};
    notice.created_at = clock.Now();
  }
  Result<server::PostOutcome> Send(const Handset& by) {
    const Bytes pack_bytes = thread::SerializePack(pack);
    const Bytes notice_bytes = thread::MakePackNotice(notice, nurse.device.signing.key).value();
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().AppendPack(by.Caller(), pack_bytes, notice_bytes, reply);
    });
  }

  thread::Pack pack;
  thread::PackNotice notice;
};

TEST_F(Packs, PackAndNoticeCountForTheirSenderOnce) {
  Prepare();
  const std::uint64_t before = StoredBy(nurse);
  ASSERT_EQ(NameOf(Send(nurse)), "accepted");
  const std::uint64_t after = StoredBy(nurse);
  EXPECT_GT(after, before + thread::SerializePack(pack).size() + 2 * server::kRowBytes);
  EXPECT_EQ(NameOf(Send(nurse)), "duplicate");
  EXPECT_EQ(StoredBy(nurse), after);
}

TEST_F(Packs, PackIsKeptForItsReaderAndItsNoticeStandsInTheThread) {
  Prepare();
  ASSERT_EQ(NameOf(Send(nurse)), "accepted");
  EXPECT_EQ(NameOf(Send(nurse)), "duplicate");
  const auto packs = relay->envelopes().FetchPacks(doctor.Caller(), case_id, pack.key_id, 0);
  ASSERT_TRUE(packs.ok());
  ASSERT_EQ(packs->packs.size(), 1U);
  EXPECT_EQ(packs->packs[0].pack, thread::SerializePack(pack));
  EXPECT_TRUE(packs->complete);
  const auto page = relay->reader().Read(doctor.Caller(), case_id, 2, 10);
  ASSERT_EQ((*page)->entries.size(), 1U);
  EXPECT_EQ((*page)->entries[0].kind, thread::EntryKind::kPack);
}

// A member who is no friend of the newcomer's cannot hide the pack that helps behind others.
TEST_F(Packs, G7_NoNumberOfPacksHidesTheOneThatHelps) {
  constexpr std::size_t kJunk = server::kMaxPacks + 5;
  for (std::size_t i = 0; i <= kJunk; ++i) {
    Prepare();
    pack.ciphertext = world.random().NextBytes(i == kJunk ? 200 : server::kMaxPackCiphertextBytes);
    notice.pack_hash = Sha256(thread::SerializePack(pack));
    ASSERT_EQ(NameOf(Send(nurse)), "accepted");
  }
  std::size_t seen = 0;
  std::uint64_t after = 0;
  Bytes last;
  for (bool is_complete = false; !is_complete;) {
    const auto page = relay->envelopes().FetchPacks(doctor.Caller(), case_id, pack.key_id, after);
    ASSERT_TRUE(page.ok());
    ASSERT_FALSE(page->packs.empty());
    std::size_t bytes = 0;
    for (const server::PackRow& row : page->packs) {
      bytes += row.pack.size();
      last = row.pack;
    }
    EXPECT_LE(bytes, server::kMaxReadBytes) << "an answer larger than a client takes is none";
    seen += page->packs.size();
    ASSERT_LE(seen, kJunk + 1);
    after = page->packs.back().seq;
    is_complete = page->complete;
  }
  EXPECT_EQ(seen, kJunk + 1);
  EXPECT_EQ(last, thread::SerializePack(pack));
}

TEST_F(Packs, PackThatIsNotTheOneAnnouncedIsRefused) {
  Prepare();
  notice.pack_hash[0] ^= 1;
  EXPECT_EQ(NameOf(Send(nurse)), "bad pack");
}

TEST_F(Packs, PackForAKeyThatIsNoRecipientIsRefused) {
  Prepare();
  pack.key_id = stranger.person->archive.fingerprint();
  notice.key_id = pack.key_id;
  notice.pack_hash = Sha256(thread::SerializePack(pack));
  EXPECT_EQ(NameOf(Send(nurse)), "bad pack");
}

TEST_F(Packs, NoticeOfAnotherDeviceIsDenied) {
  Prepare();
  const auto outcome = Send(doctor);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kDenied);
}

}  // namespace
}  // namespace renkei::test
