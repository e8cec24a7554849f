#include "client/vault/header.h"

#include <algorithm>
#include <string_view>

#include "client/vault/cursor.h"
#include "crypto/base/hash.h"

namespace renkei::client {
namespace {

constexpr std::string_view kMagic = "RNKVAULT";
constexpr std::uint64_t kFormat = 1;
// 1: SQLCipher, raw key, 4096-byte pages, AES-256-CBC with HMAC-SHA1 (client/vault/database.cc).
constexpr std::uint64_t kCipherProfile = 1;

}  // namespace

Bytes VaultHeader::AssociatedData() const {
  Bytes out = ToBytes(kMagic);
  AppendNumber(out, kFormat, 2);
  AppendNumber(out, kCipherProfile, 2);
  Append(out, id.view());
  AppendNumber(out, kdf.passes, 4);
  AppendNumber(out, kdf.memory_kib, 4);
  Append(out, salt);
  Append(out, nonce);
  return out;
}

Bytes VaultHeader::Encode() const {
  Bytes out = AssociatedData();
  Append(out, wrapped_key);
  Append(out, Sha256(out));
  return out;
}

Result<VaultHeader> VaultHeader::Parse(ByteView bytes) {
  constexpr Error kDamaged(Code::kMalformed, "vault: header damaged");
  const ByteView magic = AsBytes(kMagic);
  if (bytes.size() < magic.size() + 2 || !std::equal(magic.begin(), magic.end(), bytes.begin())) {
    return kDamaged;
  }
  // Before the length, which a newer format may change.
  Cursor in(bytes.subspan(magic.size()));
  if (in.Number(2) > kFormat) {
    return Error(Code::kUnsupported, "vault: made by a newer program");
  }
  if (bytes.size() != kEncodedBytes ||
      !Equal(Sha256(bytes.first(kEncodedBytes - kHashBytes)), bytes.last(kHashBytes))) {
    return kDamaged;
  }
  if (in.Number(2) > kCipherProfile) {
    return Error(Code::kUnsupported, "vault: made by a newer program");
  }
  VaultHeader header;
  in.Into(header.id.bytes);
  header.kdf.passes = static_cast<std::uint32_t>(in.Number(4));
  header.kdf.memory_kib = static_cast<std::uint32_t>(in.Number(4));
  in.Into(header.salt);
  in.Into(header.nonce);
  in.Into(header.wrapped_key);
  const bool sane = header.kdf.passes >= 1 && header.kdf.passes <= KdfParams::kMaxPasses &&
                    header.kdf.memory_kib >= KdfParams::kMinMemoryKib &&
                    header.kdf.memory_kib <= KdfParams::kMaxMemoryKib;
  // What encodes differently (format or profile 0) was never written by us.
  if (!sane || header.Encode() != ToBytes(bytes)) {
    return kDamaged;
  }
  return header;
}

}  // namespace renkei::client
