#include "crypto/thread/chain.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/base/labels.h"

namespace renkei::thread {
namespace {

const CaseId kCase = CaseId::Parse("00112233-4455-4677-8899-aabbccddeeff").value();
const Bytes kPayload = ToBytes("payload");

EntryView Next(const Position& position) {
  EntryView entry;
  entry.case_id = kCase;
  entry.seq = position.seq + 1;
  entry.kind = EntryKind::kRecord;
  entry.received_at = Millis{position.received_at.value + 10};
  entry.payload = kPayload;
  entry.hash = NextHash(position.hash, entry);
  return entry;
}

TEST(Chain, StartsAtTheCase) {
  const Position start = StartOf(kCase);
  EXPECT_EQ(start.seq, 0U);
  EXPECT_EQ(start.hash, Sha256({AsBytes("Renkei 1.0 thread start"), kCase.view()}));
  EXPECT_NE(start.hash, StartOf(CaseId{}).hash);
}

TEST(Chain, HashIsTheFormulaByteForByte) {
  const Hash32 previous = Sha256(AsBytes("previous"));
  Bytes input = ToBytes("Renkei 1.0 thread entry");
  Append(input, previous);
  Append(input, FromHex("0000000000000102").value());  // seq
  Append(input, FromHex("03").value());                // kind
  Append(input, FromHex("0000018fdb8e2c00").value());  // received_at
  Append(input, Sha256(kPayload));
  const Millis at{0x18fdb8e2c00};
  EntryView entry{kCase, 0x102, EntryKind::kPack, at, kPayload, {}};
  EXPECT_EQ(NextHash(previous, entry), Sha256(input));
  EXPECT_EQ(NextHash(previous, 0x102, EntryKind::kPack, at, Sha256(kPayload)), Sha256(input));
}

TEST(Chain, ContinuesEntryByEntry) {
  Position position = StartOf(kCase);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    const EntryView entry = Next(position);
    const auto next = CheckNext(kCase, position, entry);
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(next->seq, seq);
    EXPECT_EQ(next->hash, entry.hash);
    position = *next;
  }
}

// The relay's ways to cheat with an order that two members were told differently.
TEST(Chain, G4_DroppedRepeatedReorderedOrForeignEntriesAreNoticed) {
  const Position start = StartOf(kCase);
  const EntryView first = Next(start);
  const Position one = CheckNext(kCase, start, first).value();
  const EntryView second = Next(one);
  const Position two = CheckNext(kCase, one, second).value();
  const EntryView third = Next(two);
  EXPECT_STREQ(CheckNext(kCase, one, third).error().where(), "chain: skipped sequence number");
  EXPECT_STREQ(CheckNext(kCase, two, second).error().where(), "chain: repeated sequence number");
  EXPECT_STREQ(CheckNext(kCase, start, second).error().where(), "chain: skipped sequence number");
  EntryView renumbered = third;  // reordered: another entry in its place
  renumbered.seq = 2;
  EXPECT_EQ(CheckNext(kCase, one, renumbered).error().code(), Code::kAuthFailed);
  EntryView foreign = second;
  foreign.case_id = CaseId{};
  EXPECT_EQ(CheckNext(kCase, one, foreign).error().code(), Code::kConflict);
  EXPECT_EQ(CheckNext(CaseId{}, StartOf(CaseId{}), first).error().code(), Code::kConflict);
}

TEST(Chain, G4_EveryChangedFieldBreaksTheHash) {
  const Position start = StartOf(kCase);
  const Bytes other = ToBytes("another payload");
  const std::function<void(EntryView&)> changes[] = {
      [](EntryView& e) { e.kind = EntryKind::kCommit; },
      [](EntryView& e) { e.received_at.value += 1; },
      [&](EntryView& e) { e.payload = other; },
      [](EntryView& e) { e.hash[31] ^= 1; },
  };
  for (const auto& change : changes) {
    EntryView entry = Next(start);
    change(entry);
    EXPECT_EQ(CheckNext(kCase, start, entry).error().code(), Code::kAuthFailed);
  }
}

TEST(Chain, TimeMayStandStillButNotGoBack) {
  const Position start = StartOf(kCase);
  const Position one = CheckNext(kCase, start, Next(start)).value();
  EntryView entry = Next(one);
  entry.received_at = one.received_at;
  entry.hash = NextHash(one.hash, entry);
  EXPECT_TRUE(CheckNext(kCase, one, entry).ok());
  entry.received_at.value -= 1;
  entry.hash = NextHash(one.hash, entry);
  EXPECT_EQ(CheckNext(kCase, one, entry).error().code(), Code::kConflict);
}

}  // namespace
}  // namespace renkei::thread
