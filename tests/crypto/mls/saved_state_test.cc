#include "crypto/mls/saved_state.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/group.h"
#include "tests/crypto/mls/support/part_store.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::ExpectSame;
using test::PartStore;
using test::World;

// Alice's store beside her group; Bob to talk to.
class SavingPieces : public testing::Test {
 protected:
  SavingPieces()
      : world_(141), alice_(world_.Create("alice")), bob_(world_.Add(alice_, {}, "bob")) {
    store_.Save(alice_);
  }
  void Exchange(Group& from, Group& to) {
    ASSERT_TRUE(to.Unprotect(from.Protect(AsBytes("x"), {}, world_.random).value()).ok());
  }

  World world_;
  Group alice_;
  Group bob_;
  PartStore store_;
};

TEST_F(SavingPieces, WhatWasSavedLoads) {
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, WithoutAChangeNothingIsWritten) {
  EXPECT_EQ(store_.Save(alice_), 0U);
  EXPECT_TRUE(store_.erased().empty());
}

TEST_F(SavingPieces, MessagesMoveOneRatchet) {
  Exchange(alice_, bob_);
  store_.Save(alice_);
  ExpectSame(store_, alice_);
  Exchange(alice_, bob_);
  EXPECT_LE(store_.Save(alice_), 100U);
  ExpectSame(store_, alice_);
  Exchange(bob_, alice_);
  store_.Save(alice_);
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, KeysThatWaitAndAreUsedLaterAreFollowed) {
  std::vector<Bytes> messages;
  for (int i = 0; i < 4; ++i) {
    messages.push_back(bob_.Protect(AsBytes("x"), {}, world_.random).value());
  }
  for (const int i : {3, 1, 0, 2}) {
    ASSERT_TRUE(alice_.Unprotect(messages[static_cast<std::size_t>(i)]).ok());
    store_.Save(alice_);
    ExpectSame(store_, alice_);
  }
}

TEST_F(SavingPieces, ProposalsAndOwnUpdatesComeAndGo) {
  const auto update = alice_.ProposeUpdate(nullptr, {}, world_.random);
  store_.Save(alice_);
  ExpectSame(store_, alice_);
  world_.Deliver(update->message, {&bob_});
  const auto psk = bob_.Propose(
      {PreSharedKey{Group::NewResumptionPsk(bob_.group_id(), bob_.epoch(), world_.random)}}, {},
      world_.Env(), world_.random);
  world_.Deliver(psk->message, {&alice_});
  store_.Save(alice_);
  ExpectSame(store_, alice_);
  CommitOptions options;
  options.references = {update->ref, psk->ref};
  world_.Commit(bob_, {&alice_}, options);
  store_.Save(alice_);
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, SecretsOfTheEpochThatEndedAreErased) {  // RFC 9420 §9.2
  Exchange(alice_, bob_);
  Exchange(bob_, alice_);
  store_.Save(alice_);
  const Bytes alices{'l', 0, 0, 0, 0};
  ASSERT_TRUE(store_.Has(alices));
  world_.Commit(bob_, {&alice_}, {});
  store_.Save(alice_);
  EXPECT_FALSE(store_.Has(alices));
  EXPECT_NE(std::find(store_.erased().begin(), store_.erased().end(), alices),
            store_.erased().end());
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, NextEpochWithTheSameMarksIsWrittenAnew) {
  Exchange(alice_, bob_);
  store_.Save(alice_);
  world_.Commit(bob_, {&alice_}, {});
  Exchange(alice_, bob_);  // the same ratchet, as far as before
  store_.Save(alice_);
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, GroupThatGrowsAndShrinksIsFollowed) {
  std::vector<Group> others;
  for (const char* name : {"carol", "dave", "erin"}) {
    std::vector<Group*> present{&bob_};
    for (Group& other : others) {
      present.push_back(&other);
    }
    others.push_back(world_.Add(alice_, present, name));
    store_.Save(alice_);
    ExpectSame(store_, alice_);
  }
  CommitOptions options;
  options.remove = {LeafIndex{2}, LeafIndex{3}, LeafIndex{4}};
  world_.Commit(bob_, {&alice_}, options);
  store_.Save(alice_);
  ExpectSame(store_, alice_);
}

TEST_F(SavingPieces, PendingCommitIsKeptAsItsChanges) {
  const auto pending = alice_.Commit({}, world_.Env(), world_.random);
  const auto before = alice_.AsSaved();
  const Bytes kept = wire::Serialize(pending->next.Save(before).changes);
  auto changes = wire::Parse<StateChanges>(kept);
  ASSERT_TRUE(changes.ok());
  std::vector<StatePart> parts = store_.Copy();
  Apply(std::move(*changes), parts);
  const auto loaded = Group::Load(parts);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(Equal(loaded->Serialize(), pending->next.Serialize()));
}

TEST_F(SavingPieces, AfterALostTransactionTheNextOneBringsAll) {
  const SavedState older = alice_.AsSaved();
  std::vector<StatePart> parts = store_.Copy();
  Exchange(alice_, bob_);
  (void)alice_.Save(older);  // and the disk was full
  world_.Commit(bob_, {&alice_}, {});
  Apply(alice_.Save(older).changes, parts);
  const auto loaded = Group::Load(parts);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(Equal(loaded->Serialize(), alice_.Serialize()));
}

TEST_F(SavingPieces, LoadedGroupGoesOnSavingPieces) {
  Group loaded = store_.Load().value();
  store_.Restart(loaded);
  EXPECT_EQ(store_.Save(loaded), 0U);
  Exchange(loaded, bob_);
  EXPECT_LE(store_.Save(loaded), 400U);
  ExpectSame(store_, loaded);
}

// The promise: what a message or commit writes does not grow with the group.
TEST(SavingLargeGroups, MessagesAndCommitsWriteWhatChanged) {
  World world(142);
  Group alice = world.Create("alice");
  std::vector<OwnKeyPackage> members;
  CommitOptions options;
  for (int i = 1; i < 1000; ++i) {
    members.push_back(world.KeyPackageFor("member " + std::to_string(i)));
    options.add.push_back(members.back().message);
  }
  options.force_path = false;
  auto pending = alice.Commit(options, world.Env(), world.random);
  alice = std::move(pending->next);
  Group bob = Group::JoinWelcome(*pending->welcome, members.back(), {}, world.Env()).value();
  PartStore store;
  EXPECT_GT(store.Save(alice), 150'000U);

  ASSERT_TRUE(alice.Unprotect(bob.Protect(AsBytes("x"), {}, world.random).value()).ok());
  EXPECT_LT(store.Save(alice), 700U);  // the first of a sender: ten secrets, two ratchets
  ASSERT_TRUE(alice.Unprotect(bob.Protect(AsBytes("x"), {}, world.random).value()).ok());
  EXPECT_LT(store.Save(alice), 100U);
  world.Commit(bob, {&alice}, {});
  EXPECT_LT(store.Save(alice), 4'000U);
  ExpectSame(store, alice);
}

// A device that joins its group anew goes on in the same place of the vault.
TEST_F(SavingPieces, AnotherGroupIsWrittenOverTheFirst) {
  Group other = world_.Create("alice");
  world_.Commit(other, {}, {});
  store_.Save(other);  // epoch 0 is past in both, with another secret
  ExpectSame(store_, other);
}

TEST(StoredChanges, CutAnywhereAreRefused) {
  StateChanges changes;
  changes.put.push_back({{'h'}, SecretBytes(3)});
  changes.erased.push_back({'k'});
  const Bytes bytes = wire::Serialize(changes);
  EXPECT_TRUE(wire::Parse<StateChanges>(bytes).ok());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(wire::Parse<StateChanges>(ByteView(bytes).first(size)).error().code(),
              Code::kMalformed);
  }
  // Cut inside a list whose own length is right.
  for (const Bytes& body : {Bytes{1, 'h'}, Bytes{1, 'h', 5, 0}, Bytes{2, 'h'}}) {
    wire::Writer put;
    put.Opaque(body);
    put.Opaque({});
    EXPECT_EQ(wire::Parse<StateChanges>(put.view()).error().code(), Code::kMalformed);
    wire::Writer erased;
    erased.Opaque({});
    erased.Opaque(Bytes{2, 'h'});
    EXPECT_EQ(wire::Parse<StateChanges>(erased.view()).error().code(), Code::kMalformed);
  }
}

}  // namespace
}  // namespace renkei::mls
