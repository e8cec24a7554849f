#include "crypto/seal/archive.h"

#include "crypto/base/labels.h"

namespace renkei::seal {
namespace {

SecretBytes Derive(const SecretBytes& archive_secret, std::string_view label) {
  RENKEI_CHECK(archive_secret.size() == kArchiveSecretBytes);
  return HkdfExpand(archive_secret.Expose(), AsBytes(label), kHashBytes);
}

}  // namespace

Hash32 EpochId(const SecretBytes& archive_secret) {
  return ToArray<kHashBytes>(Derive(archive_secret, labels::kEpochId).Expose()).value();
}

SecretBytes RecordKey(const SecretBytes& archive_secret) {
  return Derive(archive_secret, labels::kRecordKey);
}

}  // namespace renkei::seal
