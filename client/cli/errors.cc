#include "client/cli/errors.h"

#include <iostream>
#include <span>

#include "client/cli/output.h"
#include "client/cli/sentences.h"
#include "client/cli/text.h"

namespace renkei::cli {
namespace {

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
     "まだ届いていない変更があります。手元の記録は残っています。renkei sync "
     "のあと、もう一度実行してください。",
     "A change has not arrived yet. Your records are kept; run `renkei sync` and try again."},
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

std::string Sentence(const Error& error, Kept kept) {
  const auto none = std::span<const ErrorSentence>();
  for (const auto& table : {kept == Kept::kOutbox ? OutboxSentences() : none, ErrorSentences(),
                            CaseSentences(), VaultSentences()}) {
    for (const ErrorSentence& entry : table) {
      if (entry.where == error.where()) {
        return std::string(Say(entry.japanese, entry.english));
      }
    }
  }
  // The literal helps whoever is asked for help; it never holds data.
  return ByCode(error.code()) + " [" + error.where() + "]";
}

std::string WaitUntilSentence(Millis moment) {
  return " " + ShortTime(moment) +
         std::string(Say(" 以降に送れます。", ": from then on what waits can be sent."));
}

void Report(bool json, std::string_view code, std::string_view sentence) {
  std::cerr << sentence << std::endl;
  if (json) {
    PrintJson({{"error", {{"code", code}, {"message", sentence}}}});
  }
}

void Report(bool json, const Error& error, Kept kept) {
  Report(json, CodeName(error.code()), Sentence(error, kept));
}

}  // namespace renkei::cli
