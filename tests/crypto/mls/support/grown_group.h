// A group whose tree has all there is: blanks, unmerged leaves, leaves of every source.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_GROWN_GROUP_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_GROWN_GROUP_H_

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls::test {

inline ParentNode& ParentAt(RatchetTreeNodes& nodes, std::size_t index) {
  return std::get<ParentNode>(nodes.nodes.at(index)->value);
}
inline LeafNode& LeafAt(RatchetTreeNodes& nodes, std::size_t index) {
  return std::get<LeafNode>(nodes.nodes.at(index)->value);
}

// Eight members with keys in all parents, then a ninth: the left half has an unmerged leaf nowhere,
// the tree has blanks, unmerged leaves and updated leaves.
class GrownGroup : public testing::Test {
 protected:
  GrownGroup() : world_(81), first_(world_.Create("m0")), newcomer_(world_.KeyPackageFor("new")) {
    for (int i = 1; i < 8; ++i) {
      members_.push_back(world_.Add(first_, Others(), "m" + std::to_string(i)));
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
      std::vector<Group*> others = Others();
      others[i] = &first_;
      world_.Commit(members_[i], others, {});
    }
    CommitOptions options;  // leaf 6 blank, then taken again without a path: unmerged above it
    options.remove = {LeafIndex{6}};
    std::vector<Group*> others = Others();
    others.erase(others.begin() + 5);
    world_.Commit(first_, others, options);
    options.remove.clear();
    options.add = {newcomer_.message};
    options.force_path = false;
    pending_.emplace(world_.Commit(first_, others, options));
  }

  std::vector<Group*> Others() {
    std::vector<Group*> others;
    for (Group& member : members_) {
      others.push_back(&member);
    }
    return others;
  }
  const RatchetTree& Tree() const { return GroupState::Of(first_).tree; }
  const GroupContext& Context() const { return GroupState::Of(first_).context; }

  std::string Refusal(const Bytes& welcome) {
    return WhereOf(Group::JoinWelcome(welcome, newcomer_, {}, world_.Env()));
  }
  std::string RefusalOf(const std::function<void(RatchetTreeNodes&)>& change) {
    return Refusal(RebuildWelcome(
        first_, *pending_->welcome, newcomer_,
        [&](GroupSecrets&, GroupInfo& info) { ChangeTree(info, change); }, world_.random));
  }

  World world_;
  Group first_;
  std::vector<Group> members_;
  OwnKeyPackage newcomer_;
  std::optional<PendingCommit> pending_;
};

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_GROWN_GROUP_H_
