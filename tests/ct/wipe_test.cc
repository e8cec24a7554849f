// Secrets are gone from memory once they were used: after messages, commits and whole groups, the
// process's own memory is searched for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/hpke.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/message.h"
#include "crypto/mls/private_message.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/public_message.h"
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

TEST_F(Wiping, FreedKeyThatWasNotWipedIsFound) {
  auto careless = std::make_unique<Bytes>(world_.random.NextBytes(32));
  watch_.Add("careless", *careless);
  careless.reset();
  const Names found = watch_.Find();  // before anything else is allocated
  EXPECT_EQ(found, Names{"careless"});
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

// A member's message whose plaintext ends in `tail`, sealed as it is.
Bytes SealedWithTail(GroupState& sender, ByteView text, ByteView tail) {
  mls::FramedContent framed{sender.context.group_id,
                            sender.context.epoch,
                            mls::Sender{mls::MemberSender{sender.own()}},
                            {},
                            mls::ApplicationData{ToBytes(text)}};
  auto content = mls::SignFramedContent(mls::WireFormat::kPrivateMessage, std::move(framed),
                                        *sender.signing_key, sender.encoded_context);
  wire::Writer plaintext(1024, wire::Writer::Holds::kSecret);
  mls::EncodeContent(plaintext, content.content.content);
  if (!tail.empty()) {
    mls::EncodeAuth(plaintext, content.auth, mls::ContentType::kApplication);
    plaintext.Raw(tail);
  }  // else cut off before the signature
  Wipe(std::get<mls::ApplicationData>(content.content.content).data);

  mls::PrivateMessage out;
  out.group_id = sender.context.group_id;
  out.epoch = sender.context.epoch;
  out.content_type = mls::ContentType::kApplication;
  wire::Writer aad;  // SenderDataAAD, then PrivateContentAAD (RFC 9420 §6.3)
  aad.Opaque(out.group_id);
  Encode(aad, out.epoch);
  Encode(aad, out.content_type);
  const Bytes sender_data_aad = ToBytes(aad.view());
  aad.Opaque(out.authenticated_data);
  const auto send =
      sender.secret_tree.NextSendKey(sender.own(), mls::RatchetKind::kApplication).value();
  out.ciphertext =
      mls::AeadSeal(send.message_key.key, send.message_key.nonce, aad.view(), plaintext.view());
  wire::Writer sender_data;
  Encode(sender_data, sender.own());
  Encode(sender_data, send.generation);
  sender_data.Raw(Bytes(4));  // reuse guard: the nonce as it is
  const mls::MessageKey key = mls::SenderDataKey(sender.secrets.sender_data_secret, out.ciphertext);
  out.encrypted_sender_data =
      mls::AeadSeal(key.key, key.nonce, sender_data_aad, sender_data.view());
  return wire::Serialize(mls::MlsMessage{std::move(out)});
}

TEST_F(Wiping, PlaintextOfAMessageWithBadPaddingIsGone) {
  SecretBytes text = Plaintext(world_);
  watch_.Add("plaintext", text.Expose().subspan(100, 64));
  GroupState& alice = GroupState::Of(alice_);
  const Bytes good = SealedWithTail(alice, text.Expose(), Bytes{0});
  const Bytes padded = SealedWithTail(alice, text.Expose(), Bytes{0, 1});
  const Bytes cut = SealedWithTail(alice, text.Expose(), {});
  text.Wipe();
  EXPECT_TRUE(bob_.Unprotect(good).ok());
  EXPECT_STREQ(bob_.Unprotect(padded).error().where(), "mls: padding is not zero");
  EXPECT_EQ(bob_.Unprotect(cut).error().code(), Code::kMalformed);
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, RatchetsForgetWhereTheyWere) {          // RFC 9420 §9.2
  constexpr std::size_t kHandshakeBytes = 4 + 32 + 1;  // next, secret, no waiting keys
  (void)alice_.Protect(AsBytes("x"), {}, world_.random);
  const Bytes first = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  {
    const SecretBytes leaf =
        GroupState::Of(alice_).secret_tree.SerializeLeaf(alice_.own_leaf_index().value);
    watch_.Add("ratchet", leaf.Expose().subspan(kHandshakeBytes + 4, 32));
  }
  EXPECT_EQ(watch_.Find(), Names{"ratchet"});
  const Bytes second = alice_.Protect(AsBytes("x"), {}, world_.random).value();
  EXPECT_EQ(watch_.Find(), Names{});
  ASSERT_TRUE(bob_.Unprotect(first).ok());
  EXPECT_EQ(watch_.Find(), Names{"ratchet"});
  ASSERT_TRUE(bob_.Unprotect(second).ok());
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

// The way from one epoch to the next: everything that is derived in between.
class WipingOnTheWay : public Wiping {
 protected:
  WipingOnTheWay() : carol_(world_.KeyPackageFor("carol")) {}

  // A commit of Alice's that adds Carol and has a PSK, step by step; watches what is secret in it.
  // Returns the commit and the Welcome; the draft is gone.
  std::pair<Bytes, Bytes> Commit() {
    world_.psks.external[ToBytes("psk")] = world_.random.NextBytes(32);
    const mls::PreSharedKeyId id = Group::NewExternalPsk(AsBytes("psk"), world_.random);
    GroupState& alice = GroupState::Of(alice_);
    mls::CommitDraft draft({alice.context, alice.encoded_context, alice.interim_transcript_hash},
                           *alice.signing_key, mls::Sender{mls::MemberSender{alice.own()}});
    draft.commit().proposals.push_back(
        {mls::Proposal{mls::Add{mls::ParseKeyPackageMessage(carol_.message).value()}}});
    draft.commit().proposals.push_back({mls::Proposal{mls::PreSharedKey{id}}});
    draft.list =
        mls::ResolveProposals(draft.commit(), draft.content.content.sender, alice.proposals)
            .value();
    draft.next = alice.Successor();
    RENKEI_CHECK(draft.Apply().ok());
    RENKEI_CHECK(
        draft.MakePath(alice.OwnLeafNode(), &alice.OwnLeafNode(), world_.Env(), world_.random)
            .ok());
    const SecretBytes psk_secret =
        mls::LookUpPskSecret(mls::PskIds(draft.list), &alice, world_.Env()).value();
    draft.Sign(mls::WireFormat::kPublicMessage, alice.secrets.init_secret, psk_secret);
    const Bytes welcome = draft.MakeWelcome({}, world_.random).value().value();
    WatchDraft(draft, psk_secret);
    const auto message = mls::ProtectPublic(std::move(draft.content), &alice.secrets.membership_key,
                                            alice.encoded_context);
    alice_ = GroupState::Wrap(std::move(draft.next));
    return {wire::Serialize(mls::MlsMessage{message.value()}), welcome};
  }

  void WatchDraft(const mls::CommitDraft& draft, const SecretBytes& psk_secret) {
    watch_.Add("psk_secret", psk_secret.Expose());
    watch_.Add("commit_secret", draft.commit_secret.Expose());
    watch_.Add("joiner_secret", draft.outputs.joiner_secret.Expose());
    watch_.Add("welcome_key", draft.outputs.welcome_keys.key.Expose());
    for (const SecretBytes& path_secret : draft.path->path_secrets) {
      watch_.Add("path_secret", path_secret.Expose());
    }
    const mls::JoinedSecret joined(draft.outputs.joiner_secret, psk_secret);
    watch_.Add("welcome_secret", joined.WelcomeSecret().Expose());
    const SecretBytes epoch_secret = joined.EpochSecret(draft.next->encoded_context);
    watch_.Add("epoch_secret", epoch_secret.Expose());
    watch_.Add("encryption_secret", mls::DeriveSecret(epoch_secret, "encryption").Expose());
  }

  mls::OwnKeyPackage carol_;
};

TEST_F(WipingOnTheWay, NothingIsLeftOfWhatLedToTheEpoch) {
  const auto [commit, welcome] = Commit();
  // The secret tree's root, until somebody sends.
  EXPECT_EQ(watch_.Find(), Names{"encryption_secret"});
  world_.Deliver(commit, {&bob_});
  Group carol = Group::JoinWelcome(welcome, carol_, {}, world_.Env()).value();
  EXPECT_TRUE(mls::test::Agree(alice_, bob_));
  EXPECT_TRUE(mls::test::Agree(alice_, carol));
  EXPECT_EQ(watch_.Find(), Names{"encryption_secret"});
  for (Group* group : {&alice_, &bob_, &carol}) {
    ASSERT_TRUE(group->Protect(AsBytes("x"), {}, world_.random).ok());
  }
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, ExportedSecretIsTheCallersAlone) {
  {
    const SecretBytes exported = alice_.Export("label", AsBytes("context"), 64);
    watch_.Add("exported", exported.Expose());
    EXPECT_EQ(watch_.Find(), Names{"exported"});
  }
  EXPECT_EQ(watch_.Find(), Names{});
}

TEST_F(Wiping, KeysOfAnUpdateThatNobodyCommitsAreGoneWithItsEpoch) {
  {
    const mls::OwnLeaf leaf = world_.Leaf("bob");
    const auto sent = bob_.ProposeUpdate(&leaf, {}, world_.random);
    ASSERT_TRUE(sent.ok());
    const mls::PendingUpdate& pending = GroupState::Of(bob_).pending_updates.at(sent->ref);
    watch_.Add("encryption key", pending.encryption_key->private_key().Expose());
    watch_.Add("signing key", pending.signing_key->Seed().Expose());
    world_.Deliver(sent->message, {&alice_});
  }
  EXPECT_EQ(watch_.Find(), (Names{"encryption key", "signing key"}));
  world_.Commit(alice_, {&bob_}, {});
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
