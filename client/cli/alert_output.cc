#include "client/cli/alert_output.h"

#include <iostream>

#include "client/cli/text.h"

namespace renkei::cli {
namespace {

using client::AlertNews;
using client::AlertState;
using client::AlertStepView;

std::string_view OutcomeLabel(std::string_view outcome) {
  if (outcome == "rang") {
    return Say("端末につながりました", "a device was connected");
  }
  if (outcome == "left") {
    return Say("つながる端末がなく、つながり次第知らせます",
               "no device connected; told as soon as one is");
  }
  if (outcome == "not_member") {
    return Say("メンバーではないため飛ばしました", "skipped: not a member");
  }
  if (outcome == "no_device") {
    return Say("有効な端末がないため飛ばしました", "skipped: no valid device");
  }
  if (outcome == "nobody") {
    return Say("この職種のメンバーがいません", "skipped: no member of that profession");
  }
  return "";
}

std::string CalleeText(const client::AlertCallView& call) {
  if (call.person.has_value()) {
    return PersonText(*call.person);
  }
  client::PersonView anybody;
  anybody.profession = call.profession;
  return std::string(Say("職種: ", "profession: ")) + ProfessionText(anybody);
}

std::string CallsText(const std::vector<client::AlertCallView>& calls) {
  std::string out;
  for (const client::AlertCallView& call : calls) {
    const std::string_view outcome = OutcomeLabel(call.outcome);
    out += (out.empty() ? "" : "、") + CalleeText(call);
    if (!outcome.empty()) {
      out += std::string(Say("［", " [")) + std::string(outcome) + std::string(Say("］", "]"));
    }
  }
  return out;
}

std::string WaitText(Millis wait) {
  const std::int64_t seconds = wait.value / 1000;
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + std::string(Say("分", " min"))
                           : std::to_string(seconds) + std::string(Say("秒", " s"));
}

std::string_view StateText(AlertState state) {
  switch (state) {
    case AlertState::kWaiting:
      return Say("まだ送信していません。だれも呼び出されていません。急ぐときは電話してください。",
                 "not sent yet: nobody is being called. If it is urgent, telephone.");
    case AlertState::kUnconfirmed:
      return Say(
          "中継サーバーは、呼び出しを始めたとまだ言っていません。急ぐときは電話してください。",
          "the relay has not said that it began to call. If it is urgent, telephone.");
    case AlertState::kCalling:
      return Say("呼び出し中（了承されるまで続きます）", "calling, until somebody acknowledges");
    case AlertState::kAcknowledged:
      return Say("了承され、呼び出しは終わりました", "acknowledged; the calls have stopped");
    case AlertState::kEnded:
      return Say("全員を呼び出しましたが、だれも了承していません。電話してください。",
                 "everybody was called and nobody has acknowledged. Telephone.");
  }
  return "";
}

Json CallJson(const client::AlertCallView& call) {
  Json out =
      call.person.has_value() ? PersonJson(*call.person) : Json{{"profession", call.profession}};
  if (!call.outcome.empty()) {
    out["outcome"] = call.outcome;
  }
  return out;
}

Json CallsJson(const std::vector<client::AlertCallView>& calls) {
  Json out = Json::array();
  for (const client::AlertCallView& call : calls) {
    out.push_back(CallJson(call));
  }
  return out;
}

const char* EventName(AlertStepView::Event event) {
  switch (event) {
    case AlertStepView::Event::kCalled:
      return "called";
    case AlertStepView::Event::kAcknowledged:
      return "acknowledged";
    case AlertStepView::Event::kEnded:
      return "ended";
  }
  return "";
}

Json StepJson(const AlertStepView& step) {
  Json out = {{"event", EventName(step.event)}, {"step", step.step}, {"at", IsoTime(step.at)}};
  if (step.event == AlertStepView::Event::kCalled) {
    out["calls"] = CallsJson(step.calls);
  }
  if (step.responder.has_value()) {
    out["responder"] = PersonJson(*step.responder);
  }
  return out;
}

std::string StepText(const AlertStepView& step) {
  switch (step.event) {
    case AlertStepView::Event::kCalled:
      return std::to_string(step.step) + ". " + CallsText(step.calls);
    case AlertStepView::Event::kAcknowledged:
      return std::string(Say("了承: ", "acknowledged: ")) +
             (step.responder.has_value() ? PersonText(*step.responder) : std::string("?"));
    case AlertStepView::Event::kEnded:
      return std::string(Say("呼び出し先は終わりました", "the list ended"));
  }
  return "";
}

}  // namespace

Json AlertJson(const client::AlertView& view) {
  Json plan = Json::array();
  for (const AlertStepView& step : view.plan) {
    plan.push_back({{"calls", CallsJson(step.calls)}, {"wait_seconds", step.wait.value / 1000}});
  }
  Json steps = Json::array();
  for (const AlertStepView& step : view.steps) {
    steps.push_back(StepJson(step));
  }
  return {{"state", client::AlertStateName(view.state)},
          {"rounds", view.rounds},
          {"plan", plan},
          {"steps", steps},
          {"responder", view.responder.has_value() ? PersonJson(*view.responder) : Json(nullptr)},
          {"next_at", view.next_at.has_value() ? Json(IsoTime(*view.next_at)) : Json(nullptr)}};
}

Json AlertNewsJson(const AlertNews& news) {
  Json out = {{"alert", client::AlertNewsName(news.kind)},
              {"case", news.case_id.Text()},
              {"record", news.record_id.Text()}};
  if (news.step.step != 0 || news.kind != AlertNews::Kind::kLate) {
    out["step"] = StepJson(news.step);
  }
  return out;
}

void PrintAlert(const client::AlertView& view) {
  std::cout << Say("呼び出し（中継サーバーの申告）: ", "calls (the relay's word): ")
            << StateText(view.state) << '\n';
  for (const AlertStepView& step : view.steps) {
    std::cout << "  " << ShortTime(step.at) << "  " << StepText(step) << '\n';
  }
  if (view.state != AlertState::kAcknowledged && view.state != AlertState::kEnded) {
    for (const AlertStepView& step : view.plan) {
      std::cout << Say("  予定 ", "  plan ") << step.step << ". " << CallsText(step.calls) << "  "
                << WaitText(step.wait) << '\n';
    }
    if (view.rounds > 1) {
      std::cout << Say("  くり返し ", "  rounds ") << view.rounds << '\n';
    }
  }
  if (view.next_at.has_value()) {
    std::cout << Say("  次の呼び出し ", "  next call ") << ShortTime(*view.next_at) << '\n';
  }
  std::cout << std::flush;
}

std::string AlertNewsText(const AlertNews& news) {
  std::string record = news.record_id.Text();
  switch (news.kind) {
    case AlertNews::Kind::kCallsYou:
      return std::string(Say("【緊急の呼び出し】あなたが呼び出されています。記録を読み、",
                             "[URGENT CALL] You are being called. Read the record and answer with "
                             "`")) +
             "renkei ack " + record +
             std::string(Say(" --read-back で復唱して了承してください。了承されるまで次の人が呼び出"
                             "されます。",
                             " --read-back ...`; until somebody does, the next ones are called."));
    case AlertNews::Kind::kCalls:
      return std::string(
                 Say("緊急の呼び出し（中継サーバーの申告） ", "urgent calls (the relay's word) ")) +
             record + ": " + StepText(news.step);
    case AlertNews::Kind::kAcknowledged:
      return std::string(Say("緊急の呼び出しは了承され、終わりました ",
                             "urgent call acknowledged, calls have stopped ")) +
             record + ": " + StepText(news.step);
    case AlertNews::Kind::kEnded:
      return std::string(
                 Say("【緊急】全員を呼び出しましたが、だれも了承していません。電話してくださ"
                     "い: ",
                     "[URGENT] Everybody was called and nobody has acknowledged. "
                     "Telephone: ")) +
             record;
    case AlertNews::Kind::kLate:
      return std::string(
                 Say("【緊急】中継サーバーの次の呼び出しが遅れているか、中継サーバーにつなが"
                     "りません。記録は残っています。待たずに電話してください: ",
                     "[URGENT] The relay is late with its next call, or cannot be reached. "
                     "The record is kept. Do not wait, telephone: ")) +
             record;
  }
  return record;
}

void TellAcknowledged(bool json, const client::CoverageView& coverage) {
  bool delivered = false;
  for (const auto& row : coverage.rows) {
    delivered = delivered || (row.person.self && row.acknowledged_at.has_value());
  }
  const auto& alert = coverage.record.alert;
  const auto responder = alert.has_value() ? alert->responder : std::nullopt;
  const bool other = responder.has_value() && !responder->self;
  if (json) {
    Json out = {{"record", coverage.record.record_id.Text()},
                {"done", delivered ? "acknowledged" : "waiting"},
                {"state", delivered ? "sent" : "waiting"}};
    if (alert.has_value()) {
      out["responder"] = responder.has_value() ? PersonJson(*responder) : Json(nullptr);
    }
    PrintJson(out);
    return;
  }
  if (!delivered) {
    std::cout
        << Say("了承は送信待ちです。まだ届いておらず、呼び出しは止まっていません。接続できると"
               "き renkei sync で送られます。急ぐときは電話してください。",
               "The acknowledgement is waiting: it has not arrived, and the calls go on. It is "
               "kept and goes out with the next `renkei sync`; if it is urgent, telephone.")
        << std::endl;
  } else if (other) {
    std::cout << Say("了承しました（復唱つき）。先に了承した次の人が対応者です: ",
                     "Acknowledged, with read-back. Somebody was first and responds: ")
              << PersonText(*responder) << std::endl;
  } else {
    std::cout << Say("了承しました（復唱つき）。", "Acknowledged, with read-back.")
              << (responder.has_value() ? Say("あなたが対応者です。呼び出しは止まりました。",
                                              " You respond; the calls have stopped.")
                                        : "")
              << std::endl;
  }
}

}  // namespace renkei::cli
