#include "client/cli/alert_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace renkei::cli {
namespace {

using client::AlertNews;
using client::AlertState;
using client::AlertStepView;
using testing::HasSubstr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStdout;

client::AlertView Calling() {
  client::AlertView out;
  out.state = AlertState::kCalling;
  out.rounds = 2;
  client::PersonView doctor;
  doctor.name = "伊藤 一郎";
  doctor.profession = "Medical Doctor";
  AlertStepView plan;
  plan.step = 1;
  plan.wait = Minutes(5);
  plan.calls = {{doctor, "", ""}, {std::nullopt, "Pharmacist", ""}};
  out.plan = {plan};
  AlertStepView step = plan;
  step.at = {1773451800000};
  step.calls[0].outcome = "left";
  step.calls[1].outcome = "nobody";
  out.steps = {step};
  out.next_at = Millis{1773451800000} + Minutes(5);
  return out;
}

class AlertTexts : public testing::Test {
 protected:
  void SetUp() override { setenv("RENKEI_LANG", "ja", 1); }
  void TearDown() override { unsetenv("RENKEI_LANG"); }
  static std::string Printed(const client::AlertView& view) {
    CaptureStdout();
    PrintAlert(view);
    return GetCapturedStdout();
  }
};

TEST_F(AlertTexts, SayThatItIsTheRelaysWordAndWhatCameOfEachCall) {
  const std::string text = Printed(Calling());
  for (const char* part : {"中継サーバーの申告", "伊藤 一郎", "つながる端末がなく",
                           "この職種のメンバーがいません", "薬剤師", "5分", "次の呼び出し"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  setenv("RENKEI_LANG", "en", 1);
  EXPECT_THAT(Printed(Calling()), HasSubstr("the relay's word"));
}

TEST_F(AlertTexts, TellEveryStateInWordsWithWhatToDo) {
  for (const AlertState state :
       {AlertState::kWaiting, AlertState::kUnconfirmed, AlertState::kEnded}) {
    client::AlertView view = Calling();
    view.state = state;
    EXPECT_THAT(Printed(view), HasSubstr("電話してください")) << client::AlertStateName(state);
  }
}

TEST_F(AlertTexts, NewsAreSentencesInBothLanguages) {
  AlertNews news;
  news.step = Calling().steps[0];
  for (const auto kind :
       {AlertNews::Kind::kCallsYou, AlertNews::Kind::kCalls, AlertNews::Kind::kAcknowledged,
        AlertNews::Kind::kEnded, AlertNews::Kind::kLate}) {
    news.kind = kind;
    setenv("RENKEI_LANG", "ja", 1);
    const std::string japanese = AlertNewsText(news);
    setenv("RENKEI_LANG", "en", 1);
    const std::string english = AlertNewsText(news);
    EXPECT_NE(japanese, english);
    EXPECT_THAT(english, HasSubstr(news.record_id.Text()));
    EXPECT_THAT(japanese, HasSubstr(news.record_id.Text()));
    EXPECT_EQ(AlertNewsJson(news)["alert"], client::AlertNewsName(kind));
  }
}

TEST_F(AlertTexts, JsonHasEveryKeyThatOthersRelyOn) {
  const Json json = AlertJson(Calling());
  EXPECT_EQ(json["state"], "calling");
  EXPECT_EQ(json["plan"][0]["wait_seconds"], 300);
  EXPECT_EQ(json["steps"][0]["calls"][0]["outcome"], "left");
  EXPECT_EQ(json["steps"][0]["event"], "called");
  EXPECT_EQ(json["responder"], nullptr);
  EXPECT_EQ(json["next_at"], "2026-03-14T10:35:00+09:00");
}

}  // namespace
}  // namespace renkei::cli
