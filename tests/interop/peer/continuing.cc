// Groups that continue another: reinitialization (RFC 9420 §11.2) and branches (§11.3).
#include <utility>

#include "crypto/mls/suite.h"
#include "tests/interop/peer/peer.h"

namespace renkei::interop {
namespace {

mls::PublishOptions PublishOptionsOf(const Fields& request) {
  mls::PublishOptions publish;
  publish.tree_in_welcome = !request.GetFlag("external_tree");
  publish.group_info = false;
  publish.force_path = request.GetFlag("force_path");
  return publish;
}

// The answer around a new group; `made.next` is taken out of it.
Json DescribeSubgroup(const Fields& request, const mls::PendingCommit& made, std::uint32_t id) {
  Json answer{{"state_id", id}, {"epoch_authenticator", Hex(made.next.EpochAuthenticator())}};
  if (made.welcome.has_value()) {
    answer["welcome"] = Hex(*made.welcome);
  }
  if (request.GetFlag("external_tree")) {
    answer["ratchet_tree"] = Hex(made.next.ExportTree());
  }
  return answer;
}

mls::JoinOptions JoinOptionsOf(const Fields& request, const mls::Group& parent) {
  mls::JoinOptions options;
  options.parent = &parent;
  if (Bytes tree = request.GetBytes("ratchet_tree"); !tree.empty()) {
    options.ratchet_tree = std::move(tree);
  }
  return options;
}

}  // namespace

Result<Json> Peer::ReInitCommit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const WithProposals taken,
                TakeProposals(*state, request.GetBytesList("by_reference")));
  RENKEI_ASSIGN(const mls::CommitOptions options,
                CommitOptionsOf(request, *state, taken.proposals, random_));
  bool found = false;
  for (const mls::Proposal& proposal : options.proposals) {
    found = found || std::holds_alternative<mls::ReInit>(proposal.value);
  }
  for (const mls::StoredProposal& stored : taken.group.Proposals()) {
    found = found || std::holds_alternative<mls::ReInit>(stored.proposal.value);
  }
  if (!found) {
    return Error(Code::kMalformed, "peer: no reinit to commit");
  }
  return Commit(request);
}

// The state stands at the epoch that ends the group; the successor is entered with its own number.
Result<Json> Peer::FinishReInit(PeerGroup& state, mls::Group next) {
  if (!next.reinit().has_value()) {
    return Error(Code::kMalformed, "peer: commit without reinit");
  }
  if (next.reinit()->cipher_suite != mls::kSuite) {
    return Error(Code::kUnsupported, "peer: reinit to another cipher suite");
  }
  RENKEI_ASSIGN(PeerKeyPackage made, NewKeyPackage(state.identity));
  made.psks = state.psks.Clone();
  MoveOn(state, std::move(next));
  const std::uint32_t id = NextId();
  Json answer{{"reinit_id", id},
              {"key_package", Hex(made.key_package.message)},
              {"epoch_authenticator", Hex(state.group->EpochAuthenticator())}};
  reinits_.emplace(id, PeerReInit{Copy(*state.group), std::move(made), state.encrypt_handshake});
  return answer;
}

Result<Json> Peer::HandlePendingReInitCommit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  if (!state->pending.has_value()) {
    return Error(Code::kNotFound, "peer: no commit is pending");
  }
  return FinishReInit(*state, Copy(state->pending->next));
}

Result<Json> Peer::HandleReInitCommit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(WithProposals taken, TakeProposals(*state, request.GetBytesList("proposal")));
  RENKEI_ASSIGN(mls::Processed processed,
                taken.group.Process(request.GetBytes("commit"), EnvironmentWith(state->psks)));
  auto* staged = std::get_if<mls::StagedCommit>(&processed);
  if (staged == nullptr || !staged->next.has_value()) {
    return Error(Code::kMalformed, "peer: not a commit with reinit");
  }
  return FinishReInit(*state, std::move(*staged->next));
}

Result<Json> Peer::ReInitWelcome(const Fields& request) {
  const auto found = reinits_.find(request.GetU32("reinit_id"));
  if (found == reinits_.end()) {
    return Error(Code::kNotFound, "peer: no such reinit");
  }
  PeerReInit& old = found->second;
  PeerGroup state;
  state.identity = old.key_package.identity;
  state.encrypt_handshake = old.encrypt_handshake;
  RENKEI_ASSIGN(
      mls::PendingCommit made,
      old.parent.Reinitialize(NewLeaf(state.identity), request.GetBytesList("key_package"),
                              PublishOptionsOf(request), NewLifetime(),
                              EnvironmentWith(old.key_package.psks), random_));
  state.psks = std::move(old.key_package.psks);
  reinits_.erase(found);
  const Json answer = DescribeSubgroup(request, made, NextId());
  state.group = std::move(made.next);
  groups_.emplace(last_id_, std::move(state));
  return answer;
}

Result<Json> Peer::HandleReInitWelcome(const Fields& request) {
  const auto found = reinits_.find(request.GetU32("reinit_id"));
  if (found == reinits_.end()) {
    return Error(Code::kNotFound, "peer: no such reinit");
  }
  PeerReInit& old = found->second;
  PeerGroup state;
  state.identity = old.key_package.identity;
  state.encrypt_handshake = old.encrypt_handshake;
  RENKEI_ASSIGN(state.group,
                mls::Group::JoinWelcome(request.GetBytes("welcome"), old.key_package.key_package,
                                        JoinOptionsOf(request, old.parent),
                                        EnvironmentWith(old.key_package.psks)));
  state.psks = std::move(old.key_package.psks);
  reinits_.erase(found);
  Json answer{{"epoch_authenticator", Hex(state.group->EpochAuthenticator())}};
  answer["state_id"] = Keep(std::move(state));
  return answer;
}

Result<Json> Peer::CreateBranch(const Fields& request) {
  RENKEI_ASSIGN(const PeerGroup* parent, FindGroup(request));
  PeerGroup state;
  state.identity = parent->identity;
  state.encrypt_handshake = parent->encrypt_handshake;
  state.psks = parent->psks.Clone();
  RENKEI_ASSIGN(
      mls::PendingCommit made,
      parent->group->Branch(
          NewLeaf(state.identity),
          {request.GetBytes("group_id"), request.GetExtensions("extensions"), NewLifetime()},
          request.GetBytesList("key_packages"), PublishOptionsOf(request),
          EnvironmentWith(state.psks), random_));
  const Json answer = DescribeSubgroup(request, made, NextId());
  state.group = std::move(made.next);
  groups_.emplace(last_id_, std::move(state));
  return answer;
}

Result<Json> Peer::HandleBranch(const Fields& request) {
  RENKEI_ASSIGN(const PeerGroup* parent, FindGroup(request));
  RENKEI_ASSIGN(PeerKeyPackage * waiting, FindKeyPackage(request));
  PeerGroup state;
  state.identity = parent->identity;
  state.encrypt_handshake = parent->encrypt_handshake;
  RENKEI_ASSIGN(state.group,
                mls::Group::JoinWelcome(request.GetBytes("welcome"), waiting->key_package,
                                        JoinOptionsOf(request, *parent->group),
                                        EnvironmentWith(waiting->psks)));
  state.psks = std::move(waiting->psks);
  key_packages_.erase(request.GetU32("transaction_id"));
  Json answer{{"epoch_authenticator", Hex(state.group->EpochAuthenticator())}};
  answer["state_id"] = Keep(std::move(state));
  return answer;
}

}  // namespace renkei::interop
