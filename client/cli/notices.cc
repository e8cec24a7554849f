#include "client/cli/notices.h"

#include "client/cli/text.h"
#include "client/core/notices.h"
#include "client/core/outbox_store.h"
#include "client/core/trust.h"

namespace renkei::cli {
namespace {

using client::Said;
using client::WaitReason;
using client::Warning;

struct WarningEntry {
  Warning warning;
  std::string_view japanese;
};

constexpr WarningEntry kWarnings[] = {
    {Warning::kEntryAltered,
     "中継サーバーが書き換えられた記録を届けました。それより前の記録はすべて残っており、後のものは"
     "表示していま"
     "せん。運営者に知らせてください。"},
    {Warning::kEntryRepeated,
     "中継サーバーが同じ記録を二度、または順序を変えて届けました。これまでの記録は残っています。も"
     "う一度同期"
     "し、続くときは運営者に知らせてください。"},
    {Warning::kEntryMissing,
     "中継サーバーがこの事例の記録の一部を届けていません。これまでの記録は残っています。もう一度同"
     "期し、続くと"
     "きは運営者に知らせてください。"},
    {Warning::kTimeBackwards,
     "中継サーバーが届けた記録の時刻または事例が正しくありません。これまでの記録は残っています。運"
     "営者に知らせて"
     "ください。"},
    {Warning::kCommitRefused,
     "取り決めで許されないメンバーの変更がありました。変更は取り入れていません。それより前の記"
     "録は残っており、後のものは表示していません。世話役に相談してください。"},
    {Warning::kForkSeen,
     "中継サーバーがほかのメンバーに別の経過を見せています。これまでの記録はこの端末に残ってい"
     "ます。電話で互いの表示を確かめ、運営者に知らせてください。"},
    {Warning::kHeadForged,
     "この事例の状態に対する中継サーバーの署名が正しくありません。これまでの記録は残っています"
     "。もう一度同期し、続くときは運営者に知らせてください。"},
    {Warning::kRelayBehind,
     "中継サーバーの記録がこの端末より少なくなっています。記録はすべてこの端末に残っています。運営"
     "者に知らせてく"
     "ださい。"},
    {Warning::kHeadContradicts,
     "中継サーバーが、届けたものと違う経過に署名しています。両方を証拠として残しました。運営者に知"
     "らせてくださ"
     "い。"},
    {Warning::kOlderCopy,
     "この端末のデータは以前の控えでした。失われた記録はありません。足りなかった記録を受け取り"
     "直し、事例に入り直しました。操作は要りません。"},
    {Warning::kGroupLost,
     "鍵の更新に追いつけなかったため、事例に入り直しました。失われた記録はありません。操作は要"
     "りません。"},
    {Warning::kEnvelopeWrong,
     "あなた宛ての鍵が正しくありませんでした。これまでの記録は残っており、直せるものは直しまし"
     "た。読めない記録があるときは、ほかのメンバーに事例を開いてもらってください。"},
    {Warning::kLinkedPositionMissing,
     "中継サーバーが新しい端末に見せる経過が、これまでの端末で見ていたものより少なくなっていま"
     "す。届いた記録と書いたものは残っています。すべて届くまで、この端末からは送りません。もう"
     "一度同期し、続くときは運営者に知らせてください。"},
    {Warning::kUpdateNeeded,
     "新しい版で作られた記録があります。renkei を更新してください。記録は残っています。"},
    {Warning::kRecordIgnored,
     "正しく封をされていない記録がありました。印を付けて残してありますが、有効な記録としては扱"
     "いません。その記録を頼りにせず、書いた人に確かめてください。"},
    {Warning::kStaleGroupInfo,
     "中継サーバーが古い状態を渡そうとしたため、受け取りませんでした。これまでの記録は残ってお"
     "り、読むことはできます。もう一度同期し、続くときは運営者に知らせてください。"},
    {Warning::kSentTwice,
     "あなたの記録の番号が中継サーバーで別の内容に使われていました。あなたの記録は残っており、"
     "新しい番号で送り直しました。操作は要りません。"},
    {Warning::kDeletionFalse,
     "中継サーバーがこの事例を削除したと言っていますが、その証明書が正しくありません。記録はすべて"
     "この"
     "端末に残っています。運営者に知らせてください。"},
};

struct WaitEntry {
  WaitReason reason;
  std::string_view japanese;
};

constexpr WaitEntry kWaiting[] = {
    {WaitReason::kNotTried, "順番待ち"},
    {WaitReason::kNoConnection, "中継サーバーに接続できません"},
    {WaitReason::kRelayFull, "中継サーバーが今は保存できません"},
    {WaitReason::kNotJoined, "この端末はまだ事例に入っていません"},
    {WaitReason::kRemoved, "この事例のメンバーではなくなりました"},
    {WaitReason::kRefused, "中継サーバーが受け付けません"},
    {WaitReason::kThrottled, "中継サーバーの上限のため待っています"},
    {WaitReason::kNoSpaceLeft,
     "中継サーバーにあなたの機関の空きがありません。運営者に増やしてもらう必要があります"},
    {WaitReason::kCaseStopped, "中継サーバーがこの事例をすべては届けていません"},
    {WaitReason::kReturning, "中継サーバーが控えから復元され、この事例のほかの端末を待っています"},
};

struct NoticeEntry {
  Said said;
  std::string_view japanese;
};

constexpr NoticeEntry kNotices[] = {
    {Said::kRemoved,
     "あなたはある事例のメンバーではなくなりました。これまでに読めた記録は、この端末に残っており、"
     "読めます。必要なら世話役に尋ねてください。"},
    {Said::kCertificateMissing,
     "中継サーバーが、この事例に必要な証明書を届けていません。これまでの記録は残っています。もう一"
     "度同期し、続くときは運営者に知らせてください。"},
    {Said::kCaseNotSynced,
     "ある事例を最新にできませんでした。失われた記録はありません。もう一度同期し、続くときは運営者"
     "に知らせてください。"},
    {Said::kDevicesNotServed,
     "新しい端末の申請を確かめられませんでした。申請は残っています。もう一度同期し、続くときは運営"
     "者に知らせてください。"},
    {Said::kRelayRestored,
     "中継サーバーが控えから復元されました。この端末にある記録はすべて戻しました。失われた記録はあ"
     "りません。書いたものは、この事例のほかの端末がそろうと送られます。操作は要りません。"},
    {Said::kCaseClosed,
     "世話役が、ある事例を終了しました。記録は残っており、中継サーバーもここから決められた年数のあ"
     "いだ"
     "保管します。このあと書いたものも届きます。操作は要りません。"},
    {Said::kCaseReopened,
     "世話役が、終了した事例を再開しました。記録は残っています。操作は要りません。"},
    {Said::kDeletionAnnounced,
     "終了したある事例が保管の年数を過ぎました。中継サーバーは30日後に削除します。この端末の記録は"
     "残っ"
     "ています。まだ必要なら、世話役に再開（renkei case reopen）を頼んでください。"},
    {Said::kCaseDeleted,
     "中継サーバーが、保管の年数を過ぎた事例を削除し、証明書を渡しました。この端末の記録は残ってい"
     "ま"
     "す。操作は要りません。"},
};

// The sentence before " [", the error's literal behind it.
std::string_view WithoutLiteral(std::string_view english) {
  return english.substr(0, english.find(" ["));
}

// All else is a fault: what is new and unknown here must not pass for good.
constexpr Warning kForInformation[] = {Warning::kOlderCopy, Warning::kGroupLost,
                                       Warning::kRecordIgnored, Warning::kSentTwice};

constexpr Said kGoodToKnow[] = {Said::kRemoved,      Said::kRelayRestored,     Said::kCaseClosed,
                                Said::kCaseReopened, Said::kDeletionAnnounced, Said::kCaseDeleted};

}  // namespace

bool IsFault(std::string_view english) {
  for (const Said said : kGoodToKnow) {
    if (english == client::NoticeText(said)) {
      return false;
    }
  }
  for (const Warning warning : kForInformation) {
    if (english == client::WarningText(warning)) {
      return false;
    }
  }
  return true;
}

std::string InUsersLanguage(std::string_view english) {
  if (UserLanguage() == Language::kEnglish) {
    return std::string(english);
  }
  for (const WarningEntry& entry : kWarnings) {
    if (english == client::WarningText(entry.warning)) {
      return std::string(entry.japanese);
    }
  }
  for (const WaitEntry& entry : kWaiting) {
    if (english == client::WaitReasonText(entry.reason)) {
      return std::string(entry.japanese);
    }
  }
  const std::string_view sentence = WithoutLiteral(english);
  for (const NoticeEntry& entry : kNotices) {
    if (sentence == client::NoticeText(entry.said)) {
      return std::string(entry.japanese).append(english.substr(sentence.size()));
    }
  }
  return std::string(english);
}

}  // namespace renkei::cli
