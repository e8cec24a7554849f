// What every store must do (server/core/store.h): the same tests against each.
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::Store;
using server::WriteTransaction;

class EveryStore : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    if (GetParam() == "memory") {
      store = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  Status Write(Store::Work work) { return WriteTo(*store, std::move(work)); }
  std::optional<server::ThreadRow> Thread(std::uint8_t n) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.FindThread(CaseOf(n)); });
  }

  StoreFolder folder;
  std::unique_ptr<Store> store;
};

TEST_P(EveryStore, IsEmptyAtFirst) {
  EXPECT_FALSE(Thread(1));
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DirectoryPosition(); }), 0U);
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.LastAudit(); }));
  EXPECT_TRUE(ReadFrom(*store, [](ReadTransaction& t) {
                return t.ReadEntries(CaseOf(1), 1, 100, 10, 1000);
              }).empty());
}

TEST_P(EveryStore, ThreadAndEntriesComeBackAsTheyWent) {
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

TEST_P(EveryStore, ThreadRowIsReplaced) {
  server::ThreadRow row{CaseOf(3), {7, HashOf(1), {5}}, {2, 9}, HashOf(2), 4};
  ASSERT_TRUE(
      Write([&](WriteTransaction& t) {
        // Its head must be an entry, or the store is found damaged at the next start.
        (void)t.AddEntry(CaseOf(3), {row.head, thread::EntryKind::kCommit, AsBytes("x"), {}});
        return t.PutThread(row);
      }).ok());
  EXPECT_EQ(Thread(3), row);
  row.in_force = {3, 1};
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutThread(row); }).ok());
  EXPECT_EQ(Thread(3), row);
}

TEST_P(EveryStore, ReadingStopsAtItsLimits) {
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

TEST_P(EveryStore, SeqAndKeyAreUniqueWithinAThread) {
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
  const Status same_key = add(1, 2, KeyOf(1));
  ASSERT_FALSE(same_key.ok());
  EXPECT_EQ(same_key.error().code(), Code::kConflict);
}

TEST_P(EveryStore, WorkThatFailsLeavesNothing) {
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

TEST_P(EveryStore, WorkSeesItsOwnWrites) {
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

TEST_P(EveryStore, SpansAreKeptInTheOrderInWhichTheyBegan) {
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

TEST_P(EveryStore, EnvelopesComeInTheOrderOfEpochs) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                for (const auto& at : {server::EpochRef{1, 0}, {0, 2}, {0, 1}, {0, 10}}) {
                  RENKEI_TRY(t.AddEnvelope(CaseOf(1), HashOf(1), {at, Bytes{1}}));
                }
                return t.AddEnvelope(CaseOf(1), HashOf(2), {{0, 1}, Bytes{2}});
              }).ok());
  const auto read = [&](const std::optional<server::EpochRef>& after, std::size_t limit) {
    std::vector<server::EpochRef> out;
    for (const auto& row : ReadFrom(*store, [&](ReadTransaction& t) {
           return t.ReadEnvelopes(CaseOf(1), HashOf(1), after, limit);
         })) {
      out.push_back(row.at);
    }
    return out;
  };
  using server::EpochRef;
  EXPECT_THAT(read(std::nullopt, 10), testing::ElementsAre(EpochRef{0, 1}, EpochRef{0, 2},
                                                           EpochRef{0, 10}, EpochRef{1, 0}));
  EXPECT_THAT(read(EpochRef{0, 2}, 10), testing::ElementsAre(EpochRef{0, 10}, EpochRef{1, 0}));
  EXPECT_THAT(read(EpochRef{0, 0}, 1), testing::ElementsAre(EpochRef{0, 1}));
  const Status twice = Write([](WriteTransaction& t) {
    return t.AddEnvelope(CaseOf(1), HashOf(1), {{0, 1}, Bytes{3}});
  });
  EXPECT_EQ(twice.error().code(), Code::kConflict);
}

TEST_P(EveryStore, PacksComeInTheOrderOfTheirNotices) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                RENKEI_TRY(t.AddPack(CaseOf(1), HashOf(1), 8, AsBytes("later")));
                return t.AddPack(CaseOf(1), HashOf(1), 4, AsBytes("sooner"));
              }).ok());
  const auto read = [this](std::uint64_t after, std::size_t packs, std::size_t bytes) {
    std::string out;
    for (const PackRow& row : ReadFrom(*store, [&](ReadTransaction& t) {
           return t.ReadPacks(CaseOf(1), HashOf(1), after, packs, bytes);
         })) {
      out += std::to_string(row.seq) + ToString(row.pack) + " ";
    }
    return out;
  };
  EXPECT_EQ(read(0, 10, 1000), "4sooner 8later ");
  EXPECT_EQ(read(4, 10, 1000), "8later ");
  EXPECT_EQ(read(8, 10, 1000), "");
  EXPECT_EQ(read(0, 1, 1000), "4sooner ");
  EXPECT_EQ(read(0, 10, 10), "4sooner ") << "not both";
  EXPECT_EQ(read(0, 10, 1), "4sooner ") << "always one";
}

TEST_P(EveryStore, WhatIsKeptAddsUpForDeviceAndInstitution) {
  InstitutionId institution;
  institution.bytes.fill(9);
  const auto of = [this](Owner owner, const ByteArray<kIdBytes>& id) {
    return ReadFrom(*store, [&](ReadTransaction& t) { return t.FindUsage(owner, id); });
  };
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddUsage(DeviceOf(1), institution, {100, 10, 1}));
                return t.AddUsage(DeviceOf(2), institution, {5, 0, 0});
              }).ok());
  EXPECT_EQ(of(Owner::kDevice, DeviceOf(1).bytes), (Usage{100, 10, 1}));
  EXPECT_EQ(of(Owner::kDevice, DeviceOf(2).bytes), (Usage{5, 0, 0}));
  EXPECT_EQ(of(Owner::kInstitution, institution.bytes), (Usage{105, 10, 1}));
  EXPECT_EQ(of(Owner::kInstitution, DeviceOf(1).bytes), Usage{}) << "another kind of owner";
  // Undone with the rest of what failed.
  EXPECT_FALSE(Write([&](WriteTransaction& t) -> Status {
                 RENKEI_TRY(t.AddUsage(DeviceOf(1), institution, {1, 1, 1}));
                 return Error(Code::kDenied, "test");
               }).ok());
  EXPECT_EQ(of(Owner::kDevice, DeviceOf(1).bytes), (Usage{100, 10, 1}));
}

TEST_P(EveryStore, MailIsEachDevicesOwn) {
  const std::vector<DeviceId> both = {DeviceOf(1), DeviceOf(2)};
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                RENKEI_TRY(t.AddMail(both, CaseOf(1), 1, AsBytes("welcome")));
                return t.AddMail(std::span(both).first(1), CaseOf(1), 2, AsBytes("second"));
              }).ok());
  const auto mail_of = [&](std::uint8_t n) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.ReadMail(DeviceOf(n), 0, 10, 1000); });
  };
  const auto first = mail_of(1);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].welcome, ToBytes("welcome"));
  EXPECT_EQ(first[1].seq, 2U);
  EXPECT_LT(first[0].id, first[1].id);
  ASSERT_EQ(mail_of(2).size(), 1U);
  const std::vector<std::uint64_t> ids = {first[0].id, mail_of(2)[0].id, 999};
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.DeleteMail(DeviceOf(1), ids); }).ok());
  EXPECT_EQ(mail_of(1).size(), 1U);
  EXPECT_EQ(mail_of(2)[0].welcome, ToBytes("welcome")) << "another's mail was deleted";
}

TEST_P(EveryStore, MailIdsAreNeverUsedAgain) {
  const std::vector<DeviceId> one = {DeviceOf(1)};
  const auto add = [&] {
    ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                  RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                  return t.AddMail(one, CaseOf(1), 1, AsBytes("welcome"));
                }).ok());
  };
  const auto newest = [&] {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.ReadMail(DeviceOf(1), 0, 10, 1000); })
        .back()
        .id;
  };
  add();
  const std::vector<std::uint64_t> ids = {newest()};
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.DeleteMail(DeviceOf(1), ids); }).ok());
  add();
  EXPECT_GT(newest(), ids[0]);
}

INSTANTIATE_TEST_SUITE_P(Stores, EveryStore, ::testing::Values("memory", "sqlite"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace renkei::test
