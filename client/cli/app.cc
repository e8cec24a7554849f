#include "client/cli/app.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/cli/alert_output.h"
#include "client/cli/device_key.h"
#include "client/cli/errors.h"
#include "client/cli/notices.h"
#include "client/cli/passphrase.h"
#include "client/cli/text.h"
#include "client/documents/form.h"

namespace renkei::cli {

std::string App::VaultPath() const {
  return options_.vault_path.empty() ? programs_.default_path : options_.vault_path;
}

int App::Fail(const Error& error, Kept kept) const {
  const std::string when = error.code() == Code::kThrottled ? WhenAgain() : "";
  Report(options_.json, CodeName(error.code()), Sentence(error, kept) + when);
  return kExitFailed;
}

std::string App::WhenAgain() const {
  Millis last;
  if (session_ != nullptr) {
    if (const auto items = session_->Outbox(); items.ok()) {
      for (const client::OutboxView& item : *items) {
        last = std::max(last, item.retry_at.value_or(Millis{}));
      }
    }
  }
  return last.value == 0 ? "" : WaitUntilSentence(last);
}

client::Environment App::Env() {
  return {*vault_,
          *programs_.connector,
          *programs_.clock,
          *programs_.random,
          [](ByteView content) { return documents::SearchText(content); },
          programs_.elapsed};
}

int App::ReadPassphrase(bool fresh, SecretBytes* passphrase) const {
  auto read = options_.passphrase_file.empty()
                  ? PassphraseFromTerminal(fresh ? Say("新しいパスフレーズ: ", "New passphrase: ")
                                                 : Say("パスフレーズ: ", "Passphrase: "))
                  : PassphraseFromFile(options_.passphrase_file);
  if (!read.ok()) {
    return Fail(read.error());
  }
  if (fresh && read->size() < kMinPassphraseBytes) {
    Report(options_.json, "kMalformed",
           Say("パスフレーズは8文字以上にしてください。何も作成していません。",
               "The passphrase must have at least 8 characters. Nothing was created."));
    return kExitFailed;
  }
  if (fresh && options_.passphrase_file.empty()) {
    const auto again = PassphraseFromTerminal(Say("もう一度: ", "Again: "));
    if (!again.ok() || !Equal(*read, *again)) {
      Report(options_.json, "kMalformed",
             Say("パスフレーズが一致しません。何も作成していません。",
                 "The two passphrases differ. Nothing was created."));
      return kExitFailed;
    }
  }
  *passphrase = std::move(read).value();
  return kExitDone;
}

int App::OpenVault() {
  if (vault_ != nullptr) {
    return kExitDone;
  }
  SecretBytes passphrase;
  if (const int code = ReadPassphrase(false, &passphrase); code != kExitDone) {
    return code;
  }
  auto opened = programs_.open(VaultPath(), passphrase);
  if (!opened.ok()) {
    return Fail(opened.error());
  }
  vault_ = std::move(opened).value();
  return kExitDone;
}

void App::DiscardVault() {
  if (!made_vault_ || client::Enrolment(Env()).PendingState() != client::JoinState::kNone) {
    return;
  }
  vault_.reset();
  programs_.discard(VaultPath());
}

int App::CreateVault() {
  SecretBytes passphrase;
  if (const int code = ReadPassphrase(true, &passphrase); code != kExitDone) {
    return code;
  }
  auto created = programs_.create(VaultPath(), passphrase);
  if (!created.ok() && created.error().code() == Code::kConflict) {
    // There is one: made by an earlier try whose power failed, or somebody's. Whoever knows its
    // passphrase may go on with it; core refuses if it is somebody's.
    if (auto there = programs_.open(VaultPath(), passphrase); there.ok()) {
      vault_ = std::move(there).value();
      return kExitDone;
    }
  }
  if (!created.ok()) {
    return Fail(created.error());
  }
  vault_ = std::move(created).value();
  made_vault_ = true;
  if (const std::string form = programs_.device_key(VaultPath()); IsSurprisingForm(form)) {
    std::cerr << DeviceKeySentence(form) << std::endl;
  }
  return kExitDone;
}

// An older copy must not seal with old group states: the session rejoins its cases at the next
// sync. Said once, with a failure, so that nobody goes on without knowing.
int App::HealOlderCopy() {
  if (!vault_->OpenedOlderCopy()) {
    return kExitDone;
  }
  if (const Status marked = client::MarkOlderCopy(*vault_); !marked.ok()) {
    return Fail(marked.error());
  }
  Report(options_.json, "kStaleEpoch",
         Say("この保管庫は以前の控えから戻されています。失われた記録はありません。renkei sync "
             "を実行すると、各事例に入り直して続きを受け取ります。",
             "This vault is an older copy of itself. No record is lost: run `renkei sync`, which "
             "rejoins "
             "the cases and fetches what is missing."));
  return kExitFailed;
}

int App::OpenSession() {
  if (session_ != nullptr) {
    return kExitDone;
  }
  if (const int code = OpenVault(); code != kExitDone) {
    return code;
  }
  if (const int code = HealOlderCopy(); code != kExitDone) {
    return code;
  }
  client::Enrolment enrolment(Env());
  const auto state = enrolment.FinishJoin();
  if (!state.ok() && state.error().code() != Code::kUnavailable) {
    return Fail(state.error());
  }
  auto session = client::Session::Open(Env());
  if (session.ok()) {
    session_ = std::move(session).value();
    return kExitDone;
  }
  if (!state.ok()) {
    return Fail(state.error());
  }
  switch (*state) {
    case client::JoinState::kWaitingForLink:
      Report(
          options_.json, "kUnavailable",
          Say("承認待ちです。これまでの端末で renkei sync を実行してください。申請は残っています。",
              "Waiting: run `renkei sync` on your other device. The request is kept."));
      return kExitFailed;
    case client::JoinState::kWaitingForApproval:
      Report(
          options_.json, "kUnavailable",
          Say("承認待ちです。管理者に renkei approve "
              "の実行を依頼してください。申請は残っています。",
              "Waiting for approval: ask the administrator to run `renkei approve`. The request is "
              "kept."));
      return kExitFailed;
    default:
      return Fail(session.error());
  }
}

namespace {

// Also who is being called: it is told once, and whoever waits for it may see only this.
void TellBeside(const client::SyncReport& report) {
  for (const std::string& notice : report.notices) {
    std::cerr << (IsFault(notice) ? Say("注意: ", "warning: ") : Say("お知らせ: ", "note: "))
              << InUsersLanguage(notice) << std::endl;
  }
  for (const client::AlertNews& news : report.alerts) {
    std::cerr << AlertNewsText(news) << std::endl;
  }
}

}  // namespace

int App::Run(const std::function<int(App&)>& verb) {
  const int code = verb(*this);
  if (session_ != nullptr) {
    // What cannot be told now is damage of the vault, which every other verb says.
    if (const auto untold = session_->Untold(); untold.ok()) {
      TellBeside(*untold);
    }
  }
  return code;
}

bool App::SyncBeside() {
  const auto report = session_->Sync();
  if (report.ok()) {
    TellBeside(*report);
  }
  return report.ok();
}

}  // namespace renkei::cli
