#include "client/cli/call_input.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "client/cli/files.h"
#include "client/cli/output.h"
#include "crypto/pki/profession.h"

namespace renkei::cli {
namespace {

constexpr std::int64_t kMaxSeconds = 86400;

Error NotACallList() {
  return Error(Code::kMalformed, "call list: not one");
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Result<client::Callee> FindCallee(client::Session& session, std::string_view name) {
  const std::string_view trimmed = Trim(name);
  if (trimmed.empty()) {
    return NotACallList();
  }
  auto person = session.FindPerson(trimmed);
  if (person.ok()) {
    return client::Callee{std::move(*person), pki::Profession::kNone};
  }
  const auto profession = pki::ProfessionFromInput(trimmed);
  if (person.error().code() != Code::kNotFound || !profession.has_value()) {
    return person.error();
  }
  return client::Callee{std::nullopt, *profession};
}

std::optional<Millis> SecondsWithin(std::int64_t seconds) {
  return seconds >= 1 && seconds <= kMaxSeconds ? std::optional(Seconds(seconds)) : std::nullopt;
}

// A name, or a list of them.
Result<std::vector<client::Callee>> CalleesIn(client::Session& session, const Json& value) {
  std::vector<client::Callee> out;
  const Json names = value.is_array() ? value : Json::array({value});
  for (const Json& name : names) {
    if (!name.is_string()) {
      return NotACallList();
    }
    RENKEI_ASSIGN(auto callee, FindCallee(session, name.get_ref<const std::string&>()));
    out.push_back(std::move(callee));
  }
  return out;
}

Result<client::CallStep> StepIn(client::Session& session, const Json& value) {
  if (!value.is_object() || !value.contains("call")) {
    return NotACallList();
  }
  client::CallStep out;
  out.wait = kDefaultCallWait;
  for (const auto& [key, item] : value.items()) {
    if (key == "call") {
      RENKEI_ASSIGN(out.callees, CalleesIn(session, item));
      continue;
    }
    const bool is_wait = (key == "minutes" || key == "seconds") && item.is_number_integer();
    const std::int64_t count = is_wait ? item.get<std::int64_t>() : 0;
    const bool fits = is_wait && count >= 1 && count <= kMaxSeconds;
    const auto wait = fits ? SecondsWithin(key == "minutes" ? count * 60 : count) : std::nullopt;
    if (!wait.has_value()) {
      return NotACallList();
    }
    out.wait = *wait;
  }
  return out;
}

Result<client::CallList> ReadPlan(client::Session& session, const std::string& path) {
  RENKEI_ASSIGN(const Bytes file, ReadInput(path));
  return ParsePlan(session, AsText(file));
}

}  // namespace

std::optional<Millis> ParseWait(std::string_view text) {
  std::int64_t unit = 60;
  if (!text.empty() && (text.back() == 's' || text.back() == 'm')) {
    unit = text.back() == 's' ? 1 : 60;
    text.remove_suffix(1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > kMaxSeconds) {
    return std::nullopt;
  }
  return SecondsWithin(number * unit);
}

Result<client::CallList> ParseCalls(client::Session& session, std::string_view text,
                                    std::uint32_t rounds) {
  client::CallList out;
  out.rounds = rounds;
  for (const std::string_view part : Split(text, ',')) {
    client::CallStep step;
    step.wait = kDefaultCallWait;
    std::string_view names = part;
    if (const std::size_t colon = part.rfind(':'); colon != std::string_view::npos) {
      const auto wait = ParseWait(Trim(part.substr(colon + 1)));
      if (!wait.has_value()) {
        return NotACallList();
      }
      step.wait = *wait;
      names = part.substr(0, colon);
    }
    for (const std::string_view name : Split(names, '+')) {
      RENKEI_ASSIGN(auto callee, FindCallee(session, name));
      step.callees.push_back(std::move(callee));
    }
    out.steps.push_back(std::move(step));
  }
  return out;
}

Result<client::CallList> ParsePlan(client::Session& session, std::string_view text) {
  const Json plan = Json::parse(text, nullptr, false);
  if (!plan.is_object() || !plan.contains("steps") || !plan["steps"].is_array()) {
    return NotACallList();
  }
  client::CallList out;
  out.rounds = kDefaultRounds;
  for (const auto& [key, value] : plan.items()) {
    if (key == "rounds" && value.is_number_unsigned() && value.get<std::uint64_t>() <= 1000) {
      out.rounds = value.get<std::uint32_t>();
    } else if (key != "steps") {
      return NotACallList();
    }
  }
  for (const Json& step : plan["steps"]) {
    RENKEI_ASSIGN(auto parsed, StepIn(session, step));
    out.steps.push_back(std::move(parsed));
  }
  if (out.steps.empty()) {
    return NotACallList();
  }
  return out;
}

int ReadCallList(App& app, const CallArguments& arguments, client::PostOptions& options) {
  if (arguments.call.empty() && arguments.plan.empty()) {
    return kExitDone;
  }
  auto list = arguments.plan.empty() ? ParseCalls(app.session(), arguments.call, arguments.rounds)
                                     : ReadPlan(app.session(), arguments.plan);
  if (!list.ok()) {
    return app.Fail(list.error());
  }
  if (const auto plan = client::ToAlertPlan(*list); !plan.ok()) {
    return app.Fail(plan.error());
  }
  options.urgent = true;
  options.call_list = std::move(*list);
  return kExitDone;
}

}  // namespace renkei::cli
