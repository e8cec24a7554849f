#include "server/metrics/prometheus_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "server/metrics/metrics_server.h"

namespace renkei::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Nanos kTwoMs = std::chrono::milliseconds(2);

class PrometheusMeterTest : public ::testing::Test {
 protected:
  std::string Text() const {
    return MetricsText(meter, [] { return std::vector<Reading>(); });
  }
  // Series without their values.
  std::ptrdiff_t CountSeries() const {
    const std::string text = Text();
    return std::count(text.begin(), text.end(), '\n');
  }

  PrometheusMeter meter{{"Threads.Append", "Threads.Read"}, "9.8.7"};
};

TEST_F(PrometheusMeterTest, SaysWhichRelayItIs) {
  EXPECT_THAT(Text(), HasSubstr("renkei_build_info{version=\"9.8.7\"} 1"));
}

TEST_F(PrometheusMeterTest, CallsAreCountedByMethodAndOutcomeWithTheirTime) {
  meter.CallStarted();
  meter.CallStarted();
  meter.CallStarted();
  EXPECT_THAT(Text(), HasSubstr("renkei_calls_in_flight 3"));
  meter.CallEnded("Threads.Append", std::nullopt, kTwoMs);
  meter.CallEnded("Threads.Append", std::nullopt, std::chrono::seconds(20));
  meter.CallEnded("Threads.Append", Code::kAuthFailed, kTwoMs);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("renkei_calls_in_flight 0"));
  const std::string ok = "{method=\"Threads.Append\",outcome=\"ok\"";
  EXPECT_THAT(text, HasSubstr("renkei_call_seconds_count" + ok + "} 2"));
  EXPECT_THAT(text, HasSubstr("renkei_call_seconds_bucket" + ok + ",le=\"0.001\"} 0"));
  EXPECT_THAT(text, HasSubstr("renkei_call_seconds_bucket" + ok + ",le=\"0.0025\"} 1"));
  EXPECT_THAT(text, HasSubstr("renkei_call_seconds_bucket" + ok + ",le=\"10\"} 1"));
  EXPECT_THAT(text, HasSubstr("renkei_call_seconds_count{method=\"Threads.Append\","
                              "outcome=\"auth_failed\"} 1"));
}

// Whatever a caller could make somebody pass as a method: one series more, no text of it.
TEST_F(PrometheusMeterTest, UnknownMethodsShareOneSeries) {
  for (int i = 0; i < 100; ++i) {
    meter.CallEnded("架空 花子 " + std::to_string(i), std::nullopt, kTwoMs);
  }
  const std::ptrdiff_t before = CountSeries();
  meter.CallEnded("another", std::nullopt, kTwoMs);
  EXPECT_EQ(CountSeries(), before);
  EXPECT_THAT(Text(), HasSubstr("renkei_call_seconds_count{method=\"other\",outcome=\"ok\"} 101"));
  EXPECT_THAT(Text(), Not(HasSubstr("架空")));
}

TEST_F(PrometheusMeterTest, EveryLimitStandsThereBeforeItIsHit) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Limit::kCount); ++i) {
    const std::string series =
        "renkei_limits_hit_total{limit=\"" + std::string(LimitName(static_cast<Limit>(i))) + "\"} ";
    EXPECT_STRNE(LimitName(static_cast<Limit>(i)), "other");
    EXPECT_THAT(Text(), HasSubstr(series + "0\n"));
    meter.LimitHit(static_cast<Limit>(i));
    EXPECT_THAT(Text(), HasSubstr(series + "1\n"));
  }
}

TEST_F(PrometheusMeterTest, TransactionsAreCountedWithTheirSizeAndTime) {
  meter.Committed({64, 60, std::chrono::milliseconds(3), kTwoMs});
  meter.Committed({1, 1, std::chrono::milliseconds(3), kTwoMs});
  meter.CommitFailed();
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("renkei_entries_total 61"));
  EXPECT_THAT(text, HasSubstr("renkei_store_batch_writes_count 2"));
  EXPECT_THAT(text, HasSubstr("renkei_store_batch_writes_sum 65"));
  EXPECT_THAT(text, HasSubstr("renkei_store_commit_seconds_count 2"));
  EXPECT_THAT(text, HasSubstr("renkei_store_commit_seconds_bucket{le=\"0.0025\"} 2"));
  EXPECT_THAT(text, HasSubstr("renkei_store_work_seconds_bucket{le=\"0.0025\"} 0"));
  EXPECT_THAT(text, HasSubstr("renkei_store_failed_commits_total 1"));
}

TEST_F(PrometheusMeterTest, StreamsAreThoseThatAreOpen) {
  meter.StreamOpened();
  meter.StreamOpened();
  meter.StreamClosed();
  EXPECT_THAT(Text(), HasSubstr("renkei_streams_open 1"));
}

TEST_F(PrometheusMeterTest, ManyThreadsCountTogether) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int call = 0; call < 500; ++call) {
        meter.CallStarted();
        meter.CallEnded("Threads.Read", std::nullopt, kTwoMs);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(Text(), HasSubstr("{method=\"Threads.Read\",outcome=\"ok\"} 2000"));
  EXPECT_THAT(Text(), HasSubstr("renkei_calls_in_flight 0"));
}

}  // namespace
}  // namespace renkei::server
