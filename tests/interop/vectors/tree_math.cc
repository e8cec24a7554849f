// "Tree Math" (RFC 9420 Appendix C).
#include "crypto/mls/tree_math.h"

#include <optional>

#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

using mls::NodeIndex;

bool Is(const Json& expected, std::optional<NodeIndex> got) {
  return expected.is_null() ? !got : got && expected.get<std::uint32_t>() == got->value;
}

}  // namespace

Verdict RunTreeMath(const Json& test_case) {
  const auto leaves = test_case.at("n_leaves").get<std::uint32_t>();
  VECTOR_EXPECT(mls::NodeCount(leaves) == test_case.at("n_nodes").get<std::uint32_t>());
  VECTOR_EXPECT(Is(test_case.at("root"), mls::Root(leaves)));
  for (std::uint32_t i = 0; i < mls::NodeCount(leaves); ++i) {
    const NodeIndex node{i};
    const bool leaf = mls::IsLeaf(node);
    VECTOR_EXPECT(Is(test_case.at("left").at(i), leaf ? std::nullopt : std::optional(Left(node))));
    VECTOR_EXPECT(
        Is(test_case.at("right").at(i), leaf ? std::nullopt : std::optional(Right(node))));
    VECTOR_EXPECT(Is(test_case.at("parent").at(i), mls::Parent(node, leaves)));
    VECTOR_EXPECT(Is(test_case.at("sibling").at(i), mls::Sibling(node, leaves)));
  }
  return {};
}

}  // namespace renkei::interop
