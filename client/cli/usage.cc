#include "client/cli/usage.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/text.h"

namespace renkei::cli {
namespace {

// As far as the command line was understood: "renkei case add".
struct Verb {
  const CLI::App* app;
  std::string path;
};

Verb Understood(const CLI::App& root) {
  Verb out{&root, root.get_name()};
  for (auto given = root.get_subcommands(); !given.empty(); given = out.app->get_subcommands()) {
    out.app = given.back();
    out.path += ' ' + out.app->get_name();
  }
  return out;
}

std::string Verbs(const CLI::App& group) {
  std::string out;
  for (const CLI::App* verb : group.get_subcommands([](const CLI::App*) { return true; })) {
    out += (out.empty() ? "" : " ") + verb->get_name();
  }
  return out;
}

struct Label {
  std::string_view name;
  std::string_view japanese;
};

constexpr Label kArguments[] = {{"case", "事例（番号または患者さんのお名前）"},
                                {"person", "人（番号またはお名前）"},
                                {"record", "記録の番号"},
                                {"device", "端末の番号"},
                                {"name", "名前"},
                                {"kind", "記録の種類"},
                                {"code", "招待コード"},
                                {"text", "探す言葉"}};

std::string ArgumentText(std::string_view name) {
  for (const Label& label : kArguments) {
    if (label.name == name) {
      return std::string(Say(label.japanese, label.name));
    }
  }
  return std::string(name);
}

// The options that CLI11's text names; it is the same in no two versions, the names are ours.
std::string OptionsIn(const CLI::App& root, const CLI::App& verb, const std::string& text) {
  std::string out;
  for (const CLI::App* app : {&verb, &root}) {
    for (const CLI::Option* option : app->get_options()) {
      const std::string name = option->get_name();
      const bool named = text.find(name) != std::string::npos;
      if (named && out.find(name) == std::string::npos) {
        out += (out.empty() ? "" : " ") + name;
      }
    }
  }
  return out;
}

std::string Missing(const Verb& verb, const std::string& text) {
  constexpr std::string_view kIsRequired = " is required";
  const std::string name = text.substr(0, text.find(kIsRequired));
  const CLI::Option* known = verb.app->get_option_no_throw(name);
  if (known == nullptr) {
    return std::string(Say("何をするかの指定がありません。使えるもの: ",
                           "What to do is missing. Known: ")) +
           Verbs(*verb.app) + std::string(Say("。", "."));
  }
  return std::string(Say("指定が足りません: ", "Something is missing: ")) + ArgumentText(name) +
         std::string(Say("。", "."));
}

std::string WhatIsWrong(const CLI::App& root, const Verb& verb, const CLI::ParseError& problem) {
  if (const auto unknown = root.remaining(true); !unknown.empty()) {
    const std::string known = Verbs(*verb.app);
    return std::string(Say("「", "\"")) + Printable(unknown.front()) +
           std::string(Say("」は分かりません。", "\" is not understood.")) +
           (known.empty() ? ""
                          : std::string(Say("使えるもの: ", " Known: ")) + known +
                                std::string(Say("。", ".")));
  }
  if (problem.get_name() == "RequiredError") {
    return Missing(verb, problem.what());
  }
  const std::string options = OptionsIn(root, *verb.app, problem.what());
  if (problem.get_name() == "ExcludesError") {
    return std::string(Say("一緒には使えません: ", "These exclude each other: ")) + options +
           std::string(Say("。", "."));
  }
  return std::string(
             Say("値がないか、正しくありません: ", "Without a value, or with a wrong one: ")) +
         options + std::string(Say("。", "."));
}

}  // namespace

std::string UsageSentence(const CLI::App& root, const CLI::ParseError& problem) {
  const Verb verb = Understood(root);
  return WhatIsWrong(root, verb, problem) +
         std::string(Say("何も変更していません。使い方は ", " Nothing was changed; see `")) +
         verb.path + std::string(Say(" --help で確認してください。", " --help`."));
}

}  // namespace renkei::cli
