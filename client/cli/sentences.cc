#include "client/cli/sentences.h"

namespace renkei::cli {
namespace {

// Nothing waits: these verbs either do it or change nothing.
constexpr ErrorSentence kSentences[] = {
    {"the relay cannot be reached",
     "中継サーバーに接続できないため、完了していません。何も変更していません。ネットワークを"
     "確認し、同じコマンドをもう一度実行してください。",
     "The relay cannot be reached, so this was not done and nothing was changed. Check the "
     "network and run the command again."},
    {"the relay ended the connection at once",
     "中継サーバーが接続をすぐに切りました（停止中か、この端末の証明書を受け付けません：別の"
     "地域、期限切れ）。何も送信していません。この端末の記録は残っています。しばらくしてもう"
     "一度実行し、続くときは管理者に知らせてください。",
     "The relay ended the connection at once: it is stopping, or does not accept this "
     "device's certificate (another region, expired). Nothing was sent and your records are "
     "kept; try again a little later, and tell your administrator if it stays."},
    {"the relay cannot store anything now",
     "中継サーバーが今は保存できないため（空き容量の不足など）、完了していません。この端末の"
     "記録は残っています。運営者に知らせ、しばらくして同じコマンドをもう一度実行してください"
     "。",
     "The relay cannot store anything now (its disk may be full), so this was not done. "
     "Your records are kept; tell the operator, and run the command again a little later."},
    {"no space left for this institution on the relay",
     "中継サーバーにあなたの機関が使える空きがないため、完了していません。この端末の記録は残って"
     "おり、読むことはできます。運営者に空きを増やしてもらい、同じコマンドをもう一度実行してくだ"
     "さい。",
     "The relay has no space left for your institution, so this was not done. Your records are "
     "kept and can be read; ask the relay's operator for more space, and run the command again."},
    {"the relay does not belong to this region",
     "接続先の中継サーバーは招待コードの地域のものではありません。何も送信していません。招待"
     "コードを発行した人に確認してください。",
     "The relay at that address is not the one of the invitation's region. Nothing was "
     "sent; ask whoever gave you the code."},
    {"the relay does not accept this device's certificate",
     "中継サーバーがこの端末の証明書を受け付けません（別の地域、失効、または未承認）。記録は"
     "端末に残っています。管理者に連絡してください。",
     "The relay does not accept this device's certificate (another region, revoked, or not "
     "approved). Your records are kept; ask your administrator."},
    {"invitation: mistyped",
     "招待コードが正しくありません（打ち間違い、欠け、または書き換え）。何も送信していません"
     "。もう一度確かめてください。",
     "The invitation code is mistyped, cut off or altered. Nothing was sent; check it again."},
    {"invitation: unknown version",
     "この招待コードは新しい版のものです。何も送信していません。renkei を更新してください。",
     "The invitation code is of a later version. Nothing was sent; update renkei."},
    {"the invitation has expired",
     "招待コードの期限が切れています。何も変更していません。発行した人に新しいコードを頼んで"
     "ください。",
     "The invitation has expired. Nothing was changed; ask for a new one."},
    {"the invitation was used already",
     "この招待コードはすでに使われています。何も変更していません。心当たりがなければ、すぐに"
     "発行した人に知らせてください。",
     "The invitation was used already. Nothing was changed. If it was not you, tell whoever "
     "gave it to you at once."},
    {"the relay does not know this invitation",
     "中継サーバーはこの招待コードを知りません。何も変更していません。発行した人に確認してく"
     "ださい。",
     "The relay does not know this invitation. Nothing was changed; ask whoever gave it to "
     "you."},
    {"no such profession",
     "その職種はありません。何も送信していません。例: doctor nurse pharmacist care-manager "
     "（日本語でも入力できます）",
     "There is no such profession. Nothing was sent. Examples: doctor nurse pharmacist "
     "care-manager"},
    {"no such kind of institution",
     "その種類の施設はありません。何も送信していません。例: hospital clinic "
     "visiting-nurse-station care-management-office pharmacy（日本語でも入力できます）",
     "There is no such kind of institution. Nothing was sent. Examples: hospital clinic "
     "visiting-nurse-station care-management-office pharmacy"},
    {"this vault belongs to somebody already",
     "この保管庫はすでに使われています。何も変更していません。--vault で別の場所を指定してく"
     "ださい。",
     "This vault belongs to somebody already. Nothing was changed; name another one with "
     "--vault."},
    {"the request names another profession than the invitation",
     "申請の職種が招待した職種と違います。承認していません。本人に確かめ、正しい職種で招待し"
     "直してください。",
     "The request names another profession than the invitation. It was not approved; ask "
     "the person, and invite them anew with the right one."},
    {"the request is not for this invitation",
     "申請が招待の内容と合いません。承認していません。本人に直接確かめ、新しいコードを渡して"
     "ください。",
     "The request does not fit the invitation. It was not approved; ask the person, and "
     "hand over a new code."},
    {"the link is not for this request",
     "端末の申請が、本人の端末による保証と合いません。承認していません。本人に直接確かめてく"
     "ださい。",
     "The device's request does not fit what its owner's device vouched for. It was not "
     "approved; ask the owner."},
    {"the relay refuses the approval",
     "中継サーバーが承認を受け付けません。申請は残っています。renkei sync のあと、もう一度実"
     "行してください。",
     "The relay does not take the approval. The request is kept; run `renkei sync` and try "
     "again."},
    {"only the region's operator renews the relay's certificate",
     "この保管庫は地域の運営者のものではありません。何も変更していません。地域をつくった保管"
     "庫を --vault で指定してください。",
     "This vault is not the region's operator's. Nothing was changed; name the vault that "
     "founded the region with --vault."},
    {"revocation: only the institution's administrator revokes devices",
     "端末を失効させられるのは、その施設の管理者だけです。何も変更していません。施設の管理者に頼ん"
     "でください。",
     "Only the institution's administrator revokes its devices. Nothing was changed; ask them."},
    {"revocation: only the region's operator revokes institutions",
     "施設を失効させられるのは地域の運営者だけです。何も変更していません。運営者に頼んでください。",
     "Only the region's operator revokes institutions. Nothing was changed; ask them."},
    {"revocation: this very device",
     "この端末自身は失効させられません。何も変更していません。別の管理者に頼んでください。",
     "This very device cannot revoke itself. Nothing was changed; ask another administrator."},
    {"revocation: the operator's own institution",
     "運営者自身の施設は失効させられません。何も変更していません。別の施設を指定してください。",
     "The operator's own institution cannot be revoked. Nothing was changed; name another one."},
    {"revocation: no such device",
     "その端末は名簿にありません。何も変更していません。renkei device list で番号を確かめてください"
     "。",
     "There is no such device in the directory. Nothing was changed; see `renkei device list`."},
    {"revocation: no such institution",
     "その施設は名簿にありません。何も変更していません。renkei people で名前を確かめてください。",
     "There is no such institution in the directory. Nothing was changed; see `renkei people`."},
    {"revocation: several devices begin like this",
     "その番号で始まる端末がいくつもあります。何も変更していません。番号を最後まで書いてください。",
     "Several devices begin like this. Nothing was changed; write the whole id."},
    {"revocation: several institutions have this name",
     "その名前の施設がいくつもあります。何も変更していません。施設の番号で指定してください（renkei "
     "people --json）。",
     "Several institutions have this name. Nothing was changed; name it by its id (`renkei people "
     "--json`)."},
    {"revocation: revoked already",
     "すでに失効しています。何も変更していません。これ以上の操作は要りません。",
     "That is revoked already. Nothing was changed, and nothing is to be done."},
    {"revocation: the relay does not take the list",
     "中継サーバーが失効リストを受け付けません。失効させていません。renkei sync "
     "のあとでもう一度実行"
     "し、続くときは運営者に知らせてください。",
     "The relay does not take the revocation list, so nothing was revoked. Run `renkei sync` and "
     "try again; tell the operator if it stays."},
    {"revocation: the relay does not pass the list on",
     "中継サーバーは失効リストを受け取ったと答えましたが、配っていません。リストはこの端末に残し、"
     "こ"
     "の端末ではもう失効したものとして扱います。ほかの人の端末には届いていません。運営者に電話で知"
     "ら"
     "せ、直ったら同じ操作をもう一度してください。",
     "The relay says that it took the revocation list, and does not pass it on. The list is kept: "
     "this device counts it as revoked from now on; others have not heard of it. Telephone the "
     "operator, and do the same again when it is mended."},
    {"the relay's files cannot be written",
     "中継サーバーのファイルを書き込めません。前のファイルはそのままです。空き容量とフォルダ"
     "の権限を確かめ、もう一度実行してください。",
     "The relay's files cannot be written. Those that were there are kept; check the disk's "
     "space and the folder's rights, and run it again."},
    {"the relay did not answer",
     "中継サーバーの返事がなく、届いたかどうか分かりません。この端末の記録は残っています。ネ"
     "ットワークを確認し、renkei sync のあと、まだならもう一度実行してください。",
     "The relay did not answer, so it is not known whether this has arrived. Your records "
     "are kept. Check the network, run `renkei sync`, and run the command again if it is "
     "not done."},
    {"over a limit of the relay",
     "中継サーバーの上限に達したため、完了していません。この端末の記録は残っています。少し待"
     "って、同じコマンドをもう一度実行してください。",
     "Over a limit of the relay, so this was not done. Your records are kept; wait a little "
     "and run the command again."},
    {"the relay is not the one of this region",
     "接続先の中継サーバーが、この地域のものと確認できません（別の地域のサーバー、または"
     " Wi-Fi のログイン画面などにつながっています）。何も送信していません。書いたものはこの"
     "端末に残っています。ネットワークを確かめ、続くときは運営者に知らせてください。",
     "Whoever answers at the relay's address cannot be verified as this region's relay "
     "(another region's server, or the login page of a Wi-Fi). Nothing was sent; what you "
     "wrote is kept on this device. Check the network, and tell the operator if it stays."},
    {"the relay does not accept this device's certificates",
     "中継サーバーがこの端末の証明書を受け付けません（別の地域、失効、または未承認）。記録は"
     "端末に残っています。管理者に連絡してください。",
     "The relay does not accept this device's certificate (another region, revoked, or not "
     "approved). Your records are kept; ask your administrator."},
    {"the file cannot be read",
     "ファイルを読めません。何も送信していません。ファイルの名前と場所、読み取りの権限を確か"
     "めて、もう一度実行してください。",
     "The file cannot be read. Nothing was sent; check its name, place and permissions, and "
     "run the command again."},
    {"the file is larger than 4 MiB",
     "ファイルが大きすぎます（4 MiB まで）。何も送信していません。別のファイルではないか確か"
     "め、短くするか分けてください。",
     "The file is too large (up to 4 MiB). Nothing was sent; check that it is the right "
     "one, shorten or split it."},
    {"the directory cannot be made",
     "フォルダを作れません。何も作成していません。場所、権限、空き容量を確かめて、もう一度実"
     "行してください。",
     "The directory cannot be made. Nothing was created; check its place, permissions and "
     "disk space, and run the command again."},
    {"invitation: nothing on standard input",
     "招待コードが渡されていません。何も送信していません。コードを渡して、もう一度実行してく"
     "ださい。",
     "No invitation code was given. Nothing was sent; hand one over and run the command "
     "again."},
    {"only the institution's administrator certifies",
     "承認できるのは施設の管理者だけです。何も変更していません。管理者に頼んでください。",
     "Only the institution's administrator approves. Nothing was changed; ask them."},
    {"only the institution's administrator invites colleagues",
     "職員を招待できるのは施設の管理者だけです。何も変更していません。管理者に頼んでください"
     "。",
     "Only the institution's administrator invites colleagues. Nothing was changed; ask "
     "them."},
    {"only the region's operator invites institutions",
     "施設を招待できるのは地域の運営者だけです。何も変更していません。運営者に頼んでください"
     "。",
     "Only the region's operator invites institutions. Nothing was changed; ask them."},
    {"the relay does not allow this invitation",
     "中継サーバーがこの招待を認めません。何も変更していません。運営者に確認してください。",
     "The relay does not allow this invitation. Nothing was changed; ask the operator."},
    {"the approval is not for this device",
     "届いた承認がこの端末のものではありません。何も変更していません。申請は残っています。承"
     "認した人に確認してください。",
     "The approval is not for this device. Nothing was changed and the request is kept; ask "
     "whoever approved it."},
    {"the relay's address is not HOST:PORT",
     "中継サーバーの宛先は「ホスト名:ポート番号」で書いてください（例 relay.example:8443）。"
     "何も変更していません。",
     "Write the relay's address as HOST:PORT, e.g. relay.example:8443. Nothing was changed."},
    {"invitation: the relay's address is not host:port",
     "招待コードの中の中継サーバーの宛先が正しくありません。何も送信していません。発行した人"
     "に確認してください。",
     "The relay's address in the invitation code is not one. Nothing was sent; ask whoever "
     "gave you the code."},
    {"net: not an address",
     "中継サーバーの宛先が正しくありません。何も送信していません。招待コードを発行した人に確"
     "認してください。",
     "The relay's address is not one. Nothing was sent; ask whoever gave you the code."},
    {"pki: name has a character that is not allowed",
     "名前に使えない文字があります（制御文字など）。何も変更していません。書き直してください"
     "。",
     "The name has a character that is not allowed. Nothing was changed; write it anew."},
    {"pki: name is empty, too long or ends with a space",
     "名前が空か、長すぎるか、空白で終わっています。何も変更していません。書き直してください"
     "。",
     "The name is empty, too long or ends with a space. Nothing was changed; write it anew."},
    {"pki: name looks like a host name",
     "名前がコンピューターの名前のように見えます。何も変更していません。人または施設の名前を"
     "書いてください。",
     "The name looks like a host name. Nothing was changed; write the name of a person or "
     "an institution."},
    {"the relay does not allow this",
     "中継サーバーがこの操作を認めません（この端末がまだ登録されていないか、役割が違います）"
     "。何も変更していません。renkei sync のあと、もう一度実行し、続くときは運営者に知らせて"
     "ください。",
     "The relay does not allow this (this device is not in its directory yet, or the role "
     "is another). Nothing was changed; run `renkei sync`, try again, and tell the operator "
     "if it stays."},
    {"over a size limit",
     "大きすぎて、中継サーバーが受け取りません。何も送信していません。短くするか、分けてくだ"
     "さい。",
     "The relay does not take anything that large. Nothing was sent; shorten or split it."},
    {"the relay closed the stream",
     "中継サーバーとの接続が切れました。届いた記録と書いたものは残っています。ネットワークを"
     "確認し、もう一度実行してください。",
     "The connection to the relay was lost. What has arrived and what you wrote is kept; "
     "check the network and run the command again."},
};

// For sync and watch, which send what waits.
constexpr ErrorSentence kOfTheOutbox[] = {
    {"the relay cannot be reached",
     "中継サーバーに接続できません。書いたものは送信待ちに残っています。ネットワークを確認し"
     "、renkei sync で送り直してください。",
     "The relay cannot be reached. What you wrote is kept in the outbox; check the network "
     "and run `renkei sync`."},
    {"the relay did not answer",
     "中継サーバーの返事がありません。書いたものは送信待ちに残っています（届いていても、二重"
     "には記録されません）。ネットワークを確認し、renkei sync で送り直してください。",
     "The relay did not answer. What you wrote is kept in the outbox (should it have "
     "arrived, it is not recorded twice); check the network and run `renkei sync`."},
    {"the relay cannot store anything now",
     "中継サーバーが今は保存できません（空き容量の不足など）。書いたものは送信待ちに残ってい"
     "ます。運営者に知らせ、しばらくして renkei sync で送り直してください。",
     "The relay cannot store anything now (its disk may be full). What you wrote is kept in "
     "the outbox; tell the operator, and run `renkei sync` a little later."},
    {"over a limit of the relay",
     "中継サーバーの上限に達しました。書いたものは送信待ちに残っています。少し待って renkei "
     "sync を実行してください。",
     "Over a limit of the relay. What you wrote is kept in the outbox; wait a little and "
     "run `renkei sync`."},
    {"no space left for this institution on the relay",
     "中継サーバーにあなたの機関が使える空きがありません。書いたものは送信待ちに残っています。運"
     "営者に空きを増やしてもらってください。増えたあと、次の同期で送られます。緊急の呼び出しは今も"
     "送"
     "れます。",
     "The relay has no space left for your institution. What you wrote is kept in the outbox; ask "
     "the relay's operator for more space, after which the next sync sends it. Urgent calls still "
     "go out."},
};

}  // namespace

std::span<const ErrorSentence> ErrorSentences() {
  return kSentences;
}

std::span<const ErrorSentence> OutboxSentences() {
  return kOfTheOutbox;
}

}  // namespace renkei::cli
