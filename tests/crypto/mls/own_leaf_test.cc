#include "crypto/mls/own_leaf.h"

#include <gtest/gtest.h>

#include "crypto/mls/hpke.h"
#include "crypto/mls/limits.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::PlainLifetime;
using test::WhereOf;
using test::World;

constexpr auto kPrivateExtension = static_cast<ExtensionType>(0xF123);

class OwnKeyPackages : public testing::Test {
 protected:
  OwnKeyPackages() : world_(131), made_(world_.KeyPackageFor("a")) {}

  std::string Create(const OwnLeaf& leaf, const Extensions& extensions = {}) {
    return WhereOf(CreateKeyPackage(leaf, {PlainLifetime(), extensions}, world_.random));
  }
  std::string FromParts(const OwnKeyPackage& parts) {
    return WhereOf(OwnKeyPackage::FromParts(parts.message, parts.init_key.Expose(),
                                            parts.encryption_key.Expose(),
                                            parts.signing_key.Clone()));
  }
  static std::string Load(const Bytes& stored) {
    return WhereOf(OwnKeyPackage::Deserialize(stored));
  }

  World world_;
  OwnKeyPackage made_;
};

TEST_F(OwnKeyPackages, ComeBackFromTheirStoredForm) {
  const auto loaded = OwnKeyPackage::Deserialize(made_.Serialize().Expose());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->message, made_.message);
  EXPECT_EQ(loaded->ref, made_.ref);
  EXPECT_TRUE(Equal(loaded->init_key, made_.init_key));
  EXPECT_TRUE(Equal(loaded->encryption_key, made_.encryption_key));
  EXPECT_EQ(loaded->signing_key.public_key(), made_.signing_key.public_key());
}

TEST_F(OwnKeyPackages, StoredFormOfAnotherFormatIsUnsupported) {
  Bytes stored = ToBytes(made_.Serialize().Expose());
  stored[0] = 2;
  EXPECT_EQ(OwnKeyPackage::Deserialize(stored).error().code(), Code::kUnsupported);
}

TEST_F(OwnKeyPackages, StoredFormCutOrLengthenedAnywhereIsRefused) {
  const Bytes stored = ToBytes(made_.Serialize().Expose());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_NE(Load(Bytes(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(size))),
              "accepted");
  }
  Bytes longer = stored;
  longer.push_back(0);
  EXPECT_NE(Load(longer), "accepted");
}

TEST_F(OwnKeyPackages, OneKeyOfAnotherKeyPackageIsRefused) {
  const OwnKeyPackage other = world_.KeyPackageFor("b");
  const std::string where = "mls: private keys of another key package";
  EXPECT_EQ(FromParts(made_), "accepted");
  OwnKeyPackage mixed = made_.Clone();
  mixed.init_key = other.init_key.Clone();
  EXPECT_EQ(FromParts(mixed), where);
  mixed = made_.Clone();
  mixed.encryption_key = other.encryption_key.Clone();
  EXPECT_EQ(FromParts(mixed), where);
  mixed = made_.Clone();
  mixed.signing_key = other.signing_key.Clone();
  EXPECT_EQ(FromParts(mixed), where);
}

TEST_F(OwnKeyPackages, AnotherMessageIsNoKeyPackage) {
  OwnKeyPackage wrong = made_.Clone();
  wrong.message = world_.Create("a").MakeGroupInfo(true, {});
  EXPECT_EQ(FromParts(wrong), "mls: not a key package");
}

TEST_F(OwnKeyPackages, LeafThatWouldNotBeValidIsNotMade) {
  OwnLeaf leaf = world_.Leaf("a");
  EXPECT_EQ(Create(leaf), "accepted");
  leaf.capabilities.versions.clear();
  EXPECT_EQ(Create(leaf), "mls: leaf does not speak the group's version or suite");
}

TEST_F(OwnKeyPackages, LeafThatOthersCannotTakeIsNotMade) {
  OwnLeaf leaf = world_.Leaf("a");
  leaf.capabilities.extensions = {kPrivateExtension};
  Group group = world_.Create("b");
  CommitOptions options;
  const auto refusals = [&](std::size_t bytes) {
    leaf.extensions = {{kPrivateExtension, Bytes(bytes)}};
    options.new_leaf = leaf.Clone();
    return std::vector<std::string>{
        Create(leaf),
        test::WhereOf(Group::Create(leaf, {Bytes(32), {}, test::PlainLifetime()}, world_.random)),
        test::WhereOf(group.ProposeUpdate(&leaf, {}, world_.random)),
        test::WhereOf(group.Commit(options, world_.Env(), world_.random))};
  };
  EXPECT_EQ(refusals(kMaxLeafNodeBytes - 700), std::vector<std::string>(4, "accepted"));
  EXPECT_EQ(refusals(kMaxLeafNodeBytes - 100),
            std::vector<std::string>(4, "mls: own leaf over kMaxLeafNodeBytes"));
}

TEST_F(OwnKeyPackages, ExtensionsAreMadeOnlyOnceEachAndListed) {
  OwnLeaf leaf = world_.Leaf("a");
  const Extensions one{{kPrivateExtension, {}}};
  const Extensions twice{{kPrivateExtension, {}}, {kPrivateExtension, {}}};
  EXPECT_EQ(Create(leaf, one), "mls: key package extension is not listed");
  leaf.capabilities.extensions = {kPrivateExtension};
  EXPECT_EQ(Create(leaf, one), "accepted");
  EXPECT_EQ(Create(leaf, twice), "mls: extension type repeated");
  leaf.extensions = twice;
  EXPECT_EQ(Create(leaf), "mls: extension type repeated");
}

}  // namespace
}  // namespace renkei::mls
