#include "client/vault/sealed_key.h"

#include <algorithm>
#include <string_view>

#include "client/vault/cursor.h"

namespace renkei::client {
namespace {

constexpr std::string_view kMagic = "RNKTPMKY";
// Stands also for the two templates in tpm.cc: other templates are another format.
constexpr std::uint64_t kFormat = 1;
// Magic, format, id, parent, unique, length; then the sealed bytes; then the check.
constexpr std::size_t kFixedBytes = 8 + 2 + 16 + kHashBytes + kHashBytes + 2;
static_assert(SealedKey::kMaxEncodedBytes == kFixedBytes + SealedKey::kMaxSealedBytes + kHashBytes);

}  // namespace

Bytes SealedKey::Encode() const {
  RENKEI_CHECK(!sealed.empty() && sealed.size() <= kMaxSealedBytes);
  Bytes out = ToBytes(kMagic);
  AppendNumber(out, kFormat, 2);
  Append(out, id.view());
  Append(out, parent);
  Append(out, unique);
  AppendNumber(out, sealed.size(), 2);
  Append(out, sealed);
  Append(out, Sha256(out));
  return out;
}

Result<SealedKey> SealedKey::Parse(ByteView bytes) {
  constexpr Error kDamaged(Code::kMalformed, "vault: sealed device key damaged");
  const ByteView magic = AsBytes(kMagic);
  if (bytes.size() < magic.size() + 2 || !std::equal(magic.begin(), magic.end(), bytes.begin())) {
    return kDamaged;
  }
  // Before the length, which a newer format may change.
  Cursor in(bytes.subspan(magic.size()));
  const std::uint64_t format = in.Number(2);
  if (format > kFormat) {
    return Error(Code::kUnsupported, "vault: made by a newer program");
  }
  if (format != kFormat || bytes.size() <= kFixedBytes + kHashBytes ||
      bytes.size() > kMaxEncodedBytes ||
      !Equal(Sha256(bytes.first(bytes.size() - kHashBytes)), bytes.last(kHashBytes))) {
    return kDamaged;
  }
  SealedKey key;
  in.Into(key.id.bytes);
  in.Into(key.parent);
  in.Into(key.unique);
  if (in.Number(2) != in.left() - kHashBytes) {
    return kDamaged;
  }
  key.sealed = ToBytes(in.Take(in.left() - kHashBytes));
  return key;
}

}  // namespace renkei::client
