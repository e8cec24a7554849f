#include "client/documents/form.h"

#include <google/protobuf/descriptor.h>

#include "client/documents/check.h"
#include "client/documents/content.h"
#include "client/documents/fill.h"
#include "client/documents/jahis.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool MadeByProgram(Kind kind) {
  return kind == Kind::kAcknowledgement || kind == Kind::kResponse || kind == Kind::kReceipt;
}

FormOutcome Refuse(std::string message_ja, std::string message_en) {
  FormOutcome outcome;
  outcome.problems.push_back({"", std::move(message_ja), std::move(message_en)});
  return outcome;
}

std::optional<FormOutcome> RefuseUnreadable(std::string_view json) {
  if (json.size() > kMaxFileBytes) {
    return Refuse("書類が大きすぎます（1 MiB まで）", "the file is over 1 MiB");
  }
  if (!IsUtf8(json)) {
    return Refuse("文字コードが UTF-8 ではありません。UTF-8 で保存し直してください",
                  "the file is not UTF-8: save it as UTF-8");
  }
  return std::nullopt;
}

FormOutcome RefuseJson(const JsonFault& fault) {
  switch (fault.what) {
    case JsonFault::What::kDepth:
      return Refuse("書類の入れ子が深すぎます", "the JSON is nested too deeply");
    case JsonFault::What::kDuplicateKey: {
      const std::string key = Shorten(Printable(fault.key, false), 40);
      return Refuse("項目「" + key + "」が同じ組に 2 回あります",
                    "the key " + key + " is there twice");
    }
    case JsonFault::What::kTooMany:
      return Refuse("書類の項目が多すぎます", "the JSON holds too many values");
    case JsonFault::What::kNumber: {
      const std::string line = std::to_string(fault.line);
      return Refuse(line + " 行目の数が大きすぎます",
                    "the number in line " + line + " is too large");
    }
    default: {
      const std::string line = std::to_string(fault.line);
      const std::string column = std::to_string(fault.column);
      return Refuse("JSON として読めません（" + line + " 行目 " + column + " 桁目）",
                    "not JSON (line " + line + ", column " + column + ")");
    }
  }
}

// The message to fill: empty, or what a correction starts from.
std::optional<FormOutcome> StartFrom(Kind kind, ByteView original, Content& content) {
  if (!original.empty()) {
    const auto opened = OpenContent(original);
    if (!opened.ok() || opened->kind != kind) {
      return Refuse("訂正する記録と書類の種類が違います",
                    "the record to correct is of another kind");
    }
    content = *opened->content;
    content.clear_corrects();
    content.clear_correction_reason();
    content.clear_answers();
  }
  return std::nullopt;
}

// Checks everything and serializes; the outcome has content only if nothing is wrong.
FormOutcome Finish(const Content& content, Millis now, Problems& problems) {
  Problems notices;
  Checker checker(now, problems, notices);
  const auto kind = KindFromNumber(static_cast<std::uint32_t>(content.body_case()));
  RENKEI_CHECK(kind.has_value());
  const Field& body = BodyField(*kind);
  checker.CheckMessage(content.header(), "");
  checker.CheckMessage(content.GetReflection()->GetMessage(content, &body), "");
  FormOutcome outcome;
  if (problems.empty() && content.ByteSizeLong() > kMaxContentBytes) {
    return Refuse("書類が大きすぎます（256 KiB まで）", "the form is over 256 KiB");
  }
  if (problems.empty()) {
    outcome.content = SerializeContent(content);
  }
  outcome.problems = problems.Take();
  outcome.notices = notices.Take();
  return outcome;
}

}  // namespace

FormOutcome ParseForm(Kind kind, std::string_view json, const FormContext& context) {
  if (MadeByProgram(kind)) {
    return Refuse("この種類の記録は書類から作れません", "this kind is not made from a file");
  }
  if (json.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    json.remove_prefix(kByteOrderMark.size());  // Windows editors put it there
  }
  if (auto refused = RefuseUnreadable(json)) {
    return *refused;
  }
  JsonValue file;
  const JsonFault fault = ParseJson(json, kMaxJsonDepth, file);
  if (fault.what != JsonFault::What::kNone) {
    return RefuseJson(fault);
  }
  Content content;
  if (auto refused = StartFrom(kind, context.original, content)) {
    return *refused;
  }
  Problems problems;
  Filler filler(problems);
  care::v1::Header header = content.header();
  filler.FillForm(kind, file, header, MutableBody(content, kind));
  if (header.ByteSizeLong() > 0) {
    *content.mutable_header() = header;
  } else {
    content.clear_header();
  }
  return Finish(content, context.now, problems);
}

FormOutcome ParseFormFile(Kind kind, ByteView file, const FormContext& context) {
  if (kind == Kind::kMedicationList && LooksLikeJahis(file)) {
    return ImportJahis({ToBytes(file)}, context);
  }
  return ParseForm(kind, AsText(file), context);
}

std::vector<FormProblem> CheckContent(ByteView content, Millis now) {
  const auto opened = OpenContent(content);
  if (!opened.ok()) {
    const bool newer = opened.error().code() == Code::kUnsupported;
    return {{"", newer ? "この版が知らない種類の記録です" : "記録として読めません",
             newer ? "a kind of record that this version does not know" : "not a readable record"}};
  }
  Problems problems;
  Problems notices;
  Checker checker(now, problems, notices);
  checker.CheckMessage(opened->content->header(), "");
  checker.CheckMessage(*opened->body, "");
  return problems.Take();
}

Result<Kind> KindOf(ByteView content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  return opened.kind;
}

}  // namespace renkei::documents
