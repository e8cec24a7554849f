#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/core/revoke.h"

namespace renkei::cli {
namespace {

struct Arguments {
  std::string device;
  std::string person;
  std::string institution;
  std::string reason = "lost";
  bool yes = false;
};

pki::RevocationReason ReasonOf(const std::string& name) {
  if (name == "left") {
    return pki::RevocationReason::kAffiliationChanged;
  }
  return name == "replaced" ? pki::RevocationReason::kSuperseded
                            : pki::RevocationReason::kKeyCompromise;
}

Json DeviceJson(const client::DeviceView& view) {
  return {{"device", view.device.Text()},
          {"person", PersonJson(view.person)},
          {"certified_at", IsoTime(view.certified_at)},
          {"revoked_at", view.revoked_at ? Json(IsoTime(*view.revoked_at)) : Json()},
          {"self", view.self}};
}

// A certificate begins an hour before it was made (core/certify.h): the day is what it tells.
std::string Day(Millis time) {
  return IsoTime(time).substr(0, std::string_view("2026-11-21").size());
}

void PrintDevice(const client::DeviceView& view) {
  std::cout << view.device.Text() << "  " << PersonText(view.person) << "  " << Say("", "since ")
            << Day(view.certified_at) << Say("から", "");
  if (view.revoked_at) {
    std::cout << "  " << Say("失効 ", "revoked ") << ShortTime(*view.revoked_at);
  }
  if (view.self) {
    std::cout << "  " << Say("この端末", "this device");
  }
  std::cout << std::endl;
}

// An id or the beginning of one.
Result<client::DeviceView> FindDevice(const std::vector<client::DeviceView>& devices,
                                      const std::string& text) {
  constexpr std::size_t kShortest = 4;
  const client::DeviceView* found = nullptr;
  for (const client::DeviceView& each : devices) {
    if (text.size() >= kShortest && each.device.Text().starts_with(text)) {
      if (found != nullptr) {
        return Error(Code::kConflict, "revocation: several devices begin like this");
      }
      found = &each;
    }
  }
  return found != nullptr ? Result<client::DeviceView>(*found)
                          : Error(Code::kNotFound, "revocation: no such device");
}

// It cannot be taken back, so a person says so: on a terminal when asked, else by --yes.
bool IsMeant(App& app, const Arguments& arguments, const std::string& whose) {
  if (arguments.yes) {
    return true;
  }
  if (!app.options().json) {
    const std::string question =
        whose + std::string(Say("\n失効させると元に戻せません。よろしいですか？ [y/N] ",
                                "\nRevoking cannot be taken back. Go on? [y/N] "));
    if (app.programs().ask(question).value_or(false)) {
      return true;
    }
  }
  Report(app.options().json, "kDenied",
         Say("失効させていません。何も変更していません。確かめたうえで --yes を付けてもう一度実行し"
             "てください。",
             "Nothing was revoked and nothing was changed. Make sure, and run it again with "
             "--yes."));
  return false;
}

int Tell(App& app, const Json& what) {
  if (app.options().json) {
    PrintJson(what);
    return kExitDone;
  }
  std::cout
      << Say("失効させました。中継サーバーは今から受け付けません。事例からは、だれかが次に書く"
             "ときに外れます。端末に残っている記録は、その端末で開けるうちは読めます。",
             "Revoked. The relay takes nothing from it any more, and it leaves each case "
             "when somebody writes there next. What is on the device can be read there as "
             "long as it can be opened.")
      << std::endl;
  return kExitDone;
}

int TellDevices(App& app, const std::vector<DeviceId>& devices) {
  Json list = Json::array();
  for (const DeviceId& device : devices) {
    list.push_back(device.Text());
  }
  return Tell(app, {{"revoked", list}});
}

int List(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  // What was revoked a moment ago is shown too, where the relay answers.
  static_cast<void>(app.SyncBeside());
  std::optional<client::PersonView> only;
  if (!arguments.person.empty()) {
    const auto person = FindPerson(app, arguments.person);
    if (!person.ok()) {
      return app.Fail(person.error());
    }
    only = *person;
  }
  const auto devices = client::Revoking(app.Env()).Devices();
  if (!devices.ok()) {
    return app.Fail(devices.error());
  }
  const client::PersonView self = app.session().Self();
  for (const client::DeviceView& each : *devices) {
    const PersonId& whose = only ? only->person_id : self.person_id;
    if (each.person.person_id != whose) {
      continue;
    }
    if (app.options().json) {
      PrintJson(DeviceJson(each));
    } else {
      PrintDevice(each);
    }
  }
  return kExitDone;
}

int RevokeDevice(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  static_cast<void>(app.SyncBeside());
  client::Revoking revoking(app.Env());
  const auto devices = revoking.Devices();
  if (!devices.ok()) {
    return app.Fail(devices.error());
  }
  const auto device = FindDevice(*devices, arguments.device);
  if (!device.ok()) {
    return app.Fail(device.error());
  }
  if (!IsMeant(app, arguments, device->device.Text() + "  " + PersonText(device->person))) {
    return kExitFailed;
  }
  const auto revoked =
      revoking.RevokeDevices({device->person.institution_id, device->person.person_id},
                             device->device, ReasonOf(arguments.reason));
  return revoked.ok() ? TellDevices(app, *revoked) : app.Fail(revoked.error());
}

int RevokePerson(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  static_cast<void>(app.SyncBeside());
  const auto person = FindPerson(app, arguments.person);
  if (!person.ok()) {
    return app.Fail(person.error());
  }
  if (!IsMeant(app, arguments,
               PersonText(*person) + std::string(Say("のすべての端末", ": every device")))) {
    return kExitFailed;
  }
  const auto revoked = client::Revoking(app.Env()).RevokeDevices(
      {person->institution_id, person->person_id}, std::nullopt, ReasonOf(arguments.reason));
  return revoked.ok() ? TellDevices(app, *revoked) : app.Fail(revoked.error());
}

// By its name or id.
Result<InstitutionId> FindInstitution(App& app, const std::string& text) {
  std::optional<InstitutionId> found;
  for (const client::PersonView& person : app.session().People()) {
    if (person.institution != text && person.institution_id.Text() != text) {
      continue;
    }
    if (found && *found != person.institution_id) {
      return Error(Code::kConflict, "revocation: several institutions have this name");
    }
    found = person.institution_id;
  }
  return found ? Result<InstitutionId>(*found)
               : Error(Code::kNotFound, "revocation: no such institution");
}

int RevokeInstitution(App& app, const Arguments& arguments) {
  if (const int code = app.OpenSession(); code != kExitDone) {
    return code;
  }
  static_cast<void>(app.SyncBeside());
  const auto institution = FindInstitution(app, arguments.institution);
  if (!institution.ok()) {
    return app.Fail(institution.error());
  }
  if (!IsMeant(app, arguments,
               Printable(arguments.institution) +
                   std::string(Say("のすべての人のすべての端末", ": every device of everybody")))) {
    return kExitFailed;
  }
  const Status revoked = client::Revoking(app.Env()).RevokeInstitution(*institution);
  return revoked.ok() ? Tell(app, {{"revoked_institution", institution->Text()}})
                      : app.Fail(revoked.error());
}

void AddYes(CLI::App& verb, Arguments& arguments) {
  verb.add_flag("--yes", arguments.yes, "Do not ask: it cannot be taken back");
}

void AddReason(CLI::App& verb, Arguments& arguments) {
  verb.add_option("--reason", arguments.reason, "lost (or stolen), left, replaced")
      ->check(CLI::IsMember({"lost", "left", "replaced"}));
}

}  // namespace

void AddRevocationCommands(CLI::App& root, Action& selected) {
  const auto arguments = std::make_shared<Arguments>();

  CLI::App* device = root.get_subcommand("device");
  CLI::App* list = device->add_subcommand("list", "Your devices, or a person's");
  list->add_option("person", arguments->person, "Whose: an id or a name");
  list->callback([&selected, arguments] {
    selected = [arguments](App& app) { return List(app, *arguments); };
  });
  CLI::App* revoke = device->add_subcommand(
      "revoke", "Cut off a device of your institution (its administrator), for ever");
  revoke->add_option("device", arguments->device, "Its id, or the beginning of it")->required();
  AddReason(*revoke, *arguments);
  AddYes(*revoke, *arguments);
  revoke->callback([&selected, arguments] {
    selected = [arguments](App& app) { return RevokeDevice(app, *arguments); };
  });

  CLI::App* staff = root.get_subcommand("staff")->add_subcommand(
      "revoke", "Cut off every device of a colleague, for ever");
  staff->add_option("person", arguments->person, "An id or a name")->required();
  AddReason(*staff, *arguments);
  AddYes(*staff, *arguments);
  staff->callback([&selected, arguments] {
    selected = [arguments](App& app) { return RevokePerson(app, *arguments); };
  });

  CLI::App* institution = root.get_subcommand("institution")
                              ->add_subcommand("revoke", "Cut off everybody of one, for ever");
  institution->add_option("name", arguments->institution, "Its name or id")->required();
  AddYes(*institution, *arguments);
  institution->callback([&selected, arguments] {
    selected = [arguments](App& app) { return RevokeInstitution(app, *arguments); };
  });
}

}  // namespace renkei::cli
