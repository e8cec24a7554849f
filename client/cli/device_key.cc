#include "client/cli/device_key.h"

#include "client/cli/text.h"

namespace renkei::cli {
namespace {

constexpr std::string_view kTpm = "tpm";
constexpr std::string_view kRefused = "file-tpm-refused";

struct Reason {
  std::string_view form;
  std::string_view japanese;
  std::string_view english;
};

constexpr Reason kReasons[] = {
    {"file-no-tpm", "この端末には TPM（セキュリティチップ）がありませんでした。",
     "This device had no TPM."},
    {kRefused,
     "この端末には TPM がありますが、保管庫の作成時に使えませんでした（使う権限がない、または別の"
     "管理下にある）。TPM を使うには、管理者に tss グループへの追加を頼み、renkei device add と "
     "renkei join で新しい保管庫を作り直してください。",
     "This device has a TPM, but it could not be used when the vault was made (no permission, or "
     "somebody else owns it). To use it, ask your administrator to add you to the group tss, then "
     "make a new vault with `renkei device add` and `renkei join`."},
    {"file-tpm-off", "保管庫の作成時に TPM を使わない設定でした（RENKEI_TPM_TCTI=none）。",
     "The TPM was switched off when the vault was made (RENKEI_TPM_TCTI=none)."},
};

}  // namespace

bool IsWeakerForm(std::string_view form) {
  return form != kTpm;
}

bool IsSurprisingForm(std::string_view form) {
  return form == kRefused;
}

std::string DeviceKeySentence(std::string_view form) {
  if (!IsWeakerForm(form)) {
    return std::string(
        Say("保管庫の端末鍵は、この端末の TPM（セキュリティチップ）で封印されています。",
            "The vault's device key is sealed in this device's TPM."));
  }
  std::string out(
      Say("保管庫の端末鍵はファイルに置かれています（弱い形）。この利用者のファイルを読める人に対し"
          "ては、パスフレーズだけが守りです。ディスクを暗号化してください。",
          "The vault's device key lies in a file, which is the weaker form: against whoever reads "
          "this user's files only the passphrase is in the way. Encrypt the disk."));
  for (const Reason& reason : kReasons) {
    if (reason.form == form) {
      out.append(Say("", " ")).append(Say(reason.japanese, reason.english));
    }
  }
  return out;
}

}  // namespace renkei::cli
