#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "client/cli/alert_output.h"
#include "client/cli/call_input.h"
#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/form_input.h"
#include "client/cli/notices.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/documents/form.h"

namespace renkei::cli {
namespace {

struct Arguments {
  std::string case_text;
  std::string kind;
  std::string file;
  bool urgent = false;
  CallArguments calls;
  std::string corrects;
  std::string reason;
  bool other_patient = false;
  std::string after;
  std::string record;
  std::string read_back;
  std::string query;
};

// Opens the session and finds the record; the rest of a verb runs with both.
int WithRecord(App& app, const std::string& text,
               const std::function<int(client::Session&, const RecordId&)>& run) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto record = app.session().FindRecord(text);
  if (!record.ok()) {
    return app.Fail(record.error());
  }
  return run(app.session(), *record);
}

std::string WaitingText(App& app, const client::RecordView& record) {
  std::string why;
  if (const auto items = app.session().Outbox(); items.ok()) {
    for (const auto& item : *items) {
      why = item.record_id == record.record_id ? WaitingFor(item) : why;
    }
  }
  return std::string(Say("送信待ちです（", "waiting (")) + why +
         std::string(Say("）。端末に残っており、次の renkei sync で送られます。",
                         "): it is kept here and goes out with the next `renkei sync`."));
}

int ShowPosted(App& app, const client::RecordView& record) {
  if (app.options().json) {
    PrintJson(RecordJson(record));
    return kExitDone;
  }
  std::cout << record.record_id.Text() << "  "
            << (record.state == client::RecordState::kWaiting
                    ? WaitingText(app, record)
                    : std::string(Say("送信しました。", "sent.")))
            << std::endl;
  if (record.alert.has_value()) {
    PrintAlert(*record.alert);
  } else if (record.urgent) {
    std::cout << Say("この事例には呼び出す相手がいません。急ぐときは電話してください。",
                     "This case has nobody to call. If it is urgent, telephone.")
              << std::endl;
  }
  return kExitDone;
}

// What is shown may be less than what the others see: said beside it, not only at the sync.
int TellWarnings(App& app, const CaseId& case_id) {
  const auto view = app.session().ShowCase(case_id);
  if (!view.ok()) {
    return app.Fail(view.error());
  }
  for (const std::string& warning : view->warnings) {
    std::cerr << Say("注意: ", "warning: ") << InUsersLanguage(warning) << std::endl;
  }
  return kExitDone;
}

// The wrong patient's thread is the first hazard, so a form that names another patient is not sent
// unless a person says so: on a terminal when asked, else by --other-patient. (Names have variants,
// and a document may come from a hospital that writes it otherwise: it can be right.)
int ConfirmPatient(App& app, const CaseId& case_id, ByteView content, bool other_patient) {
  const Bytes patient = PatientOf(app.session(), case_id);
  const auto match = documents::ComparePatient(content, patient);
  if (!match.ok() || *match != documents::PatientMatch::kDifferent || other_patient) {
    return kExitDone;
  }
  if (!app.options().json) {
    const std::string question =
        std::string(Say("注意: 様式の患者がこの事例の患者と違います。事例の患者: ",
                        "warning: the form names another patient than the case's, who is: ")) +
        PatientText(patient) +
        std::string(Say("\nこのまま送りますか？ [y/N] ", "\nSend it all the same? [y/N] "));
    if (app.programs().ask(question).value_or(false)) {
      return kExitDone;
    }
  }
  Report(app.options().json, "kConflict",
         Say("様式の患者がこの事例の患者と違うため、送信していません。送信待ちにも入れていません。"
             "事例と様式を確かめ、この事例で正しいときは --other-patient を付けてもう一度実行してく"
             "ださい。",
             "The form names another patient than the case's, so nothing was sent or put into the "
             "outbox. Check the case and the form; if it does belong here, run it again with "
             "--other-patient."));
  return kExitFailed;
}

int Post(App& app, const Arguments& arguments) {
  if (arguments.corrects.empty() != arguments.reason.empty()) {
    Report(app.options().json, "kMalformed",
           Say("訂正には --corrects と --reason の両方が必要です。何も送信していません。",
               "A correction needs both --corrects and --reason. Nothing was sent."));
    return kExitUsage;
  }
  if (!documents::KindFromName(arguments.kind).has_value()) {
    return ReadForm(app, arguments.kind, arguments.file, nullptr);  // says which kinds there are
  }
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto case_id = FindCase(app.session(), arguments.case_text);
  if (!case_id.ok()) {
    return app.Fail(case_id.error());
  }
  client::PostOptions options{.urgent = arguments.urgent, .correction_reason = arguments.reason};
  if (const int code = ReadCallList(app, arguments.calls, options); code != kExitDone) {
    return code;
  }
  Bytes original;
  if (!arguments.corrects.empty()) {
    const auto corrected = app.session().FindRecord(arguments.corrects);
    if (!corrected.ok()) {
      return app.Fail(corrected.error());
    }
    const auto record = app.session().Record(*corrected);
    if (!record.ok()) {
      return app.Fail(record.error());
    }
    options.corrects = *corrected;
    original = record->content;
  }
  Bytes content;
  if (const int code = ReadForm(app, arguments.kind, arguments.file, &content, original);
      code != kExitDone) {
    return code;
  }
  if (const int code = ConfirmPatient(app, *case_id, content, arguments.other_patient);
      code != kExitDone) {
    return code;
  }
  const auto posted = app.session().Post(*case_id, content, options);
  return posted.ok() ? ShowPosted(app, *posted) : app.Fail(posted.error());
}

int Answer(App& app, const Arguments& arguments) {
  return WithRecord(app, arguments.record, [&](client::Session& session, const RecordId& record) {
    const auto answered = session.Record(record);
    if (!answered.ok()) {
      return app.Fail(answered.error());
    }
    Bytes content;
    if (const int code = ReadForm(app, "answer", arguments.file, &content); code != kExitDone) {
      return code;
    }
    if (const int code = ConfirmPatient(app, answered->case_id, content, arguments.other_patient);
        code != kExitDone) {
      return code;
    }
    const auto posted = session.Post(answered->case_id, content, {.answers = record});
    return posted.ok() ? ShowPosted(app, *posted) : app.Fail(posted.error());
  });
}

bool IsBefore(const client::RecordView& record, const std::optional<client::RecordView>& after) {
  return after.has_value() && record.seq != 0 && record.seq <= after->seq;
}

int Read(App& app, const Arguments& arguments) {
  const auto kind = documents::KindFromName(arguments.kind);
  if (!arguments.kind.empty() && !kind.has_value()) {
    return ReadForm(app, arguments.kind, "", nullptr);  // says which kinds there are
  }
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  client::Session& session = app.session();
  const auto case_id = FindCase(session, arguments.case_text);
  if (!case_id.ok()) {
    return app.Fail(case_id.error());
  }
  std::optional<client::RecordView> after;
  if (!arguments.after.empty()) {
    const auto id = session.FindRecord(arguments.after);
    if (!id.ok()) {
      return app.Fail(id.error());
    }
    auto record = session.Record(*id);
    if (!record.ok()) {
      return app.Fail(record.error());
    }
    after = std::move(record).value();
  }
  const auto records = session.Records(*case_id);
  if (!records.ok()) {
    return app.Fail(records.error());
  }
  const Bytes patient = PatientOf(session, *case_id);
  std::vector<RecordId> shown;
  for (const auto& record : *records) {
    if (IsBefore(record, after) ||
        (kind.has_value() && record.kind != static_cast<std::uint32_t>(*kind))) {
      continue;
    }
    if (app.options().json) {
      PrintJson(RecordJson(record));
    } else {
      PrintRecord(record, patient);
    }
    shown.push_back(record.record_id);
  }
  // After the printing: what was not shown must not count as opened.
  const Status marked = session.MarkOpened(*case_id, shown);
  return marked.ok() ? TellWarnings(app, *case_id) : app.Fail(marked.error());
}

// Who only waits has told nobody: the others go on as if nobody had taken it up.
int ShowSaid(App& app, const RecordId& about, const Result<client::RecordView>& said,
             std::string_view done, std::string_view not_yet, const char* what) {
  if (!said.ok()) {
    return app.Fail(said.error());
  }
  const bool waiting = said->state == client::RecordState::kWaiting;
  if (app.options().json) {
    PrintJson({{"record", about.Text()},
               {"done", waiting ? "waiting" : what},
               {"state", client::RecordStateName(said->state)}});
  } else if (waiting) {
    std::cout << not_yet << WaitingText(app, *said) << std::endl;
  } else {
    std::cout << done << std::endl;
  }
  return kExitDone;
}

int Acknowledge(App& app, const Arguments& arguments) {
  return WithRecord(app, arguments.record, [&](client::Session& session, const RecordId& record) {
    const auto said = session.Acknowledge(record, arguments.read_back);
    const auto coverage = session.Coverage(record);
    if (!said.ok() || !coverage.ok()) {
      return app.Fail(said.ok() ? coverage.error() : said.error());
    }
    if (app.options().json || said->state != client::RecordState::kWaiting) {
      TellAcknowledged(app.options().json, *coverage);
      return kExitDone;
    }
    const bool called = coverage->record.alert.has_value();
    return ShowSaid(
        app, record, said, "",
        called
            ? Say("了承はまだほかの人に届いておらず、呼び出しは止まっていません。急ぐときは電話し"
                  "てください。",
                  "Nobody sees the acknowledgement yet and the calls go on; if it is urgent, "
                  "telephone. It is ")
            : Say("了承はまだほかの人に届いていません。急ぐときは電話してください。",
                  "Nobody sees the acknowledgement yet; if it is urgent, telephone. It is "),
        "acknowledged");
  });
}

int Respond(App& app, const Arguments& arguments) {
  return WithRecord(app, arguments.record, [&](client::Session& session, const RecordId& record) {
    return ShowSaid(
        app, record, session.Respond(record),
        Say("対応開始を知らせました。", "The others see that you are responding."),
        Say("対応開始はまだほかの人に届いていません。急ぐときは電話してください。",
            "Nobody sees yet that you are responding; if it is urgent, telephone. It is "),
        "responding");
  });
}

int Coverage(App& app, const Arguments& arguments) {
  return WithRecord(app, arguments.record, [&](client::Session& session, const RecordId& record) {
    const auto coverage = session.Coverage(record);
    if (!coverage.ok()) {
      return app.Fail(coverage.error());
    }
    if (app.options().json) {
      PrintJson(CoverageJson(*coverage));
    } else {
      PrintCoverage(*coverage);
    }
    return kExitDone;
  });
}

int Search(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto found = app.session().Search(arguments.query);
  if (!found.ok()) {
    return app.Fail(found.error());
  }
  for (const auto& record : *found) {
    if (app.options().json) {
      PrintJson(RecordJson(record));
    } else {
      PrintRecordLine(record);
    }
  }
  if (found->empty() && !app.options().json) {
    std::cout << Say("見つかりませんでした。", "Nothing found.") << std::endl;
  }
  return kExitDone;
}

int Form(App& app, const Arguments& arguments) {
  const auto kind = documents::KindFromName(arguments.kind);
  if (!kind.has_value()) {
    return ReadForm(app, arguments.kind, "", nullptr);  // says which kinds there are
  }
  const std::string form = documents::EmptyForm(*kind);
  if (app.options().json) {
    PrintJson(Json::parse(form));
  } else {
    std::cout << form << std::endl;
  }
  return kExitDone;
}

}  // namespace

void AddRecordCommands(CLI::App& root, Action& selected) {
  const auto arguments = std::make_shared<Arguments>();
  const auto verb = [&root, &selected, arguments](const char* name, const char* text,
                                                  int (*run)(App&, const Arguments&)) {
    CLI::App* command = root.add_subcommand(name, text);
    command->callback([&selected, arguments, run] {
      selected = [arguments, run](App& app) { return run(app, *arguments); };
    });
    return command;
  };
  const auto with_record = [&arguments](CLI::App* command) {
    command->add_option("record", arguments->record, "Record id")->required();
    return command;
  };

  CLI::App* post = verb("post", "Post a record to a case", Post);
  post->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  post->add_option("kind", arguments->kind, "Kind of record (renkei form KIND shows it)")
      ->required();
  post->add_option("--file", arguments->file, "JSON or JAHIS file, - for stdin")->required();
  post->add_flag("--urgent", arguments->urgent,
                 "Needs an answer now: the relay calls one after the other until somebody does");
  CLI::Option* call = post->add_option("--call", arguments->calls.call,
                                       "Whom, instead of the usual list: "
                                       "PERSON|PROFESSION[+...][:MINUTES],...");
  post->add_option("--plan", arguments->calls.plan, "The same as a JSON file")->excludes(call);
  post->add_option("--rounds", arguments->calls.rounds, "How often --call is gone through")
      ->check(CLI::Range(1, 10));
  post->add_option("--corrects", arguments->corrects, "The record that this one corrects");
  post->add_option("--reason", arguments->reason, "Why it is corrected");
  const auto with_other_patient = [&arguments](CLI::App* command) {
    command->add_flag("--other-patient", arguments->other_patient,
                      "Send it even if the form names another patient than the case's");
  };
  with_other_patient(post);

  CLI::App* read = verb("read", "Show a case's records; they then count as opened", Read);
  read->add_option("case", arguments->case_text, "Case id or patient's name")->required();
  read->add_option("--kind", arguments->kind, "Only this kind");
  read->add_option("--after", arguments->after, "Only what came after this record");

  with_record(verb("ack", "Acknowledge with a read-back", Acknowledge))
      ->add_option("--read-back", arguments->read_back, "What you understood, in your words")
      ->required();
  CLI::App* answer =
      with_record(verb("answer", "Answer a record, e.g. a pharmacist's query", Answer));
  answer->add_option("--file", arguments->file, "JSON file (renkei form answer), - for stdin")
      ->required();
  with_other_patient(answer);
  with_record(verb("respond", "Tell the others that you are on it", Respond));
  with_record(verb("coverage", "Who received, opened, acknowledged, responds", Coverage));
  verb("search", "Find records by words in any width or kana", Search)
      ->add_option("text", arguments->query, "Words")
      ->required();
  verb("form", "Print an empty form", Form)
      ->add_option("kind", arguments->kind, "Kind")
      ->required();
}

}  // namespace renkei::cli
