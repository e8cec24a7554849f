#include <qrencode.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/files.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/core/renew_relay.h"

namespace renkei::cli {
namespace {

struct Arguments {
  std::string relay;
  std::string name;
  std::string kind;
  std::string profession;
  std::string data;
  std::string code;
  std::string approve_name;
  bool all = false;
};

// Half-block characters: readable by a telephone's camera from a dark or light terminal.
void PrintQr(const std::string& code) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> qr(
      QRcode_encodeString(code.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), &QRcode_free);
  if (qr == nullptr) {
    return;
  }
  const auto dark = [&qr](int x, int y) {
    return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
           (qr->data[y * qr->width + x] & 1U) != 0;
  };
  for (int y = -2; y < qr->width + 2; y += 2) {
    for (int x = -2; x < qr->width + 2; ++x) {
      const bool top = !dark(x, y);
      const bool bottom = !dark(x, y + 1);
      std::cout << (top ? (bottom ? "█" : "▀") : (bottom ? "▄" : " "));
    }
    std::cout << '\n';
  }
}

int PrintCode(App& app, const Result<std::string>& code) {
  if (!code.ok()) {
    return app.Fail(code.error());
  }
  if (app.options().json) {
    PrintJson({{"code", *code}});
    return kExitDone;
  }
  std::cout << *code << std::endl;
  if (isatty(STDOUT_FILENO) == 1) {
    PrintQr(*code);
    std::cerr << Say("このコードは一度だけ使えます。電話やFAXではなく、相手に直接お渡しください。",
                     "This code works once. Hand it over in person.")
              << std::endl;
  }
  return kExitDone;
}

int RegionInit(App& app, const Arguments& arguments) {
  if (const int code = app.CreateVault(); code != kExitDone) {
    return code;
  }
  client::Enrolment enrolment(app.Env());
  const auto unfinished = enrolment.UnfinishedRegion();
  if (!unfinished.ok()) {
    return app.Fail(unfinished.error());
  }
  if (const int code = PrepareRelayFolder(app, arguments.data, *unfinished); code != kExitDone) {
    app.DiscardVault();
    return code;
  }
  const auto region = enrolment.InitRegion(arguments.relay, arguments.name);
  if (!region.ok()) {
    app.DiscardVault();
    return app.Fail(region.error());
  }
  if (const int code = WriteRelayFiles(app, arguments.data, *region); code != kExitDone) {
    return code;
  }
  if (const Status finished = enrolment.FinishRegion(); !finished.ok()) {
    return app.Fail(finished.error());
  }
  if (app.options().json) {
    PrintJson({{"region", region->id.Text()}, {"data", arguments.data}});
  } else {
    std::cout << Say("地域を作成しました。中継サーバーの起動: renkei-relay --data ",
                     "The region is made. Start its relay: renkei-relay --data ")
              << arguments.data << " --listen " << arguments.relay << std::endl;
  }
  return kExitDone;
}

int RenewRelay(App& app, const Arguments& arguments) {
  if (const int code = app.OpenVault(); code != kExitDone) {
    return code;
  }
  auto renewed = client::RenewRelayTls(app.Env());
  if (!renewed.ok()) {
    return app.Fail(renewed.error());
  }
  if (const int code = OpenRelayFolder(app, arguments.data, renewed->region); code != kExitDone) {
    return code;
  }
  const client::Region files{renewed->region, std::move(renewed->files)};
  if (const int code = WriteRelayFiles(app, arguments.data, files); code != kExitDone) {
    return code;
  }
  if (app.options().json) {
    PrintJson({{"data", arguments.data}, {"valid_until", IsoTime(renewed->not_after)}});
  } else {
    std::cout << Say("中継サーバーの証明書を新しくしました。期限: ",
                     "The relay's certificate is renewed. Valid until: ")
              << IsoTime(renewed->not_after) << std::endl
              << Say("動いている中継サーバーは1分以内に使い始めます（すぐに: systemctl reload "
                     "renkei-relay）。",
                     "A running relay takes it within a minute (at once: systemctl reload "
                     "renkei-relay).")
              << std::endl;
  }
  return kExitDone;
}

int Join(App& app, const Arguments& arguments) {
  std::string code_text = arguments.code;
  if (code_text == "-" && !std::getline(std::cin, code_text)) {
    return app.Fail(Error(Code::kMalformed, "invitation: nothing on standard input"));
  }
  if (const Status readable = client::CheckCode(code_text, app.programs().clock->Now());
      !readable.ok()) {
    return app.Fail(readable.error());
  }
  if (const int code = app.CreateVault(); code != kExitDone) {
    return code;
  }
  client::Enrolment enrolment(app.Env());
  const Status joined = enrolment.Join(code_text, arguments.name, arguments.profession);
  if (!joined.ok()) {
    // Once the request is saved it may have reached the relay: then the vault stays.
    const bool saved = enrolment.PendingState() != client::JoinState::kNone;
    app.DiscardVault();
    if (saved && joined.error().code() == Code::kUnavailable) {
      Report(app.options().json, CodeName(joined.error().code()),
             Say("中継サーバーの返事がなく、申請が届いたかどうか分かりません。申請はこの端末に残っ"
                 "ています。ネットワークを確認し、同じコマンドをもう一度実行してください。",
                 "The relay did not answer, so it is not known whether the request has arrived. It "
                 "is kept here; check the network and run the same command again."));
      return kExitFailed;
    }
    return app.Fail(joined.error());
  }
  if (app.options().json) {
    PrintJson({{"state", "requested"}});
  } else {
    std::cout << Say("申請を送りました。承認されたら renkei sync を実行してください。",
                     "The request is sent. Once it is approved, run `renkei sync`.")
              << std::endl;
  }
  return kExitDone;
}

std::string WhatText(const std::string& what) {
  if (what == "institution") {
    return std::string(Say("施設", what));
  }
  if (what == "staff") {
    return std::string(Say("職員", what));
  }
  return std::string(what == "link" ? Say("自分の新しい端末", "own new device")
                                    : Say("職員の新しい端末", "a colleague's new device"));
}

void PrintApproval(bool json, const client::ApprovalReport::Item& item) {
  if (json) {
    PrintJson({{"name", item.name},
               {"profession", item.profession},
               {"what", item.what},
               {"approved", item.approved},
               {"problem", item.problem.has_value() ? Sentence(*item.problem) : ""}});
    return;
  }
  std::cout << (item.approved ? Say("承認: ", "approved: ") : Say("見送り: ", "not approved: "))
            << WhatText(item.what) << ' ' << Printable(item.name) << ' ' << item.profession;
  if (item.problem.has_value()) {
    std::cout << " — " << Sentence(*item.problem);
  }
  std::cout << std::endl;
}

int Approve(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  client::Enrolment enrolment(app.Env());
  const auto report = enrolment.ApproveWaiting(
      arguments.approve_name.empty() ? std::nullopt : std::optional(arguments.approve_name));
  if (!report.ok()) {
    return app.Fail(report.error());
  }
  bool all_good = true;
  for (const auto& item : report->items) {
    PrintApproval(app.options().json, item);
    all_good = all_good && item.approved;
  }
  if (report->items.empty() && !app.options().json) {
    std::cout << Say("待っている申請はありません。", "No request is waiting.") << std::endl;
  }
  return all_good ? kExitDone : kExitFailed;
}

int People(App& app) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  // Who joined a moment ago is shown too, where the relay answers.
  static_cast<void>(app.SyncBeside());
  for (const auto& person : app.session().People()) {
    if (app.options().json) {
      PrintJson(PersonJson(person));
    } else {
      std::cout << person.person_id.Text() << "  " << PersonText(person) << std::endl;
    }
  }
  return kExitDone;
}

int Invite(App& app, const std::function<Result<std::string>(client::Enrolment&)>& make) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  client::Enrolment enrolment(app.Env());
  return PrintCode(app, make(enrolment));
}

}  // namespace

void AddEnrolmentCommands(CLI::App& root, Action& selected) {
  const auto arguments = std::make_shared<Arguments>();

  CLI::App* region = root.add_subcommand("region", "Found a region (its operator)");
  region->require_subcommand(1);
  CLI::App* init =
      region->add_subcommand("init", "Root key into the vault, the relay's files into DIR");
  init->add_option("--relay", arguments->relay, "HOST:PORT where the relay will listen")
      ->required();
  init->add_option("--name", arguments->name, "The region's name")->required();
  init->add_option("--data", arguments->data, "The relay's data directory")->required();
  init->callback([&selected, arguments] {
    selected = [arguments](App& app) { return RegionInit(app, *arguments); };
  });

  CLI::App* renew =
      region->add_subcommand("renew-relay", "A new TLS key and certificate for the relay into DIR");
  renew->add_option("--data", arguments->data, "The relay's data directory")->required();
  renew->callback([&selected, arguments] {
    selected = [arguments](App& app) { return RenewRelay(app, *arguments); };
  });

  CLI::App* institution = root.add_subcommand("institution", "Institutions (the operator)");
  institution->require_subcommand(1);
  CLI::App* invite = institution->add_subcommand("invite", "Prints a code for its first person");
  invite->add_option("--name", arguments->name, "The institution's name")->required();
  invite->add_option("--kind", arguments->kind, "Its kind, e.g. hospital, clinic, pharmacy")
      ->required();
  invite->callback([&selected, arguments] {
    selected = [arguments](App& app) {
      return Invite(app, [&](client::Enrolment& enrolment) {
        return enrolment.InviteInstitution(arguments->name, arguments->kind);
      });
    };
  });

  CLI::App* staff = root.add_subcommand("staff", "Colleagues (an institution's administrator)");
  staff->require_subcommand(1);
  CLI::App* staff_invite = staff->add_subcommand("invite", "Prints a code for a colleague");
  staff_invite->add_option("--name", arguments->name, "The person's name")->required();
  staff_invite->add_option("--profession", arguments->profession, "e.g. doctor, nurse")->required();
  staff_invite->callback([&selected, arguments] {
    selected = [arguments](App& app) {
      return Invite(app, [&](client::Enrolment& enrolment) {
        return enrolment.InviteStaff(arguments->name, arguments->profession);
      });
    };
  });

  CLI::App* device = root.add_subcommand("device", "Own devices");
  device->require_subcommand(1);
  device->add_subcommand("add", "Prints a code for another device of yours")->callback([&selected] {
    selected = [](App& app) {
      return Invite(app, [](client::Enrolment& enrolment) { return enrolment.InviteDevice(); });
    };
  });

  CLI::App* join =
      root.add_subcommand("join", "Take up an invitation (- reads the code from stdin)");
  join->add_option("code", arguments->code, "The invitation code")->required();
  join->add_option("--name", arguments->name, "Your name");
  join->add_option("--profession", arguments->profession, "Your profession");
  join->callback([&selected, arguments] {
    selected = [arguments](App& app) { return Join(app, *arguments); };
  });

  CLI::App* approve = root.add_subcommand("approve", "Sign waiting requests whose secret matches");
  approve->add_flag("--all", arguments->all, "Every one (the default unless NAME is given)");
  approve->add_option("name", arguments->approve_name, "Only this person");
  approve->callback([&selected, arguments] {
    selected = [arguments](App& app) { return Approve(app, *arguments); };
  });

  root.add_subcommand("people", "Everybody in the directory")->callback([&selected] {
    selected = [](App& app) { return People(app); };
  });
}

}  // namespace renkei::cli
