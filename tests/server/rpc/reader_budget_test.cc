#include "server/rpc/reader_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/rpc/watch_pump.h"

namespace renkei::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Reader final : public Pumped {
 public:
  void Pump() override {}
};

InstitutionId Institution(std::uint8_t number) {
  InstitutionId out;
  out.bytes.fill(number);
  return out;
}

class ReaderBudgetTest : public ::testing::Test {
 protected:
  const InstitutionId a_ = Institution(1);
  const InstitutionId b_ = Institution(2);
  std::shared_ptr<Pumped> one_ = std::make_shared<Reader>();
  std::shared_ptr<Pumped> two_ = std::make_shared<Reader>();
  ReaderBudget budget_{100};
};

TEST_F(ReaderBudgetTest, OverItReadersWaitUntilSomethingWasTaken) {
  EXPECT_TRUE(budget_.Enter(a_, one_));
  budget_.Hold(a_, 150);
  EXPECT_FALSE(budget_.Enter(a_, two_));
  EXPECT_THAT(budget_.Release(a_, 40), IsEmpty()) << "still over it";
  EXPECT_THAT(budget_.Release(a_, 20), ElementsAre(two_));
  EXPECT_TRUE(budget_.Enter(a_, two_));
  EXPECT_EQ(budget_.held(a_), 90U);
}

TEST_F(ReaderBudgetTest, OtherInstitutionsReadOn) {
  budget_.Hold(a_, 1000);
  EXPECT_FALSE(budget_.Enter(a_, one_));
  EXPECT_TRUE(budget_.Enter(b_, two_));
}

TEST_F(ReaderBudgetTest, WhoAsksTwiceIsToldOnce) {
  budget_.Hold(a_, 100);
  EXPECT_FALSE(budget_.Enter(a_, one_));
  EXPECT_FALSE(budget_.Enter(a_, one_));
  EXPECT_THAT(budget_.Release(a_, 100), ElementsAre(one_));
  EXPECT_EQ(budget_.held(a_), 0U);
}

TEST_F(ReaderBudgetTest, WhoIsGoneIsNotKeptAlive) {
  budget_.Hold(a_, 100);
  EXPECT_FALSE(budget_.Enter(a_, one_));
  const std::weak_ptr<Pumped> gone = one_;
  one_.reset();
  EXPECT_TRUE(gone.expired());
  EXPECT_THAT(budget_.Release(a_, 100), IsEmpty());
}

}  // namespace
}  // namespace renkei::server
