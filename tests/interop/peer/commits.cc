// Commits: ours and others'.
#include <utility>

#include "tests/interop/peer/peer.h"

namespace renkei::interop {

Result<Peer::WithProposals> Peer::TakeProposals(const PeerGroup& state,
                                                const std::vector<Bytes>& messages) {
  WithProposals out{Copy(*state.group), state.proposals};
  for (const Bytes& message : messages) {
    if (out.proposals.contains(message)) {
      continue;  // ours, or taken before: a private one opens only once
    }
    RENKEI_ASSIGN(const mls::Processed taken,
                  out.group.Process(message, EnvironmentWith(state.psks)));
    const auto* stored = std::get_if<mls::StoredProposal>(&taken);
    if (stored == nullptr) {
      return Error(Code::kMalformed, "peer: not a proposal");
    }
    out.proposals[message] = stored->ref;
  }
  return out;
}

Result<mls::CommitOptions> CommitOptionsOf(const Fields& request, const PeerGroup& state,
                                           const std::map<Bytes, mls::ProposalRef>& known,
                                           Random& random) {
  mls::CommitOptions options;
  options.force_path = request.GetFlag("force_path");
  options.handshake = OptionsOf(state).handshake;
  options.publish.tree_in_welcome = !request.GetFlag("external_tree");
  options.publish.group_info = false;
  for (const Bytes& message : request.GetBytesList("by_reference")) {
    options.references.push_back(known.at(message));
  }
  const std::vector<mls::Member> members = state.group->Members();
  for (const Fields& description : request.GetList("by_value")) {
    RENKEI_ASSIGN(mls::Proposal proposal,
                  Describe(description, state.group->group_id(), members, random));
    options.proposals.push_back(std::move(proposal));
  }
  return options;
}

Result<Json> Peer::Commit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(WithProposals taken, TakeProposals(*state, request.GetBytesList("by_reference")));
  RENKEI_ASSIGN(const mls::CommitOptions options,
                CommitOptionsOf(request, *state, taken.proposals, random_));
  RENKEI_ASSIGN(mls::PendingCommit pending,
                taken.group.Commit(options, EnvironmentWith(state->psks), random_));
  Json answer{{"commit", Hex(pending.commit)}};
  if (pending.welcome.has_value()) {
    answer["welcome"] = Hex(*pending.welcome);
  }
  if (request.GetFlag("external_tree")) {
    answer["ratchet_tree"] = Hex(pending.next.ExportTree());
  }
  state->group = std::move(taken.group);
  state->proposals = std::move(taken.proposals);
  state->pending = std::move(pending);
  return answer;
}

Result<Json> Peer::HandleCommit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  const Bytes commit = request.GetBytes("commit");
  if (state->pending.has_value() && state->pending->commit == commit) {
    return HandlePendingCommit(request);
  }
  RENKEI_ASSIGN(WithProposals taken, TakeProposals(*state, request.GetBytesList("proposal")));
  RENKEI_ASSIGN(mls::Processed processed,
                taken.group.Process(commit, EnvironmentWith(state->psks)));
  auto* staged = std::get_if<mls::StagedCommit>(&processed);
  if (staged == nullptr) {
    return Error(Code::kMalformed, "peer: not a commit");
  }
  Json answer{{"state_id", request.GetU32("state_id")}};
  if (!staged->next.has_value()) {
    state->group.reset();
    state->past.clear();
    state->pending.reset();
    return answer;
  }
  MoveOn(*state, std::move(*staged->next));
  answer["epoch_authenticator"] = Hex(state->group->EpochAuthenticator());
  return answer;
}

Result<Json> Peer::HandlePendingCommit(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  if (!state->pending.has_value()) {
    return Error(Code::kNotFound, "peer: no commit is pending");
  }
  mls::Group next = std::move(state->pending->next);
  MoveOn(*state, std::move(next));
  return Json{{"state_id", request.GetU32("state_id")},
              {"epoch_authenticator", Hex(state->group->EpochAuthenticator())}};
}

}  // namespace renkei::interop
