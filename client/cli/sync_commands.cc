#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/alert_output.h"
#include "client/cli/commands.h"
#include "client/cli/device_key.h"
#include "client/cli/errors.h"
#include "client/cli/notices.h"
#include "client/cli/output.h"
#include "client/cli/text.h"

namespace renkei::cli {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void RequestStop(int) {
  stop_requested = 1;
}

// What a sync had to say beside its figures. A fault is an error, told as such; false if any was.
bool TellNotices(bool json, const std::vector<std::string>& notices) {
  bool good = true;
  for (const std::string& notice : notices) {
    if (IsFault(notice)) {
      Report(json, "kConflict", InUsersLanguage(notice));
      good = false;
      continue;
    }
    std::cerr << Say("お知らせ: ", "note: ") << InUsersLanguage(notice) << std::endl;
    if (json) {
      PrintJson({{"notice", InUsersLanguage(notice)}});
    }
  }
  return good;
}

int Sync(App& app) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto report = app.session().Sync();
  if (!report.ok()) {
    return app.Fail(report.error(), Kept::kOutbox);
  }
  if (app.options().json) {
    PrintJson(SyncJson(*report));
  } else {
    PrintSync(*report);
  }
  // The rest went through; whoever runs this unattended must still learn of it.
  std::vector<std::string> faults = report->notices;
  std::erase_if(faults, [](const std::string& notice) { return !IsFault(notice); });
  return TellNotices(app.options().json, faults) ? kExitDone : kExitFailed;
}

int Watch(App& app) {
  stop_requested = 0;
  struct sigaction action {};
  action.sa_handler = RequestStop;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const bool json = app.options().json;
  const Status watched = app.session().Watch(
      [&app, json](const client::SyncReport& report) {
        for (const auto& record : report.new_records) {
          if (json) {
            PrintJson(RecordJson(record));
          } else {
            PrintRecord(record, PatientOf(app.session(), record.case_id));
          }
        }
        TellNotices(json, report.notices);
        for (const auto& news : report.alerts) {
          if (json) {
            PrintJson(AlertNewsJson(news));
          } else {
            std::cout << AlertNewsText(news) << std::endl;
          }
        }
      },
      [] { return stop_requested == 0; });
  return watched.ok() ? kExitDone : app.Fail(watched.error(), Kept::kOutbox);
}

int Outbox(App& app) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto items = app.session().Outbox();
  if (!items.ok()) {
    return app.Fail(items.error());
  }
  for (const auto& item : *items) {
    if (app.options().json) {
      PrintJson(OutboxJson(item));
      continue;
    }
    std::cout << item.record_id.Text() << "  " << ShortTime(item.created_at) << "  "
              << (item.urgent ? Say("【緊急】", "[URGENT] ") : "") << KindText(item.kind) << "  "
              << WaitingFor(item) << std::endl;
  }
  if (items->empty() && !app.options().json) {
    std::cout << Say("送信待ちはありません。", "Nothing is waiting to be sent.") << std::endl;
  }
  return kExitDone;
}

int ShowStatus(App& app) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  const auto synced = app.session().Sync();
  const auto waiting = app.session().Outbox();
  const auto cases = app.session().ListCases();
  if (!waiting.ok() || !cases.ok()) {
    return app.Fail(waiting.ok() ? cases.error() : waiting.error());
  }
  const client::PersonView self = app.session().Self();
  const std::string key_form = app.programs().device_key(app.VaultPath());
  if (app.options().json) {
    Json warnings = Json::array();
    for (const auto& view : *cases) {
      for (const auto& warning : view.warnings) {
        warnings.push_back({{"case", view.case_id.Text()}, {"warning", InUsersLanguage(warning)}});
      }
    }
    PrintJson({{"person", PersonJson(self)},
               {"relay", synced.ok() ? "reachable" : "unreachable"},
               {"relay_problem",
                synced.ok() ? Json(nullptr) : Json(Sentence(synced.error(), Kept::kOutbox))},
               {"cases", cases->size()},
               {"waiting", waiting->size()},
               {"device_key",
                {{"form", key_form},
                 {"weaker", IsWeakerForm(key_form)},
                 {"message", DeviceKeySentence(key_form)}}},
               {"warnings", warnings},
               {"alerts", synced.ok() ? SyncJson(*synced)["alerts"] : Json::array()},
               {"notices", synced.ok() ? SyncJson(*synced)["notices"] : Json::array()}});
    return kExitDone;
  }
  std::cout << PersonText(self) << '\n'
            << (synced.ok() ? Say("中継サーバー: 接続できます", "relay: reachable")
                            : Say("中継サーバー: 接続できません", "relay: not reachable"))
            << '\n'
            << Say("事例: ", "cases: ") << cases->size() << '\n'
            << Say("送信待ち: ", "waiting to be sent: ") << waiting->size() << '\n'
            << DeviceKeySentence(key_form) << std::endl;
  for (const auto& view : *cases) {
    for (const auto& warning : view.warnings) {
      std::cout << Say("注意: ", "warning: ") << PatientText(view.patient) << ": "
                << InUsersLanguage(warning) << std::endl;
    }
  }
  if (!synced.ok()) {
    std::cout << Sentence(synced.error(), Kept::kOutbox) << std::endl;
  }
  // Some are said only once: this sync was that time.
  for (const std::string& notice : synced.ok() ? synced->notices : std::vector<std::string>()) {
    std::cout << (IsFault(notice) ? Say("注意: ", "warning: ") : Say("お知らせ: ", "note: "))
              << InUsersLanguage(notice) << std::endl;
  }
  for (const auto& news : synced.ok() ? synced->alerts : std::vector<client::AlertNews>()) {
    std::cout << AlertNewsText(news) << std::endl;
  }
  return kExitDone;
}

}  // namespace

void AddSyncCommands(CLI::App& root, Action& selected) {
  const auto add = [&root, &selected](const char* name, const char* text, int (*run)(App&)) {
    root.add_subcommand(name, text)->callback([&selected, run] { selected = run; });
  };
  add("sync", "Fetch and send everything once", Sync);
  add("watch", "Follow all cases until interrupted", Watch);
  add("outbox", "What waits to be sent", Outbox);
  add("status", "Who this is, whether the relay answers, what needs attention", ShowStatus);
}

}  // namespace renkei::cli
