// Secrets are gone from memory once they were used: after messages, commits and whole groups, the
// process's own memory is searched for them.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/world.h"
#include "tests/ct/memory_scan.h"

namespace renkei::ct {
namespace {

using mls::Group;
using mls::GroupState;
using mls::test::World;
using Names = std::vector<std::string>;

void WatchEpoch(Watch& watch, const Group& group) {
  const mls::EpochSecrets& secrets = GroupState::Of(group).secrets;
  watch.Add("sender_data_secret", secrets.sender_data_secret.Expose());
  watch.Add("exporter_secret", secrets.exporter_secret.Expose());
  watch.Add("external_secret", secrets.external_secret.Expose());
  watch.Add("confirmation_key", secrets.confirmation_key.Expose());
  watch.Add("membership_key", secrets.membership_key.Expose());
  watch.Add("init_secret", secrets.init_secret.Expose());
}

void WatchKeys(Watch& watch, const Group& group) {
  const GroupState& state = GroupState::Of(group);
  for (std::uint32_t node = 0; node < 8; ++node) {
    if (const mls::HpkeKeyPair* pair = state.keys.Find({node}); pair != nullptr) {
      watch.Add("private key of node " + std::to_string(node), pair->private_key().Expose());
    }
  }
}

// Random text that is nowhere else.
SecretBytes Plaintext(World& world) {
  return world.random.NextSecret(600);
}

class Wiping : public testing::Test {
 protected:
  Wiping() : world_(151), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {}

  World world_;
  Watch watch_;
  Group alice_;
  Group bob_;
};

TEST_F(Wiping, SearchFindsWhatIsThere) {
  const SecretBytes secret = world_.random.NextSecret(100);  // on the heap
  watch_.Add("heap", secret.Expose());
  const SecretBytes small = world_.random.NextSecret(32);  // inside the object, on the stack
  watch_.Add("stack", small.Expose());
  WatchEpoch(watch_, alice_);
  EXPECT_EQ(watch_.Find(), (Names{"confirmation_key", "exporter_secret", "external_secret", "heap",
                                  "init_secret", "membership_key", "sender_data_secret", "stack"}));
}

TEST_F(Wiping, FreedMemoryThatWasNotWipedIsFound) {
  auto careless = std::make_unique<Bytes>(world_.random.NextBytes(4000));
  watch_.Add("careless", ByteView(*careless).subspan(1000, 32));
  careless.reset();
  EXPECT_EQ(watch_.Find(), Names{"careless"});
}

TEST_F(Wiping, PlaintextIsGoneAfterSendingAndReading) {
  SecretBytes text = Plaintext(world_);
  watch_.Add("plaintext", text.Expose().subspan(100, 64));
  const Bytes message = alice_.Protect(text.Expose(), {}, world_.random).value();
  text.Wipe();
  EXPECT_EQ(watch_.Find(), Names{});
  {
    const auto opened = bob_.Unprotect(message);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(watch_.Find(), Names{"plaintext"});  // in the caller's hands
  }
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, PlaintextOfAMessageThatIsNotBelievedIsGone) {
  SecretBytes text = Plaintext(world_);
  watch_.Add("plaintext", text.Expose().subspan(100, 64));
  GroupState& alice = GroupState::Of(alice_);
  Bytes message;
  {
    mls::FramedContent framed{alice.context.group_id,
                              alice.context.epoch,
                              mls::Sender{mls::MemberSender{alice.own()}},
                              {},
                              mls::ApplicationData{ToBytes(text.Expose())}};
    auto content =
        mls::SignFramedContent(mls::WireFormat::kPrivateMessage, std::move(framed),
                               SigningKey::Generate(world_.random), alice.encoded_context);
    auto sealed = mls::ProtectPrivate(content, alice.secret_tree, alice.secrets.sender_data_secret,
                                      0, world_.random);
    Wipe(std::get<mls::ApplicationData>(content.content.content).data);
    message = wire::Serialize(mls::MlsMessage{std::move(sealed).value()});
  }
  text.Wipe();
  EXPECT_EQ(bob_.Unprotect(message).error().code(), Code::kAuthFailed);
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, MessageKeyIsGoneOnceUsed) {  // RFC 9420 §9.2
  const Bytes message = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  {
    auto trial = GroupState::Of(bob_).secret_tree.TryKey(
        alice_.own_leaf_index(), mls::RatchetKind::kApplication, mls::Generation{0});
    ASSERT_TRUE(trial.ok());
    watch_.Add("message key", trial->message_key().key.Expose());
  }
  EXPECT_EQ(watch_.Find(), Names{});  // it is derived, not kept
  ASSERT_TRUE(bob_.Unprotect(message).ok());
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, EpochIsGoneWhenItEnds) {
  WatchEpoch(watch_, alice_);
  for (const auto handshake : {mls::Handshake::kPublic, mls::Handshake::kPrivate}) {
    mls::CommitOptions options;
    options.handshake = handshake;
    world_.Commit(alice_, {&bob_}, options);
  }
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, KeysOfThePathAreGoneWhenReplaced) {
  WatchKeys(watch_, alice_);
  world_.Commit(alice_, {&bob_}, {});
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, RefusedCommitLeavesNothingBehind) {
  auto pending =
      std::make_unique<mls::PendingCommit>(alice_.Commit({}, world_.Env(), world_.random).value());
  WatchEpoch(watch_, pending->next);
  Bytes commit = pending->commit;
  pending.reset();
  EXPECT_EQ(watch_.Find(), Names{});
  commit.back() ^= 1U;
  EXPECT_FALSE(bob_.Process(commit, world_.Env()).ok());
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, JoiningLeavesNoWelcomeSecretsBehind) {
  auto carol = std::make_unique<mls::OwnKeyPackage>(world_.KeyPackageFor("carol"));
  watch_.Add("init key", carol->init_key.Expose());
  watch_.Add("encryption key", carol->encryption_key.Expose());
  watch_.Add("signing key", carol->signing_key.Seed().Expose());
  mls::CommitOptions options;
  options.add = {carol->message};
  const mls::PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  {
    const auto joined = Group::JoinWelcome(*pending.welcome, *carol, {}, world_.Env());
    ASSERT_TRUE(joined.ok());
    WatchEpoch(watch_, *joined);
  }
  carol.reset();
  // The epoch's secrets are Alice's and Bob's still; Carol's own are nobody's.
  const Names left = watch_.Find();
  for (const char* own : {"init key", "encryption key", "signing key"}) {
    EXPECT_EQ(std::count(left.begin(), left.end(), own), 0) << own;
  }
}

TEST_F(Wiping, StoredStateIsWipedWithItsOwner) {
  WatchEpoch(watch_, bob_);
  {
    const SecretBytes stored = bob_.Serialize();
    const auto pieces = bob_.Save(mls::SavedState());
    const auto loaded = Group::Deserialize(stored.Expose());
    ASSERT_TRUE(loaded.ok());
  }
  world_.Commit(alice_, {&bob_}, {});
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, HpkeLeavesNeitherKeysNorPlaintext) {
  auto pair = std::make_unique<mls::HpkeKeyPair>(mls::HpkeKeyPair::Generate(world_.random));
  watch_.Add("private key", pair->private_key().Expose());
  SecretBytes text = world_.random.NextSecret(64);
  watch_.Add("plaintext", text.Expose());
  const auto sealed =
      mls::HpkeSeal(pair->public_key(), AsBytes("info"), {}, text.Expose(), world_.random);
  text.Wipe();
  ASSERT_TRUE(mls::HpkeOpen(*pair, *sealed, AsBytes("info"), {}).ok());
  pair.reset();
  EXPECT_EQ(watch_.Find(), Names{});
}

}  // namespace
}  // namespace renkei::ct
