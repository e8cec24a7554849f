#include "server/core/answer_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace renkei::server {
namespace {

using testing::ElementsAre;

class AnswerRuns : public testing::Test {
 protected:
  bool PutOff(int number) {
    return AnswerRun::PutOff([this, number] { done_.push_back(number); });
  }

  std::vector<int> done_;
};

TEST_F(AnswerRuns, WithoutOneNothingIsPutOff) {
  EXPECT_FALSE(PutOff(1));
  {
    const AnswerRun run;
    std::thread([this] { EXPECT_FALSE(PutOff(2)) << "another thread's"; }).join();
  }
  EXPECT_FALSE(PutOff(3));
  EXPECT_THAT(done_, ElementsAre());
}

TEST_F(AnswerRuns, WhatIsPutOffIsDoneInOrderWhenItCloses) {
  {
    const AnswerRun run;
    EXPECT_TRUE(PutOff(1));
    EXPECT_TRUE(PutOff(2));
    EXPECT_THAT(done_, ElementsAre());
  }
  EXPECT_THAT(done_, ElementsAre(1, 2));
}

TEST_F(AnswerRuns, OneInsideAnotherClosesFirst) {
  {
    const AnswerRun outer;
    EXPECT_TRUE(PutOff(1));
    {
      const AnswerRun inner;
      EXPECT_TRUE(PutOff(2));
    }
    EXPECT_TRUE(PutOff(3));
    EXPECT_THAT(done_, ElementsAre(2));
  }
  EXPECT_THAT(done_, ElementsAre(2, 1, 3));
}

TEST_F(AnswerRuns, WhatIsDoneAtTheEndMayNotPutOffAgain) {
  bool is_put_off = true;
  {
    const AnswerRun run;
    EXPECT_TRUE(AnswerRun::PutOff([&] { is_put_off = PutOff(1); }));
  }
  EXPECT_FALSE(is_put_off);
}

}  // namespace
}  // namespace renkei::server
