#include "crypto/mls/external_proposal.h"

#include <utility>

#include "crypto/mls/authenticate.h"
#include "crypto/mls/commit_draft.h"
#include "crypto/mls/message.h"
#include "crypto/mls/public_message.h"
#include "crypto/mls/suite.h"

namespace renkei::mls {
namespace {

Result<SentProposal> Send(const ProposalTarget& target, const Sender& sender, const SigningKey& key,
                          Proposal proposal) {
  FramedContent framed{target.group_id, target.epoch, sender, {}, std::move(proposal)};
  AuthenticatedContent content =
      SignFramedContent(WireFormat::kPublicMessage, std::move(framed), key, {});
  ProposalRef ref = MakeProposalRef(content);
  RENKEI_ASSIGN(PublicMessage message, ProtectPublic(std::move(content), nullptr, {}));
  return SentProposal{wire::Serialize(MlsMessage{std::move(message)}), std::move(ref)};
}

}  // namespace

Result<SentProposal> MakeExternalProposal(const ProposalTarget& target, std::uint32_t sender_index,
                                          const SigningKey& key, const Proposal& proposal) {
  const FramedContent asked{{}, {}, Sender{ExternalSenderIndex{sender_index}}, {}, proposal};
  if (!CheckSenderMaySend(asked).ok()) {
    return Error(Code::kDenied, "mls: external senders may not propose this");
  }
  return Send(target, asked.sender, key, proposal);
}

Result<SentProposal> MakeNewMemberProposal(const ProposalTarget& target,
                                           const OwnKeyPackage& key_package) {
  RENKEI_ASSIGN(KeyPackage parsed, ParseKeyPackageMessage(key_package.message));
  return Send(target, Sender{NewMemberProposalSender{}}, key_package.signing_key,
              Proposal{Add{std::move(parsed)}});
}

}  // namespace renkei::mls
