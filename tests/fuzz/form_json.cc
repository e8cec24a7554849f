// A form's file: one byte for the kind ('a' note, 'b' discharge summary, ...), then JSON. What is
// accepted is within all rules, and its own JSON is accepted again and means the same.
#include <string>

#include "client/documents/form.h"
#include "tests/fuzz/fuzz.h"

namespace {

using renkei::Bytes;
using renkei::ByteView;
namespace documents = renkei::documents;

// 2026-04-01 12:00 in Japan.
constexpr renkei::Millis kNow{1775012400000};

void Read(documents::Kind kind, ByteView file, ByteView original) {
  const auto outcome = documents::ParseFormFile(kind, file, {kNow, original});
  RENKEI_CHECK(outcome.ok() == !outcome.content.empty());
  if (!outcome.ok()) {
    return;
  }
  RENKEI_CHECK(documents::CheckContent(outcome.content, kNow).empty());
  const auto json = documents::RenderJson(outcome.content);
  RENKEI_CHECK(json.ok());
  const auto again = documents::ParseForm(kind, *json, {kNow, {}});
  RENKEI_CHECK(again.content == outcome.content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  std::vector<documents::Kind> kinds = documents::PostableKinds();
  kinds.push_back(documents::Kind::kPatient);
  kinds.push_back(documents::Kind::kAnswer);
  const documents::Kind kind = kinds[data[0] % kinds.size()];
  const ByteView file(data + 1, size - 1);
  Read(kind, file, {});
  static const Bytes note =
      documents::ParseForm(documents::Kind::kNote,
                           R"({"text":"x","vitals":{"rr":18},"source":["本人"]})", {kNow, {}})
          .content;
  Read(documents::Kind::kNote, file, note);
  return 0;
}
