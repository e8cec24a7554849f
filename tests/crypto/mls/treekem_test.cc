#include "crypto/mls/treekem.h"

#include <gtest/gtest.h>

#include "crypto/mls/suite.h"
#include "crypto/mls/tree_math.h"
#include "tests/crypto/mls/support/leaves.h"

namespace renkei::mls {
namespace {

// Five members who know their own leaf's key and nothing else.
class Five : public testing::Test {
 protected:
  Five() : random_(111) {
    for (std::uint32_t i = 0; i < 5; ++i) {
      signing_keys_.push_back(SigningKey::Generate(random_));
      HpkeKeyPair key = HpkeKeyPair::Generate(random_);
      LeafNode leaf = test::MakeLeaf(signing_keys_.back(), "m", random_);
      leaf.encryption_key = ToBytes(key.public_key());
      keys_.emplace_back(tree_.AddLeaf(leaf).value(), std::move(key));
    }
  }

  // A path of `sender`, put into the tree as everybody sees it.
  NewPath Send(std::uint32_t sender) {
    RatchetTree own = tree_;
    NewPath path = CreatePath(own, keys_[sender], *tree_.Leaf({sender}), signing_keys_[sender],
                              group_id_, random_);
    EXPECT_TRUE(EncryptPath(path, own, added_, context_, random_).ok());
    EXPECT_TRUE(MergePath(tree_, {sender}, path.update_path, added_).ok());
    EXPECT_EQ(tree_.TreeHash(), own.TreeHash());
    return path;
  }
  Result<SecretBytes> Open(std::uint32_t member, std::uint32_t sender, const NewPath& path) {
    return OpenPath(tree_, keys_[member], {sender}, path.update_path, added_, context_);
  }

  SeededRandom random_;
  RatchetTree tree_;
  std::vector<SigningKey> signing_keys_;
  std::vector<TreeKeys> keys_;
  std::vector<LeafIndex> added_;
  Bytes group_id_ = ToBytes("group");
  Bytes context_ = ToBytes("context");
};

TEST_F(Five, EveryMemberGetsTheCommitSecretAndItsNodesKeys) {
  for (std::uint32_t sender = 0; sender < 5; ++sender) {
    const NewPath path = Send(sender);
    for (std::uint32_t member = 0; member < 5; ++member) {
      if (member == sender) {
        continue;
      }
      const auto secret = Open(member, sender, path);
      ASSERT_TRUE(secret.ok());
      EXPECT_TRUE(Equal(*secret, path.commit_secret));
      EXPECT_TRUE(keys_[member].Matches(tree_));
    }
    EXPECT_TRUE(keys_[sender].Matches(tree_));
  }
  for (std::uint32_t member = 0; member < 4; ++member) {  // now everybody knows its whole path
    for (const PathStep& step : tree_.FilteredDirectPath({member})) {
      EXPECT_NE(keys_[member].Find(step.node), nullptr);
    }
  }
}

TEST_F(Five, AddedLeavesGetNoCiphertextButThePathSecret) {
  HpkeKeyPair key = HpkeKeyPair::Generate(random_);
  LeafNode leaf = test::MakeLeaf(random_);
  leaf.encryption_key = ToBytes(key.public_key());
  added_ = {tree_.AddLeaf(leaf).value()};
  const NewPath path = Send(0);
  std::size_t ciphertexts = 0;
  for (const UpdatePathNode& node : path.update_path.nodes) {
    ciphertexts += node.encrypted_path_secret.size();
  }
  EXPECT_EQ(ciphertexts, 4U);
  TreeKeys newcomer(added_[0], std::move(key));
  const SecretBytes* secret = PathSecretFor(path, {0}, added_[0]);
  ASSERT_NE(secret, nullptr);
  ASSERT_TRUE(AdoptPathSecret(tree_, newcomer, {0}, *secret).ok());
  EXPECT_TRUE(newcomer.Matches(tree_));
  EXPECT_NE(newcomer.Find(tree_.root()), nullptr);
}

TEST_F(Five, PathOfAnotherContextDoesNotOpen) {
  const NewPath path = Send(0);
  context_ = ToBytes("other");
  EXPECT_EQ(Open(1, 0, path).error().code(), Code::kAuthFailed);
}

TEST_F(Five, PathThatWasNotMadeForThisTreeIsRefused) {
  NewPath path = Send(0);
  path.update_path.nodes.pop_back();
  EXPECT_STREQ(Open(1, 0, path).error().where(), "mls: update path passes us by");
  path = Send(0);
  path.update_path.nodes[0].encrypted_path_secret.clear();
  EXPECT_STREQ(Open(1, 0, path).error().where(), "mls: update path has nothing for us");
  path = Send(0);
  keys_[1] = TreeKeys({1}, HpkeKeyPair::Generate(random_));
  EXPECT_EQ(Open(1, 0, path).error().code(), Code::kAuthFailed);
}

TEST_F(Five, PathSecretThatLeadsNowhereIsRefused) {
  RatchetTree alone;
  ASSERT_TRUE(alone.AddLeaf(test::MakeLeaf(random_)).ok());
  TreeKeys keys({0}, HpkeKeyPair::Generate(random_));
  EXPECT_STREQ(AdoptPathSecret(alone, keys, {0}, ZeroSecret()).error().where(),
               "mls: path secret that leads nowhere");
}

TEST_F(Five, KeysOfNodesThatChangedAreForgotten) {
  const NewPath path = Send(0);
  ASSERT_TRUE(Open(1, 0, path).ok());
  ASSERT_NE(keys_[1].Find({1}), nullptr);
  tree_.BlankPath({0});
  EXPECT_FALSE(keys_[1].Matches(tree_));
  keys_[1].Retain(tree_);
  EXPECT_EQ(keys_[1].Find({1}), nullptr);
  EXPECT_NE(keys_[1].Find({2}), nullptr);
  EXPECT_TRUE(keys_[1].Matches(tree_));
}

TEST_F(Five, KeysOffTheOwnPathDoNotMatch) {
  TreeKeys keys = keys_[0];
  keys.Set({4}, keys_[2].Find({4})->Clone());
  EXPECT_FALSE(keys.Matches(tree_));
}

TEST_F(Five, StoredKeysAreReadBack) {
  const NewPath path = Send(0);
  ASSERT_TRUE(Open(1, 0, path).ok());
  const Bytes stored = wire::Serialize(keys_[1]);
  const auto loaded = wire::Parse<TreeKeys>(stored);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded->Matches(tree_));
  EXPECT_EQ(wire::Serialize(*loaded), stored);
}

TEST(StoredKeys, OutOfOrderOrTooManyAreRefused) {
  const auto accepted = [](const std::vector<std::uint32_t>& nodes) {
    wire::Writer out;
    out.U32(0);
    out.Vector([&] {
      for (const std::uint32_t node : nodes) {
        out.U32(node);
        out.Raw(Bytes(32, 1));
      }
    });
    return wire::Parse<TreeKeys>(out.view()).ok();
  };
  EXPECT_TRUE(accepted({0, 1, 3}));
  EXPECT_FALSE(accepted({1, 0}));
  EXPECT_FALSE(accepted({1, 1}));
  EXPECT_FALSE(accepted({0xffffffff}));
  std::vector<std::uint32_t> many;
  for (std::uint32_t i = 0; i < 18; ++i) {
    many.push_back(i);
  }
  EXPECT_FALSE(accepted(many));
}

TEST_F(Five, PathOfALeafThatIsNotOfACommitIsRefused) {  // RFC 9420 §7.9.2
  RatchetTree own = tree_;
  NewPath path = CreatePath(own, keys_[0], *tree_.Leaf({0}), signing_keys_[0], group_id_, random_);
  ASSERT_TRUE(EncryptPath(path, own, added_, context_, random_).ok());
  path.update_path.leaf_node.source_data = UpdateSource{};
  const Status merged = MergePath(tree_, {0}, path.update_path, added_);
  ASSERT_FALSE(merged.ok());
  EXPECT_STREQ(merged.error().where(), "mls: parent hash of the committer's leaf");
}

TEST_F(Five, PathThatHasNothingForUsIsRefused) {
  const NewPath path = Send(0);
  std::vector<LeafIndex> added{{1}};  // leaf 1 alone is on the other side of the first node
  UpdatePath without = path.update_path;
  without.nodes[0].encrypted_path_secret.clear();
  const auto opened = OpenPath(tree_, keys_[1], {0}, without, added, context_);
  ASSERT_FALSE(opened.ok());
  EXPECT_STREQ(opened.error().where(), "mls: update path has nothing for us");
}

TEST_F(Five, PathInATreeWithoutUsIsRefused) {
  const RatchetTree alone = test::MakeTree(1, random_);
  const auto opened = OpenPath(alone, keys_[1], {0}, UpdatePath{}, added_, context_);
  ASSERT_FALSE(opened.ok());
  EXPECT_STREQ(opened.error().where(), "mls: update path passes us by");
}

}  // namespace
}  // namespace renkei::mls
