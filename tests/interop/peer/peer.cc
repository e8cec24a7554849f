#include "tests/interop/peer/peer.h"

#include <utility>

#include "crypto/mls/group_state.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"

namespace renkei::interop {
namespace {

// Basic credentials that everybody believes.
class AcceptAll final : public mls::CredentialPolicy {
 public:
  Status Check(const mls::Credential&, ByteView, Millis) const override { return Ok(); }
};

Json Failure(const std::string& why) {
  return {{"ok", false}, {"error", why}};
}

}  // namespace

KnownPsks KnownPsks::Clone() const {
  KnownPsks copy;
  for (const auto& [id, secret] : secrets_) {
    copy.Set(id, secret.Expose());
  }
  return copy;
}

void KnownPsks::Set(Bytes id, ByteView secret) {
  secrets_.insert_or_assign(std::move(id), SecretBytes::CopyOf(secret));
}

Result<SecretBytes> KnownPsks::External(ByteView psk_id) const {
  const auto found = secrets_.find(ToBytes(psk_id));
  if (found == secrets_.end()) {
    return Error(Code::kNotFound, "peer: no such psk");
  }
  return found->second.Clone();
}

const std::map<std::string, Peer::Call>& Peer::Calls() {
  static const std::map<std::string, Call> calls = {
      {"Name", &Peer::Name},
      {"SupportedCiphersuites", &Peer::SupportedCiphersuites},
      {"CreateGroup", &Peer::CreateGroup},
      {"CreateKeyPackage", &Peer::CreateKeyPackage},
      {"JoinGroup", &Peer::JoinGroup},
      {"ExternalJoin", &Peer::ExternalJoin},
      {"GroupInfo", &Peer::GroupInfo},
      {"StateAuth", &Peer::StateAuth},
      {"Export", &Peer::Export},
      {"Protect", &Peer::Protect},
      {"Unprotect", &Peer::Unprotect},
      {"StorePSK", &Peer::StorePsk},
      {"AddProposal", &Peer::AddProposal},
      {"UpdateProposal", &Peer::UpdateProposal},
      {"RemoveProposal", &Peer::RemoveProposal},
      {"ExternalPSKProposal", &Peer::ExternalPskProposal},
      {"ResumptionPSKProposal", &Peer::ResumptionPskProposal},
      {"GroupContextExtensionsProposal", &Peer::GroupContextExtensionsProposal},
      {"Commit", &Peer::Commit},
      {"HandleCommit", &Peer::HandleCommit},
      {"HandlePendingCommit", &Peer::HandlePendingCommit},
      {"ReInitProposal", &Peer::ReInitProposal},
      {"ReInitCommit", &Peer::ReInitCommit},
      {"HandlePendingReInitCommit", &Peer::HandlePendingReInitCommit},
      {"HandleReInitCommit", &Peer::HandleReInitCommit},
      {"ReInitWelcome", &Peer::ReInitWelcome},
      {"HandleReInitWelcome", &Peer::HandleReInitWelcome},
      {"CreateBranch", &Peer::CreateBranch},
      {"HandleBranch", &Peer::HandleBranch},
      {"NewMemberAddProposal", &Peer::NewMemberAddProposal},
      {"CreateExternalSigner", &Peer::CreateExternalSigner},
      {"AddExternalSigner", &Peer::AddExternalSigner},
      {"ExternalSignerProposal", &Peer::ExternalSignerProposal},
      {"Free", &Peer::Free},
  };
  return calls;
}

Json Peer::Handle(const Json& request) {
  if (!request.is_object()) {
    return Failure("kMalformed: request is not an object");
  }
  try {
    const Fields fields(request);
    const auto call = Calls().find(fields.GetText("rpc"));
    if (call == Calls().end()) {
      return Failure("kUnsupported: no such call");
    }
    Result<Json> answer = (this->*call->second)(fields.GetObject("req"));
    if (!answer.ok()) {
      return Failure(std::string(CodeName(answer.error().code())) + ": " + answer.error().where());
    }
    return {{"ok", true}, {"resp", std::move(answer).value()}};
  } catch (const BadField& bad) {
    return Failure(std::string("kMalformed: ") + bad.what());
  }
}

std::string Peer::HandleLine(const std::string& line) {
  const Json request = Json::parse(line, nullptr, false);
  const Json answer =
      request.is_discarded() ? Failure("kMalformed: request is not JSON") : Handle(request);
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> Peer::Name(const Fields& /*request*/) {
  return Json{{"name", "renkei"}};
}

Result<Json> Peer::SupportedCiphersuites(const Fields& /*request*/) {
  return Json{{"ciphersuites", {static_cast<std::uint16_t>(mls::kSuite)}}};
}

Result<Json> Peer::StorePsk(const Fields& request) {
  const std::uint32_t id = request.GetU32("state_or_transaction_id");
  const Bytes psk_id = request.GetBytes("psk_id");
  const Bytes secret = request.GetBytes("psk_secret");
  if (const auto group = groups_.find(id); group != groups_.end()) {
    group->second.psks.Set(psk_id, secret);
  } else if (const auto waiting = key_packages_.find(id); waiting != key_packages_.end()) {
    waiting->second.psks.Set(psk_id, secret);
  } else {
    return Error(Code::kNotFound, "peer: no such state or transaction");
  }
  return Json::object();
}

Result<Json> Peer::Free(const Fields& request) {
  if (groups_.erase(request.GetU32("state_id")) == 0) {
    return Error(Code::kNotFound, "peer: no such state");
  }
  return Json::object();
}

mls::Environment Peer::EnvironmentWith(const KnownPsks& psks) const {
  static const AcceptAll credentials;
  return {credentials, clock_.Now(), &psks};
}

mls::OwnLeaf Peer::NewLeaf(const Bytes& identity) {
  mls::OwnLeaf leaf{SigningKey::Generate(random_), {}, mls::DefaultCapabilities(), {}};
  leaf.credential.value = mls::BasicCredential{identity};
  return leaf;
}

mls::Lifetime Peer::NewLifetime() const {
  return mls::LifetimeFrom(clock_.Now(), Days(90));
}

Result<PeerKeyPackage> Peer::NewKeyPackage(const Bytes& identity) {
  RENKEI_ASSIGN(mls::OwnKeyPackage key_package,
                mls::CreateKeyPackage(NewLeaf(identity), {NewLifetime(), {}}, random_));
  return PeerKeyPackage{std::move(key_package), identity, {}};
}

Result<PeerGroup*> Peer::FindGroup(const Fields& request) {
  const auto found = groups_.find(request.GetU32("state_id"));
  if (found == groups_.end()) {
    return Error(Code::kNotFound, "peer: no such state");
  }
  if (!found->second.group.has_value()) {
    return Error(Code::kNotFound, "peer: removed from the group");
  }
  return &found->second;
}

Result<PeerKeyPackage*> Peer::FindKeyPackage(const Fields& request) {
  const auto found = key_packages_.find(request.GetU32("transaction_id"));
  if (found == key_packages_.end()) {
    return Error(Code::kNotFound, "peer: no such transaction");
  }
  return &found->second;
}

std::uint32_t Peer::Keep(PeerGroup group) {
  const std::uint32_t id = NextId();
  groups_.emplace(id, std::move(group));
  return id;
}

mls::Group Copy(const mls::Group& group) {
  return mls::Group::Deserialize(group.Serialize().Expose()).value();
}

mls::MessageOptions OptionsOf(const PeerGroup& state) {
  mls::MessageOptions options;
  options.handshake = state.encrypt_handshake ? mls::Handshake::kPrivate : mls::Handshake::kPublic;
  return options;
}

void MoveOn(PeerGroup& state, mls::Group next) {
  state.past.push_front(std::move(*state.group));
  if (state.past.size() > kKeptEpochs) {
    state.past.pop_back();
  }
  state.group = std::move(next);
  state.proposals.clear();
  state.pending.reset();
}

Result<mls::LeafIndex> FindMember(const std::vector<mls::Member>& members, const Bytes& identity) {
  for (const mls::Member& member : members) {
    const auto* basic = std::get_if<mls::BasicCredential>(&member.leaf.credential.value);
    if (basic != nullptr && basic->identity == identity) {
      return member.index;
    }
  }
  return Error(Code::kNotFound, "peer: no such member");
}

Result<PublicGroup> ReadGroupInfo(ByteView group_info, const Bytes& ratchet_tree) {
  RENKEI_ASSIGN(mls::MlsMessage message, mls::ParseMessage(group_info));
  auto* info = std::get_if<mls::GroupInfo>(&message.value);
  if (info == nullptr) {
    return Error(Code::kMalformed, "peer: not a group info");
  }
  PublicGroup out{std::move(*info), {}};
  const auto tree = mls::TreeFor(
      out.info, ratchet_tree.empty() ? std::nullopt : std::optional<Bytes>(ratchet_tree));
  if (tree.ok()) {
    tree->ForEachLeaf([&](mls::LeafIndex index, const mls::LeafNode& leaf) {
      out.members.push_back({index, leaf});
    });
  }
  return out;
}

std::string Hex(ByteView bytes) {
  return ToHex(bytes);
}

}  // namespace renkei::interop
