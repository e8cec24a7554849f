#include "client/cli/notices.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "client/core/notices.h"
#include "client/core/outbox_store.h"
#include "client/core/trust.h"
#include "tests/client/cli/sentences_check.h"

namespace renkei::cli {
namespace {

class Notices : public testing::Test {
 protected:
  void SetUp() override { setenv("RENKEI_LANG", "ja", 1); }
  void TearDown() override { unsetenv("RENKEI_LANG"); }

  static bool IsTranslated(const char* english) { return InUsersLanguage(english) != english; }
};

// The numbers are stored on disk, so they are dense from 1; the first unknown one ends the list.
TEST_F(Notices, EveryWarningHasAJapaneseSentence) {
  const std::string unknown = client::WarningText(static_cast<client::Warning>(0));
  std::uint32_t number = 1;
  for (; client::WarningText(static_cast<client::Warning>(number)) != unknown; ++number) {
    EXPECT_TRUE(IsTranslated(client::WarningText(static_cast<client::Warning>(number)))) << number;
  }
  EXPECT_GT(number, 17U);
}

TEST_F(Notices, EveryReasonToWaitHasAJapaneseSentence) {
  const std::string unknown = client::WaitReasonText(static_cast<client::WaitReason>(999));
  std::uint32_t number = 0;
  for (; client::WaitReasonText(static_cast<client::WaitReason>(number)) != unknown; ++number) {
    EXPECT_TRUE(IsTranslated(client::WaitReasonText(static_cast<client::WaitReason>(number))));
  }
  EXPECT_GT(number, 6U);
}

TEST_F(Notices, EveryNoticeHasAJapaneseSentence) {
  const std::string unknown = client::NoticeText(static_cast<client::Said>(0));
  std::uint8_t number = 1;
  for (; client::NoticeText(static_cast<client::Said>(number)) != unknown; ++number) {
    EXPECT_TRUE(IsTranslated(client::NoticeText(static_cast<client::Said>(number)))) << +number;
  }
  EXPECT_GT(number, 4U);
}

TEST_F(Notices, EveryWarningAndNoticeSaysWhatWasKeptAndWhatToDo) {
  const auto expect_whole = [](const char* english) {
    const std::string japanese = InUsersLanguage(english);
    ExpectSaysWhatWasKept(japanese, english, english);
    ExpectSaysWhatToDo(japanese, english, english);
  };
  const std::string unknown = client::WarningText(static_cast<client::Warning>(0));
  std::uint32_t number = 1;
  for (; client::WarningText(static_cast<client::Warning>(number)) != unknown; ++number) {
    expect_whole(client::WarningText(static_cast<client::Warning>(number)));
  }
  EXPECT_GT(number, 17U);
  const std::string no_notice = client::NoticeText(static_cast<client::Said>(0));
  std::uint8_t said = 1;
  for (; client::NoticeText(static_cast<client::Said>(said)) != no_notice; ++said) {
    expect_whole(client::NoticeText(static_cast<client::Said>(said)));
  }
  EXPECT_GT(said, 4U);
}

TEST_F(Notices, WhatLeavesACaseShortIsAFaultAndWhatIsForInformationIsNone) {
  using client::Warning;
  for (const Warning warning :
       {Warning::kEntryAltered, Warning::kEntryRepeated, Warning::kEntryMissing,
        Warning::kTimeBackwards, Warning::kCommitRefused, Warning::kForkSeen, Warning::kHeadForged,
        Warning::kRelayBehind, Warning::kHeadContradicts, Warning::kEnvelopeWrong,
        Warning::kLinkedPositionMissing, Warning::kUpdateNeeded, Warning::kStaleGroupInfo}) {
    EXPECT_TRUE(IsFault(client::WarningText(warning))) << static_cast<int>(warning);
  }
  for (const Warning warning :
       {Warning::kOlderCopy, Warning::kGroupLost, Warning::kRecordIgnored, Warning::kSentTwice}) {
    EXPECT_FALSE(IsFault(client::WarningText(warning))) << static_cast<int>(warning);
  }
  EXPECT_FALSE(IsFault(client::NoticeText(client::Said::kRemoved)));
  EXPECT_TRUE(IsFault(client::NoticeText(client::Said::kCaseNotSynced)));
}

TEST_F(Notices, TheLiteralBehindANoticeStaysForWhoeverIsAskedForHelp) {
  const Error error(Code::kConflict, "thread: entry left out");
  const std::string said = InUsersLanguage(client::NoticeText(client::Said::kCaseNotSynced, error));
  EXPECT_EQ(said.rfind("ある事例を", 0), 0U) << said;
  EXPECT_NE(said.find(" [thread: entry left out]"), std::string::npos) << said;
}

TEST_F(Notices, WhatIsUnknownOrWantedInEnglishStaysAsItIs) {
  EXPECT_EQ(InUsersLanguage("something new"), "something new");
  setenv("RENKEI_LANG", "en", 1);
  const char* text = client::WarningText(client::Warning::kForkSeen);
  EXPECT_EQ(InUsersLanguage(text), text);
}

}  // namespace
}  // namespace renkei::cli
