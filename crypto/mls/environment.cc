#include "crypto/mls/environment.h"

namespace renkei::mls {

Status CredentialPolicy::CheckExisting(const Credential& credential, ByteView signature_key,
                                       Millis now) const {
  return Check(credential, signature_key, now);
}

Status CredentialPolicy::CheckSuccessor(const Credential& /*previous*/,
                                        const Credential& /*next*/) const {
  return Ok();
}

Bytes CredentialPolicy::ClientId(const Credential& /*credential*/) const {
  return {};
}

bool CredentialPolicy::SameMember(const Credential& a, const Credential& b) const {
  return a == b;
}

Result<SecretBytes> PskSource::Resumption(ByteView /*group_id*/, Epoch /*epoch*/) const {
  return Error(Code::kNotFound, "mls: no such resumption secret");
}

}  // namespace renkei::mls
