#include "crypto/mls/grease.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/group.h"
#include "crypto/mls/message.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

template <typename T>
int CountGrease(const std::vector<T>& values) {
  return static_cast<int>(std::count_if(values.begin(), values.end(), [](T value) {
    return IsGrease(static_cast<std::uint16_t>(value));
  }));
}

TEST(Grease, ValuesAreTheReservedOnes) {
  for (std::uint64_t choice = 0; choice < 15; ++choice) {
    EXPECT_TRUE(IsGrease(GreaseValue(choice)));
  }
  EXPECT_EQ(GreaseValue(0), 0x0A0A);
  EXPECT_EQ(GreaseValue(14), 0xEAEA);
  EXPECT_EQ(GreaseValue(15), 0x0A0A);
}

TEST(Grease, KeyPackagesCarryIt) {
  test::World world(121);
  const OwnKeyPackage made = world.KeyPackageFor("a");
  const auto message = ParseMessage(made.message);
  const auto& key_package = std::get<KeyPackage>(message->value);
  const Capabilities& capabilities = key_package.leaf_node.capabilities;
  EXPECT_EQ(CountGrease(capabilities.cipher_suites), 1);
  EXPECT_GE(CountGrease(capabilities.extensions), 1);
  EXPECT_EQ(CountGrease(capabilities.proposals), 1);
  EXPECT_EQ(CountGrease(capabilities.credentials), 1);
  ASSERT_EQ(key_package.extensions.size(), 1U);
  EXPECT_TRUE(IsGrease(static_cast<std::uint16_t>(key_package.extensions[0].type)));
}

TEST(Grease, SurvivesInTheTreeOfOthersAndInStorage) {
  test::World world(123);
  Group alice = world.Create("alice");
  const OwnKeyPackage bob = world.KeyPackageFor("bob");
  const auto message = ParseMessage(bob.message);
  const LeafNode sent = std::get<KeyPackage>(message->value).leaf_node;
  CommitOptions options;
  options.add = {bob.message};
  const PendingCommit pending = world.Commit(alice, {}, options);
  const auto joined = Group::JoinWelcome(*pending.welcome, bob, {}, world.Env());
  EXPECT_EQ(*joined->Leaf(LeafIndex{1}), sent);
  const auto loaded = Group::Deserialize(alice.Serialize().Expose());
  EXPECT_EQ(*loaded->Leaf(LeafIndex{1}), sent);
}

TEST(Grease, NewLeavesOfCommitsUpdatesAndJoinersCarryIt) {
  test::World world(124);
  Group alice = world.Create("alice");
  EXPECT_EQ(CountGrease(alice.Leaf(LeafIndex{0})->capabilities.proposals), 1);
  const Group bob = world.ExternalJoin("bob", {&alice});
  EXPECT_EQ(CountGrease(bob.Leaf(LeafIndex{1})->capabilities.proposals), 1);
  CommitOptions options;
  options.new_leaf = world.Leaf("alice");
  const PendingCommit pending = world.Commit(alice, {}, options);
  EXPECT_EQ(CountGrease(alice.Leaf(LeafIndex{0})->capabilities.proposals), 1);
}

TEST(Grease, GroupInfoCarriesItAndIsJoinedBy) {
  test::World world(122);
  Group alice = world.Create("alice");
  const auto message = ParseMessage(alice.MakeGroupInfo(true, {}));
  const auto& info = std::get<GroupInfo>(message->value);
  EXPECT_EQ(std::count_if(info.extensions.begin(), info.extensions.end(),
                          [](const Extension& extension) {
                            return IsGrease(static_cast<std::uint16_t>(extension.type));
                          }),
            1);
  EXPECT_TRUE(test::Agree(world.ExternalJoin("bob", {&alice}), alice));
}

}  // namespace
}  // namespace renkei::mls
