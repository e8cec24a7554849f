// Groups that continue another: its successor after ReInit (RFC 9420 §11.2), and a subgroup that
// branches off (§11.3).
#include <utility>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_join.h"

namespace renkei::mls {
namespace {

// The parent's resumption secrets, which is all that a first commit asks for.
class ParentPsks final : public PskSource {
 public:
  explicit ParentPsks(const GroupState& parent) : parent_(parent) {}

  Result<SecretBytes> External(ByteView /*psk_id*/) const override {
    return Error(Code::kInternal, "mls: first commit with an external psk");
  }
  Result<SecretBytes> Resumption(ByteView /*group_id*/, Epoch epoch) const override {
    return ResumptionSecretOf(parent_, epoch);
  }

 private:
  const GroupState& parent_;
};

// The first commit of `group`, which adds everybody and proves that its maker was in `parent`.
Result<PendingCommit> FirstCommit(Group group, const GroupState& parent, ResumptionPskUsage usage,
                                  const std::vector<Bytes>& key_packages,
                                  const PublishOptions& publish, const Environment& environment,
                                  Random& random) {
  CommitOptions options;
  options.add = key_packages;
  options.psks = {{ResumptionPsk{usage, parent.context.group_id, parent.context.epoch},
                   random.NextBytes(kHashBytes)}};
  options.force_path = publish.force_path;
  options.publish = publish;
  const ParentPsks psks(parent);
  Environment with_parent = environment;
  with_parent.psks = &psks;
  return MakeCommit(GroupState::Of(group), options, with_parent, random, usage);
}

}  // namespace

Result<PendingCommit> Group::Reinitialize(const OwnLeaf& leaf,
                                          const std::vector<Bytes>& key_packages,
                                          const PublishOptions& publish, Lifetime lifetime,
                                          const Environment& environment, Random& random) const {
  if (!state_->reinit.has_value()) {
    return Error(Code::kDenied, "mls: group was not reinitialized");
  }
  const ReInit& reinit = *state_->reinit;
  if (reinit.version != ProtocolVersion::kMls10 || reinit.cipher_suite != kSuite) {
    return Error(Code::kUnsupported, "mls: reinit to another version or suite");
  }
  RENKEI_ASSIGN(Group group, Create(leaf, {reinit.group_id, reinit.extensions, lifetime}, random));
  RENKEI_ASSIGN(PendingCommit pending,
                FirstCommit(std::move(group), *state_, ResumptionPskUsage::kReInit, key_packages,
                            publish, environment, random));
  RENKEI_TRY(CheckSameMembers(state_->tree, pending.next.state_->tree, environment));  // §11.2
  return pending;
}

Result<PendingCommit> Group::Branch(const OwnLeaf& leaf, const GroupOptions& options,
                                    const std::vector<Bytes>& key_packages,
                                    const PublishOptions& publish, const Environment& environment,
                                    Random& random) const {
  RENKEI_ASSIGN(Group group, Create(leaf, options, random));
  RENKEI_ASSIGN(PendingCommit pending,
                FirstCommit(std::move(group), *state_, ResumptionPskUsage::kBranch, key_packages,
                            publish, environment, random));
  RENKEI_TRY(CheckSubsetOfMembers(pending.next.state_->tree, state_->tree,
                                  environment));  // §11.3
  return pending;
}

}  // namespace renkei::mls
