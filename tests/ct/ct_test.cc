// Constant time under valgrind: secrets are marked undefined, and memcheck reports every branch and
// every memory access that depends on them. Run by itself it only checks that the operations work.
//   valgrind -q --error-exitcode=1 --suppressions=tests/ct/ct.supp ct_test [leak]
// "leak" branches on a secret on purpose: valgrind must find it.
//
// What is public although it comes from secrets (tags, signatures, ciphertexts, public keys) is
// marked defined again where it leaves. Whether something opened is public too, but libsodium and
// we branch on it inside: those places, and only those, are in ct.supp. What was opened is public
// but for the secrets in it (lengths, sender, signature: everybody who has the key sees the same),
// and is marked as it comes out of AeadOpen, which the linker leads through WrappedAeadOpen here.
#include <valgrind/memcheck.h>

#include <cstdio>
#include <cstring>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/hash.h"
#include "crypto/base/random.h"
#include "crypto/base/sign.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/own_leaf.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/treekem.h"

namespace renkei {
namespace {

struct Part {
  std::size_t at;
  std::size_t size;
};
// Where the secrets are in each plaintext that is opened next; without one it stays as it is.
std::deque<std::vector<Part>> g_plaintexts;

}  // namespace
namespace mls {

// NOLINTBEGIN(readability-identifier-naming)
Result<SecretBytes>
RealAeadOpen(const SecretBytes&, const SecretBytes&, ByteView, ByteView) __asm__(
    "__real__ZN6renkei3mls8AeadOpenERKNS_11SecretBytesES3_St4spanIKhLm18446744073709551615EES6_");
Result<SecretBytes>
WrappedAeadOpen(const SecretBytes&, const SecretBytes&, ByteView, ByteView) __asm__(
    "__wrap__ZN6renkei3mls8AeadOpenERKNS_"
    "11SecretBytesES3_St4spanIKhLm18446744073"
    "709551615EES6_");
// NOLINTEND(readability-identifier-naming)

Result<SecretBytes> WrappedAeadOpen(const SecretBytes& key, const SecretBytes& nonce, ByteView aad,
                                    ByteView ciphertext) {
  auto plaintext = RealAeadOpen(key, nonce, aad, ciphertext);
  if (!plaintext.ok() || g_plaintexts.empty()) {
    return plaintext;
  }
  const ByteView bytes = plaintext->Expose();
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
  for (const Part& secret : g_plaintexts.front()) {
    RENKEI_CHECK(secret.at + secret.size <= bytes.size());
    VALGRIND_MAKE_MEM_UNDEFINED(bytes.data() + secret.at, secret.size);
  }
  g_plaintexts.pop_front();
  return plaintext;
}

}  // namespace mls
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

constexpr Millis kNow{1'700'000'000'000};

mls::OwnLeaf Leaf(std::string_view name, Random& random) {
  mls::OwnLeaf leaf{SigningKey::Generate(random), {}, mls::DefaultCapabilities(), {}};
  leaf.credential.value = mls::BasicCredential{ToBytes(name)};
  return leaf;
}

// The path of one among four, sealed to the others and opened by each.
void Paths() {
  SeededRandom random(4);
  mls::RatchetTree tree;
  std::vector<mls::HpkeKeyPair> pairs;
  const SigningKey signing_key = SigningKey::Generate(random);
  for (std::uint32_t i = 0; i < 4; ++i) {
    pairs.push_back(mls::HpkeKeyPair::Generate(random));
    mls::LeafNode node = mls::MakeKeyPackageLeaf(Leaf("member", random), {}, pairs[i].public_key(),
                                                 mls::DefaultCapabilities());
    RENKEI_CHECK(tree.AddLeaf(std::move(node)).ok());
    Hide(pairs[i].private_key().Expose());
  }
  const mls::RatchetTree before = tree;
  mls::TreeKeys keys({0}, pairs[0].Clone());
  mls::LeafNode leaf = *tree.Leaf({0});
  mls::NewPath path =
      mls::CreatePath(tree, keys, std::move(leaf), signing_key, AsBytes("group"), random);
  for (const SecretBytes& secret : path.path_secrets) {
    Hide(secret.Expose());
  }
  RENKEI_CHECK(mls::EncryptPath(path, tree, {}, AsBytes("context"), random).ok());
  for (auto& node : path.update_path.nodes) {
    for (auto& sealed : node.encrypted_path_secret) {
      Publish(sealed.ciphertext);
      Publish(sealed.kem_output);
    }
  }
  for (std::uint32_t i = 1; i < 4; ++i) {
    mls::TreeKeys others({i}, pairs[i].Clone());
    RENKEI_CHECK(mls::OpenPath(tree, others, {0}, path.update_path, {}, AsBytes("context")).ok());
  }
}

// psk_secret, and the init_secret of an external joiner as members find it.
void PresharedKeysAndExternalJoiners() {
  SeededRandom random(5);
  std::vector<mls::PskInput> psks;
  for (int i = 0; i < 2; ++i) {
    psks.push_back({mls::Group::NewExternalPsk(AsBytes("psk"), random), Secret(32)});
  }
  RENKEI_CHECK(mls::PskSecret(psks).ok());
  const auto secrets = mls::EpochSecrets::FromEpochSecret(Secret(32));
  const mls::HpkeKeyPair external = secrets.ExternalKeyPair();
  Publish(external.public_key());
  const auto init = mls::MakeExternalInit(external.public_key(), random);
  RENKEI_CHECK(mls::OpenExternalInit(external, init->kem_output).ok());
}

// A member's words, of an epoch all of whose secrets are hidden.
void Sending() {
  SeededRandom random(6);
  auto group = mls::Group::Create(Leaf("alice", random),
                                  {Bytes(16, 1), {}, mls::LifetimeFrom(kNow, Days(1))}, random);
  mls::GroupState& state = mls::GroupState::Of(*group);
  mls::BeginEpoch(state, mls::EpochSecrets::FromEpochSecret(Secret(32)));
  const SecretBytes words = Secret(100);
  RENKEI_CHECK(group->Protect(words.Expose(), {}, random).ok());
  (void)group->Export("label", AsBytes("context"), 32);
}

struct Pair {
  mls::Group alice;
  mls::Group bob;
};

class AcceptAll final : public mls::CredentialPolicy {
 public:
  Status Check(const mls::Credential&, ByteView, Millis) const override { return Ok(); }
};

class NoPsks final : public mls::PskSource {
 public:
  Result<SecretBytes> External(ByteView) const override { return Error(Code::kNotFound, "none"); }
  Result<SecretBytes> Resumption(ByteView, mls::Epoch) const override {
    return Error(Code::kNotFound, "none");
  }
};

// An epoch of alice's of which every secret is hidden.
mls::Group HiddenGroup(Random& random) {
  auto alice = mls::Group::Create(Leaf("alice", random),
                                  {Bytes(16, 1), {}, mls::LifetimeFrom(kNow, Days(1))}, random);
  mls::BeginEpoch(mls::GroupState::Of(*alice), mls::EpochSecrets::FromEpochSecret(Secret(32)));
  return std::move(alice).value();
}

// Bob joins alice by a Welcome with a path secret, with key packages whose private keys are hidden.
Pair Joining(Random& random) {
  const AcceptAll policy;
  const NoPsks psks;
  const mls::Environment environment{policy, kNow, &psks};
  mls::Group alice = HiddenGroup(random);
  auto package =
      mls::CreateKeyPackage(Leaf("bob", random), {mls::LifetimeFrom(kNow, Days(1)), {}}, random);
  mls::CommitOptions options;
  options.add = {package->message};
  auto pending = alice.Commit(options, environment, random);
  RENKEI_CHECK(pending.ok());
  Publish(*pending->welcome);
  Hide(package->init_key.Expose());
  Hide(package->encryption_key.Expose());
  // GroupSecrets: a length, joiner_secret, presence, a length, path_secret, psks.
  g_plaintexts = {{{1, 32}, {35, 32}}, {}};
  auto bob = mls::Group::JoinWelcome(*pending->welcome, *package, {}, environment);
  RENKEI_CHECK(bob.ok());
  RENKEI_CHECK(g_plaintexts.empty());
  return {std::move(pending->next), std::move(bob).value()};
}

// And reads her words.
void Receiving() {
  SeededRandom random(7);
  Pair pair = Joining(random);
  const SecretBytes words = Secret(100);
  auto message = pair.alice.Protect(words.Expose(), {}, random);
  RENKEI_CHECK(message.ok());
  Publish(*message);
  // SenderData; PrivateMessageContent: a length of two bytes, the words, the signature.
  g_plaintexts = {{}, {{2, 100}}};
  const auto opened = pair.bob.Unprotect(*message);
  RENKEI_CHECK(opened.ok());
  RENKEI_CHECK(g_plaintexts.empty());
  RENKEI_CHECK(Open(Equal(opened->content, words)));
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
  renkei::Paths();
  renkei::PresharedKeysAndExternalJoiners();
  renkei::Sending();
  renkei::Receiving();
  std::puts(RUNNING_ON_VALGRIND != 0 ? "no branch on a secret" : "works; run it under valgrind");
  return 0;
}
