// Commits and the path of fresh keys they carry (RFC 9420 §7.6, §12.4). Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_COMMIT_H_
#define RENKEI_CRYPTO_MLS_COMMIT_H_

#include <optional>
#include <variant>
#include <vector>

#include "crypto/mls/leaf_node.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
  friend bool operator==(const HpkeCiphertext&, const HpkeCiphertext&) = default;
};
void Encode(wire::Writer& out, const HpkeCiphertext& value);
Status Decode(wire::Reader& in, HpkeCiphertext& value);

struct UpdatePathNode {
  Bytes encryption_key;  // HPKE public key
  std::vector<HpkeCiphertext> encrypted_path_secret;
  friend bool operator==(const UpdatePathNode&, const UpdatePathNode&) = default;
};
void Encode(wire::Writer& out, const UpdatePathNode& value);
Status Decode(wire::Reader& in, UpdatePathNode& value);

struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;
  friend bool operator==(const UpdatePath&, const UpdatePath&) = default;
};
// kTooLarge above kMaxPathNodes.
void Encode(wire::Writer& out, const UpdatePath& value);
Status Decode(wire::Reader& in, UpdatePath& value);

enum class ProposalOrRefType : std::uint8_t { kProposal = 1, kReference = 2 };

struct ProposalOrRef {
  std::variant<Proposal, ProposalRef> value;
  friend bool operator==(const ProposalOrRef&, const ProposalOrRef&) = default;
};
// kMalformed for an unknown type.
void Encode(wire::Writer& out, const ProposalOrRef& value);
Status Decode(wire::Reader& in, ProposalOrRef& value);

struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  friend bool operator==(const Commit&, const Commit&) = default;
};
// kTooLarge above kMaxProposals.
void Encode(wire::Writer& out, const Commit& value);
Status Decode(wire::Reader& in, Commit& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_COMMIT_H_
