// Joining: Enrolment::Join, FinishJoin, PendingState.
#include "client/core/enrol_connect.h"
#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "client/core/join_finish.h"
#include "crypto/mls/hpke.h"
#include "crypto/pki/profession.h"
#include "crypto/seal/join_request.h"
#include "renkei/relay/v1/enrolment.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;

Result<Approval> ParseApproval(const v1::GetApprovalResponse::Approved& approved) {
  Approval out;
  for (const std::string& der : approved.certificates()) {
    RENKEI_ASSIGN(pki::Certificate certificate, pki::Certificate::Parse(AsBytes(der)));
    out.leaves.push_back(std::move(certificate));
  }
  for (const std::string& der : approved.chain()) {
    RENKEI_ASSIGN(pki::Certificate certificate, pki::Certificate::Parse(AsBytes(der)));
    if (certificate.role() == pki::CertRole::kInstitution) {
      out.chain.insert(out.chain.begin(), std::move(certificate));
    } else if (certificate.role() == pki::CertRole::kRegionIssuing) {
      out.chain.push_back(std::move(certificate));
    }
  }
  out.signed_link = ToBytes(approved.signed_link());
  out.sealed_package = ToBytes(approved.sealed_package());
  return out;
}

Status Submit(Relay& relay, const PendingJoin& join) {
  v1::SubmitRequestRequest request;
  request.set_ticket(ToString(join.ticket.view()));
  request.set_signed_request(ToString(join.signed_request));
  RENKEI_ASSIGN(const auto response, relay.SubmitRequest(request));
  if (response.has_accepted()) {
    return Ok();
  }
  switch (response.refused()) {
    case v1::SubmitRequestResponse::REFUSAL_EXPIRED:
      return Error(Code::kStaleEpoch, "the invitation has expired");
    case v1::SubmitRequestResponse::REFUSAL_USED:
      return Error(Code::kConflict, "the invitation was used already");
    default:
      return Error(Code::kNotFound, "the relay does not know this invitation");
  }
}

JoinState WaitingState(v1::GetApprovalResponse::Waiting waiting) {
  return waiting == v1::GetApprovalResponse::WAITING_FOR_LINK ? JoinState::kWaitingForLink
                                                              : JoinState::kWaitingForApproval;
}

Result<PendingJoin> PrepareJoin(const seal::Invitation& invitation, Bytes root_der,
                                std::string_view name, std::string_view profession,
                                Random& random) {
  const bool device = invitation.purpose == seal::InvitationPurpose::kDevice;
  PendingJoin join{.keys = GenerateKeys(!device, random)};
  join.purpose = invitation.purpose;
  join.ticket = invitation.ticket;
  join.region = invitation.region;
  join.root_der = std::move(root_der);
  join.relay_address = invitation.relay_address;
  join.institution = invitation.institution;
  join.person = invitation.person;
  join.institution_key_hash = invitation.institution_key_hash;
  if (!device) {
    const auto known = pki::ProfessionFromInput(profession);
    if (!known.has_value()) {
      return Error(Code::kMalformed, "no such profession");
    }
    RENKEI_TRY(pki::CheckName(name));
    join.name = name;
    join.profession = pki::NamesOf(*known).certificate;
  }
  if (invitation.purpose == seal::InvitationPurpose::kInstitution) {
    join.institution_key = SigningKey::Generate(random);
    join.institution_archive = mls::HpkeKeyPair::Generate(random).private_key().Clone();
  }
  return join;
}

Result<Bytes> MakeRequest(const PendingJoin& join, const SecretBytes& secret, Millis now) {
  seal::JoinRequest request;
  const DevicePublicKeys keys = join.keys.Public();
  request.purpose = join.purpose;
  request.ticket = join.ticket;
  request.region = join.region;
  request.institution = join.institution;
  request.person = join.person;
  request.device = keys.device;
  request.person_name = join.name;
  request.profession = join.profession;
  request.signing_key = keys.signing;
  request.device_key = keys.key;
  request.tls_key = keys.tls;
  request.person_archive_key = keys.person_archive;
  request.created_at = now;
  if (join.purpose == seal::InvitationPurpose::kInstitution) {
    request.institution_ca_key = join.institution_key->public_key();
    RENKEI_ASSIGN(request.institution_archive_key, X25519Public(join.institution_archive));
  }
  return seal::MakeJoinRequest(
      request,
      {join.keys.signing, join.keys.tls,
       join.institution_key.has_value() ? &*join.institution_key : nullptr},
      secret);
}

// A try that was interrupted after its request was saved: the same code, person and profession.
bool IsSameJoin(const PendingJoin& pending, const seal::Invitation& invitation,
                std::string_view name, std::string_view profession) {
  if (pending.ticket != invitation.ticket) {
    return false;
  }
  const auto known = pki::ProfessionFromInput(profession);
  return pending.purpose == seal::InvitationPurpose::kDevice ||
         (pending.name == name && known.has_value() &&
          pending.profession == pki::NamesOf(*known).certificate);
}

// The relay takes the same bytes twice; having said no, it leaves nothing worth keeping.
Status SendJoin(const Environment& environment, const PendingJoin& join) {
  RENKEI_ASSIGN(const auto relay,
                ConnectUncertified(environment, join.relay_address, join.root_der, join.region));
  const Status submitted = Submit(*relay, join);
  if (submitted.ok()) {
    return MarkSubmitted(environment.vault);
  }
  if (submitted.error().code() != Code::kUnavailable) {
    RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(environment.vault));
    RENKEI_TRY(ErasePendingJoin(environment.vault));
    RENKEI_TRY(transaction.Commit());
  }
  return submitted;
}

}  // namespace

Status CheckCode(std::string_view code, Millis now) {
  RENKEI_ASSIGN(const seal::Invitation invitation, seal::ParseInvitation(code));
  if (invitation.expires_at < now) {
    return Error(Code::kStaleEpoch, "the invitation has expired");
  }
  return Ok();
}

Status Enrolment::Join(std::string_view code, std::string_view name, std::string_view profession) {
  RENKEI_ASSIGN(const seal::Invitation invitation, seal::ParseInvitation(code));
  RENKEI_TRY(CheckCode(code, environment_.clock.Now()));
  if (PendingState() != JoinState::kNone) {
    RENKEI_ASSIGN(const auto pending, LoadPendingJoin(environment_.vault));
    if (!pending.has_value() || !IsSameJoin(*pending, invitation, name, profession)) {
      return Error(Code::kConflict, "this vault belongs to somebody already");
    }
    return SendJoin(environment_, *pending);
  }
  RENKEI_ASSIGN(Bytes root, environment_.connector.FetchRoot(invitation.relay_address,
                                                             invitation.root_fingerprint));
  RENKEI_ASSIGN(PendingJoin join,
                PrepareJoin(invitation, std::move(root), name, profession, environment_.random));
  RENKEI_ASSIGN(join.signed_request,
                MakeRequest(join, invitation.secret, environment_.clock.Now()));
  {
    RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(environment_.vault));
    RENKEI_TRY(SavePendingJoin(environment_.vault, join));
    RENKEI_TRY(transaction.Commit());
  }
  return SendJoin(environment_, join);
}

JoinState Enrolment::PendingState() {
  // What cannot be read is not nobody's: a new join must not write over it.
  const auto pending = LoadPendingJoin(environment_.vault);
  if (!pending.ok() || pending->has_value()) {
    return JoinState::kWaitingForApproval;
  }
  const auto identity = LoadIdentity(environment_.vault);
  const bool none = !identity.ok() && identity.error().code() == Code::kNotFound;
  return none ? JoinState::kNone : JoinState::kJoined;
}

Result<JoinState> Enrolment::FinishJoin() {
  RENKEI_ASSIGN(auto pending, LoadPendingJoin(environment_.vault));
  if (!pending.has_value()) {
    if (PendingState() == JoinState::kNone) {
      return JoinState::kNone;
    }
    return JoinState::kJoined;
  }
  PendingJoin join = std::move(*pending);
  RENKEI_ASSIGN(const auto relay,
                ConnectUncertified(environment_, join.relay_address, join.root_der, join.region));
  if (!join.submitted) {
    RENKEI_TRY(Submit(*relay, join));
    RENKEI_TRY(MarkSubmitted(environment_.vault));
  }
  v1::GetApprovalRequest request;
  request.set_ticket(ToString(join.ticket.view()));
  RENKEI_ASSIGN(const auto response, relay->GetApproval(request));
  if (response.has_waiting()) {
    return WaitingState(response.waiting());
  }
  if (!response.has_approved()) {
    return response.refused() == v1::GetApprovalResponse::REFUSAL_EXPIRED
               ? Error(Code::kStaleEpoch, "the invitation has expired")
               : Error(Code::kNotFound, "the relay does not know this invitation");
  }
  RENKEI_ASSIGN(const Approval approval, ParseApproval(response.approved()));
  const bool device = join.purpose == seal::InvitationPurpose::kDevice;
  const bool first = join.purpose == seal::InvitationPurpose::kInstitution;
  RENKEI_ASSIGN(
      const FinishedJoin finished,
      FinishApproved(std::move(join), approval, environment_.clock.Now(), environment_.random));
  Vault& vault = environment_.vault;
  RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(vault));
  RENKEI_TRY(SaveIdentity(vault, finished.identity));
  if (device) {
    RENKEI_TRY(SaveLinkState(vault, approval.signed_link, finished.positions));
  }
  RENKEI_TRY(MarkUnpublished(vault, first));
  RENKEI_TRY(ErasePendingJoin(vault));
  RENKEI_TRY(transaction.Commit());
  return JoinState::kJoined;
}

}  // namespace renkei::client
