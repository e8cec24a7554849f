// Rows of closed, announced and deleted threads, in every store.
#include <fstream>
#include <sstream>

#include "server/store/store_files.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::WriteTransaction;
using testing::ElementsAre;
using testing::IsEmpty;

class RetentionRows : public EveryStore {
 protected:
  void SetUp() override {
    EveryStore::SetUp();
    ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                  for (std::uint8_t n = 1; n <= 3; ++n) {
                    RENKEI_TRY(AppendTo(t, CaseOf(n), AsBytes("one"), KeyOf(n)));
                    RENKEI_TRY(AppendTo(t, CaseOf(n), AsBytes("second")));
                    RENKEI_TRY(t.AddSpan(CaseOf(n), PersonOf(n), {1, std::nullopt}));
                    RENKEI_TRY(t.AddEnvelope(CaseOf(n), HashOf(n), {{0, 0}, ToBytes("envelope")}));
                    RENKEI_TRY(t.AddPack(CaseOf(n), HashOf(n), 2, AsBytes("pack")));
                    RENKEI_TRY(t.PutGroupInfo(CaseOf(n), AsBytes("info")));
                    const DeviceId device = DeviceOf(n);
                    RENKEI_TRY(t.AddMail(std::span(&device, 1), CaseOf(n), 1, AsBytes("welcome")));
                  }
                  return Ok();
                }).ok());
  }
  Status Close(std::uint8_t n, Millis counted_from) {
    return Write([&](WriteTransaction& t) -> Status {
      RENKEI_ASSIGN(auto row, t.FindThread(CaseOf(n)));
      row->closing = {2, true, 7, counted_from};
      return t.PutThread(*row);
    });
  }
  Status Delete(std::uint8_t n) {
    return Write([&](WriteTransaction& t) -> Status {
      RENKEI_ASSIGN(const auto gone, t.DeleteMailOf(CaseOf(n)));
      EXPECT_LE(gone.size(), 1U);
      return t.DeleteThread({CaseOf(n), {99}, ToBytes("certificate"), {PersonOf(n), PersonOf(50)}});
    });
  }
  std::vector<CaseId> Closed(Millis until) {
    const auto rows = ReadFrom(*store, [&](ReadTransaction& t) { return t.ClosedThreads(until); });
    std::vector<CaseId> out;
    for (const server::ThreadRow& row : rows) {
      out.push_back(row.case_id);
    }
    return out;
  }
  // Until nothing is left; how many pieces that took.
  int DeleteAll(std::size_t at_once) {
    int pieces = 0;
    for (bool more = true; more; ++pieces) {
      EXPECT_TRUE(Write([&](WriteTransaction& t) -> Status {
                    RENKEI_ASSIGN(more, t.DeleteRemains(at_once));
                    return Ok();
                  }).ok());
    }
    return pieces;
  }
  std::size_t EntriesOf(std::uint8_t n) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.ReadEntries(CaseOf(n), 1, 100, 100, 1000); })
        .size();
  }
};
RENKEI_TEST_EVERY_STORE(RetentionRows);

TEST_P(RetentionRows, ClosedThreadsComeOldestFirst) {
  ASSERT_TRUE(Close(2, {500}).ok());
  ASSERT_TRUE(Close(1, {600}).ok());
  EXPECT_THAT(Closed({499}), IsEmpty());
  EXPECT_THAT(Closed({500}), ElementsAre(CaseOf(2)));
  EXPECT_THAT(Closed({600}), ElementsAre(CaseOf(2), CaseOf(1)));
  const auto row = ReadFrom(*store, [](ReadTransaction& t) { return t.FindThread(CaseOf(2)); });
  EXPECT_EQ(row->closing, (thread::Closing{2, true, 7, {500}}));
}

TEST_P(RetentionRows, AnnouncementIsReplaced) {
  const server::AnnouncementRow first{CaseOf(1), {1}, {2}, {3}};
  const server::AnnouncementRow second{CaseOf(1), {4}, {5}, {6}};
  for (const auto& row : {first, second}) {
    ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutAnnouncement(row); }).ok());
    EXPECT_EQ(*ReadFrom(*store, [](ReadTransaction& t) { return t.FindAnnouncement(CaseOf(1)); }),
              row);
  }
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindAnnouncement(CaseOf(2)); }));
}

TEST_P(RetentionRows, DeletedThreadIsFoundByNobodyAndItsCertificateStays) {
  ASSERT_TRUE(Delete(2).ok());
  EXPECT_EQ(Delete(2).error().code(), Code::kConflict);
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindThread(CaseOf(2)); }));
  EXPECT_THAT(
      ReadFrom(*store, [](ReadTransaction& t) { return t.SpansOf(CaseOf(2), PersonOf(2)); }),
      IsEmpty());
  EXPECT_THAT(ReadFrom(*store, [](ReadTransaction& t) { return t.ThreadsOf(PersonOf(2)); }),
              IsEmpty());
  EXPECT_THAT(
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadMail(DeviceOf(2), 0, 9, 99); }),
      IsEmpty());
  const auto deletion =
      ReadFrom(*store, [](ReadTransaction& t) { return t.FindDeletion(CaseOf(2)); });
  ASSERT_TRUE(deletion);
  EXPECT_EQ(deletion->at, Millis{99});
  EXPECT_EQ(ToString(deletion->certificate), "certificate");
  EXPECT_THAT(deletion->readers, ElementsAre(PersonOf(2), PersonOf(50)));
  ASSERT_TRUE(Delete(1).ok());
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.Deletions({}, 10); }).size(), 2U);
  const auto behind =
      ReadFrom(*store, [](ReadTransaction& t) { return t.Deletions(CaseOf(1), 10); });
  ASSERT_EQ(behind.size(), 1U);
  EXPECT_EQ(behind[0].case_id, CaseOf(2));
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.Deletions({}, 1); }).size(), 1U);
}

TEST_P(RetentionRows, WhatIsLeftGoesInPiecesAndOthersStay) {
  EXPECT_EQ(DeleteAll(100), 1) << "nothing to do";
  ASSERT_TRUE(Delete(2).ok());
  EXPECT_GT(DeleteAll(1), 3);
  ASSERT_TRUE(Delete(3).ok());
  DeleteAll(1000);
  EXPECT_EQ(EntriesOf(1), 2U);
  EXPECT_TRUE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindGroupInfo(CaseOf(1)); }));
  EXPECT_EQ(
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadMail(DeviceOf(1), 0, 9, 99); }).size(),
      1U);
  // The newest case's number is not given to the next one, whose rows these would be.
  ASSERT_TRUE(
      Write([](WriteTransaction& t) { return AppendTo(t, CaseOf(4), AsBytes("new")); }).ok());
  EXPECT_EQ(EntriesOf(3), 0U);
  EXPECT_EQ(EntriesOf(4), 1U);
}

TEST_P(RetentionRows, FailureUndoesADeletion) {
  EXPECT_FALSE(Write([](WriteTransaction& t) -> Status {
                 RENKEI_TRY(t.DeleteThread({CaseOf(1), {9}, ToBytes("c"), {}}));
                 return Error(Code::kInternal, "test");
               }).ok());
  EXPECT_TRUE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindThread(CaseOf(1)); }));
  EXPECT_EQ(EntriesOf(1), 2U);
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindDeletion(CaseOf(1)); }));
}

// Not even in pages of the file that nobody uses any more.
TEST(DeletedThreads, AreOverwritten) {
  const StoreFolder folder;
  const std::string words(3000, 'Q');
  const auto count = [&] {
    std::size_t found = 0;
    for (const char* name : {"relay.db", "relay.db-wal"}) {
      std::stringstream bytes;
      bytes << std::ifstream(folder.store() / name, std::ios::binary).rdbuf();
      found += bytes.str().find("QQQQQQQQQQQQQQQQ") != std::string::npos ? 1 : 0;
    }
    return found;
  };
  {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store);
    ASSERT_TRUE(WriteTo(*opened.store, [&](WriteTransaction& t) {
                  return AppendTo(t, CaseOf(1), AsBytes(words));
                }).ok());
  }
  ASSERT_GT(count(), 0U) << "the test looks for what is not there";
  {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store);
    ASSERT_TRUE(WriteTo(*opened.store, [](WriteTransaction& t) -> Status {
                  RENKEI_TRY(t.DeleteThread({CaseOf(1), {9}, ToBytes("c"), {}}));
                  bool more = true;
                  while (more) {
                    RENKEI_ASSIGN(more, t.DeleteRemains(10));
                  }
                  return Ok();
                }).ok());
  }
  // Opened again with the newest entry of all still there, which goes with the next look.
  {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    ASSERT_TRUE(WriteTo(*opened.store, [](WriteTransaction& t) {
                  return AppendTo(t, CaseOf(2), AsBytes("another"));
                }).ok());
    ASSERT_TRUE(WriteTo(*opened.store, [](WriteTransaction& t) -> Status {
                  RENKEI_ASSIGN(const bool more, t.DeleteRemains(10));
                  EXPECT_FALSE(more);
                  return Ok();
                }).ok());
  }
  EXPECT_TRUE(server::SqliteStore::Open(folder.store(), {}).store);
  EXPECT_EQ(count(), 0U);
}

}  // namespace
}  // namespace renkei::test
