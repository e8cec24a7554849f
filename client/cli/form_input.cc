#include "client/cli/form_input.h"

#include <iostream>

#include "client/cli/errors.h"
#include "client/cli/files.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/documents/form.h"

namespace renkei::cli {
namespace {

using documents::FormProblem;

std::string InLanguage(const FormProblem& problem) {
  return std::string(Say(problem.message_ja, problem.message_en));
}

int RefuseForm(bool json, const std::vector<FormProblem>& problems) {
  const std::string_view head =
      Say("様式に不備があるため受け付けていません。何も送信していません。次を直してください。",
          "The form was not accepted and nothing was sent. Please correct:");
  std::cerr << head << '\n';
  Json list = Json::array();
  for (const FormProblem& problem : problems) {
    std::cerr << "  - " << InLanguage(problem) << '\n';
    list.push_back({{"field", problem.path}, {"message", InLanguage(problem)}});
  }
  std::cerr << std::flush;
  if (json) {
    PrintJson({{"error", {{"code", "kMalformed"}, {"message", head}, {"problems", list}}}});
  }
  return kExitFailed;
}

}  // namespace

int ReadForm(App& app, std::string_view kind_name, const std::string& path, Bytes* content,
             ByteView original) {
  const auto kind = documents::KindFromName(kind_name);
  if (!kind.has_value()) {
    std::string known;
    for (const documents::Kind postable : documents::PostableKinds()) {
      known += std::string(known.empty() ? "" : " ") + documents::KindName(postable);
    }
    Report(app.options().json, "kUnsupported",
           std::string(Say("そのような記録の種類はありません。何も送信していません。使えるもの: ",
                           "There is no such kind of record. Nothing was sent. Known: ")) +
               known);
    return kExitUsage;
  }
  const auto file = ReadInput(path);
  if (!file.ok()) {
    return app.Fail(file.error());
  }
  auto outcome = documents::ParseFormFile(
      *kind, *file, {.now = app.programs().clock->Now(), .original = original});
  if (!outcome.ok()) {
    return RefuseForm(app.options().json, outcome.problems);
  }
  for (const FormProblem& notice : outcome.notices) {
    std::cerr << Say("確認: ", "please check: ") << InLanguage(notice) << std::endl;
  }
  *content = std::move(outcome.content);
  return kExitDone;
}

std::string PatientName(ByteView content) {
  const auto identity = documents::IdentifyPatient(content);
  return identity.ok() ? identity->name : std::string();
}

}  // namespace renkei::cli
