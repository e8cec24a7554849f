// What goes into and comes out of a Group (group.h) besides groups themselves. Plain values.
#ifndef RENKEI_CRYPTO_MLS_GROUP_TYPES_H_
#define RENKEI_CRYPTO_MLS_GROUP_TYPES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/mls/extension.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/own_leaf.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// How handshakes (proposals, commits) travel (RFC 9420 §6): signed only, or also encrypted.
enum class Handshake : std::uint8_t { kPublic, kPrivate };

struct Member {
  LeafIndex index;
  LeafNode leaf;
};

// A member that is no more, or was replaced: as it was before the commit.
using FormerMember = Member;

struct GroupOptions {
  Bytes group_id;         // 1..kMaxGroupIdBytes bytes, random (§11)
  Extensions extensions;  // of the GroupContext
  Lifetime lifetime;      // of the creator's leaf
};

// What the new epoch's Welcome and GroupInfo carry.
struct PublishOptions {
  bool tree_in_welcome = true;  // else it is passed to the joiner beside (Group::ExportTree)
  bool group_info = true;       // also make PendingCommit::group_info, with tree and external_pub
  // Of Group::Reinitialize and Branch: as CommitOptions::force_path, of the commit that they make.
  bool force_path = true;
  // More GroupInfo extensions, which others ignore if they do not know them. No type twice, neither
  // ratchet_tree nor external_pub: kMalformed.
  Extensions extensions;
};

struct CommitOptions {
  std::vector<Bytes> add;                              // MLSMessage(KeyPackage)
  std::vector<LeafIndex> remove;                       // not ourselves (§12.2)
  std::optional<Extensions> group_context_extensions;  // replace all (§12.1.7)
  std::vector<PreSharedKeyId> psks;                    // by value; see Group::NewExternalPsk
  std::optional<ReInit> reinit;                        // alone (§12.2)
  std::vector<Proposal> proposals;                     // anything else by value
  // By reference: received or own proposals of this epoch, by ProposalRef, as Process() and
  // Propose() named them.
  std::vector<ProposalRef> references;

  std::optional<OwnLeaf> new_leaf;  // new signing key, credential, capabilities or extensions
  bool force_path = true;  // false: leave the path out where §12.4 allows (no healing then)

  Handshake handshake = Handshake::kPublic;
  Bytes authenticated_data;
  std::size_t padding_size = 0;  // bytes, private handshakes only
  PublishOptions publish;
};

struct ExternalJoinOptions {
  // The tree, if GroupInfo does not carry it: the encoding of the ratchet_tree extension.
  std::optional<Bytes> ratchet_tree;
  std::optional<LeafIndex> resync;  // our own old leaf, removed in the same commit (§12.4.3.2)
  std::vector<PreSharedKeyId> psks;
  Bytes authenticated_data;
  std::vector<Bytes> existing_group_ids;  // kConflict if the group is among them (§12.4.3)
  PublishOptions publish;
};

class Group;

struct JoinOptions {
  std::optional<Bytes> ratchet_tree;      // as above
  std::vector<Bytes> existing_group_ids;  // as above
  // The group that this one continues or branches off: needed if the Welcome says so, and then the
  // one that it names; if given, a Welcome that continues none is refused (§11.2, §11.3).
  const Group* parent = nullptr;
};

struct MessageOptions {
  Handshake handshake = Handshake::kPublic;
  Bytes authenticated_data;
  std::size_t padding_size = 0;  // bytes, private messages only
};

// A proposal that was made or received and now waits for a commit of this epoch.
struct StoredProposal {
  ProposalRef ref;
  Sender sender;
  Proposal proposal;
  Bytes authenticated_data;
};

struct SentProposal {
  Bytes message;  // MLSMessage
  ProposalRef ref;
};

struct ApplicationMessage {
  LeafIndex sender;
  Epoch epoch;
  Bytes authenticated_data;
  SecretBytes content;
};

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_GROUP_TYPES_H_
