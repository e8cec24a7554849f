#include "crypto/seal/envelope.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/mls/hpke.h"
#include "crypto/seal/archive.h"
#include "crypto/thread/encoding.h"

namespace renkei::seal {
namespace {

static_assert(thread::kHpkeEncBytes == mls::kHpkeKeyBytes);

// key_id || case_id || u32be generation || u64be epoch: which envelope it is.
Bytes Place(const Hash32& key_id, const CaseId& case_id, const thread::EpochRef& at) {
  Bytes out = ToBytes(key_id);
  Append(out, case_id.view());
  thread::AppendU32(out, at.generation);
  thread::AppendU64(out, at.epoch);
  return out;
}

Bytes Info(ByteView place, std::uint32_t key_version) {
  Bytes out = ToBytes(labels::kEnvelope);
  thread::AppendU8(out, 1);
  Append(out, place);
  thread::AppendU32(out, key_version);
  return out;
}

// One pair serves one envelope: key, case and epoch are in its derivation, and the plaintext is
// what it is derived from.
mls::HpkeKeyPair Ephemeral(const SecretBytes& archive_secret, ByteView place) {
  Bytes info = ToBytes(labels::kEnvelopeEphemeral);
  Append(info, place);
  const SecretBytes input = HkdfExpand(archive_secret.Expose(), info, kHashBytes);
  return mls::HpkeKeyPair::Derive(input.Expose());
}

}  // namespace

Result<thread::Envelope> SealEnvelope(const SecretBytes& archive_secret, const ArchiveKeyRef& to,
                                      const CaseId& case_id, const thread::EpochRef& at) {
  RENKEI_CHECK(archive_secret.size() == kArchiveSecretBytes);
  const Bytes place = Place(to.key_id, case_id, at);
  RENKEI_ASSIGN(const mls::HpkeCiphertext sealed,
                mls::HpkeSealWith(Ephemeral(archive_secret, place), to.public_key,
                                  Info(place, to.version), {}, archive_secret.Expose()));
  thread::Envelope out{case_id, at, to.key_id, to.version, {}, {}};
  RENKEI_ASSIGN(out.enc, ToArray<thread::kHpkeEncBytes>(sealed.kem_output));
  RENKEI_ASSIGN(out.ciphertext, ToArray<thread::kEnvelopeCiphertextBytes>(sealed.ciphertext));
  return out;
}

Status CheckEnvelope(const thread::Envelope& envelope, const SecretBytes& archive_secret,
                     const ArchiveKeyRef& to) {
  RENKEI_ASSIGN(const thread::Envelope expected,
                SealEnvelope(archive_secret, to, envelope.case_id, envelope.at));
  if (!Equal(thread::SerializeEnvelope(expected), thread::SerializeEnvelope(envelope))) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  return Ok();
}

Result<SecretBytes> OpenEnvelope(const thread::Envelope& envelope, const SecretBytes& private_key,
                                 const Hash32& epoch_id) {
  RENKEI_ASSIGN(const mls::HpkeKeyPair key, mls::HpkeKeyPair::FromPrivate(private_key.Expose()));
  const Bytes place = Place(envelope.key_id, envelope.case_id, envelope.at);
  const mls::HpkeCiphertext sealed{ToBytes(envelope.enc), ToBytes(envelope.ciphertext)};
  RENKEI_ASSIGN(SecretBytes secret,
                mls::HpkeOpen(key, sealed, Info(place, envelope.key_version), {}));
  if (secret.size() != kArchiveSecretBytes || !Equal(EpochId(secret), epoch_id)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  return secret;
}

}  // namespace renkei::seal
