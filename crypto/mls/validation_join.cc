#include "crypto/mls/validation_join.h"

#include <algorithm>

#include "crypto/base/hash.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/suite.h"
#include "crypto/mls/validation_proposals.h"
#include "crypto/mls/validation_tree.h"

namespace renkei::mls {
namespace {

std::vector<const Credential*> Credentials(const RatchetTree& tree) {
  std::vector<const Credential*> out;
  tree.ForEachLeaf([&](LeafIndex, const LeafNode& leaf) { out.push_back(&leaf.credential); });
  return out;
}

// Every member of `some` is one of `all`.
bool AreAmong(const RatchetTree& some, const RatchetTree& all, const Environment& environment) {
  const auto candidates = Credentials(all);
  for (const Credential* one : Credentials(some)) {
    const bool found =
        std::any_of(candidates.begin(), candidates.end(), [&](const Credential* candidate) {
          return environment.credentials.SameMember(*one, *candidate);
        });
    if (!found) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status CheckGroupInfoSuite(const GroupInfo& info) {
  if (info.group_context.version != ProtocolVersion::kMls10 ||
      info.group_context.cipher_suite != kSuite) {
    return Error(Code::kUnsupported, "mls: group of another version or suite");
  }
  return Ok();
}

Status CheckGroupInfoSignature(const GroupInfo& info, const RatchetTree& tree) {
  const LeafNode* signer = tree.Leaf(info.signer);
  if (signer == nullptr) {
    return Error(Code::kMalformed, "mls: group info signed by a blank leaf");
  }
  return VerifyWithLabel(signer->signature_key, "GroupInfoTBS", GroupInfoTbs(info), info.signature);
}

Status CheckGroupIdIsNew(const GroupInfo& info, const std::vector<Bytes>& existing) {
  if (std::find(existing.begin(), existing.end(), info.group_context.group_id) != existing.end()) {
    return Error(Code::kConflict, "mls: already in a group of this id");
  }
  return Ok();
}

Status CheckGroupId(ByteView group_id) {
  if (group_id.size() > kMaxGroupIdBytes) {
    return Error(Code::kTooLarge, "mls: group id over kMaxGroupIdBytes");
  }
  return Ok();
}

Status CheckJoinedExtensions(const Extensions& extensions, const Environment& environment) {
  RENKEI_TRY(CheckContextExtensions(extensions));
  if (FindExtension(extensions, ExtensionType::kExternalSenders) == nullptr) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto senders, ParseExtension<ExternalSenders>(extensions));
  for (const ExternalSender& sender : senders.senders) {
    RENKEI_TRY(environment.credentials.CheckExisting(sender.credential, sender.signature_key,
                                                     environment.now));
  }
  return Ok();
}

Status CheckGroupInfo(const GroupInfo& info, const RatchetTree& tree,
                      const std::vector<Bytes>& existing, const Environment& environment) {
  RENKEI_TRY(CheckGroupInfoSuite(info));
  RENKEI_TRY(CheckGroupId(info.group_context.group_id));
  RENKEI_TRY(CheckGroupInfoSignature(info, tree));
  RENKEI_TRY(CheckGroupIdIsNew(info, existing));
  RENKEI_TRY(CheckJoinedExtensions(info.group_context.extensions, environment));
  return CheckTree(tree, info.group_context, environment);
}

const ResumptionPsk* FindContinuation(const std::vector<PreSharedKeyId>& psks) {
  for (const PreSharedKeyId& psk : psks) {
    const auto* resumption = std::get_if<ResumptionPsk>(&psk.value);
    if (resumption != nullptr && resumption->usage != ResumptionPskUsage::kApplication) {
      return resumption;
    }
  }
  return nullptr;
}

Status CheckWelcomePsks(const std::vector<PreSharedKeyId>& psks) {
  std::size_t continuations = 0;
  for (const PreSharedKeyId& psk : psks) {
    const auto* resumption = std::get_if<ResumptionPsk>(&psk.value);
    if (resumption != nullptr && resumption->usage != ResumptionPskUsage::kApplication) {
      ++continuations;
    }
    if (psk.psk_nonce.size() != kHashBytes) {
      return Error(Code::kMalformed, "mls: psk nonce of a wrong length");
    }
  }
  if (continuations > 1) {
    return Error(Code::kMalformed, "mls: welcome continues two groups");
  }
  return Ok();
}

Status CheckFirstEpoch(const GroupInfo& info) {
  if (info.group_context.epoch != Epoch{1}) {
    return Error(Code::kMalformed, "mls: continuing group is past its first epoch");
  }
  return Ok();
}

Status CheckReInitMatches(const GroupInfo& info, const ReInit& reinit) {
  const GroupContext& context = info.group_context;
  if (context.group_id != reinit.group_id || context.version != reinit.version ||
      context.cipher_suite != reinit.cipher_suite || context.extensions != reinit.extensions) {
    return Error(Code::kMalformed, "mls: not the group that reinit asked for");
  }
  return Ok();
}

Status CheckSameMembers(const RatchetTree& before, const RatchetTree& after,
                        const Environment& environment) {
  if (!AreAmong(before, after, environment)) {
    return Error(Code::kMalformed, "mls: reinit leaves a member out");
  }
  return Ok();
}

Status CheckBranchSuite(const GroupInfo& info, const GroupContext& parent) {
  if (info.group_context.version != parent.version ||
      info.group_context.cipher_suite != parent.cipher_suite) {
    return Error(Code::kMalformed, "mls: branch with another version or suite");
  }
  return Ok();
}

Status CheckSubsetOfMembers(const RatchetTree& branch, const RatchetTree& parent,
                            const Environment& environment) {
  if (!AreAmong(branch, parent, environment)) {
    return Error(Code::kMalformed, "mls: branch with a member that the parent has not");
  }
  return Ok();
}

}  // namespace renkei::mls
