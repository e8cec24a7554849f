// What is counted for devices and institutions (server/core/usage.h), in each store.
#include <cstdint>

#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::UsageOf;
using server::WriteTransaction;

class StoredUsage : public EveryStore {
 protected:
  Status Add(UsageOf whose, std::uint8_t n, std::int64_t more) {
    return Write(
        [=](WriteTransaction& t) { return t.AddStoredBytes(whose, DeviceOf(n).bytes, more); });
  }
  std::uint64_t Of(UsageOf whose, std::uint8_t n) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.StoredBytes(whose, DeviceOf(n).bytes); });
  }
};

TEST_P(StoredUsage, AddsUpForEachOwner) {
  ASSERT_TRUE(Add(UsageOf::kDevice, 1, 100).ok());
  ASSERT_TRUE(Add(UsageOf::kDevice, 1, 5).ok());
  ASSERT_TRUE(Add(UsageOf::kDevice, 2, 7).ok());
  EXPECT_EQ(Of(UsageOf::kDevice, 1), 105U);
  EXPECT_EQ(Of(UsageOf::kDevice, 2), 7U);
  EXPECT_EQ(Of(UsageOf::kDevice, 3), 0U);
  EXPECT_EQ(Of(UsageOf::kInstitution, 1), 0U) << "the same id, another kind of owner";
}

TEST_P(StoredUsage, GoesDownAndNeverBelowNothing) {
  ASSERT_TRUE(Add(UsageOf::kInstitution, 1, 100).ok());
  ASSERT_TRUE(Add(UsageOf::kInstitution, 1, -30).ok());
  EXPECT_EQ(Of(UsageOf::kInstitution, 1), 70U);
  ASSERT_TRUE(Add(UsageOf::kInstitution, 1, -71).ok());
  EXPECT_EQ(Of(UsageOf::kInstitution, 1), 0U);
}

TEST_P(StoredUsage, IsUndoneWithTheRestOfWhatFailed) {
  ASSERT_TRUE(Add(UsageOf::kDevice, 1, 100).ok());
  EXPECT_FALSE(Write([&](WriteTransaction& t) -> Status {
                 RENKEI_TRY(t.AddStoredBytes(UsageOf::kDevice, DeviceOf(1).bytes, 1));
                 RENKEI_ASSIGN(const auto seen, t.StoredBytes(UsageOf::kDevice, DeviceOf(1).bytes));
                 EXPECT_EQ(seen, 101U) << "seen by the same transaction";
                 return Error(Code::kDenied, "test");
               }).ok());
  EXPECT_EQ(Of(UsageOf::kDevice, 1), 100U);
  ASSERT_TRUE(Add(UsageOf::kDevice, 1, 1).ok());
  EXPECT_EQ(Of(UsageOf::kDevice, 1), 101U);
}

RENKEI_TEST_EVERY_STORE(StoredUsage);

TEST(SqliteUsage, OutlivesTheProcess) {
  StoreFolder folder;
  for (std::uint64_t round = 1; round <= 3; ++round) {
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    ASSERT_TRUE(WriteTo(*opened.store, [](WriteTransaction& t) {
                  return t.AddStoredBytes(UsageOf::kDevice, DeviceOf(1).bytes, 10);
                }).ok());
    EXPECT_EQ(ReadFrom(*opened.store,
                       [](ReadTransaction& t) {
                         return t.StoredBytes(UsageOf::kDevice, DeviceOf(1).bytes);
                       }),
              10 * round);
  }
}

}  // namespace
}  // namespace renkei::test
