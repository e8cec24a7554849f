// A medication notebook's text. What is imported and can be exported comes back the same, but for
// the version of the format.
#include "client/documents/jahis.h"

#include "client/documents/form.h"
#include "tests/fuzz/fuzz.h"

namespace {

using renkei::ByteView;
namespace documents = renkei::documents;

constexpr renkei::Millis kNow{1775012400000};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const renkei::Bytes file(data, data + size);
  (void)documents::LooksLikeJahis(file);
  const auto outcome = documents::ImportJahis({file}, {kNow, {}});
  RENKEI_CHECK(outcome.ok() == !outcome.content.empty());
  if (!outcome.ok()) {
    return 0;
  }
  RENKEI_CHECK(documents::CheckContent(outcome.content, kNow).empty());
  const auto exported = documents::ExportJahis(outcome.content, {});
  if (!exported.ok()) {
    return 0;
  }
  const auto again = documents::ImportJahis({exported.file}, {kNow, {}});
  RENKEI_CHECK(again.ok());
  const auto changes = documents::Diff(outcome.content, again.content);
  RENKEI_CHECK(changes.ok());
  for (const auto& change : *changes) {
    RENKEI_CHECK(change.path == "format_version");
  }
  return 0;
}
