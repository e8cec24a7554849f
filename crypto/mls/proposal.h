// Proposals: one change to the group each, all kinds of RFC 9420 §12.1. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_PROPOSAL_H_
#define RENKEI_CRYPTO_MLS_PROPOSAL_H_

#include <variant>

#include "crypto/mls/extension.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/psk.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct Add {
  KeyPackage key_package;
  friend bool operator==(const Add&, const Add&) = default;
};
struct Update {
  LeafNode leaf_node;
  friend bool operator==(const Update&, const Update&) = default;
};
struct Remove {
  LeafIndex removed;
  friend bool operator==(const Remove&, const Remove&) = default;
};
struct PreSharedKey {
  PreSharedKeyId psk;
  friend bool operator==(const PreSharedKey&, const PreSharedKey&) = default;
};
struct ReInit {
  Bytes group_id;
  ProtocolVersion version = ProtocolVersion::kMls10;
  CipherSuite cipher_suite{};
  Extensions extensions;
  friend bool operator==(const ReInit&, const ReInit&) = default;
};
struct ExternalInit {
  Bytes kem_output;
  friend bool operator==(const ExternalInit&, const ExternalInit&) = default;
};
struct GroupContextExtensions {
  Extensions extensions;
  friend bool operator==(const GroupContextExtensions&, const GroupContextExtensions&) = default;
};

struct Proposal {
  // In the order of their ProposalType.
  std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions>
      value;

  ProposalType type() const;
  friend bool operator==(const Proposal&, const Proposal&) = default;
};
// An unknown type has no known length and must not be sent to us, since our capabilities do not
// list it (RFC 9420 §12.2, §13.5): kUnsupported.
void Encode(wire::Writer& out, const Proposal& value);
Status Decode(wire::Reader& in, Proposal& value);

// Hash of the AuthenticatedContent that carried a proposal (RFC 9420 §5.2).
struct ProposalRef {
  Bytes value;
  friend auto operator<=>(const ProposalRef&, const ProposalRef&) = default;
};
void Encode(wire::Writer& out, const ProposalRef& value);
Status Decode(wire::Reader& in, ProposalRef& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PROPOSAL_H_
