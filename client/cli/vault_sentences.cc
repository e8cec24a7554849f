#include "client/cli/sentences.h"

namespace renkei::cli {
namespace {

constexpr ErrorSentence kSentences[] = {
    {"vault: wrong passphrase",
     "パスフレーズが違います。何も変更していません。もう一度入力してください。",
     "Wrong passphrase. Nothing was changed; try again."},
    {"vault: none there",
     "そこには保管庫がありません。何も変更していません。招待コードをお持ちなら renkei join "
     "を実行し、そうでなければ --vault の場所を確かめてください。",
     "There is no vault here, and nothing was changed. With an invitation code, run `renkei "
     "join CODE`; else check the place named with --vault."},
    {"vault: there is one already",
     "そこにはすでに保管庫があり、このパスフレーズでは開けません。何も変更していません。ご自"
     "分のものならパスフレーズを確かめ、そうでなければ --vault で別の場所を指定してください"
     "。",
     "There is a vault already, and this passphrase does not open it. Nothing was changed. "
     "If it is yours, check the passphrase; else name another place with --vault."},
    {"vault: device key missing",
     "この端末には、この保管庫を開く鍵がありません（別の端末から写したもの）。何も変更してい"
     "ません。元の端末で開くか、renkei device add でこの端末を登録してください。",
     "This device does not hold the key to this vault (it was copied from another one). "
     "Nothing was changed; open it there, or enrol this device with `renkei device add`."},
    {"vault: sealed by another TPM",
     "この保管庫の鍵は別の TPM（セキュリティチップ）で封印されています（別の端末から写したも"
     "の、またはこの端末の TPM が初期化・交換された）。何も変更していません。元の端末で開く"
     "か、renkei device add でこの端末を登録し直してください。記録は登録後に届きます。",
     "The key to this vault was sealed by another TPM: the vault was copied from another "
     "device, or this device's TPM was cleared or replaced. Nothing was changed; open it "
     "there, or enrol this device anew with `renkei device add`, and the records come back."},
    {"vault: the TPM cannot be used",
     "この保管庫の鍵はこの端末の TPM（セキュリティチップ）の中にありますが、いま TPM を使え"
     "ません（無効、権限がない、ロック中、または別の端末から写したもの）。保管庫はそのまま残"
     "っています。ファームウェアの設定で TPM を有効にするか、管理者に tss グループへの追加を"
     "頼み、もう一度実行してください。",
     "The key to this vault is sealed in this device's TPM, which cannot be used now "
     "(switched off, no permission, locked, or the vault was copied from another device). "
     "The vault is kept as it is; switch the TPM on in the firmware settings, or ask your "
     "administrator to add you to the group tss, and try again."},
    {"vault: device key damaged",
     "この保管庫を開く端末鍵が壊れています。保管庫には書き込んでいません。renkei device add "
     "でこの端末を登録し直してください。記録は登録後に届きます。",
     "The device key that opens this vault is damaged. Nothing was written to the vault; "
     "enrol this device anew with `renkei device add`, and the records come back."},
    {"vault: the device keys lie inside the vault's directory",
     "端末鍵の置き場が保管庫の中にあります。保管庫の写しだけで開けてしまうため、何も作成して"
     "いません。RENKEI_DEVICE_KEYS に別の場所を指定してください。",
     "The place for device keys lies inside the vault, so that a copy of the vault would "
     "open. Nothing was created; set RENKEI_DEVICE_KEYS to another place."},
    {"vault: not enough memory to check the passphrase",
     "メモリーが足りず、パスフレーズを確認できません（256 MiB 必要）。何も変更していません。"
     "ほかのプログラムを終えて、もう一度実行してください。",
     "There is not enough memory to check the passphrase (256 MiB). Nothing was changed; "
     "end other programs and try again."},
    {"vault: open in another process",
     "この保管庫は別のプログラムが使っています（renkei watch など）。何も変更していません。"
     "そちらを終えてから実行してください。",
     "Another program has this vault open (`renkei watch`?). Nothing was changed; end it "
     "and try again."},
    {"passphrase: the file cannot be read",
     "パスフレーズのファイルを読めません。何も変更していません。--passphrase-file の名前と場"
     "所、権限を確かめてください。",
     "The passphrase file cannot be read. Nothing was changed; check the name after "
     "--passphrase-file, its place and permissions."},
    {"passphrase: empty or too long",
     "パスフレーズが空か、長すぎます。何も変更していません。もう一度入力してください。",
     "The passphrase is empty or too long. Nothing was changed; enter it again."},
    {"passphrase: empty, too long, or not UTF-8",
     "パスフレーズが空か、長すぎるか、文字コードが UTF-8 ではありません。何も変更していませ"
     "ん。もう一度入力してください。",
     "The passphrase is empty, too long, or not UTF-8. Nothing was changed; enter it again."},
    {"passphrase: no terminal to ask on",
     "パスフレーズを尋ねる画面がありません。何も変更していません。端末から実行するか、"
     "--passphrase-file でファイルを指定してください。",
     "There is no terminal to ask for the passphrase on. Nothing was changed; run this in a "
     "terminal, or name a file with --passphrase-file."},
    {"identity: none in this vault",
     "この保管庫はまだだれのものでもありません。何も変更していません。招待コードをお持ちなら"
     " renkei join を実行してください。",
     "This vault is nobody's yet. Nothing was changed; with an invitation code, run `renkei "
     "join CODE`."},
    {"vault: the disk is full",
     "この端末の空き容量がありません。書けなかったものは保存も送信もしていません。それまでの"
     "記録は残っています。空き容量を増やし、もう一度実行してください。",
     "This device's disk is full. What could not be written was neither saved nor sent; "
     "everything before it is kept. Make space and run the command again."},
    {"vault: an earlier write of this transaction failed",
     "この端末の空き容量がありません。書けなかったものは保存も送信もしていません。それまでの"
     "記録は残っています。空き容量を増やし、もう一度実行してください。",
     "This device's disk is full. What could not be written was neither saved nor sent; "
     "everything before it is kept. Make space and run the command again."},
    {"vault: cannot write (disk full or read-only)",
     "この端末の保管庫に書き込めません（空き容量がないか、書き込み禁止）。保存も送信もしてい"
     "ません。それまでの記録は残っています。空き容量とフォルダの権限を確かめ、もう一度実行し"
     "てください。",
     "This device's vault cannot be written (disk full or read-only). Nothing was saved or "
     "sent; everything before it is kept. Check disk space and the folder's permissions, "
     "and run the command again."},
    {"vault: not writable",
     "この端末の保管庫に書き込めません（空き容量がないか、書き込み禁止）。保存も送信もしてい"
     "ません。それまでの記録は残っています。空き容量とフォルダの権限を確かめ、もう一度実行し"
     "てください。",
     "This device's vault cannot be written (disk full or read-only). Nothing was saved or "
     "sent; everything before it is kept. Check disk space and the folder's permissions, "
     "and run the command again."},
    {"vault: cannot be locked",
     "この端末の保管庫に書き込めません（空き容量がないか、書き込み禁止）。保存も送信もしてい"
     "ません。それまでの記録は残っています。空き容量とフォルダの権限を確かめ、もう一度実行し"
     "てください。",
     "This device's vault cannot be written (disk full or read-only). Nothing was saved or "
     "sent; everything before it is kept. Check disk space and the folder's permissions, "
     "and run the command again."},
    {"vault: cannot read",
     "この端末の保管庫を読めません（権限またはディスクの故障）。何も変更していません。フォル"
     "ダの権限を確かめ、続くときは管理者に知らせてください。",
     "This device's vault cannot be read (permissions, or a failing disk). Nothing was "
     "changed; check the folder's permissions, and tell your administrator if it stays."},
    {"vault: the disk cannot be read or written",
     "この端末の保管庫を読めません（権限またはディスクの故障）。何も変更していません。フォル"
     "ダの権限を確かめ、続くときは管理者に知らせてください。",
     "This device's vault cannot be read (permissions, or a failing disk). Nothing was "
     "changed; check the folder's permissions, and tell your administrator if it stays."},
    {"vault: the device key directory cannot be looked at",
     "端末鍵のフォルダを調べられません。何も変更していません。フォルダの権限（"
     "RENKEI_DEVICE_KEYS、なければ ~/.local/state/renkei）を確かめてください。",
     "The directory of the device keys cannot be looked at. Nothing was changed; check its "
     "permissions (RENKEI_DEVICE_KEYS, else ~/.local/state/renkei)."},
    {"vault: the device key directory belongs to another user",
     "端末鍵のフォルダが別の利用者のものです。何も変更していません。ご自分の利用者名で実行す"
     "るか、RENKEI_DEVICE_KEYS に別の場所を指定してください。",
     "The directory of the device keys belongs to another user. Nothing was changed; run "
     "this as yourself, or set RENKEI_DEVICE_KEYS to another place."},
    {"vault: there is a device key already",
     "その保管庫の端末鍵がすでにあります。何も変更していません。もう一度実行し、続くときは"
     " --vault で別の場所を指定してください。",
     "There is a device key of that vault already. Nothing was changed; run the command "
     "again, and name another place with --vault if it stays."},
    {"vault: no place for it ($HOME is not set)",
     "保管庫の場所が分かりません（HOME が設定されていません）。何も変更していません。"
     "--vault と RENKEI_DEVICE_KEYS で場所を指定してください。",
     "There is no place for the vault ($HOME is not set). Nothing was changed; name one "
     "with --vault and RENKEI_DEVICE_KEYS."},
    {"vault: the database is in use by another program",
     "この保管庫は別のプログラムが使っています（renkei watch など）。何も変更していません。"
     "そちらを終えてから実行してください。",
     "Another program has this vault open (`renkei watch`?). Nothing was changed; end it "
     "and try again."},
    {"vault: made by a newer program",
     "この保管庫は新しい版の renkei が作ったものです。何も変更していません。renkei を更新し"
     "てください。",
     "This vault was made by a newer renkei. Nothing was changed; update renkei."},
    {"vault: out of memory",
     "メモリーが足りません。何も変更していません。ほかのプログラムを終えて、もう一度実行して"
     "ください。",
     "There is not enough memory. Nothing was changed; end other programs and run the "
     "command again."},
    {"vault: value too large",
     "大きすぎて、この端末に保存できません。保存も送信もしていません。短くするか、分けてくだ"
     "さい。",
     "Too large to be kept on this device. Nothing was saved or sent; shorten or split it."},
    {"process: core dumps could not be switched off",
     "秘密がディスクに残らないようにする設定ができないため、始めていません。何も変更していま"
     "せん。管理者に知らせてください。",
     "This program could not make sure that no secret is left on the disk, so it did not "
     "start. Nothing was changed; tell your administrator."},
};

}  // namespace

std::span<const ErrorSentence> VaultSentences() {
  return kSentences;
}

}  // namespace renkei::cli
