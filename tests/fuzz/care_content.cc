// Content from another member: whatever the bytes, showing them ends, and nothing shown can steer a
// terminal.
#include <string>

#include "client/documents/form.h"
#include "client/documents/jahis.h"
#include "client/documents/text.h"
#include "tests/fuzz/fuzz.h"

namespace {

using renkei::ByteView;
namespace documents = renkei::documents;

constexpr renkei::Millis kNow{1775012400000};

void CheckPrintable(const renkei::Result<std::string>& text) {
  RENKEI_CHECK(!text.ok() || !documents::FindForbidden(*text, true).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView content(data, size);
  CheckPrintable(documents::RenderText(content, {std::nullopt, kNow}));
  CheckPrintable(documents::RenderJson(content));
  CheckPrintable(documents::RenderPrettyJson(content));
  CheckPrintable(documents::Headline(content));
  CheckPrintable(documents::SearchText(content));
  CheckPrintable(documents::DiffText(content, content));
  for (const auto& problem : documents::CheckContent(content, kNow)) {
    CheckPrintable(problem.path + problem.message_ja + problem.message_en);
  }
  const auto changes = documents::Diff(content, content);
  RENKEI_CHECK(!changes.ok() || changes->empty());
  const auto identity = documents::IdentifyPatient(content);
  if (identity.ok()) {
    CheckPrintable(documents::IdentityLine(*identity, kNow));
  }
  (void)documents::ComparePatient(content, content);
  (void)documents::ExportJahis(content, content);
  return 0;
}
