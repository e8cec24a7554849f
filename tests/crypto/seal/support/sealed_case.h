// An example case with archive secrets and archive keys: what tests of records, envelopes and
// packs share.
#ifndef RENKEI_TESTS_CRYPTO_SEAL_SUPPORT_SEALED_CASE_H_
#define RENKEI_TESTS_CRYPTO_SEAL_SUPPORT_SEALED_CASE_H_

#include <string_view>

#include "crypto/mls/hpke.h"
#include "crypto/seal/archive.h"
#include "crypto/seal/envelope.h"
#include "crypto/seal/record.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::test {

// A nurse who opened a case and is alone in it: epoch 0 with its secret.
class SealedCase {
 public:
  explicit SealedCase(std::uint64_t seed)
      : example(seed),
        nurse(example.NewDevice(example.NewPerson(example.NewInstitution()), 0)),
        archive_secret(example.random().NextSecret(seal::kArchiveSecretBytes)),
        archive_key(mls::HpkeKeyPair::Generate(example.random())),
        card(example.FirstCard(nurse)) {
    card.epoch_id = seal::EpochId(archive_secret);
  }

  seal::ArchiveKeyRef ArchiveKey() const {
    return {card.recipients[1].key_id, 1, archive_key.public_key()};
  }
  // `text` must outlive the draft.
  seal::RecordDraft Draft(std::string_view text) {
    seal::RecordDraft draft;
    draft.header.case_id = card.case_id;
    draft.header.at = card.at;
    draft.header.epoch_id = card.epoch_id;
    draft.header.record_id = RecordId::Generate(example.random());
    draft.header.sender_device = nurse.id;
    draft.header.seen_seq = 1;
    draft.header.seen_hash = Sha256(AsBytes("the thread up to there"));
    draft.kind = 11;
    draft.created_at = kExampleTime;
    draft.certificate_hash = nurse.Signer().certificate_hash;
    draft.content = AsBytes(text);
    return draft;
  }
  seal::SignerLookup Lookup() const {
    return [this](const Hash32& hash) -> Result<thread::Signer> {
      if (hash != nurse.Signer().certificate_hash) {
        return Error(Code::kNotFound, "test: no such certificate");
      }
      return nurse.Signer();
    };
  }

  ExampleCase example;
  ExampleDevice nurse;
  SecretBytes archive_secret;
  mls::HpkeKeyPair archive_key;
  thread::Card card;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CRYPTO_SEAL_SUPPORT_SEALED_CASE_H_
