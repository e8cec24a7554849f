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
    readers.back()->id = budget.Hold(caller, bytes, readers.back());
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
    (void)small.Hold(Who(n, n), 10, kept.back());
  }
  kept.push_back(std::make_shared<Reader>(*this, "new"));
  (void)small.Hold(Who(99, 99), 30, kept.back());
  EXPECT_EQ(small.held(), 100U);
  EXPECT_THAT(broken_off, ElementsAre("1", "2", "3"));
}

TEST_F(ReaderBudgetTest, ASingleAnswerThatIsLargerThanAShareIsStillGiven) {
  Hold("large", Who(1, 1), 2000);
  EXPECT_THAT(broken_off, IsEmpty());
  Hold("next", Who(1, 1), 1);
  EXPECT_THAT(broken_off, ElementsAre("large"));
}

TEST_F(ReaderBudgetTest, WhoIsGoneIsNotKeptAliveAndReleasingTwiceDoesNothing) {
  Hold("gone", Who(1, 1), 100);
  const std::uint64_t id = readers.back()->id;
  readers.clear();
  Hold("next", Who(1, 1), 100);
  EXPECT_THAT(broken_off, IsEmpty());
  EXPECT_EQ(budget.held(), 100U);
  budget.Release(id);
  budget.Release(12345);
  EXPECT_EQ(budget.held(), 100U);
}

}  // namespace
}  // namespace renkei::server
