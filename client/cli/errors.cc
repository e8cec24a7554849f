#include "client/cli/errors.h"

#include <iostream>

#include "client/cli/output.h"
#include "client/cli/text.h"

namespace renkei::cli {
namespace {

struct Entry {
  std::string_view where;  // an error's literal
  std::string_view japanese;
  std::string_view english;
};

constexpr Entry kByLiteral[] = {
    {"call list: not one",
     "呼び出し先の書き方が正しくありません。何も送信していません。例: --call \"江口 "
     "花子+doctor:5,伊藤 一郎:10\"（+ は同時、: の後は次までの分数。90s は90秒）。ファイルの例: "
     "{\"rounds\":2,\"steps\":[{\"call\":[\"江口 花子\"],\"minutes\":5}]}",
     "That is not a list of calls. Nothing was sent. Example: --call \"NAME+doctor:5,NAME:10\" "
     "(+ together, after : the minutes before the next, 90s for seconds). As a file: "
     "{\"rounds\":2,\"steps\":[{\"call\":[\"NAME\"],\"minutes\":5}]}"},
    {"alert plan: too many steps or rounds",
     "呼び出し先が多すぎます（32段階、くり返し10回まで）。何も送信していません。",
     "Too many calls (up to 32 steps, 10 rounds). Nothing was sent."},
    {"alert plan: too many called at once",
     "同時に呼び出せるのは8人（8職種）までです。何も送信していません。",
     "Up to 8 can be called at once. Nothing was sent."},
    {"alert plan: longer than a week",
     "呼び出しが全体で1週間を超えます。何も送信していません。間隔かくり返しを減らしてください。",
     "The calls would take longer than a week. Nothing was sent; shorten the waits or the rounds."},
    {"the relay cannot be reached",
     "中継サーバーに接続できません。書いたものは送信待ちに残っています。ネットワークを確認し、renke"
     "i "
     "sync で送り直してください。",
     "The relay cannot be reached. What you wrote is kept in the outbox; check the network and run "
     "`renkei sync`."},
    {"the relay cannot store anything now",
     "中継サーバーが今は保存できません（空き容量の不足など）。書いたものは送信待ちに残っています。"
     "運営者に知らせ、しばらくして renkei sync で送り直してください。",
     "The relay cannot store anything now (its disk may be full). What you wrote is kept in the "
     "outbox; tell the operator, and run `renkei sync` a little later."},
    {"the relay does not belong to this region",
     "接続先の中継サーバーは招待コードの地域のものではありません。何も送信していません。招待コード"
     "を発"
     "行した人に確認してください。",
     "The relay at that address is not the one of the invitation's region. Nothing was sent; ask "
     "whoever gave you the code."},
    {"the relay does not accept this device's certificate",
     "中継サーバーがこの端末の証明書を受け付けません（別の地域、失効、または未承認）。記録は端末に"
     "残って"
     "います。管理者に連絡してください。",
     "The relay does not accept this device's certificate (another region, revoked, or not "
     "approved). "
     "Your records are kept; ask your administrator."},
    {"vault: wrong passphrase",
     "パスフレーズが違います。何も変更していません。もう一度入力してください。",
     "Wrong passphrase. Nothing was changed; try again."},
    {"vault: none there",
     "保管庫がありません。招待コードをお持ちなら renkei join を実行してください。",
     "There is no vault here. With an invitation code, run `renkei join CODE`."},
    {"vault: there is one already",
     "そこにはすでに保管庫があり、このパスフレーズでは開けません。何も変更していません。ご自分のも"
     "のならパスフレーズを確かめ、そうでなければ --vault で別の場所を指定してください。",
     "There is a vault already, and this passphrase does not open it. Nothing was changed. If it "
     "is yours, check the passphrase; else name another place with --vault."},
    {"vault: device key missing",
     "この端末には、この保管庫を開く鍵がありません（別の端末から写したもの）。何も変更していません"
     "。元の端"
     "末で開くか、renkei device add でこの端末を登録してください。",
     "This device does not hold the key to this vault (it was copied from another one). Nothing "
     "was "
     "changed; open it there, or enrol this device with `renkei device add`."},
    {"vault: sealed by another TPM",
     "この保管庫の鍵は別の "
     "TPM（セキュリティチップ）で封印されています（別の端末から写したもの、または"
     "この端末の TPM が初期化・交換された）。何も変更していません。元の端末で開くか、renkei device "
     "add "
     "でこの端末を登録し直してください。記録は登録後に届きます。",
     "The key to this vault was sealed by another TPM: the vault was copied from another device, "
     "or "
     "this device's TPM was cleared or replaced. Nothing was changed; open it there, or enrol this "
     "device anew with `renkei device add`, and the records come back."},
    {"vault: the TPM cannot be used",
     "この保管庫の鍵はこの端末の TPM（セキュリティチップ）の中にありますが、いま TPM "
     "を使えません（無効、権限がない、ロック中、または別の端末から写したもの）。保管庫はそのまま残"
     "って"
     "います。ファームウェアの設定で TPM を有効にするか、管理者に tss "
     "グループへの追加を頼み、もう一度"
     "実行してください。",
     "The key to this vault is sealed in this device's TPM, which cannot be used now (switched "
     "off, no "
     "permission, locked, or the vault was copied from another device). The vault is kept as it "
     "is; "
     "switch the TPM on in the firmware settings, or ask your administrator to add you to the "
     "group "
     "tss, and try again."},
    {"vault: device key damaged",
     "この保管庫を開く端末鍵が壊れています。保管庫には書き込んでいません。renkei device add "
     "でこの端末を登録し直してください。記録は登録後に届きます。",
     "The device key that opens this vault is damaged. Nothing was written to the vault; enrol "
     "this "
     "device anew with `renkei device add`, and the records come back."},
    {"vault: the device keys lie inside the vault's directory",
     "端末鍵の置き場が保管庫の中にあります。保管庫の写しだけで開けてしまうため、何も作成していませ"
     "ん"
     "。RENKEI_DEVICE_KEYS に別の場所を指定してください。",
     "The place for device keys lies inside the vault, so that a copy of the vault would open. "
     "Nothing "
     "was created; set RENKEI_DEVICE_KEYS to another place."},
    {"vault: not enough memory to check the passphrase",
     "メモリーが足りず、パスフレーズを確認できません（256 MiB "
     "必要）。何も変更していません。ほかのプロ"
     "グラムを終えて、もう一度実行してください。",
     "There is not enough memory to check the passphrase (256 MiB). Nothing was changed; end other "
     "programs and try again."},
    {"vault: open in another process",
     "この保管庫は別のプログラムが使っています（renkei watch "
     "など）。何も変更していません。そちらを終えて"
     "から実行してください。",
     "Another program has this vault open (`renkei watch`?). Nothing was changed; end it and try "
     "again."},
    {"invitation: mistyped",
     "招待コードが正しくありません（打ち間違い、欠け、または書き換え）。何も送信していません。もう"
     "一度確かめ"
     "てください。",
     "The invitation code is mistyped, cut off or altered. Nothing was sent; check it again."},
    {"invitation: of a later version",
     "この招待コードは新しい版のものです。何も送信していません。renkei を更新してください。",
     "The invitation code is of a later version. Nothing was sent; update renkei."},
    {"the invitation has expired",
     "招待コードの期限が切れています。何も変更していません。発行した人に新しいコードを頼んでくださ"
     "い。",
     "The invitation has expired. Nothing was changed; ask for a new one."},
    {"the invitation was used already",
     "この招待コードはすでに使われています。何も変更していません。心当たりがなければ、すぐに発行し"
     "た人に知ら"
     "せてください。",
     "The invitation was used already. Nothing was changed. If it was not you, tell whoever gave "
     "it to "
     "you at once."},
    {"the relay does not know this invitation",
     "中継サーバーはこの招待コードを知りません。何も変更していません。発行した人に確認してください"
     "。",
     "The relay does not know this invitation. Nothing was changed; ask whoever gave it to you."},
    {"no such profession",
     "その職種はありません。何も送信していません。例: doctor nurse pharmacist care-manager "
     "（日本語でも入力できます）",
     "There is no such profession. Nothing was sent. Examples: doctor nurse pharmacist "
     "care-manager"},
    {"no such kind of institution",
     "その種類の施設はありません。何も送信していません。例: hospital clinic visiting-nurse-station "
     "care-management-office pharmacy（日本語でも入力できます）",
     "There is no such kind of institution. Nothing was sent. Examples: hospital clinic "
     "visiting-nurse-station care-management-office pharmacy"},
    {"this vault belongs to somebody already",
     "この保管庫はすでに使われています。何も変更していません。--vault "
     "で別の場所を指定してください。",
     "This vault belongs to somebody already. Nothing was changed; name another one with --vault."},
    {"the request names another profession than the invitation",
     "申請の職種が招待した職種と違います。承認していません。本人に確かめ、正しい職種で招待し直して"
     "く"
     "ださい。",
     "The request names another profession than the invitation. It was not approved; ask the "
     "person, "
     "and invite them anew with the right one."},
    {"the request is not for this invitation",
     "申請が招待の内容と合いません。承認していません。本人に直接確かめ、新しいコードを渡してくださ"
     "い。",
     "The request does not fit the invitation. It was not approved; ask the person, and hand over "
     "a "
     "new code."},
    {"the link is not for this request",
     "端末の申請が、本人の端末による保証と合いません。承認していません。本人に直接確かめてください"
     "。",
     "The device's request does not fit what its owner's device vouched for. It was not approved; "
     "ask the owner."},
    {"the relay refuses the approval",
     "中継サーバーが承認を受け付けません。申請は残っています。renkei sync "
     "のあと、もう一度実行してください。",
     "The relay does not take the approval. The request is kept; run `renkei sync` and try again."},
    {"no such case here",
     "その事例はこの端末にありません。番号か患者さんのお名前を確かめ（renkei case "
     "list）、招かれたばかりなら先に renkei sync を実行してください。",
     "There is no such case on this device. Check the id or the patient's name (`renkei case "
     "list`); if you were added just now, run `renkei sync` first."},
    {"case: no such case here",
     "その事例はこの端末にありません。番号を確かめ（renkei case list）、招かれたばかりなら先に "
     "renkei sync を実行してください。",
     "There is no such case on this device. Check the id (`renkei case list`); if you were added "
     "just now, run `renkei sync` first."},
    {"directory: nobody of that name or id",
     "そのお名前または番号の人は見つかりません。何も変更していません。renkei people "
     "の一覧にあるとおり、姓と名の間の空白も含めて書いてください。",
     "There is nobody of that name or id. Nothing was changed; write it as `renkei people` shows "
     "it."},
    {"directory: several people have that name; write institution/name or the id",
     "そのお名前の人が複数います。何も変更していません。「施設名/お名前」または renkei people "
     "の番号で指定してください。",
     "Several people have that name. Nothing was changed; write `institution/name`, or the id that "
     "`renkei people` shows."},
    {"several cases match: give the whole id",
     "当てはまる事例が複数あります。何も変更していません。renkei case list "
     "の番号で指定してください。",
     "Several cases match. Nothing was changed; give the id that `renkei case list` shows."},
    {"only the region's operator renews the relay's certificate",
     "この保管庫は地域の運営者のものではありません。何も変更していません。地域をつくった保管庫を "
     "--vault で指定してください。",
     "This vault is not the region's operator's. Nothing was changed; name the vault that founded "
     "the region with --vault."},
    {"the relay's files cannot be written",
     "中継サーバーのファイルを書き込めません。前のファイルはそのままです。"
     "空き容量とフォルダの権限を確かめ、もう一度実行してください。",
     "The relay's files cannot be written. Those that were there are kept; check the disk's space "
     "and the folder's rights, and run it again."},
    {"record: no such record here",
     "その番号の記録はこの端末にありません。何も変更していません。番号を確かめ、届いたばかりなら先"
     "に renkei sync を実行してください。",
     "There is no record of that number on this device. Nothing was changed; check it, and run "
     "`renkei sync` first if it is new."},
};

struct CodeEntry {
  Code code;
  std::string_view japanese;
  std::string_view english;
};

constexpr CodeEntry kByCode[] = {
    {Code::kMalformed, "入力またはデータの形式が正しくありません。何も変更していません。",
     "The input or data is not in the expected form. Nothing was changed."},
    {Code::kAuthFailed,
     "本人確認または署名の検証に失敗しました。何も変更していません。管理者に確認してください。",
     "A signature, certificate or passphrase could not be verified. Nothing was changed; ask your "
     "administrator."},
    {Code::kStaleEpoch,
     "手元の状態が古くなっています。記録は残っています。renkei sync "
     "のあと、もう一度実行してください。",
     "What this device knows is out of date. Your records are kept; run `renkei sync` and try "
     "again."},
    {Code::kFutureEpoch,
     "まだ届いていない変更があります。renkei sync のあと、もう一度実行してください。",
     "A change has not arrived yet. Run `renkei sync` and try again."},
    {Code::kUnsupported,
     "このバージョンでは扱えないデータです。何も変更していません。renkei を更新してください。",
     "This version cannot handle that. Nothing was changed; update renkei."},
    {Code::kNotFound, "見つかりません。名前または番号を確認してください。何も変更していません。",
     "Not found. Check the name or id; nothing was changed."},
    {Code::kConflict,
     "すでに使われているか、ほかの操作と重なりました。何も変更していません。renkei sync "
     "のあと確認してください。",
     "Already used, or somebody else was first. Nothing was changed; run `renkei sync` and look "
     "again."},
    {Code::kDenied,
     "この操作は許可されていません（事例の取り決め、または役割）。何も変更していません。",
     "The case's policy or your role does not allow this. Nothing was changed."},
    {Code::kTooLarge, "大きすぎて送れません。何も送信していません。分けるか、短くしてください。",
     "Too large to send. Nothing was sent; shorten or split it."},
    {Code::kThrottled,
     "中継サーバーの上限に達しました。書いたものは残っています。少し待って renkei sync "
     "を実行してください。",
     "Over a limit of the relay. What you wrote is kept; wait a little and run `renkei sync`."},
    {Code::kUnavailable,
     "保存先または中継サーバーが使えません。書けたものは残っています。空き容量とネットワークを確認"
     "し、"
     "もう一度実行してください。",
     "The storage or the relay cannot be used now. What was saved is kept; check disk space and "
     "network "
     "and try again."},
    {Code::kCorrupt,
     "保管庫のデータが壊れています。書き込みは行っていません。控えから戻すか、新しい端末として登録"
     "し直し"
     "てください。",
     "The vault is damaged. Nothing was written; restore a copy or enrol this device anew."},
    {Code::kInternal,
     "プログラムの誤りです。記録は残っています。この文を添えて開発者に知らせてください。",
     "A mistake of the program. Your records are kept; report this sentence to the developers."},
};

std::string ByCode(Code code) {
  for (const CodeEntry& entry : kByCode) {
    if (entry.code == code) {
      return std::string(Say(entry.japanese, entry.english));
    }
  }
  return CodeName(code);
}

}  // namespace

std::string Sentence(const Error& error) {
  for (const Entry& entry : kByLiteral) {
    if (entry.where == error.where()) {
      return std::string(Say(entry.japanese, entry.english));
    }
  }
  // The literal helps whoever is asked for help; it never holds data.
  return ByCode(error.code()) + " [" + error.where() + "]";
}

void Report(bool json, std::string_view code, std::string_view sentence) {
  std::cerr << sentence << std::endl;
  if (json) {
    PrintJson({{"error", {{"code", code}, {"message", sentence}}}});
  }
}

void Report(bool json, const Error& error) {
  Report(json, CodeName(error.code()), Sentence(error));
}

}  // namespace renkei::cli
