#include "client/core/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

CaseId Case(std::uint8_t number) {
  CaseId out;
  out.bytes[15] = number;
  return out;
}

TEST(Warnings, StayUntilTheyAreClearedEachInItsCase) {
  MemoryVault vault;
  ASSERT_TRUE(AddWarning(vault, Case(1), Warning::kForkSeen, 7, {1000}).ok());
  ASSERT_TRUE(AddWarning(vault, Case(1), Warning::kRelayBehind, 8, {2000}).ok());
  ASSERT_TRUE(AddWarning(vault, Case(2), Warning::kForkSeen, 9, {3000}).ok());
  const auto first = LoadWarnings(vault, Case(1)).value();
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].warning, Warning::kForkSeen);
  EXPECT_EQ(first[0].seq, 7U);
  EXPECT_EQ(first[0].at, Millis{1000});
  ASSERT_TRUE(ClearWarning(vault, Case(1), Warning::kForkSeen).ok());
  EXPECT_THAT(LoadWarnings(vault, Case(1)).value(), SizeIs(1));
  EXPECT_THAT(LoadWarnings(vault, Case(2)).value(), SizeIs(1));
}

TEST(Warnings, SaidAgainAreOneWithTheNewestPlace) {
  MemoryVault vault;
  ASSERT_TRUE(AddWarning(vault, Case(1), Warning::kEntryMissing, 7, {1000}).ok());
  ASSERT_TRUE(AddWarning(vault, Case(1), Warning::kEntryMissing, 9, {2000}).ok());
  const auto all = LoadWarnings(vault, Case(1)).value();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].seq, 9U);
}

TEST(Warnings, ThatAreNotThereAreClearedWithoutAWrite) {
  MemoryVault vault;
  const std::size_t before = vault.writes();
  EXPECT_TRUE(ClearWarning(vault, Case(1), Warning::kForkSeen).ok());
  EXPECT_EQ(vault.writes(), before);
}

TEST(Warnings, AreNotLostInAFullDiskButFailed) {
  MemoryVault vault;
  vault.FailAtWrite(1, MemoryVault::Fault::kFailOnce);
  EXPECT_EQ(AddWarning(vault, Case(1), Warning::kForkSeen, 1, {}).error().code(),
            Code::kUnavailable);
  EXPECT_THAT(LoadWarnings(vault, Case(1)).value(), IsEmpty());
}

TEST(Warnings, HaveASentenceEachThatSaysWhatToDoOrWhatIsKept) {
  std::set<std::string> all;
  for (std::uint32_t number = 1; number <= 17; ++number) {
    const std::string text = WarningText(static_cast<Warning>(number));
    EXPECT_TRUE(all.insert(text).second) << text;
    EXPECT_EQ(text.back(), '.') << text;
  }
}

TEST(Warnings, OfADamagedVaultAreAnError) {
  MemoryVault vault;
  ASSERT_TRUE(AddWarning(vault, Case(1), Warning::kForkSeen, 1, {}).ok());
  const auto rows = vault.Scan(Table::kTrust, {}, {}).value();
  ASSERT_TRUE(vault.Put(Table::kTrust, rows[0].key, Bytes{0xFF, 0xFF}).ok());
  EXPECT_EQ(LoadWarnings(vault, Case(1)).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::client
