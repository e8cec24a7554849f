// What one epoch of a group gives: information, secrets, messages.
#include <utility>

#include "tests/interop/peer/peer.h"

namespace renkei::interop {
namespace {

constexpr std::uint32_t kMaxExportBytes = 8160;  // HKDF over SHA-256
constexpr std::size_t kMaxLabelBytes = 16'000;

// What came late is opened in the epoch that it was sent in.
Result<mls::ApplicationMessage> OpenIn(PeerGroup& state, ByteView message) {
  Result<mls::ApplicationMessage> opened = state.group->Unprotect(message);
  for (mls::Group& epoch : state.past) {
    if (opened.ok() || opened.error().code() != Code::kStaleEpoch) {
      break;
    }
    opened = epoch.Unprotect(message);
  }
  return opened;
}

}  // namespace

Result<Json> Peer::GroupInfo(const Fields& request) {
  RENKEI_ASSIGN(const PeerGroup* state, FindGroup(request));
  const bool beside = request.GetFlag("external_tree");
  Json answer{{"group_info", Hex(state->group->MakeGroupInfo(!beside, {}))}};
  if (beside) {
    answer["ratchet_tree"] = Hex(state->group->ExportTree());
  }
  return answer;
}

Result<Json> Peer::StateAuth(const Fields& request) {
  RENKEI_ASSIGN(const PeerGroup* state, FindGroup(request));
  return Json{{"state_auth_secret", Hex(state->group->EpochAuthenticator())}};
}

Result<Json> Peer::Export(const Fields& request) {
  RENKEI_ASSIGN(const PeerGroup* state, FindGroup(request));
  const std::uint32_t length = request.GetU32("key_length");
  const std::string label = request.GetText("label");
  if (length == 0 || length > kMaxExportBytes || label.size() > kMaxLabelBytes) {
    return Error(Code::kTooLarge, "peer: length of an exported secret or its label");
  }
  const SecretBytes secret = state->group->Export(label, request.GetBytes("context"), length);
  return Json{{"exported_secret", Hex(secret.Expose())}};
}

Result<Json> Peer::Protect(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  mls::MessageOptions options;
  options.authenticated_data = request.GetBytes("authenticated_data");
  RENKEI_ASSIGN(const Bytes message,
                state->group->Protect(request.GetBytes("plaintext"), options, random_));
  return Json{{"ciphertext", Hex(message)}};
}

Result<Json> Peer::Unprotect(const Fields& request) {
  RENKEI_ASSIGN(PeerGroup * state, FindGroup(request));
  RENKEI_ASSIGN(const mls::ApplicationMessage opened,
                OpenIn(*state, request.GetBytes("ciphertext")));
  return Json{{"authenticated_data", Hex(opened.authenticated_data)},
              {"plaintext", Hex(opened.content.Expose())}};
}

}  // namespace renkei::interop
