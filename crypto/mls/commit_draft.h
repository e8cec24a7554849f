// A commit while it is being made, by a member or by an external joiner (RFC 9420 §12.4.1,
// §12.4.3.2). Not for callers of the library. One thread.
#ifndef RENKEI_CRYPTO_MLS_COMMIT_DRAFT_H_
#define RENKEI_CRYPTO_MLS_COMMIT_DRAFT_H_

#include <memory>
#include <optional>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/mls/commit.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/treekem.h"

namespace renkei::mls {

// Steps are called in the order of declaration; an error at any of them ends the draft.
struct CommitDraft {
  // What the epoch that ends contributes. Views.
  struct Before {
    const GroupContext& context;
    ByteView encoded_context;
    ByteView interim_transcript_hash;
  };

  // `signing_key`: that of the leaf in the old tree, or a joiner's; outlives the draft.
  CommitDraft(const Before& old, const SigningKey& signing_key, const Sender& from);

  const Commit& commit() const { return std::get<Commit>(content.content.content); }
  Commit& commit() { return std::get<Commit>(content.content.content); }

  // Fills next->tree and next->context from the list, which was checked before.
  Status Apply();
  // Fresh keys for `leaf` (all but key, source and signature set) and its path; commit_secret. The
  // leaf must be valid; if it replaces another (`old`), acceptable in its place.
  Status MakePath(LeafNode leaf, const LeafNode* old, const Environment& environment,
                  Random& random);
  // Without a path.
  void SkipPath();
  // Signs the commit, enters the new epoch and fills in the confirmation tag.
  void Sign(WireFormat wire_format, const SecretBytes& init_secret, const SecretBytes& psk_secret);
  // For all members that were added, if any (§12.4.3.1).
  Result<std::optional<Bytes>> MakeWelcome(const PublishOptions& publish, Random& random) const;
  std::optional<Bytes> MakeGroupInfo(const PublishOptions& publish) const;

  Before before;
  const SigningKey& signer;
  std::unique_ptr<GroupState> next;
  AuthenticatedContent content;  // around the commit; signed by Sign()
  ProposalList list;             // points into the commit, which may be moved but not copied
  AppliedProposals applied;
  std::optional<NewPath> path;
  SecretBytes commit_secret;
  EpochOutputs outputs;
};

// Group::Commit(). `first`: in the first commit of a group that continues another, the usage its
// resumption PSK may have (§11.2, §11.3).
Result<PendingCommit> MakeCommit(GroupState& state, const CommitOptions& options,
                                 const Environment& environment, Random& random,
                                 ResumptionPskUsage first = ResumptionPskUsage::kApplication);

// The KeyPackage in MLSMessage(KeyPackage). kMalformed for another message.
Result<KeyPackage> ParseKeyPackageMessage(ByteView message);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_COMMIT_DRAFT_H_
