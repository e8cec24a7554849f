// One client of the MLS working group's test interface (MLSClient in mlswg/mls-implementations,
// interop/proto/mls_client.proto): all its calls, on groups, key packages and signers that live
// here under numbers. A call that fails changes nothing. One thread.
//
// What the interface leaves open:
//   - A group keeps its state_id from epoch to epoch. Of the epochs that are over, kKeptEpochs are
//     kept, in which Unprotect opens what comes late and nothing else is done (the library itself
//     keeps none: RFC 9420 §15.3 leaves it open, and it costs forward secrecy).
//   - HandleCommit of a commit that removes us answers without epoch_authenticator; of the state
//     only Free is left.
//   - `proposal_type` is bytes and therefore hexadecimal; the plain word is taken too.
//   - RFC 9420 §12.4: whoever has seen a proposal commits before sending application data, so
//     Protect fails between a proposal and its commit.
#ifndef RENKEI_TESTS_INTEROP_PEER_PEER_H_
#define RENKEI_TESTS_INTEROP_PEER_PEER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "crypto/base/clock.h"
#include "crypto/base/random.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_info.h"
#include "tests/interop/peer/fields.h"

namespace renkei::interop {

class KnownPsks final : public mls::PskSource {
 public:
  KnownPsks() = default;
  KnownPsks(KnownPsks&&) = default;
  KnownPsks& operator=(KnownPsks&&) = default;
  KnownPsks Clone() const;
  void Set(Bytes id, ByteView secret);
  Result<SecretBytes> External(ByteView psk_id) const override;

 private:
  std::map<Bytes, SecretBytes> secrets_;
};

inline constexpr std::size_t kKeptEpochs = 4;

// A group that we are or were in.
struct PeerGroup {
  std::optional<mls::Group> group;  // empty: we were removed
  std::deque<mls::Group> past;      // epochs that are over, newest first
  Bytes identity;
  bool encrypt_handshake = false;
  KnownPsks psks;
  // Proposals of this epoch, by the message that carried them.
  std::map<Bytes, mls::ProposalRef> proposals;
  std::optional<mls::PendingCommit> pending;
};

// A key package that waits for its Welcome.
struct PeerKeyPackage {
  mls::OwnKeyPackage key_package;
  Bytes identity;
  KnownPsks psks;
};

// A group that has ended by ReInit, and our key package for its successor.
struct PeerReInit {
  mls::Group parent;
  PeerKeyPackage key_package;
  bool encrypt_handshake = false;
};

class Peer {
 public:
  Peer(Random& random, const Clock& clock) : random_(random), clock_(clock) {}

  // {"rpc":..,"req":{..}} -> {"ok":true,"resp":{..}} or {"ok":false,"error":"kCode: where"}.
  Json Handle(const Json& request);
  // The same for a line of text; the answer is one line too, without its end.
  std::string HandleLine(const std::string& line);

 private:
  using Call = Result<Json> (Peer::*)(const Fields& request);
  static const std::map<std::string, Call>& Calls();

  // peer.cc
  Result<Json> Name(const Fields& request);
  Result<Json> SupportedCiphersuites(const Fields& request);
  Result<Json> StorePsk(const Fields& request);
  Result<Json> Free(const Fields& request);
  // joining.cc
  Result<Json> CreateGroup(const Fields& request);
  Result<Json> CreateKeyPackage(const Fields& request);
  Result<Json> JoinGroup(const Fields& request);
  Result<Json> ExternalJoin(const Fields& request);
  Result<Json> NewMemberAddProposal(const Fields& request);
  // epoch.cc
  Result<Json> GroupInfo(const Fields& request);
  Result<Json> StateAuth(const Fields& request);
  Result<Json> Export(const Fields& request);
  Result<Json> Protect(const Fields& request);
  Result<Json> Unprotect(const Fields& request);
  // proposals.cc
  Result<Json> AddProposal(const Fields& request);
  Result<Json> UpdateProposal(const Fields& request);
  Result<Json> RemoveProposal(const Fields& request);
  Result<Json> ExternalPskProposal(const Fields& request);
  Result<Json> ResumptionPskProposal(const Fields& request);
  Result<Json> GroupContextExtensionsProposal(const Fields& request);
  Result<Json> ReInitProposal(const Fields& request);
  Result<Json> CreateExternalSigner(const Fields& request);
  Result<Json> AddExternalSigner(const Fields& request);
  Result<Json> ExternalSignerProposal(const Fields& request);
  // commits.cc
  Result<Json> Commit(const Fields& request);
  Result<Json> HandleCommit(const Fields& request);
  Result<Json> HandlePendingCommit(const Fields& request);
  // continuing.cc
  Result<Json> ReInitCommit(const Fields& request);
  Result<Json> HandlePendingReInitCommit(const Fields& request);
  Result<Json> HandleReInitCommit(const Fields& request);
  Result<Json> ReInitWelcome(const Fields& request);
  Result<Json> HandleReInitWelcome(const Fields& request);
  Result<Json> CreateBranch(const Fields& request);
  Result<Json> HandleBranch(const Fields& request);

  mls::Environment EnvironmentWith(const KnownPsks& psks) const;
  std::uint32_t NextId() { return ++last_id_; }
  mls::OwnLeaf NewLeaf(const Bytes& identity);
  mls::Lifetime NewLifetime() const;
  Result<PeerKeyPackage> NewKeyPackage(const Bytes& identity);
  // The group under request.state_id. kNotFound: none, or we were removed from it.
  Result<PeerGroup*> FindGroup(const Fields& request);
  Result<PeerKeyPackage*> FindKeyPackage(const Fields& request);
  // Keeps the group under a new number.
  std::uint32_t Keep(PeerGroup group);

  Result<Json> Send(PeerGroup& state, const mls::Proposal& proposal);
  // A copy of the group that has taken these proposals in, of which `state` may know some already.
  struct WithProposals {
    mls::Group group;
    std::map<Bytes, mls::ProposalRef> proposals;
  };
  Result<WithProposals> TakeProposals(const PeerGroup& state, const std::vector<Bytes>& messages);
  Result<Json> FinishReInit(PeerGroup& state, mls::Group next);

  Random& random_;
  const Clock& clock_;
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, PeerGroup> groups_;
  std::map<std::uint32_t, PeerKeyPackage> key_packages_;
  std::map<std::uint32_t, PeerReInit> reinits_;
  std::map<std::uint32_t, mls::OwnLeaf> signers_;
};

// --- shared by the files above -------------------------------------------------------------------

// A copy of the group; nothing that is done to it is done to the original.
mls::Group Copy(const mls::Group& group);
mls::MessageOptions OptionsOf(const PeerGroup& state);
// The group has moved on: what belonged to the old epoch goes.
void MoveOn(PeerGroup& state, mls::Group next);
// The leaf with this basic credential. kNotFound.
Result<mls::LeafIndex> FindMember(const std::vector<mls::Member>& members, const Bytes& identity);
// What a ProposalDescription describes. `group_id` and `members`: of the group it is for.
Result<mls::Proposal> Describe(const Fields& description, ByteView group_id,
                               const std::vector<mls::Member>& members, Random& random);
// CommitRequest as the library takes it; by reference: those in `known`.
Result<mls::CommitOptions> CommitOptionsOf(const Fields& request, const PeerGroup& state,
                                           const std::map<Bytes, mls::ProposalRef>& known,
                                           Random& random);
// MLSMessage(GroupInfo), and the members that it or the tree beside it (may be empty) names.
struct PublicGroup {
  mls::GroupInfo info;
  std::vector<mls::Member> members;  // none if there is no tree
};
Result<PublicGroup> ReadGroupInfo(ByteView group_info, const Bytes& ratchet_tree);
std::string Hex(ByteView bytes);

}  // namespace renkei::interop

#endif  // RENKEI_TESTS_INTEROP_PEER_PEER_H_
