// What a Group consists of, for the files that make its next epoch. Not for callers of the library.
// One thread for all groups that come from one another.
#ifndef RENKEI_CRYPTO_MLS_GROUP_STATE_H_
#define RENKEI_CRYPTO_MLS_GROUP_STATE_H_

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/sign.h"
#include "crypto/mls/authenticate.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/group_info.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/proposal_list.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/treekem.h"

namespace renkei::mls {

// For how many epochs back a resumption secret is kept (RFC 9420 §8.6 asks for a limit).
inline constexpr std::size_t kMaxPastEpochs = 64;
// How many proposals may wait for a commit, and how large they may be together, as stored.
inline constexpr std::size_t kMaxStoredProposals = 4096;
inline constexpr std::size_t kMaxStoredProposalBytes = std::size_t{64} << 20U;

// The private half of an Update of ours, until a commit covers it.
struct PendingUpdate {
  std::shared_ptr<const HpkeKeyPair> encryption_key;
  std::shared_ptr<const SigningKey> signing_key;
};

struct GroupState {
  explicit GroupState(std::shared_ptr<const SigningKey> key) : signing_key(std::move(key)) {}

  GroupContext context;
  Bytes encoded_context;  // Serialize(context)
  Bytes interim_transcript_hash;
  Bytes confirmation_tag;
  RatchetTree tree;
  TreeKeys keys;
  std::shared_ptr<const SigningKey> signing_key;
  EpochSecrets secrets;
  SecretTree secret_tree;
  ProposalStore proposals;
  std::size_t proposal_bytes = 0;  // of all of them, as stored
  std::map<ProposalRef, PendingUpdate> pending_updates;
  std::map<Epoch, std::shared_ptr<const SecretBytes>> past_resumption;
  std::optional<ReInit> reinit;

  LeafIndex own() const { return keys.own(); }
  const LeafNode& OwnLeafNode() const { return *tree.Leaf(own()); }

  // The beginning of the next epoch: tree, keys, context (epoch counted on, the rest as it was),
  // own signing key and past resumption secrets; no secrets, no proposals.
  std::unique_ptr<GroupState> Successor() const;

  // Keeps a proposal until a commit; one that is there already stays as it is. kTooLarge: too many
  // wait, or too large ones.
  Status KeepProposal(StoredProposal stored);

  static Group Wrap(std::unique_ptr<GroupState> state) { return Group(std::move(state)); }
  static const GroupState& Of(const Group& group) { return *group.state_; }
  static GroupState& Of(Group& group) { return *group.state_; }
};

// The tree as framing asks for it.
class TreeMemberKeys final : public MemberKeys {
 public:
  explicit TreeMemberKeys(const RatchetTree& tree) : tree_(tree) {}
  const Bytes* SignatureKeyOf(LeafIndex leaf) const override;

 private:
  const RatchetTree& tree_;
};

// The epoch as framing asks for it. A view of both.
FramingEpoch FramingOf(const GroupState& state, const TreeMemberKeys& members);

// The secrets that go into an epoch besides its GroupContext (§8).
struct EpochInputs {
  const SecretBytes& init_secret;
  const SecretBytes& commit_secret;
  const SecretBytes& psk_secret;
};

// What a Welcome to the epoch needs; secret.
struct EpochOutputs {
  SecretBytes joiner_secret;
  WelcomeKeys welcome_keys;
};

// Sets the tree hash in the context and encodes that: the provisional GroupContext while the
// transcript is still the old one (§12.4.1).
void UpdateTreeHash(GroupState& next);

// Takes the signed commit into the transcript and derives the epoch's secrets (§8, §8.2). The
// confirmation tag stays to be checked or filled in, then FinishEpoch() completes the state.
EpochOutputs EnterEpoch(GroupState& next, ByteView interim_before,
                        const AuthenticatedContent& commit, const EpochInputs& inputs);
// Takes over the secrets; encryption_secret goes into the secret tree.
void BeginEpoch(GroupState& next, EpochSecrets secrets);
// From the joiner_secret of a Welcome.
void EnterEpochAsJoiner(GroupState& next, const JoinedSecret& joined);
void FinishEpoch(GroupState& next, ByteView confirmation_tag);

// The secrets for these ids, in order (§8.4): our own resumption secrets if `state` is given and
// has them, else what the environment has. kNotFound.
Result<SecretBytes> LookUpPskSecret(const std::vector<PreSharedKeyId>& ids, const GroupState* state,
                                    const Environment& environment);
Result<SecretBytes> ResumptionSecretOf(const GroupState& state, Epoch epoch);

// The tree in GroupInfo, or else the one given beside it (§12.4.3.3). kNotFound: neither.
Result<RatchetTree> TreeFor(const GroupInfo& info, const std::optional<Bytes>& beside);

// §13.4: extensions that a GroupInfo of ours may carry beside its own: no type twice, neither
// ratchet_tree nor external_pub. kMalformed.
Status CheckPublished(const Extensions& more);

// GroupInfo of the epoch (§12.4.3), signed.
struct GroupInfoParts {
  bool tree = true;
  bool external_pub = true;
  const Extensions* more = nullptr;
};
// `more`: what CheckPublished() accepts.
GroupInfo MakeSignedGroupInfo(const GroupState& state, const GroupInfoParts& parts);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GROUP_STATE_H_
