// The stored form of groups and pending commits. What loads is stored again as the same bytes.
#include "crypto/mls/group.h"
#include "tests/fuzz/fuzz.h"

namespace {

template <typename T>
void LoadStoreIsIdentity(renkei::ByteView input) {
  const auto loaded = T::Deserialize(input);
  if (loaded.ok()) {
    const renkei::SecretBytes again = loaded->Serialize();
    RENKEI_CHECK(renkei::Equal(again.Expose(), input));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) {
    const renkei::ByteView body = renkei::ByteView(data, size).subspan(1);
    switch (data[0]) {
      case 0:
        LoadStoreIsIdentity<renkei::mls::Group>(body);
        break;
      case 1:
        LoadStoreIsIdentity<renkei::mls::PendingCommit>(body);
        break;
      default:
        LoadStoreIsIdentity<renkei::mls::OwnKeyPackage>(body);
        break;
    }
  }
  return 0;
}
