// Constant time under valgrind: secrets are marked undefined, and memcheck reports every branch and
// every memory access that depends on them. Run by itself it only checks that the operations work.
//   valgrind -q --error-exitcode=1 --suppressions=tests/ct/ct.supp ct_test [leak]
// "leak" branches on a secret on purpose: valgrind must find it.
//
// What is public although it comes from secrets (tags, signatures, ciphertexts, public keys) is
// marked defined again where it leaves. Whether something opened is public too, but libsodium and
// we branch on it inside: those places, and only those, are in ct.supp.
#include <valgrind/memcheck.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "crypto/base/hash.h"
#include "crypto/base/random.h"
#include "crypto/base/sign.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/treekem.h"

namespace renkei {
namespace {

void Hide(ByteView secret) {
  VALGRIND_MAKE_MEM_UNDEFINED(secret.data(), secret.size());
}

void Publish(ByteView open) {
  VALGRIND_MAKE_MEM_DEFINED(open.data(), open.size());
}

SecretBytes Secret(std::size_t size) {
  static SeededRandom random(1);
  SecretBytes out = random.NextSecret(size);
  Hide(out.Expose());
  return out;
}

bool Open(bool verdict) {
  Publish(ByteView(reinterpret_cast<const std::uint8_t*>(&verdict), sizeof(verdict)));
  return verdict;
}

void CompareSecrets() {
  const SecretBytes a = Secret(32);
  const SecretBytes b = Secret(32);
  RENKEI_CHECK(!Open(Equal(a, b)));
  RENKEI_CHECK(Open(Equal(a, a)));
}

void Tags() {
  const SecretBytes key = Secret(32);
  Hash32 tag = mls::Mac(key, AsBytes("content"));
  RENKEI_CHECK(mls::VerifyMac(key, AsBytes("content"), tag).ok());
  tag[31] ^= 1U;
  RENKEI_CHECK(!mls::VerifyMac(key, AsBytes("content"), tag).ok());
}

void Derivations() {
  const SecretBytes secret = Secret(32);
  (void)mls::ExpandWithLabel(secret, "label", AsBytes("context"), 100);
  (void)mls::DeriveTreeSecret(secret, "key", mls::Generation{7}, 32);
  (void)HkdfExtract(secret.Expose(), Secret(32).Expose());
}

void Messages() {
  const SecretBytes key = Secret(mls::kAeadKeyBytes);
  const SecretBytes nonce = Secret(mls::kAeadNonceBytes);
  const SecretBytes text = Secret(500);
  Bytes sealed = mls::AeadSeal(key, nonce, AsBytes("aad"), text.Expose());
  RENKEI_CHECK(mls::AeadOpen(key, nonce, AsBytes("aad"), sealed).ok());
  sealed[3] ^= 1U;
  RENKEI_CHECK(!mls::AeadOpen(key, nonce, AsBytes("aad"), sealed).ok());
}

void Hpke() {
  SeededRandom random(2);
  const mls::HpkeKeyPair pair = mls::HpkeKeyPair::Generate(random);
  Hide(pair.private_key().Expose());
  const SecretBytes text = Secret(32);
  const auto sealed = mls::HpkeSeal(pair.public_key(), AsBytes("info"), {}, text.Expose(), random);
  Publish(sealed->ciphertext);
  RENKEI_CHECK(mls::HpkeOpen(pair, *sealed, AsBytes("info"), {}).ok());
}

void Signatures() {
  SeededRandom random(3);
  const SecretBytes seed = Secret(kSeedBytes);
  const auto key = SigningKey::FromSeed(seed.Expose());
  Publish(key->public_key());
  const Bytes signature = mls::SignWithLabel(*key, "label", AsBytes("content"));
  Publish(signature);
  RENKEI_CHECK(
      mls::VerifyWithLabel(key->public_key(), "label", AsBytes("content"), signature).ok());
}

void KeySchedule() {
  const mls::JoinedSecret joined(mls::JoinerSecret(Secret(32), Secret(32), AsBytes("context")),
                                 Secret(32));
  (void)joined.DeriveWelcomeKeys();
  const auto secrets = mls::EpochSecrets::FromEpochSecret(joined.EpochSecret(AsBytes("context")));
  (void)secrets.Export("label", AsBytes("context"), 64);
  (void)secrets.ConfirmationTag(AsBytes("transcript"));
}

void SecretTree() {
  mls::SecretTree tree(8, Secret(32));
  (void)tree.NextSendKey({3}, mls::RatchetKind::kApplication);
  auto trial = tree.TryKey({5}, mls::RatchetKind::kHandshake, {4});
  RENKEI_CHECK(trial.ok());
  tree.Accept(std::move(trial).value());
}

void PathSecrets() {
  const SecretBytes path_secret = Secret(32);
  (void)mls::NodeKeyPair(path_secret);
  (void)mls::NextPathSecret(path_secret);
}

// Not constant time, on purpose.
void Leak() {
  const SecretBytes secret = Secret(32);
  if (secret.Expose()[0] == 42) {
    std::puts("a secret was looked at");
  }
}

}  // namespace
}  // namespace renkei

int main(int argc, char** argv) {
  renkei::InitCrypto();
  if (argc > 1 && std::strcmp(argv[1], "leak") == 0) {
    renkei::Leak();
    return 0;
  }
  renkei::CompareSecrets();
  renkei::Tags();
  renkei::Derivations();
  renkei::Messages();
  renkei::Hpke();
  renkei::Signatures();
  renkei::KeySchedule();
  renkei::SecretTree();
  renkei::PathSecrets();
  std::puts(RUNNING_ON_VALGRIND != 0 ? "no branch on a secret" : "works; run it under valgrind");
  return 0;
}
