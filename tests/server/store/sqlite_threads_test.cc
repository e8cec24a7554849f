// Threads, their entries and who reads them: in every store, and what only SQLite can have.
#include <atomic>
#include <future>

#include "tests/server/store/damaged_rows.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::WriteTransaction;

class StoredThreads : public EveryStore {
 protected:
  std::optional<server::ThreadRow> Thread(std::uint8_t n) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.FindThread(CaseOf(n)); });
  }
};

TEST_P(StoredThreads, IsEmptyAtFirst) {
  EXPECT_FALSE(Thread(1));
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DirectoryPosition(); }), 0U);
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.LastAudit(); }));
  EXPECT_TRUE(ReadFrom(*store, [](ReadTransaction& t) {
                return t.ReadEntries(CaseOf(1), 1, 100, 10, 1000);
              }).empty());
}

TEST_P(StoredThreads, TellsWhenARunOfAnswersIsOver) {
  std::atomic<int> done = 0;
  std::atomic<int> done_before_hook = 0;
  std::promise<void> told;
  store->AfterDones([&] {
    done_before_hook = done.load();
    told.set_value();
  });
  store->Write([](WriteTransaction&) { return Ok(); }, [&](const Status&) { ++done; });
  told.get_future().wait();
  EXPECT_EQ(done_before_hook.load(), 1);
  store->AfterDones({});
  ASSERT_TRUE(Write([](WriteTransaction&) { return Ok(); }).ok()) << "and tells nobody any more";
}

// It remembers some of them: neither an old one, nor one that was undone may be another.
TEST_P(StoredThreads, WriterHasTheHashOfEveryEntryAndOfNoneThatWasUndone) {
  constexpr std::uint64_t kEntries = 300;
  for (std::uint64_t i = 0; i < kEntries; i += 50) {
    ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                  for (int n = 0; n < 50; ++n) {
                    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("an entry")));
                  }
                  return Ok();
                }).ok());
  }
  EXPECT_FALSE(Write([](WriteTransaction& t) -> Status {
                 RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("undone")));
                 return Error(Code::kDenied, "test");
               }).ok());
  const auto entries = ReadFrom(*store, [](ReadTransaction& t) {
    return t.ReadEntries(CaseOf(1), 1, kEntries, kEntries, SIZE_MAX);
  });
  ASSERT_EQ(entries.size(), kEntries);
  const auto expect_all = [&](WriteTransaction& t) -> Status {
    for (const server::EntryRow& entry : entries) {
      RENKEI_ASSIGN(const auto hash, t.EntryHash(CaseOf(1), entry.seq));
      EXPECT_EQ(hash, entry.hash) << entry.seq;
    }
    RENKEI_ASSIGN(const auto undone, t.EntryHash(CaseOf(1), kEntries + 1));
    EXPECT_EQ(undone, std::nullopt);
    return Ok();
  };
  ASSERT_TRUE(Write(expect_all).ok()) << "nothing is remembered after the undone one";
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(expect_all(t));
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one more")));
                RENKEI_ASSIGN(const auto hash, t.EntryHash(CaseOf(1), kEntries + 1));
                EXPECT_NE(hash, std::nullopt);
                RENKEI_ASSIGN(const auto before, t.EntryHash(CaseOf(1), kEntries));
                EXPECT_EQ(before, entries.back().hash);
                return Ok();
              }).ok());
}

TEST_P(StoredThreads, ThreadAndEntriesComeBackAsTheyWent) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one"), KeyOf(1)));
                return AppendTo(t, CaseOf(1), AsBytes("two"));
              }).ok());
  const auto row = Thread(1);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->head.seq, 2U);
  const auto entries = ReadFrom(
      *store, [](ReadTransaction& t) { return t.ReadEntries(CaseOf(1), 1, 100, 10, 1000); });
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].payload, ToBytes("one"));
  EXPECT_EQ(entries[1].hash, row->head.hash);
  EXPECT_EQ(entries[1].received_at, row->head.received_at);
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.EntryHash(CaseOf(1), 2); }),
            row->head.hash);
  EXPECT_EQ(
      ReadFrom(*store, [](ReadTransaction& t) { return t.FindEntryKey(CaseOf(1), KeyOf(1)); }), 1U);
  EXPECT_FALSE(
      ReadFrom(*store, [](ReadTransaction& t) { return t.FindEntryKey(CaseOf(2), KeyOf(1)); }));
}

TEST_P(StoredThreads, ThreadRowIsReplaced) {
  server::ThreadRow row{CaseOf(3), {1, HashOf(1), {5}}, {2, 9}, HashOf(2), 4};
  ASSERT_TRUE(
      Write([&](WriteTransaction& t) -> Status {
        // Its head must be an entry, or the store is found damaged at the next start.
        RENKEI_TRY(t.AddEntry(CaseOf(3), {row.head, thread::EntryKind::kCommit, AsBytes("x"), {}}));
        return t.PutThread(row);
      }).ok());
  EXPECT_EQ(Thread(3), row);
  row.in_force = {3, 1};
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutThread(row); }).ok());
  EXPECT_EQ(Thread(3), row);
}

TEST_P(StoredThreads, ReadingStopsAtItsLimits) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                for (int i = 0; i < 10; ++i) {
                  RENKEI_TRY(AppendTo(t, CaseOf(1), Bytes(100, 'x')));
                }
                return Ok();
              }).ok());
  const auto count = [&](std::uint64_t first, std::uint64_t last, std::size_t most,
                         std::size_t bytes) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) {
                      return t.ReadEntries(CaseOf(1), first, last, most, bytes);
                    })
        .size();
  };
  EXPECT_EQ(count(1, 10, 100, 10000), 10U);
  EXPECT_EQ(count(4, 6, 100, 10000), 3U);
  EXPECT_EQ(count(1, 10, 4, 10000), 4U);
  EXPECT_EQ(count(1, 10, 100, 250), 2U);
  EXPECT_EQ(count(1, 10, 100, 1), 1U) << "the first comes whatever its size";
  EXPECT_EQ(count(1, UINT64_MAX, 100, 10000), 10U);
  EXPECT_EQ(count(UINT64_MAX, UINT64_MAX, 100, 10000), 0U);
}

TEST_P(StoredThreads, SeqAndKeyAreUniqueWithinAThread) {
  ASSERT_TRUE(Write([](WriteTransaction& t) {
                return AppendTo(t, CaseOf(1), AsBytes("one"), KeyOf(1));
              }).ok());
  const auto add = [&](std::uint8_t case_n, std::uint64_t seq, const server::EntryKey& key) {
    return Write([&](WriteTransaction& t) {
      return t.AddEntry(CaseOf(case_n),
                        {{seq, HashOf(9), {1}}, thread::EntryKind::kRecord, AsBytes("again"), key});
    });
  };
  const Status same_seq = add(1, 1, KeyOf(2));
  ASSERT_FALSE(same_seq.ok());
  EXPECT_EQ(same_seq.error().code(), Code::kConflict);
  const Status gap = add(1, 3, KeyOf(2));
  ASSERT_FALSE(gap.ok());
  EXPECT_EQ(gap.error().code(), Code::kConflict);
  const Status same_key = add(1, 2, KeyOf(1));
  ASSERT_FALSE(same_key.ok());
  EXPECT_EQ(same_key.error().code(), Code::kConflict);
  EXPECT_TRUE(add(2, 1, KeyOf(1)).ok()) << "another thread's";
}

TEST_P(StoredThreads, WorkThatFailsLeavesNothing) {
  ASSERT_TRUE(
      Write([](WriteTransaction& t) { return AppendTo(t, CaseOf(1), AsBytes("one")); }).ok());
  const Status failed = Write([](WriteTransaction& t) -> Status {
    RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("two")));
    RENKEI_TRY(AppendTo(t, CaseOf(2), AsBytes("three")));
    RENKEI_TRY(t.PutGroupInfo(CaseOf(1), AsBytes("info")));
    RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {}));
    RENKEI_TRY(t.PutMeta("name", AsBytes("value")));
    return Error(Code::kDenied, "test");
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kDenied);
  EXPECT_EQ(Thread(1)->head.seq, 1U);
  EXPECT_FALSE(Thread(2));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindGroupInfo(CaseOf(1)); }));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindMeta("name"); }));
  // And the next one finds the thread as it is.
  ASSERT_TRUE(
      Write([](WriteTransaction& t) { return AppendTo(t, CaseOf(1), AsBytes("two")); }).ok());
  EXPECT_EQ(Thread(1)->head.seq, 2U);
}

TEST_P(StoredThreads, WorkSeesItsOwnWrites) {
  EXPECT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one"), KeyOf(5)));
                RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {1, std::nullopt}));
                RENKEI_ASSIGN(const auto found, t.FindEntryKey(CaseOf(1), KeyOf(5)));
                EXPECT_EQ(found, 1U);
                RENKEI_ASSIGN(const auto spans, t.SpansOf(CaseOf(1), PersonOf(1)));
                EXPECT_EQ(spans.size(), 1U);
                return Ok();
              }).ok());
}

TEST_P(StoredThreads, SpansAreKeptInTheOrderInWhichTheyBegan) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                RENKEI_TRY(AppendTo(t, CaseOf(2), AsBytes("one")));
                RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {5, std::nullopt}));
                RENKEI_TRY(t.EndSpan(CaseOf(1), PersonOf(1), 9));
                RENKEI_TRY(t.AddSpan(CaseOf(1), PersonOf(1), {1, std::nullopt}));
                RENKEI_TRY(t.AddSpan(CaseOf(2), PersonOf(1), {3, std::nullopt}));
                RENKEI_TRY(t.EndSpan(CaseOf(2), PersonOf(1), 4));
                return t.EndSpan(CaseOf(2), PersonOf(2), 4);
              }).ok());
  EXPECT_THAT(
      ReadFrom(*store, [](ReadTransaction& t) { return t.SpansOf(CaseOf(1), PersonOf(1)); }),
      testing::ElementsAre(server::Span{5, 9}, server::Span{1, std::nullopt}));
  EXPECT_THAT(ReadFrom(*store, [](ReadTransaction& t) { return t.ThreadsOf(PersonOf(1)); }),
              testing::ElementsAre(std::pair(CaseOf(1), server::Span{1, std::nullopt}),
                                   std::pair(CaseOf(2), server::Span{3, 4})));
  EXPECT_TRUE(
      ReadFrom(*store, [](ReadTransaction& t) { return t.ThreadsOf(PersonOf(2)); }).empty());
}

RENKEI_TEST_EVERY_STORE(StoredThreads);

class DamagedThreads : public DamagedRows {};

// What nobody stored is given to nobody.
TEST_F(DamagedThreads, G5_ChangedPayloadIsNotRead) {
  ExpectDamageTold("UPDATE entries SET payload = x'00' WHERE seq = 1",
                   [](ReadTransaction& t) { return t.ReadEntries(CaseOf(1), 1, 2, 10, 1000); });
}

TEST_F(DamagedThreads, G5_ChangedTimeIsNotRead) {
  ExpectDamageTold("UPDATE entries SET received_at = 1 WHERE seq = 1",
                   [](ReadTransaction& t) { return t.FindEntry(CaseOf(1), 1); });
}

TEST_F(DamagedThreads, G5_EntryIsNotReadInThePlaceOfOneThatIsLost) {
  ExpectDamageTold("DELETE FROM entries WHERE seq = 1",
                   [](ReadTransaction& t) { return t.ReadEntries(CaseOf(1), 1, 2, 10, 1000); });
}

TEST_F(DamagedThreads, G5_EntryIsNotReadBehindOneThatItDoesNotContinue) {
  ExpectDamageTold("UPDATE entries SET hash = zeroblob(32) WHERE seq = 1",
                   [](ReadTransaction& t) { return t.FindEntry(CaseOf(1), 2); });
}

TEST_F(DamagedThreads, HashOfAnEntryHasItsLengthWhereEntriesAreRead) {
  ExpectDamageTold("UPDATE entries SET hash = x'00' WHERE seq = 1",
                   [](ReadTransaction& t) { return t.ReadEntries(CaseOf(1), 1, 2, 10, 1000); });
}

TEST_F(DamagedThreads, HashOfAnEntryHasItsLengthWhereItAloneIsRead) {
  ExpectDamageTold("UPDATE entries SET hash = x'00' WHERE seq = 1",
                   [](ReadTransaction& t) { return t.EntryHash(CaseOf(1), 1); });
}

TEST_F(DamagedThreads, CardHashOfAThreadHasItsLength) {
  ExpectDamageTold("UPDATE threads SET card_hash = x'00'",
                   [](ReadTransaction& t) { return t.FindThread(CaseOf(1)); });
}

TEST_F(DamagedThreads, CaseIdHasItsLengthInThePersonsList) {
  ExpectDamageTold("UPDATE threads SET case_id = x''",
                   [](ReadTransaction& t) { return t.ThreadsOf(PersonOf(1)); });
}

}  // namespace
}  // namespace renkei::test
