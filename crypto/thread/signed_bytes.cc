#include "crypto/thread/signed_bytes.h"

#include "crypto/thread/encoding.h"

namespace renkei::thread {

Bytes SignBytes(std::string_view label, ByteView content, const SigningKey& key) {
  const Signature signature = key.SignLabelled(label, content);
  return Encode([&](FieldWriter& out) {
    out.Blob(1, content);
    out.Blob(2, signature);
  });
}

Result<SignedBytes> SplitSigned(ByteView bytes, std::size_t most, const Error& malformed) {
  if (bytes.size() > most) {
    return malformed;
  }
  FieldReader in(bytes);
  SignedBytes out;
  out.content = in.Blob(1);
  out.signature = in.Fixed<kSignatureBytes>(2);
  RENKEI_TRY(in.Finish(malformed));
  return out;
}

}  // namespace renkei::thread
