// Proposals: by members, and by signers outside the group.
#include <utility>

#include "crypto/mls/commit_draft.h"
#include "crypto/mls/external_proposal.h"
#include "crypto/mls/suite.h"
#include "tests/interop/peer/peer.h"

namespace renkei::interop {
namespace {

// Bytes in the interface, so hexadecimal; the plain word is understood too.
std::string ProposalTypeOf(const Fields& description) {
  const std::string text = description.GetText("proposal_type");
  const auto bytes = FromHex(text);
  return bytes.ok() && !bytes->empty() && text != "add" ? ToString(*bytes) : text;
}

Result<mls::CipherSuite> SuiteOf(const Fields& request) {
  const std::uint32_t suite = request.GetU32("cipher_suite");
  if (suite > 0xFFFF) {
    return Error(Code::kMalformed, "peer: cipher suite out of range");
  }
  return static_cast<mls::CipherSuite>(suite);
}

Result<mls::Proposal> ReInitOf(const Fields& request) {
  RENKEI_ASSIGN(const mls::CipherSuite suite, SuiteOf(request));
  return mls::Proposal{mls::ReInit{request.GetBytes("group_id"), mls::ProtocolVersion::kMls10,
                                   suite, request.GetExtensions("extensions")}};
}

Result<mls::Proposal> AddOf(const Fields& request) {
  RENKEI_ASSIGN(mls::KeyPackage key_package,
                mls::ParseKeyPackageMessage(request.GetBytes("key_package")));
  return mls::Proposal{mls::Add{std::move(key_package)}};
}

}  // namespace

Result<mls::Proposal> Describe(const Fields& description, ByteView group_id,
                               const std::vector<mls::Member>& members, Random& random) {
  const std::string type = ProposalTypeOf(description);
  if (type == "add") {
    return AddOf(description);
  }
  if (type == "remove") {
    RENKEI_ASSIGN(const mls::LeafIndex leaf,
                  FindMember(members, description.GetBytes("removed_id")));
    return mls::Proposal{mls::Remove{leaf}};
  }
  if (type == "externalPSK") {
    return mls::Proposal{
        mls::PreSharedKey{mls::Group::NewExternalPsk(description.GetBytes("psk_id"), random)}};
  }
  if (type == "resumptionPSK") {
    return mls::Proposal{mls::PreSharedKey{
        mls::Group::NewResumptionPsk(group_id, {description.GetU64("epoch_id")}, random)}};
  }
  if (type == "groupContextExtensions") {
    return mls::Proposal{mls::GroupContextExtensions{description.GetExtensions("extensions")}};
  }
  if (type == "reinit") {
    return ReInitOf(description);
  }
  return Error(Code::kUnsupported, "peer: no such proposal type");
}

Result<Json> Peer::Send(PeerGroup& state, const mls::Proposal& proposal) {
  RENKEI_ASSIGN(
      const mls::SentProposal sent,
      state.group->Propose(proposal, OptionsOf(state), EnvironmentWith(state.psks), random_));
  state.proposals[sent.message] = sent.ref;
  return Json{{"proposal", Hex(sent.message)}};
}

Result<Json> Peer::AddProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const mls::Proposal add, AddOf(request));
  return Send(*state, add);
}

Result<Json> Peer::UpdateProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const mls::SentProposal sent,
                state->group->ProposeUpdate(nullptr, OptionsOf(*state), random_));
  state->proposals[sent.message] = sent.ref;
  return Json{{"proposal", Hex(sent.message)}};
}

Result<Json> Peer::RemoveProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const mls::LeafIndex leaf,
                FindMember(state->group->Members(), request.GetBytes("removed_id")));
  return Send(*state, {mls::Remove{leaf}});
}

Result<Json> Peer::ExternalPskProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  return Send(*state,
              {mls::PreSharedKey{mls::Group::NewExternalPsk(request.GetBytes("psk_id"), random_)}});
}

Result<Json> Peer::ResumptionPskProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  const mls::Epoch epoch{request.GetU64("epoch_id")};
  return Send(
      *state,
      {mls::PreSharedKey{mls::Group::NewResumptionPsk(state->group->group_id(), epoch, random_)}});
}

Result<Json> Peer::GroupContextExtensionsProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  return Send(*state, {mls::GroupContextExtensions{request.GetExtensions("extensions")}});
}

Result<Json> Peer::ReInitProposal(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const mls::Proposal reinit, ReInitOf(request));
  return Send(*state, reinit);
}

Result<Json> Peer::CreateExternalSigner(const Fields& request) {
  RENKEI_ASSIGN(const mls::CipherSuite suite, SuiteOf(request));
  if (suite != mls::kSuite) {
    return Error(Code::kUnsupported, "peer: another cipher suite");
  }
  mls::OwnLeaf signer = NewLeaf(request.GetBytes("identity"));
  const mls::ExternalSender sender{ToBytes(signer.signing_key.public_key()), signer.credential};
  const std::uint32_t id = NextId();
  signers_.emplace(id, std::move(signer));
  return Json{{"signer_id", id}, {"external_sender", Hex(wire::Serialize(sender))}};
}

// The group's extensions with one more external sender.
Result<Json> Peer::AddExternalSigner(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(mls::ExternalSender sender,
                wire::Parse<mls::ExternalSender>(request.GetBytes("external_sender")));
  mls::Extensions extensions = state->group->extensions();
  mls::ExternalSenders senders;
  if (state->group->FindExtension(mls::ExternalSenders::kType) != nullptr) {
    RENKEI_ASSIGN(senders, mls::ParseExtension<mls::ExternalSenders>(extensions));
    std::erase_if(extensions, [](const mls::Extension& extension) {
      return extension.type == mls::ExternalSenders::kType;
    });
  }
  senders.senders.push_back(std::move(sender));
  extensions.push_back(mls::MakeExtension(senders));
  return Send(*state, {mls::GroupContextExtensions{std::move(extensions)}});
}

Result<Json> Peer::ExternalSignerProposal(const Fields& request) {
  const auto signer = signers_.find(request.GetU32("signer_id"));
  if (signer == signers_.end()) {
    return Error(Code::kNotFound, "peer: no such signer");
  }
  RENKEI_ASSIGN(const PublicGroup outside,
                ReadGroupInfo(request.GetBytes("group_info"), request.GetBytes("ratchet_tree")));
  const mls::GroupContext& context = outside.info.group_context;
  RENKEI_ASSIGN(const mls::Proposal proposal, Describe(request.GetObject("description"),
                                                       context.group_id, outside.members, random_));
  RENKEI_ASSIGN(
      const mls::SentProposal sent,
      mls::MakeExternalProposal({context.group_id, context.epoch}, request.GetU32("signer_index"),
                                signer->second.signing_key, proposal));
  return Json{{"proposal", Hex(sent.message)}};
}

}  // namespace renkei::interop
