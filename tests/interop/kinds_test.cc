#include <gtest/gtest.h>

#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

std::string NameOf(std::string_view file) {
  const Kind* kind = KindOf(file);
  return kind == nullptr ? "none" : kind->name;
}

TEST(VectorKinds, AreFoundByTheNameOfTheFile) {
  for (const Kind& kind : Kinds()) {
    EXPECT_EQ(NameOf(kind.name), kind.name);
  }
}

TEST(VectorKinds, AreFoundBehindAnyPrefix) {
  EXPECT_EQ(NameOf("fresh-tree-operations"), "tree-operations");
  EXPECT_EQ(NameOf("openmls-key-schedule"), "key-schedule");
  EXPECT_EQ(NameOf("kat_tree_math"), "tree-math");
  EXPECT_EQ(NameOf("fresh-psk-secret"), "psk_secret");
}

TEST(VectorKinds, TheLongestNameCounts) {
  EXPECT_EQ(NameOf("passive-client-welcome"), "passive-client");
  EXPECT_EQ(NameOf("fresh-passive-client-messages"), "passive-client");
  EXPECT_EQ(NameOf("interop-passive-welcome_join"), "interop-passive");
}

TEST(VectorKinds, NothingElseIsTakenForOne) {
  EXPECT_EQ(NameOf("package"), "none");
  EXPECT_EQ(NameOf("unwelcome"), "none");
}

}  // namespace
}  // namespace renkei::interop
