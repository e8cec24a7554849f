// A group as one of its members sees it, for one epoch (RFC 9420 §8, §11, §12).
//
// A group moves on by making a *next* group, never in place: Commit(), Process() and ExternalJoin()
// return it, the caller judges it (members, extensions, a card...) and only then replaces the old
// one. So a failed or refused commit changes nothing. Both share the tree's nodes that are the same
// in both, therefore: one thread for all groups that come from one another.
//
// Every call that fails leaves the group as it was. Codes beyond those named at a call:
//   kMalformed    not what the RFC allows (rule and section: validation.h): drop it
//   kAuthFailed   a tag or signature is wrong: drop it
//   kStaleEpoch   of an epoch that is over; kFutureEpoch: a commit is missing, keep it and sync
//   kUnsupported  another version or suite, not for this group, or our own message coming back
//   kTooLarge     over a limit of limits.h
#ifndef RENKEI_CRYPTO_MLS_GROUP_H_
#define RENKEI_CRYPTO_MLS_GROUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/mls/environment.h"
#include "crypto/mls/group_types.h"
#include "crypto/mls/own_leaf.h"
#include "crypto/mls/saved_state.h"

namespace renkei::mls {

struct PendingCommit;
struct StagedCommit;
using Processed = std::variant<StoredProposal, StagedCommit>;
struct GroupState;

class Group {
 public:
  // A group of one, epoch 0 (§11).
  static Result<Group> Create(const OwnLeaf& leaf, const GroupOptions& options, Random& random);

  // Joins with a Welcome made for `key_package` (§12.4.3.1). kNotFound: the Welcome is not for this
  // key package, or a PSK is missing; kConflict: we are in that group already. On success the
  // caller deletes the key package's private part in the transaction that saves the group.
  static Result<Group> JoinWelcome(ByteView welcome, const OwnKeyPackage& key_package,
                                   const JoinOptions& options, const Environment& environment);

  // Joins by an external commit (§12.4.3.2). `group_info` is MLSMessage(GroupInfo) with
  // external_pub. If another commit wins the epoch, drop the result and start from a newer one.
  static Result<PendingCommit> ExternalJoin(ByteView group_info, const OwnLeaf& leaf,
                                            const ExternalJoinOptions& options,
                                            const Environment& environment, Random& random);

  Group(Group&& other) noexcept;
  Group& operator=(Group&& other) noexcept;
  ~Group();

  // --- moving on ---------------------------------------------------------------------------------

  // Makes a commit of this epoch (§12.4.1). Public handshakes leave this group as it is; private
  // ones use up a key of its ratchet, so this group is to be saved too. kDenied: the group was
  // reinitialized; kNotFound: unknown proposal reference or PSK.
  Result<PendingCommit> Commit(const CommitOptions& options, const Environment& environment,
                               Random& random);

  // Sends a proposal and keeps it as if received (§12.1). An Update is made by ProposeUpdate.
  Result<SentProposal> Propose(const Proposal& proposal, const MessageOptions& options,
                               const Environment& environment, Random& random);
  // Fresh encryption key and, if given, a new signing key, credential, capabilities, extensions.
  Result<SentProposal> ProposeUpdate(const OwnLeaf* new_leaf, const MessageOptions& options,
                                     Random& random);

  // Takes a proposal or commit, MLSMessage(PublicMessage or PrivateMessage) (§12.1, §12.4.2).
  // A proposal is stored. A commit is only judged: replace this group by StagedCommit::next, or
  // drop it. Our own commit coming back is kUnsupported: use the saved PendingCommit.
  Result<Processed> Process(ByteView message, const Environment& environment);

  // The successor that a commit with ReInit asked for (§11.2): same members, given their new key
  // packages (ours not among them).
  Result<PendingCommit> Reinitialize(const OwnLeaf& leaf, const std::vector<Bytes>& key_packages,
                                     const PublishOptions& publish, Lifetime lifetime,
                                     const Environment& environment, Random& random) const;
  // A new group of some of the members (§11.3).
  Result<PendingCommit> Branch(const OwnLeaf& leaf, const GroupOptions& options,
                               const std::vector<Bytes>& key_packages,
                               const PublishOptions& publish, const Environment& environment,
                               Random& random) const;

  // --- messages and secrets of this epoch
  // ---------------------------------------------------------

  // Uses up a key of our ratchet: save the group before sending. kConflict: proposals wait, commit
  // them first (§12.4); kDenied: the group was reinitialized.
  Result<Bytes> Protect(ByteView content, const MessageOptions& options, Random& random);
  // kNotFound: opened before, or further back than skipped keys are kept.
  Result<ApplicationMessage> Unprotect(ByteView message);

  // MLS-Exporter (§8.5). `length` 1..8160 bytes. Secret.
  SecretBytes Export(std::string_view label, ByteView context, std::size_t length) const;
  ByteView EpochAuthenticator() const;  // §8.7, 32 bytes; view until the group moves
  ByteView ConfirmationTag() const;     // of the commit that began this epoch, 32 bytes
  // For later groups that prove membership in this epoch (§8.6). Secret.
  SecretBytes ResumptionSecret() const;

  // --- what the group is
  // --------------------------------------------------------------------------

  ByteView group_id() const;
  Epoch epoch() const;
  ByteView TreeHash() const;
  ByteView ConfirmedTranscriptHash() const;
  LeafIndex own_leaf_index() const;
  const Extensions& extensions() const;  // of the GroupContext
  // Null: no such extension. Valid until the group moves.
  const Extension* FindExtension(ExtensionType type) const;
  std::vector<Member> Members() const;  // by leaf index
  std::size_t member_count() const;
  // Null: blank or beyond the tree.
  const LeafNode* Leaf(LeafIndex index) const;
  std::vector<StoredProposal> Proposals() const;
  // Set once a commit with ReInit began this epoch: nothing may be sent any more.
  const std::optional<ReInit>& reinit() const;

  // MLSMessage(GroupInfo) of this epoch, signed; with external_pub and, if wanted, ratchet_tree.
  // `extensions` come on top: no type twice and none of these two, which would be the caller's bug.
  Bytes MakeGroupInfo(bool with_tree, const Extensions& extensions) const;
  Bytes ExportTree() const;  // the encoding of the ratchet_tree extension
  // An id with fresh nonce for CommitOptions::psks.
  static PreSharedKeyId NewExternalPsk(ByteView psk_id, Random& random);
  static PreSharedKeyId NewResumptionPsk(ByteView group_id, Epoch epoch, Random& random);

  // --- storing
  // ------------------------------------------------------------------------------------

  // The whole state, secret; format: crypto/mls/group_store.cc. Deserialize: kMalformed for
  // anything that Serialize() did not write, kUnsupported for a newer version of it.
  SecretBytes Serialize() const;
  static Result<Group> Deserialize(ByteView bytes);

  // The same in pieces (saved_state.h): what has to be written and erased where `saved` is stored,
  // so that this group is; `after` stands for it once that is on the disk. As much as changed, not
  // as the group is large. Load: all pieces in any order; codes as for Deserialize.
  struct Saving {
    StateChanges changes;
    SavedState after;
  };
  Saving Save(const SavedState& saved) const;
  static Result<Group> Load(const std::vector<StatePart>& parts);
  // Of a group that has just been loaded.
  SavedState AsSaved() const;

 private:
  friend struct GroupState;
  explicit Group(std::unique_ptr<GroupState> state);

  std::unique_ptr<GroupState> state_;
};

// A commit of ours: save it, send it, and when it was accepted replace the group by `next`.
struct PendingCommit {
  Bytes commit;                     // MLSMessage
  std::optional<Bytes> welcome;     // MLSMessage(Welcome) for all added members together
  std::optional<Bytes> group_info;  // MLSMessage(GroupInfo) of the new epoch
  Group next;

  SecretBytes Serialize() const;
  static Result<PendingCommit> Deserialize(ByteView bytes);
};

// Somebody's commit, valid by the RFC, to be judged by the caller's own rules.
struct StagedCommit {
  std::optional<Group> next;  // empty: the commit removes us
  Sender sender;              // member, or new_member_commit
  LeafIndex committer;        // its leaf in the new tree; of an external joiner the one it took
  bool is_external = false;   // joined by external commit
  bool has_path = false;
  std::vector<Member> added;              // not an external joiner: that is `committer`
  std::vector<FormerMember> removed;      // in a resync the joiner's old leaf
  std::vector<LeafIndex> updated;         // by Update proposals or the committer's path
  std::optional<Extensions> extensions;   // if a proposal replaced them
  std::vector<StoredProposal> proposals;  // all, in order; by value: empty ref, sender = committer
  Bytes authenticated_data;
};

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GROUP_H_
