#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/files.h"
#include "client/cli/form_input.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/documents/form.h"

namespace renkei::cli {
namespace {

constexpr std::size_t kMinIdPrefix = 4;

struct Arguments {
  std::string patient_file;
  std::string case_text;
  std::string person;
  std::uint32_t keep_years = 0;
};

// The same patient in two cases parts what belongs together; a namesake born on the same day is
// possible. So it is said, and goes on.
void SayIfPatientIsKnown(client::Session& session, ByteView patient) {
  const auto wanted = documents::IdentifyPatient(patient);
  const auto cases = session.ListCases();
  if (!wanted.ok() || !cases.ok()) {
    return;
  }
  for (const auto& view : *cases) {
    const auto known = documents::IdentifyPatient(view.patient);
    if (known.ok() && documents::SamePatient(*known, *wanted)) {
      std::cerr << Say("確認: 同じお名前・生年月日の患者さんの事例がすでにあります（",
                       "please check: a case of a patient of this name and birth date exists (")
                << view.case_id.Text()
                << Say("）。これとは別に、新しい事例を開きます。",
                       "). Another one is opened beside it.")
                << std::endl;
      return;
    }
  }
}

int New(App& app, const Arguments& arguments) {
  Bytes content;
  if (const int code = ReadForm(app, "patient", arguments.patient_file, &content);
      code != kExitDone) {
    return code;
  }
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  SayIfPatientIsKnown(app.session(), content);
  const auto case_id = app.session().NewCase(content);
  if (!case_id.ok()) {
    return app.Fail(case_id.error());
  }
  if (app.options().json) {
    PrintJson({{"case", case_id->Text()}});
  } else {
    std::cout << case_id->Text() << std::endl;
  }
  return kExitDone;
}

int List(App& app) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto cases = app.session().ListCases();
  if (!cases.ok()) {
    return app.Fail(cases.error());
  }
  for (const auto& view : *cases) {
    if (app.options().json) {
      PrintJson(CaseJson(view));
    } else {
      PrintCaseLine(view);
    }
  }
  if (cases->empty() && !app.options().json) {
    std::cout << Say("事例はまだありません。", "No case yet.") << std::endl;
  }
  return kExitDone;
}

// Opens the session and finds the case; the rest of a verb runs with both.
int WithCase(App& app, const std::string& text,
             const std::function<int(client::Session&, const CaseId&)>& run) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto case_id = FindCase(app.session(), text);
  if (!case_id.ok()) {
    return app.Fail(case_id.error());
  }
  return run(app.session(), *case_id);
}

int Show(App& app, const Arguments& arguments) {
  return WithCase(app, arguments.case_text, [&](client::Session& session, const CaseId& case_id) {
    const auto view = session.ShowCase(case_id);
    if (!view.ok()) {
      return app.Fail(view.error());
    }
    if (app.options().json) {
      PrintJson(CaseJson(*view));
    } else {
      PrintCase(*view);
    }
    return kExitDone;
  });
}

// "name", or "institution/name".
bool IsCalled(const client::PersonView& person, std::string_view text) {
  const std::size_t slash = text.find('/');
  return documents::SameName(person.name, text) ||
         (slash != std::string_view::npos &&
          documents::SameName(person.institution, text.substr(0, slash)) &&
          documents::SameName(person.name, text.substr(slash + 1)));
}

int ChangeMember(App& app, const Arguments& arguments, bool add) {
  return WithCase(app, arguments.case_text, [&](client::Session& session, const CaseId& case_id) {
    const auto person = FindPerson(app, arguments.person);
    if (!person.ok()) {
      return app.Fail(person.error());
    }
    const Status done = add ? session.AddMember(case_id, person->person_id)
                            : session.RemoveMember(case_id, person->person_id);
    if (!done.ok()) {
      return app.Fail(done.error());
    }
    if (app.options().json) {
      PrintJson({{"case", case_id.Text()}, {add ? "added" : "removed", PersonJson(*person)}});
    } else {
      std::cout << PersonText(*person)
                << (add ? Say(" が参加しました。", " joined the case.")
                        : Say(" を外しました。以後の記録は読めません。",
                              " was removed and cannot read what is written from now on."))
                << std::endl;
    }
    return kExitDone;
  });
}

int GoOn(App& app, const Arguments& arguments) {
  return WithCase(app, arguments.case_text, [&](client::Session& session, const CaseId& case_id) {
    const Status done = session.GoOn(case_id);
    if (!done.ok()) {
      return app.Fail(done.error());
    }
    if (app.options().json) {
      PrintJson({{"case", case_id.Text()}, {"goes_on", true}});
    } else {
      std::cout << Say("ほかの端末を待たずに、この事例を続けます。",
                       "The case goes on without waiting for the other devices.")
                << std::endl;
    }
    return kExitDone;
  });
}

int Close(App& app, const Arguments& arguments) {
  return WithCase(app, arguments.case_text, [&](client::Session& session, const CaseId& case_id) {
    const Status done = session.CloseCase(case_id, arguments.keep_years);
    if (!done.ok()) {
      return app.Fail(done.error());
    }
    if (app.options().json) {
      PrintJson({{"case", case_id.Text()}, {"closed", true}});
    } else {
      std::cout
          << Say("事例を終了しました。中継サーバーは今日から少なくとも5年間保管します。このあと"
                 "書かれた記録も届き、そこから数え直します。続けるときは renkei case reopen "
                 "を実行してください。",
                 "The case is closed. The relay keeps it for at least five years from today; "
                 "what is written from now on still arrives and is counted from. `renkei case "
                 "reopen` lets it go on.")
          << std::endl;
    }
    return kExitDone;
  });
}

int Reopen(App& app, const Arguments& arguments) {
  return WithCase(app, arguments.case_text, [&](client::Session& session, const CaseId& case_id) {
    const Status done = session.ReopenCase(case_id);
    if (!done.ok()) {
      return app.Fail(done.error());
    }
    if (app.options().json) {
      PrintJson({{"case", case_id.Text()}, {"closed", false}});
    } else {
      std::cout << Say("事例を再開しました。", "The case is open again.") << std::endl;
    }
    return kExitDone;
  });
}

}  // namespace

Result<client::PersonView> FindPerson(App& app, const std::string& text) {
  client::Session& session = app.session();
  auto person = session.FindPerson(text);
  if (!person.ok() && person.error().code() == Code::kNotFound && app.SyncBeside()) {
    person = session.FindPerson(text);  // they may have joined a moment ago
  }
  if (person.ok() || person.error().code() != Code::kNotFound) {
    return person;
  }
  for (const client::PersonView& known : session.People()) {
    if (!IsCalled(known, text)) {
      continue;
    }
    if (person.ok()) {
      return Error(Code::kConflict,
                   "directory: several people have that name; write institution/name or the id");
    }
    person = known;
  }
  return person;
}

Result<CaseId> FindCase(client::Session& session, std::string_view text) {
  if (const auto exact = CaseId::Parse(text); exact.ok()) {
    return *exact;
  }
  RENKEI_ASSIGN(const auto cases, session.ListCases());
  std::vector<CaseId> exact;
  std::vector<CaseId> alike;
  for (const auto& view : cases) {
    const std::string patient = PatientName(view.patient);
    const bool by_id =
        text.size() >= kMinIdPrefix && view.case_id.Text().substr(0, text.size()) == text;
    if (by_id || (!text.empty() && patient == text)) {
      exact.push_back(view.case_id);
    } else if (documents::SameName(patient, text)) {
      alike.push_back(view.case_id);
    }
  }
  const auto& found = exact.empty() ? alike : exact;
  if (found.empty()) {
    return Error(Code::kNotFound, "no such case here");
  }
  if (found.size() > 1) {
    return Error(Code::kConflict, "several cases match: give the whole id");
  }
  return found.front();
}

void AddCaseCommands(CLI::App& root, Action& selected) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* group = root.add_subcommand("case", "Cases: one for each patient");
  group->require_subcommand(1);

  CLI::App* create = group->add_subcommand("new", "Open a case");
  create->add_option("--patient", arguments->patient_file, "JSON file (renkei form patient)")
      ->required();
  create->callback([&selected, arguments] {
    selected = [arguments](App& app) { return New(app, *arguments); };
  });

  group->add_subcommand("list", "All cases of this person")->callback([&selected] {
    selected = [](App& app) { return List(app); };
  });

  CLI::App* show = group->add_subcommand("show", "Members, readers, state, warnings");
  show->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  show->callback([&selected, arguments] {
    selected = [arguments](App& app) { return Show(app, *arguments); };
  });

  CLI::App* go_on = group->add_subcommand(
      "go-on", "After the relay was restored: go on without devices that do not come (steward)");
  go_on->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  go_on->callback([&selected, arguments] {
    selected = [arguments](App& app) { return GoOn(app, *arguments); };
  });

  CLI::App* close = group->add_subcommand(
      "close", "The patient is not cared for any more: starts the years of keeping (steward)");
  close->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  close->add_option("--keep-years", arguments->keep_years,
                    "Ask the relay to keep it longer than its own years");
  close->callback([&selected, arguments] {
    selected = [arguments](App& app) { return Close(app, *arguments); };
  });

  CLI::App* reopen = group->add_subcommand("reopen", "A closed case goes on (steward)");
  reopen->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  reopen->callback([&selected, arguments] {
    selected = [arguments](App& app) { return Reopen(app, *arguments); };
  });

  for (const bool add : {true, false}) {
    CLI::App* change =
        group->add_subcommand(add ? "add" : "remove", add ? "Add a person" : "Remove a person");
    change->add_option("case", arguments->case_text, "Case id or patient's name")->required();
    change->add_option("person", arguments->person, "Person id or name")->required();
    change->callback([&selected, arguments, add] {
      selected = [arguments, add](App& app) { return ChangeMember(app, *arguments, add); };
    });
  }
}

}  // namespace renkei::cli
