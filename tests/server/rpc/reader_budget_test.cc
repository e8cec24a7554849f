#include "server/rpc/reader_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace renkei::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Counts final : public Meter {
 public:
  void LimitHit(Limit limit) override { hit.emplace_back(LimitName(limit)); }
  std::vector<std::string> hit;
};

class ReaderBudgetTest : public ::testing::Test {
 protected:
  class Reader final : public Unread {
   public:
    explicit Reader(ReaderBudgetTest& test, std::string name)
        : test_(test), name_(std::move(name)) {}
    // As a reader does whose end comes at once.
    void BreakOff() override {
      test_.broken_off.push_back(name_);
      test_.budget.Release(id);
    }
    std::uint64_t id = 0;

   private:
    ReaderBudgetTest& test_;
    std::string name_;
  };

  // Institution and device by number.
  static Caller Who(std::uint8_t institution, std::uint8_t device) {
    Caller out;
    out.person.institution.bytes.fill(institution);
    out.device.bytes.fill(device);
    return out;
  }
  Reader& Hold(const std::string& name, const Caller& caller, std::size_t bytes) {
    readers.push_back(std::make_shared<Reader>(*this, name));
    readers.back()->id = budget.NewId();
    budget.Hold(readers.back()->id, caller, bytes, readers.back());
    return *readers.back();
  }

  Counts counts;
  ReaderBudget budget{{.all = 1000, .institution = 500, .device = 100}, &counts};
  std::vector<std::shared_ptr<Reader>> readers;
  std::vector<std::string> broken_off;
};

TEST_F(ReaderBudgetTest, WhoTakesWhatTheyAskForKeepsEverything) {
  for (int i = 0; i < 1000; ++i) {
    const Reader& reader = Hold("honest", Who(1, 1), 100);
    budget.Release(reader.id);
  }
  EXPECT_THAT(broken_off, IsEmpty());
  EXPECT_EQ(budget.held(), 0U);
}

TEST_F(ReaderBudgetTest, ADeviceOverItsShareLosesItsOldest) {
  Hold("other device", Who(1, 2), 60);
  Hold("first", Who(1, 1), 60);
  Hold("second", Who(1, 1), 40);
  EXPECT_THAT(broken_off, IsEmpty()) << "exactly its share";
  Hold("third", Who(1, 1), 50);
  EXPECT_THAT(broken_off, ElementsAre("first"));
  EXPECT_EQ(budget.held(), 60U + 90U);
  EXPECT_THAT(counts.hit, ElementsAre("device_unread"));
}

TEST_F(ReaderBudgetTest, AnInstitutionOverItsShareLosesItsOldestWhosesoeverItIs) {
  Hold("other institution", Who(2, 100), 100);
  for (std::uint8_t device = 1; device <= 6; ++device) {
    Hold(std::to_string(device), Who(1, device), 90);
  }
  EXPECT_THAT(broken_off, ElementsAre("1"));
  EXPECT_THAT(counts.hit, ElementsAre("institution_unread"));
}

TEST_F(ReaderBudgetTest, OverTheWholeWhoHoldsMostGivesWayAndNotWhoComes) {
  for (std::uint8_t device = 1; device <= 5; ++device) {
    Hold("most " + std::to_string(device), Who(1, device), 100);
  }
  for (std::uint8_t device = 11; device <= 14; ++device) {
    Hold("less " + std::to_string(device), Who(2, device), 100);
  }
  Hold("third", Who(3, 21), 100);
  EXPECT_THAT(broken_off, IsEmpty());
  Hold("honest", Who(4, 31), 100);
  EXPECT_THAT(broken_off, ElementsAre("most 1"));
  EXPECT_EQ(budget.held(), 1000U);
}

TEST_F(ReaderBudgetTest, OverTheWholeByManySmallOnesTheOldestOfAllGoes) {
  ReaderBudget small({.all = 100, .institution = 90, .device = 90});
  std::vector<std::shared_ptr<Reader>> kept;
  for (std::uint8_t n = 1; n <= 10; ++n) {
    kept.push_back(std::make_shared<Reader>(*this, std::to_string(n)));
    small.Hold(small.NewId(), Who(n, n), 10, kept.back());
  }
  kept.push_back(std::make_shared<Reader>(*this, "new"));
  small.Hold(small.NewId(), Who(99, 99), 30, kept.back());
  EXPECT_THAT(broken_off, ElementsAre("1", "2", "3"));
  EXPECT_EQ(small.held(), 130U) << "until they are gone";
}

TEST_F(ReaderBudgetTest, ASingleAnswerThatIsLargerThanAShareIsStillGiven) {
  Hold("large", Who(1, 1), 2000);
  EXPECT_THAT(broken_off, IsEmpty());
  Hold("next", Who(1, 1), 1);
  EXPECT_THAT(broken_off, ElementsAre("large"));
}

TEST_F(ReaderBudgetTest, WhatWasBrokenOffCountsUntilItIsGone) {
  Hold("gone", Who(1, 1), 100);
  const std::uint64_t id = readers.back()->id;
  readers.clear();
  Hold("next", Who(1, 1), 100);
  EXPECT_EQ(budget.held(), 200U);
  budget.Release(id);
  budget.Release(id);
  budget.Release(12345);
  EXPECT_EQ(budget.held(), 100U);
}

// Answers that are made only when there is room: 50 bytes each until they are.
class UnmadeTest : public ::testing::Test {
 protected:
  class Call final : public Unmade {
   public:
    Call(UnmadeTest& test, std::string name) : test_(test), name_(std::move(name)) {}
    void Turn() override { test_.turns.push_back(name_); }
    void BreakOff() override { test_.broken_off.push_back(name_); }
    std::uint64_t id() const { return id_; }

   private:
    UnmadeTest& test_;
    std::string name_;
    const std::uint64_t id_ = test_.budget.NewId();
  };

  static Caller Who(std::uint8_t institution, std::uint8_t device) {
    Caller out;
    out.person.institution.bytes.fill(institution);
    out.device.bytes.fill(device);
    return out;
  }
  // Its number; `is_now`: it did not have to wait.
  std::uint64_t Come(const std::string& name, const Caller& caller, bool is_now) {
    calls.push_back(std::make_shared<Call>(*this, name));
    EXPECT_EQ(budget.Reserve(calls.back()->id(), caller, calls.back()), is_now) << name;
    return calls.back()->id();
  }

  Millis now = {1'000'000};
  ReaderBudget budget{
      {.all = 400, .institution = 200, .device = 100, .unmade = 50, .stalled = Seconds(20)},
      nullptr,
      [this] { return now; }};
  std::vector<std::shared_ptr<Call>> calls;
  std::vector<std::string> turns;
  std::vector<std::string> broken_off;
};

TEST_F(UnmadeTest, ADeviceOverItsShareWaitsForItsOwn) {
  const std::uint64_t first = Come("first", Who(1, 1), true);
  Come("second", Who(1, 1), true);
  Come("third", Who(1, 1), false);
  Come("another device", Who(1, 2), true);
  EXPECT_EQ(budget.waiting(), 1U);
  budget.Release(first);
  EXPECT_THAT(turns, ElementsAre("third"));
  EXPECT_THAT(broken_off, IsEmpty());
  EXPECT_EQ(budget.held(), 150U);
}

TEST_F(UnmadeTest, WhatIsMadeSmallerMakesRoomAtOnce) {
  const std::uint64_t first = Come("first", Who(1, 1), true);
  const std::uint64_t second = Come("second", Who(1, 1), true);
  Come("third", Who(1, 1), false);
  budget.Settle(first, 10);
  EXPECT_THAT(turns, IsEmpty()) << "60 of 100";
  budget.Settle(second, 10);
  EXPECT_THAT(turns, ElementsAre("third"));
  EXPECT_EQ(budget.held(), 70U);
}

TEST_F(UnmadeTest, WhoHoldsLeastIsNextThenWhoCameFirst) {
  const std::uint64_t first = Come("1", Who(1, 1), true);
  for (std::uint8_t device = 2; device <= 4; ++device) {
    Come("1", Who(1, device), true);
  }
  const std::uint64_t second = Come("2", Who(2, 21), true);
  for (std::uint8_t device = 22; device <= 24; ++device) {
    Come("2", Who(2, device), true);
  }
  Come("much", Who(2, 29), false);
  Come("less", Who(3, 32), false);
  Come("none", Who(4, 41), false);
  Come("own", Who(1, 1), false);
  budget.Release(first);
  EXPECT_THAT(turns, ElementsAre("less")) << "of two who hold nothing who came first";
  budget.Release(second);
  EXPECT_THAT(turns, ElementsAre("less", "none"));
  budget.Release(calls[1]->id());
  EXPECT_THAT(turns, ElementsAre("less", "none", "own")) << "its institution holds 100, not 150";
}

TEST_F(UnmadeTest, AnInstitutionOverItsShareHoldsUpNoOther) {
  for (std::uint8_t device = 1; device <= 4; ++device) {
    Come("hostile", Who(1, device), true);
  }
  Come("colleague", Who(1, 9), false);
  Come("honest", Who(2, 1), true);
}

TEST_F(UnmadeTest, WhoHasToWaitHasWhatNobodyTakesBrokenOff) {
  for (std::uint8_t device = 1; device <= 4; ++device) {
    budget.Settle(Come(std::to_string(device), Who(1, device), true), 50);
    now = now + Seconds(1);
  }
  Come("waiting", Who(1, 9), false);
  EXPECT_THAT(broken_off, IsEmpty());
  now = now + Seconds(16);  // 20 since the first was made
  Come("waiting", Who(1, 10), false);
  EXPECT_THAT(broken_off, ElementsAre("1"));
  EXPECT_THAT(turns, IsEmpty()) << "it still counts";
  now = now + Seconds(100);
  Come("waiting", Who(1, 11), false);
  EXPECT_THAT(broken_off, ElementsAre("1")) << "there will be room for one when it is gone";
  budget.Release(calls[0]->id());
  EXPECT_THAT(turns, ElementsAre("waiting"));
}

TEST_F(UnmadeTest, WhoWaitsLooksAgain) {
  const std::uint64_t first = Come("first", Who(1, 1), true);
  const std::uint64_t second = Come("second", Who(1, 1), true);
  budget.Settle(first, 50);
  budget.Settle(second, 50);
  const std::uint64_t third = Come("third", Who(1, 1), false);
  EXPECT_TRUE(budget.Look(third));
  EXPECT_THAT(broken_off, IsEmpty());
  now = now + Seconds(20);
  EXPECT_TRUE(budget.Look(third));
  EXPECT_TRUE(budget.Look(third));
  EXPECT_THAT(broken_off, ElementsAre("first")) << "one is enough";
  budget.Release(first);
  EXPECT_FALSE(budget.Look(third)) << "it is its turn";
}

TEST_F(UnmadeTest, WhatIsStillBeingMadeIsNeverBrokenOff) {
  Come("first", Who(1, 1), true);
  Come("second", Who(1, 1), true);
  now = now + Seconds(100);
  Come("third", Who(1, 1), false);
  EXPECT_THAT(broken_off, IsEmpty());
}

TEST_F(UnmadeTest, WhoGivesUpWaitingIsForgotten) {
  const std::uint64_t first = Come("first", Who(1, 1), true);
  Come("second", Who(1, 1), true);
  const std::uint64_t third = Come("third", Who(1, 1), false);
  Come("fourth", Who(1, 1), false);
  EXPECT_FALSE(budget.GiveUp(first)) << "it does not wait";
  EXPECT_TRUE(budget.GiveUp(third));
  EXPECT_FALSE(budget.GiveUp(third));
  budget.Release(third);
  budget.Release(first);
  EXPECT_THAT(turns, ElementsAre("fourth"));
  EXPECT_EQ(budget.waiting(), 0U);
}

TEST_F(UnmadeTest, AShareSmallerThanOneAnswerGivesRoomForOneAtATime) {
  ReaderBudget tiny({.all = 10, .institution = 10, .device = 10, .unmade = 50});
  const auto first = std::make_shared<Call>(*this, "first");
  const auto second = std::make_shared<Call>(*this, "second");
  EXPECT_TRUE(tiny.Reserve(1001, Who(1, 1), first));
  EXPECT_FALSE(tiny.Reserve(1002, Who(2, 2), second));
  tiny.Release(1001);
  EXPECT_THAT(turns, ElementsAre("second"));
}

}  // namespace
}  // namespace renkei::server
