// The stored form of groups, whole (0) and in pieces (3), of pending commits (1) and key packages
// (else). What loads is stored again as the same bytes.
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

void LoadPiecesIsIdentity(renkei::ByteView input) {
  namespace mls = renkei::mls;
  auto changes = renkei::wire::Parse<mls::StateChanges>(input);
  if (!changes.ok()) {
    return;
  }
  const auto loaded = mls::Group::Load(changes->put);
  if (!loaded.ok()) {
    return;
  }
  const auto again = mls::Group::Load(loaded->Save(mls::SavedState()).changes.put);
  RENKEI_CHECK(again.ok() && renkei::Equal(again->Serialize(), loaded->Serialize()));
  const mls::StateChanges nothing = again->Save(again->AsSaved()).changes;
  RENKEI_CHECK(nothing.put.empty() && nothing.erased.empty());
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
      case 3:
        LoadPiecesIsIdentity(body);
        break;
      default:
        LoadStoreIsIdentity<renkei::mls::OwnKeyPackage>(body);
        break;
    }
  }
  return 0;
}
