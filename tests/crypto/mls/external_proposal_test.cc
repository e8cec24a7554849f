#include "crypto/mls/external_proposal.h"

#include <gtest/gtest.h>

#include "crypto/mls/message.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::World;

class FromOutside : public testing::Test {
 protected:
  FromOutside()
      : world_(41),
        registrar_(world_.Leaf("registrar")),
        alice_(world_.Create(
            "alice", {MakeExtension(ExternalSenders{{{ToBytes(registrar_.signing_key.public_key()),
                                                      registrar_.credential}}})})),
        bob_(world_.Add(alice_, {}, "bob")) {}

  ProposalTarget Target() { return {ToBytes(alice_.group_id()), alice_.epoch()}; }
  Proposal AddOf(const OwnKeyPackage& key_package) {
    auto message = ParseMessage(key_package.message);
    return {Add{std::get<KeyPackage>(message->value)}};
  }

  World world_;
  OwnLeaf registrar_;
  Group alice_;
  Group bob_;
};

TEST_F(FromOutside, NamedSenderProposesAnAdd) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  const auto sent = MakeExternalProposal(Target(), 0, registrar_.signing_key, AddOf(carol));
  ASSERT_TRUE(sent.ok());
  world_.Deliver(sent->message, {&alice_, &bob_});
  EXPECT_EQ(alice_.Proposals().at(0).sender.type(), SenderType::kExternal);
  CommitOptions options;
  options.references = {sent->ref};
  const PendingCommit pending = world_.Commit(alice_, {&bob_}, options);
  const auto joined = Group::JoinWelcome(*pending.welcome, carol, {}, world_.Env());
  ASSERT_TRUE(joined.ok());
  EXPECT_TRUE(Agree(*joined, bob_));
}

TEST_F(FromOutside, NewMemberProposesItself) {
  const OwnKeyPackage carol = world_.KeyPackageFor("carol");
  const auto sent = MakeNewMemberProposal(Target(), carol);
  ASSERT_TRUE(sent.ok());
  world_.Deliver(sent->message, {&alice_, &bob_});
  CommitOptions options;
  options.references = {sent->ref};
  const PendingCommit pending = world_.Commit(bob_, {&alice_}, options);
  EXPECT_TRUE(Group::JoinWelcome(*pending.welcome, carol, {}, world_.Env()).ok());
}

TEST_F(FromOutside, SenderThatIsNotNamedIsRefused) {
  const auto sent =
      MakeExternalProposal(Target(), 1, registrar_.signing_key, {Remove{bob_.own_leaf_index()}});
  EXPECT_EQ(alice_.Process(sent->message, world_.Env()).error().code(), Code::kMalformed);
}

TEST_F(FromOutside, AnotherKeyIsRefused) {
  const auto sent = MakeExternalProposal(Target(), 0, world_.Leaf("mallory").signing_key,
                                         {Remove{bob_.own_leaf_index()}});
  EXPECT_EQ(alice_.Process(sent->message, world_.Env()).error().code(), Code::kAuthFailed);
}

TEST_F(FromOutside, UpdateAndExternalInitCannotBeProposed) {
  EXPECT_EQ(
      MakeExternalProposal(Target(), 0, registrar_.signing_key, {ExternalInit{}}).error().code(),
      Code::kDenied);
  EXPECT_EQ(MakeExternalProposal(Target(), 0, registrar_.signing_key, {Update{}}).error().code(),
            Code::kDenied);
}

}  // namespace
}  // namespace renkei::mls
