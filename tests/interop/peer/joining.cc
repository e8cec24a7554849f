// Ways into a group.
#include <utility>

#include "crypto/mls/external_proposal.h"
#include "crypto/mls/suite.h"
#include "tests/interop/peer/peer.h"

namespace renkei::interop {
namespace {

Status CheckSuite(const Fields& request) {
  if (request.GetU32("cipher_suite") != static_cast<std::uint32_t>(mls::kSuite)) {
    return Error(Code::kUnsupported, "peer: another cipher suite");
  }
  return Ok();
}

std::optional<Bytes> OptionalTree(const Fields& request) {
  Bytes tree = request.GetBytes("ratchet_tree");
  return tree.empty() ? std::nullopt : std::optional<Bytes>(std::move(tree));
}

void AddPrivateKeys(Json& answer, const mls::OwnKeyPackage& own) {
  answer["init_priv"] = Hex(own.init_key.Expose());
  answer["encryption_priv"] = Hex(own.encryption_key.Expose());
  answer["signature_priv"] = Hex(own.signing_key.Seed().Expose());
}

}  // namespace

Result<Json> Peer::CreateGroup(const Fields& request) {
  RENKEI_TRY(CheckSuite(request));
  PeerGroup state;
  state.identity = request.GetBytes("identity");
  state.encrypt_handshake = request.GetFlag("encrypt_handshake");
  RENKEI_ASSIGN(state.group,
                mls::Group::Create(NewLeaf(state.identity),
                                   {request.GetBytes("group_id"), {}, NewLifetime()}, random_));
  return Json{{"state_id", Keep(std::move(state))}};
}

Result<Json> Peer::CreateKeyPackage(const Fields& request) {
  RENKEI_TRY(CheckSuite(request));
  RENKEI_ASSIGN(PeerKeyPackage made, NewKeyPackage(request.GetBytes("identity")));
  Json answer{{"key_package", Hex(made.key_package.message)}};
  AddPrivateKeys(answer, made.key_package);
  answer["transaction_id"] = NextId();
  key_packages_.emplace(last_id_, std::move(made));
  return answer;
}

Result<Json> Peer::JoinGroup(const Fields& request) {
  RENKEI_ASSIGN(PeerKeyPackage * waiting, FindKeyPackage(request));
  mls::JoinOptions options;
  options.ratchet_tree = OptionalTree(request);
  PeerGroup state;
  state.identity = waiting->identity;
  state.encrypt_handshake = request.GetFlag("encrypt_handshake");
  RENKEI_ASSIGN(state.group,
                mls::Group::JoinWelcome(request.GetBytes("welcome"), waiting->key_package, options,
                                        EnvironmentWith(waiting->psks)));
  state.psks = std::move(waiting->psks);
  key_packages_.erase(request.GetU32("transaction_id"));  // its init key is used up
  Json answer{{"epoch_authenticator", Hex(state.group->EpochAuthenticator())}};
  answer["state_id"] = Keep(std::move(state));
  return answer;
}

Result<Json> Peer::ExternalJoin(const Fields& request) {
  const Bytes group_info = request.GetBytes("group_info");
  PeerGroup state;
  state.identity = request.GetBytes("identity");
  state.encrypt_handshake = request.GetFlag("encrypt_handshake");
  mls::ExternalJoinOptions options;
  options.ratchet_tree = OptionalTree(request);
  options.publish.group_info = false;
  if (request.GetFlag("remove_prior")) {
    RENKEI_ASSIGN(const PublicGroup outside,
                  ReadGroupInfo(group_info, request.GetBytes("ratchet_tree")));
    RENKEI_ASSIGN(options.resync, FindMember(outside.members, state.identity));
  }
  for (const Fields& psk : request.GetList("psks")) {
    const Bytes id = psk.GetBytes("psk_id");
    state.psks.Set(id, psk.GetBytes("psk_secret"));
    options.psks.push_back(mls::Group::NewExternalPsk(id, random_));
  }
  RENKEI_ASSIGN(mls::PendingCommit joined,
                mls::Group::ExternalJoin(group_info, NewLeaf(state.identity), options,
                                         EnvironmentWith(state.psks), random_));
  Json answer{{"commit", Hex(joined.commit)},
              {"epoch_authenticator", Hex(joined.next.EpochAuthenticator())}};
  state.group = std::move(joined.next);
  answer["state_id"] = Keep(std::move(state));
  return answer;
}

Result<Json> Peer::NewMemberAddProposal(const Fields& request) {
  RENKEI_ASSIGN(const PublicGroup outside, ReadGroupInfo(request.GetBytes("group_info"), {}));
  RENKEI_ASSIGN(PeerKeyPackage made, NewKeyPackage(request.GetBytes("identity")));
  const mls::GroupContext& context = outside.info.group_context;
  RENKEI_ASSIGN(const mls::SentProposal sent,
                mls::MakeNewMemberProposal({context.group_id, context.epoch}, made.key_package));
  Json answer{{"proposal", Hex(sent.message)}};
  AddPrivateKeys(answer, made.key_package);
  answer["transaction_id"] = NextId();
  key_packages_.emplace(last_id_, std::move(made));
  return answer;
}

}  // namespace renkei::interop
