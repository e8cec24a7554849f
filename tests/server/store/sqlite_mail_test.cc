// Envelopes, packs and mail: in every store, and what only SQLite can have.
#include "tests/server/store/damaged_rows.h"
#include "tests/server/store/raw_sqlite.h"
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::PackRow;
using server::ReadTransaction;
using server::WriteTransaction;

class StoredMail : public EveryStore {
 protected:
  Status Delete(std::uint8_t device, const std::vector<std::uint64_t>& ids) {
    gone.clear();
    return Write([&](WriteTransaction& t) -> Status {
      RENKEI_ASSIGN(gone, t.DeleteMail(DeviceOf(device), ids));
      return Ok();
    });
  }
  std::vector<server::GoneWelcome> gone;  // by the last Delete
};

TEST_P(StoredMail, EnvelopesComeInTheOrderOfEpochs) {
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

TEST_P(StoredMail, PacksComeInTheOrderOfTheirNotices) {
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

TEST_P(StoredMail, MailIsEachDevicesOwn) {
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
  ASSERT_TRUE(Delete(1, ids).ok());
  EXPECT_EQ(mail_of(1).size(), 1U);
  EXPECT_EQ(mail_of(2)[0].welcome, ToBytes("welcome")) << "another's mail was deleted";
  EXPECT_TRUE(gone.empty()) << "the other device still waits for it";
  ASSERT_TRUE(Delete(2, {mail_of(2)[0].id}).ok());
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].case_id, CaseOf(1));
  EXPECT_EQ(gone[0].seq, 1U);
  EXPECT_EQ(gone[0].bytes, std::string("welcome").size());
}

TEST_P(StoredMail, MailIdsAreNeverUsedAgain) {
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
  ASSERT_TRUE(Delete(1, ids).ok());
  add();
  EXPECT_GT(newest(), ids[0]);
}

TEST_P(StoredMail, MailComesOldestFirstUpToItsLimits) {
  const std::vector<DeviceId> one = {DeviceOf(1)};
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(AppendTo(t, CaseOf(1), AsBytes("one")));
                for (std::uint8_t i = 0; i < 5; ++i) {
                  RENKEI_TRY(t.AddMail(one, CaseOf(1), i + 1U, Bytes(100, i)));
                }
                return Ok();
              }).ok());
  const auto read = [&](std::uint64_t after, std::size_t messages, std::size_t bytes) {
    return ReadFrom(*store, [&](ReadTransaction& t) {
      return t.ReadMail(DeviceOf(1), after, messages, bytes);
    });
  };
  const auto all = read(0, 10, 10000);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].case_id, CaseOf(1));
  EXPECT_EQ(all[4].welcome, Bytes(100, 4));
  EXPECT_EQ(read(0, 3, 10000).size(), 3U);
  EXPECT_EQ(read(0, 10, 250).size(), 2U);
  EXPECT_EQ(read(0, 10, 1).size(), 1U) << "the first comes whatever its size";
  EXPECT_EQ(read(all[1].id, 10, 10000).size(), 3U);
  EXPECT_EQ(read(UINT64_MAX, 10, 10000).size(), 0U);
}

TEST_P(StoredMail, EnvelopesAndPacksAreOfTheirThreadAndKeyUpToTheirLimit) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                for (std::uint8_t n = 1; n <= 2; ++n) {
                  RENKEI_TRY(AppendTo(t, CaseOf(n), AsBytes("one")));
                  RENKEI_TRY(t.AddEnvelope(CaseOf(n), HashOf(1), {{0, 1}, Bytes{n}}));
                  RENKEI_TRY(t.AddPack(CaseOf(n), HashOf(1), 3, Bytes{n}));
                  RENKEI_TRY(t.AddPack(CaseOf(n), HashOf(1), 4, Bytes{n, n}));
                  RENKEI_TRY(t.AddPack(CaseOf(n), HashOf(2), 5, Bytes{9}));
                }
                return Ok();
              }).ok());
  const auto envelopes = ReadFrom(*store, [](ReadTransaction& t) {
    return t.ReadEnvelopes(CaseOf(2), HashOf(1), std::nullopt, 10);
  });
  ASSERT_EQ(envelopes.size(), 1U);
  EXPECT_EQ(envelopes[0].envelope, Bytes{2});
  const auto packs = [&](std::uint8_t n, std::size_t limit) {
    std::vector<Bytes> out;
    for (PackRow& row : ReadFrom(*store, [&](ReadTransaction& t) {
           return t.ReadPacks(CaseOf(n), HashOf(1), 0, limit, 1000);
         })) {
      out.push_back(std::move(row.pack));
    }
    return out;
  };
  EXPECT_THAT(packs(2, 10), testing::ElementsAre(Bytes{2}, Bytes{2, 2}));
  EXPECT_THAT(packs(2, 1), testing::ElementsAre(Bytes{2}));
  EXPECT_TRUE(packs(3, 10).empty());
}

RENKEI_TEST_EVERY_STORE(StoredMail);

class DamagedMail : public DamagedRows {};

// Many devices share a welcome; nobody would ever look for one that was left behind.
TEST_F(DamagedMail, WelcomeGoesWithTheLastDeviceThatDeletesIt) {
  Open();
  const std::vector<DeviceId> both = {DeviceOf(2), DeviceOf(3)};
  ASSERT_TRUE(WriteTo(*store, [&](WriteTransaction& t) {
                return t.AddMail(both, CaseOf(1), 1, AsBytes("shared"));
              }).ok());
  const auto left_after = [&](std::uint8_t device) {
    EXPECT_TRUE(WriteTo(*store, [&](WriteTransaction& t) -> Status {
                  RENKEI_ASSIGN(const auto mail, t.ReadMail(DeviceOf(device), 0, 10, 1000));
                  const std::vector<std::uint64_t> ids = {mail.at(0).id};
                  RENKEI_ASSIGN(const auto gone, t.DeleteMail(DeviceOf(device), ids));
                  EXPECT_EQ(gone.size(), device == 3 ? 1U : 0U);
                  return Ok();
                }).ok());
    return RowsOf(folder.store() / server::kDatabaseFile,
                  "SELECT count(*) FROM welcomes WHERE welcome = CAST('shared' AS BLOB)");
  };
  EXPECT_EQ(left_after(2), std::vector<std::string>{"1|"});
  EXPECT_EQ(left_after(3), std::vector<std::string>{"0|"});
}

TEST_F(DamagedMail, CaseIdHasItsLengthInMail) {
  ExpectDamageTold("UPDATE threads SET case_id = x'0101'",
                   [](ReadTransaction& t) { return t.ReadMail(DeviceOf(1), 0, 10, 1000); });
}

}  // namespace
}  // namespace renkei::test
