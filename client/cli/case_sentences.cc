#include "client/cli/sentences.h"

namespace renkei::cli {
namespace {

constexpr ErrorSentence kSentences[] = {
    {"call list: not one",
     "呼び出し先の書き方が正しくありません。何も送信していません。例: --call \"江口 "
     "花子+doctor:5,伊藤 一郎:10\"（+ は同時、: の後は次までの分数。90s は90秒）。ファイルの例: "
     "{\"rounds\":2,\"steps\":[{\"call\":[\"江口 花子\"],\"minutes\":5}]}",
     "That is not a list of calls. Nothing was sent; write it like --call "
     "\"NAME+doctor:5,NAME:10\" (+ together, after : the minutes before the next, 90s for "
     "seconds), "
     "or as a file: {\"rounds\":2,\"steps\":[{\"call\":[\"NAME\"],\"minutes\":5}]}"},
    {"alert plan: too many steps or rounds",
     "呼び出し先が多すぎます（32段階、くり返し10回まで）。何も送信していません。減らしてください。",
     "Too many calls (up to 32 steps, 10 rounds). Nothing was sent; use fewer."},
    {"alert plan: too many called at once",
     "同時に呼び出せるのは8人（8職種）までです。何も送信していません。減らしてください。",
     "Up to 8 can be called at once. Nothing was sent; use fewer."},
    {"alert plan: longer than a week",
     "呼び出しが全体で1週間を超えます。何も送信していません。間隔かくり返しを減らしてください。",
     "The calls would take longer than a week. Nothing was sent; shorten the waits or the rounds."},
    {"no such case here",
     "その事例はこの端末にありません。何も変更していません。番号か患者さんのお名前を確かめ（"
     "renkei case list）、招かれたばかりなら先に renkei sync を実行してください。",
     "There is no such case on this device, and nothing was changed. Check the id or the "
     "patient's name (`renkei case list`); if you were added just now, run `renkei sync` "
     "first."},
    {"case: no such case here",
     "その事例はこの端末にありません。何も変更していません。番号を確かめ（renkei case list）"
     "、招かれたばかりなら先に renkei sync を実行してください。",
     "There is no such case on this device, and nothing was changed. Check the id (`renkei "
     "case list`); if you were added just now, run `renkei sync` first."},
    {"directory: nobody of that name or id",
     "そのお名前または番号の人は見つかりません。何も変更していません。renkei people の一覧に"
     "あるとおり、姓と名の間の空白も含めて書いてください。",
     "There is nobody of that name or id. Nothing was changed; write it as `renkei people` "
     "shows it."},
    {"directory: several people have that name; write institution/name or the id",
     "そのお名前の人が複数います。何も変更していません。「施設名/お名前」または renkei "
     "people の番号で指定してください。",
     "Several people have that name. Nothing was changed; write `institution/name`, or the "
     "id that `renkei people` shows."},
    {"several cases match: give the whole id",
     "当てはまる事例が複数あります。何も変更していません。renkei case list の番号で指定して"
     "ください。",
     "Several cases match. Nothing was changed; give the id that `renkei case list` shows."},
    {"record: no such record here",
     "その番号の記録はこの端末にありません。何も変更していません。番号を確かめ、届いたばかり"
     "なら先に renkei sync を実行してください。",
     "There is no record of that number on this device. Nothing was changed; check it, and "
     "run `renkei sync` first if it is new."},
    {"case: the change is saved and not answered yet",
     "中継サーバーの返事がなく、メンバーの変更が届いたかどうか分かりません。変更はこの端末に"
     "残っており、次の renkei sync で完了します。それまでは変更前のままかもしれません。"
     "renkei sync のあと、renkei case show で確かめてください。",
     "The relay did not answer, so it is not known whether the change of members has "
     "arrived. It is kept here and the next `renkei sync` completes it; until then the "
     "members may be as before. Run `renkei sync`, then look at `renkei case show`."},
    {"case: others keep changing it; sync and try again",
     "ほかの人の変更と重なり続けたため、完了していません。手元の記録は残っています。renkei "
     "sync のあと、もう一度実行してください。",
     "Others keep changing this case, so this was not done. Your records are kept; run "
     "`renkei sync` and try again."},
    {"case: the relay took the change but does not deliver it",
     "中継サーバーは変更を受け取りましたが、まだ届けていません。変更はこの端末に残っています"
     "。renkei sync のあと、renkei case show で確かめてください。",
     "The relay took the change but does not deliver it. It is kept here; run `renkei "
     "sync`, then look at `renkei case show`."},
    {"case: the restored relay waits for what members hold",
     "中継サーバーが控えから復元され、この事例のほかの端末を待っているため、まだ変更できませ"
     "ん。手元の記録は残っています。しばらくして renkei sync のあと、もう一度実行してくださ"
     "い。",
     "The relay was restored from a backup and waits for the other devices of this case, so "
     "nothing can be changed yet. Your records are kept; run `renkei sync` a little later "
     "and try again."},
    {"case: it does not wait for anybody",
     "この事例はほかの端末を待っていません。何も変更していません。操作は要りません。",
     "This case does not wait for any device. Nothing was changed, and nothing is to be "
     "done."},
    {"case: only a steward whose device holds all of it can say that",
     "続行を決められるのは、記録がすべてそろった端末を持つ世話役だけです。何も変更していませ"
     "ん。世話役に頼んでください。",
     "Only a steward whose device holds all of the case can say that. Nothing was changed; "
     "ask a steward."},
    {"case: the relay has deleted it",
     "この事例は保管の年数を過ぎ、中継サーバーから削除されています。この端末の記録は残っています。"
     "続け"
     "るには新しい事例を開いてください（renkei case new）。",
     "The relay has deleted this case after the years of keeping. What is on this device is kept; "
     "to "
     "go on, open a new case with `renkei case new`."},
    {"case: it is closed already",
     "この事例はすでに終了しています。何も変更していません。renkei case show で確かめてください。",
     "This case is closed already. Nothing was changed; look at `renkei case show`."},
    {"case: it is open already",
     "この事例は終了していません。何も変更していません。操作は要りません。",
     "This case is not closed. Nothing was changed, and nothing is to be done."},
    {"case: to be kept for up to 100 years",
     "保管の年数は 0 から 100 までです。何も変更していません。書き直してください。",
     "The years of keeping are 0 to 100. Nothing was changed; write another number."},
    {"case: its rules do not let you do this",
     "この事例の取り決めでは、あなたはこの操作をできません。何も変更していません。世話役に頼"
     "んでください（renkei case show に出ます）。",
     "The case's rules do not let you do this. Nothing was changed; ask a steward (`renkei "
     "case show` names them)."},
    {"case: nobody can remove themselves; ask another member",
     "自分自身を外すことはできません。何も変更していません。ほかのメンバーに頼んでください。",
     "Nobody can remove themselves. Nothing was changed; ask another member."},
    {"case: this device was not linked by another one of yours",
     "この端末は、これまでの端末による保証を受けていません。何も変更していません。これまでの"
     "端末で renkei device add を実行してください。",
     "No other device of yours vouched for this one. Nothing was changed; run `renkei "
     "device add` on the other one."},
    {"case: you are not a member of it",
     "あなたはこの事例のメンバーではありません。何も送信していません。これまでに届いた記録は"
     "残っています。必要なら世話役に頼んでください。",
     "You are not a member of this case. Nothing was sent; what you received so far is "
     "kept. Ask a steward if you need to be in it."},
    {"case: that person is no member",
     "その人はこの事例のメンバーではありません。何も変更していません。renkei case show で確"
     "かめてください。",
     "That person is no member of this case. Nothing was changed; look at `renkei case "
     "show`."},
    {"case: that person has no device yet that could be added; ask them to sync once",
     "その人の端末がまだ準備できていません。何も変更していません。本人に renkei sync を一度"
     "実行してもらい、もう一度実行してください。",
     "That person has no device yet that could be added. Nothing was changed; ask them to "
     "run `renkei sync` once, then run the command again."},
    {"case: the relay does not know a certificate of it yet",
     "中継サーバーに、まだ届いていない証明書があります。何も変更していません。renkei sync の"
     "あと、もう一度実行してください。",
     "The relay does not know one of the certificates yet. Nothing was changed; run `renkei "
     "sync` and try again."},
    {"case: this device has not joined it yet; sync first",
     "この端末はまだ事例に入っていません。何も変更していません。renkei sync のあと、もう一度"
     "実行してください。",
     "This device has not joined the case yet. Nothing was changed; run `renkei sync` and "
     "try again."},
    {"case: its number is taken",
     "事例の番号が重なりました。何も変更していません。もう一度実行してください。",
     "The case's number is taken. Nothing was changed; run the command again."},
    {"case: not a patient's form",
     "患者の様式ではありません。何も変更していません。renkei form patient の様式に書いてくだ"
     "さい。",
     "That is not a patient's form. Nothing was changed; fill in `renkei form patient`."},
    {"record: several numbers begin like that; write more of it",
     "その番号で始まる記録が複数あります。何も変更していません。番号をもっと長く書いてくださ"
     "い。",
     "Several record numbers begin like that. Nothing was changed; write more of it."},
    {"record: write at least four characters of its number",
     "記録の番号は4文字以上書いてください。何も変更していません。番号は renkei read に出ます"
     "。",
     "Write at least four characters of the record's number. Nothing was changed; `renkei "
     "read` shows it."},
    {"record: it is your own",
     "ご自分の記録には了承も対応開始もできません。何も送信していません。ほかの人の状況は"
     " renkei coverage で見られます。",
     "It is your own record. Nothing was sent; `renkei coverage` shows what the others did."},
    {"record: no readable record of that number",
     "その番号の記録は読めないか、有効ではありません。何も送信していません。renkei read で確"
     "かめてください。",
     "There is no readable record of that number. Nothing was sent; look at `renkei read`."},
    {"record: what is answered is not in this case",
     "回答する記録がこの事例にありません。何も送信していません。番号を確かめてください。",
     "The record to be answered is not in this case. Nothing was sent; check its number."},
    {"record: what is corrected is not in this case",
     "訂正する記録がこの事例にありません。何も送信していません。番号を確かめてください。",
     "The record to be corrected is not in this case. Nothing was sent; check its number."},
    {"record: a correction is of the same kind as the original",
     "訂正は、元の記録と同じ種類の様式で行ってください。何も送信していません。",
     "A correction is of the same kind as the original. Nothing was sent; use that form."},
    {"record: a correction needs a reason",
     "訂正には理由（--reason）が必要です。何も送信していません。理由を書いて、もう一度実行し"
     "てください。",
     "A correction needs a reason (--reason). Nothing was sent; give it and run the command "
     "again."},
    {"record: an acknowledgement needs a read-back",
     "了承には復唱（--read-back）が必要です。何も送信していません。理解した内容を書いて、も"
     "う一度実行してください。",
     "An acknowledgement needs a read-back (--read-back). Nothing was sent; write what you "
     "understood and run the command again."},
    {"record: larger than a record may be (512 KiB)",
     "記録が大きすぎます（512 KiB まで）。何も送信していません。送信待ちにも入れていません。"
     "短くするか、分けてください。",
     "The record is too large (up to 512 KiB). Nothing was sent or put into the outbox; "
     "shorten or split it."},
    {"record: no form",
     "様式の中身がありません。何も送信していません。renkei form の様式に書いてください。",
     "There is no form in it. Nothing was sent; fill in one of `renkei form`."},
    {"search: the query is too long",
     "探す言葉が長すぎます。何も変更していません。短くしてください。",
     "The words to search for are too long. Nothing was changed; shorten them."},
    {"search: too many words", "探す言葉が多すぎます。何も変更していません。減らしてください。",
     "Too many words to search for. Nothing was changed; use fewer."},
    {"text: too long for the index",
     "文章が長すぎます。何も送信していません。短くするか、分けてください。",
     "The text is too long. Nothing was sent; shorten or split it."},
    {"text: out of memory",
     "メモリーが足りません。何も変更していません。ほかのプログラムを終えて、もう一度実行して"
     "ください。",
     "There is not enough memory. Nothing was changed; end other programs and run the "
     "command again."},
};

}  // namespace

std::span<const ErrorSentence> CaseSentences() {
  return kSentences;
}

}  // namespace renkei::cli
