// Approving: ServeLinks, Enrolment::ApproveWaiting.
#include "client/core/enrol_approve.h"

#include "client/core/enrol_connect.h"
#include "client/core/enrolment.h"
#include "client/core/enrolment_store.h"
#include "client/core/link_state.h"
#include "crypto/pki/chain.h"
#include "crypto/pki/profession.h"
#include "crypto/seal/join_request.h"
#include "crypto/seal/link_package.h"
#include "crypto/thread/link.h"
#include "renkei/relay/v1/enrolment.pb.h"

namespace renkei::client {
namespace {

namespace v1 = relay::v1;
using Item = ApprovalReport::Item;

// One pass over the waiting requests with everything it needs.
struct Approver {
  const Environment& environment;
  const Identity& identity;
  Relay& relay;

  Millis Now() const { return environment.clock.Now(); }
  Vault& vault() const { return environment.vault; }
};

Result<TicketId> TicketOf(const v1::WaitingRequest& waiting) {
  return TicketId::FromBytes(AsBytes(waiting.ticket()));
}

// The request, if it is what the invitation asked for and knows its secret.
Result<seal::JoinRequest> Verified(const Approver& approver, const v1::WaitingRequest& waiting,
                                   const MadeInvitation& invitation) {
  const Error not_this(Code::kAuthFailed, "the request is not for this invitation");
  auto verified = seal::VerifyJoinRequest(AsBytes(waiting.signed_request()), invitation.secret);
  if (!verified.ok()) {
    return verified.error().code() == Code::kAuthFailed ? not_this : verified.error();
  }
  seal::JoinRequest request = std::move(*verified);
  if (request.purpose != invitation.purpose || request.ticket != invitation.ticket ||
      request.region != approver.identity.region || request.institution != invitation.institution ||
      request.person != invitation.person) {
    return not_this;
  }
  return request;
}

Status SendApproval(const Approver& approver, const TicketId& ticket,
                    const std::vector<Bytes>& certificates) {
  v1::ApproveRequest request;
  request.set_ticket(ToString(ticket.view()));
  for (const Bytes& certificate : certificates) {
    request.add_certificates(ToString(certificate));
  }
  RENKEI_ASSIGN(const auto response, approver.relay.Approve(request));
  return response.has_accepted() ? Ok()
                                 : Status(Error(Code::kDenied, "the relay refuses the approval"));
}

Status ApproveInstitution(const Approver& approver, const MadeInvitation& invitation,
                          const seal::JoinRequest& request) {
  if (!approver.identity.region_issuer.has_value()) {
    return Error(Code::kDenied, "only the region's operator invites institutions");
  }
  RENKEI_ASSIGN(const pki::Issuer issuer, OpenIssuer(*approver.identity.region_issuer));
  const auto kind = pki::InstitutionKindFromCertificate(invitation.detail);
  const pki::InstitutionSubject subject{invitation.institution, invitation.name,
                                        kind.value_or(pki::InstitutionKind::kOther)};
  const pki::Validity validity =
      issuer.Clip(pki::CertRole::kInstitution, ValidityFrom(approver.Now()));
  RENKEI_ASSIGN(const pki::Certificate certificate,
                issuer.IssueInstitution(*request.institution_ca_key, subject, validity,
                                        approver.environment.random));
  return SendApproval(approver, invitation.ticket, {certificate.der()});
}

Result<std::vector<Bytes>> Certify(const Approver& approver, const pki::PersonSubject& subject,
                                   const DevicePublicKeys& keys) {
  if (!approver.identity.institution_issuer.has_value()) {
    return Error(Code::kDenied, "only the institution's administrator certifies");
  }
  RENKEI_ASSIGN(const pki::Issuer issuer, OpenIssuer(*approver.identity.institution_issuer));
  RENKEI_ASSIGN(const DeviceCertificates certificates,
                CertifyDevice(issuer, subject, keys, approver.Now(), approver.environment.random));
  return certificates.All();
}

// The administrator vouches for who was invited, not for what the request says: a request that
// names another profession is refused, and the certificate carries the invited name.
Status ApproveStaff(const Approver& approver, const MadeInvitation& invitation,
                    const seal::JoinRequest& request) {
  if (request.profession != invitation.detail) {
    return Error(Code::kDenied, "the request names another profession than the invitation");
  }
  const auto profession = pki::ProfessionFromCertificate(invitation.detail);
  const pki::PersonSubject subject{invitation.person, invitation.name,
                                   profession.value_or(pki::Profession::kOther)};
  RENKEI_ASSIGN(const std::vector<Bytes> certificates,
                Certify(approver, subject,
                        {request.device, request.signing_key, request.device_key, request.tls_key,
                         request.person_archive_key}));
  return SendApproval(approver, invitation.ticket, certificates);
}

// --- devices -------------------------------------------------------------------------------------

Result<Bytes> MakePackage(const Approver& approver, const seal::JoinRequest& request) {
  seal::LinkPackage package;
  for (const ArchiveKey& key : approver.identity.person_archive_keys) {
    package.person_archive_keys.push_back({key.version, key.private_key.Clone(), key.certificate});
  }
  RENKEI_ASSIGN(const auto positions, LoadThreadPositions(approver.vault()));
  for (const ThreadPosition& position : positions) {
    package.threads.push_back(
        {position.case_id, position.seq, position.hash, position.at, position.card_hash});
  }
  return seal::SealLinkPackage(package,
                               {approver.identity.device, request.device, request.device_key},
                               approver.environment.random);
}

// Secret and row go together: what is left of half an invitation would look like an altered one.
Status ForgetInvitation(Vault& vault, const TicketId& ticket) {
  RENKEI_ASSIGN(Transaction transaction, Transaction::Begin(vault));
  RENKEI_TRY(EraseInvitation(vault, ticket));
  return transaction.Commit();
}

// The own new device: it knows the code's secret, so we vouch for its keys.
Status LinkDevice(const Approver& approver, const MadeInvitation& invitation,
                  const seal::JoinRequest& request) {
  const Identity& own = approver.identity;
  RENKEI_ASSIGN(const Bytes package, MakePackage(approver, request));
  RENKEI_ASSIGN(const Bytes link, thread::MakeLink({{own.institution, own.person},
                                                    request.device,
                                                    request.signing_key,
                                                    request.device_key,
                                                    request.tls_key,
                                                    own.device,
                                                    approver.Now(),
                                                    Sha256(package)},
                                                   own.signing_key, own.signing_certificate));
  v1::AttachLinkRequest attach;
  attach.set_ticket(ToString(invitation.ticket.view()));
  attach.set_signed_link(ToString(link));
  attach.set_sealed_package(ToString(package));
  RENKEI_ASSIGN(const auto response, approver.relay.AttachLink(attach));
  if (!response.has_accepted()) {
    return Error(Code::kNotFound, "the relay does not know this invitation");
  }
  return ForgetInvitation(approver.vault(), invitation.ticket);
}

// A linked device of the own institution: the link signature is what counts, so nobody is asked.
Status CertifyLinked(const Approver& approver, const v1::WaitingRequest& waiting) {
  RENKEI_ASSIGN(const seal::JoinRequest request,
                seal::ParseJoinRequest(AsBytes(waiting.signed_request())));
  RENKEI_ASSIGN(const thread::SignedLink signed_link,
                thread::ParseSignedLink(AsBytes(waiting.signed_link())));
  RENKEI_ASSIGN(const auto certificate, pki::Certificate::Parse(signed_link.linking_certificate));
  std::vector<pki::Certificate> chain;
  for (const Bytes& der : approver.identity.chain) {
    RENKEI_ASSIGN(pki::Certificate ca, pki::Certificate::Parse(der));
    chain.push_back(std::move(ca));
  }
  RENKEI_ASSIGN(const auto root, pki::Certificate::Parse(approver.identity.root_der));
  RENKEI_ASSIGN(const auto linking, pki::VerifyChain(certificate, chain, root, approver.Now(),
                                                     pki::CertRole::kDeviceSigning));
  RENKEI_TRY(thread::VerifyLink(signed_link, {{linking.institution, linking.person},
                                              linking.device,
                                              linking.public_key,
                                              linking.fingerprint}));
  const thread::Link& link = signed_link.link;
  if (link.person != thread::PersonRef{request.institution, request.person} ||
      link.person.institution != approver.identity.institution ||
      link.new_device != request.device || link.signing_key != request.signing_key ||
      link.device_key != request.device_key || link.tls_key != request.tls_key) {
    return Error(Code::kAuthFailed, "the link is not for this request");
  }
  RENKEI_ASSIGN(const TicketId ticket, TicketOf(waiting));
  RENKEI_ASSIGN(const std::vector<Bytes> certificates,
                Certify(approver, {linking.person, linking.name, linking.profession},
                        {request.device, request.signing_key, request.device_key, request.tls_key,
                         std::nullopt}));
  return SendApproval(approver, ticket, certificates);
}

Result<v1::ListRequestsResponse> ListWaiting(const Approver& approver) {
  return approver.relay.ListRequests(v1::ListRequestsRequest());
}

// The relay or the vault fails: the next request would meet the same. Anything else is the matter
// of one request, and must not keep the others waiting.
bool StopsAll(Code code) {
  return code == Code::kUnavailable || code == Code::kCorrupt || code == Code::kThrottled;
}

std::optional<Error> ProblemOf(const Status& status) {
  return status.ok() ? std::nullopt : std::optional<Error>(status.error());
}

// The invitation of this vault that a request answers. Empty: none of ours, or not even a ticket.
Result<std::optional<MadeInvitation>> InvitationOf(const Approver& approver,
                                                   const v1::WaitingRequest& waiting) {
  const auto ticket = TicketOf(waiting);
  return ticket.ok() ? LoadInvitation(approver.vault(), *ticket)
                     : Result<std::optional<MadeInvitation>>(std::optional<MadeInvitation>());
}

Status LinkOwnDevices(const Approver& approver, ApprovalReport* report) {
  RENKEI_ASSIGN(const auto waiting, ListWaiting(approver));
  for (const v1::WaitingRequest& each : waiting.requests()) {
    RENKEI_ASSIGN(const auto invitation, InvitationOf(approver, each));
    if (!invitation.has_value() || invitation->purpose != seal::InvitationPurpose::kDevice) {
      continue;
    }
    const auto request = Verified(approver, each, *invitation);
    const Status linked =
        request.ok() ? LinkDevice(approver, *invitation, *request) : Status(request.error());
    if (!linked.ok() && StopsAll(linked.error().code())) {
      return linked;
    }
    report->items.push_back({"", "", "link", linked.ok(), ProblemOf(linked)});
  }
  return Ok();
}

Status CertifyLinkedDevices(const Approver& approver, ApprovalReport* report) {
  if (!approver.identity.institution_issuer.has_value()) {
    return Ok();
  }
  RENKEI_ASSIGN(const auto waiting, ListWaiting(approver));
  for (const v1::WaitingRequest& each : waiting.requests()) {
    if (each.signed_link().empty()) {
      continue;
    }
    const Status certified = CertifyLinked(approver, each);
    if (!certified.ok() && StopsAll(certified.error().code())) {
      return certified;
    }
    report->items.push_back({"", "", "device", certified.ok(), ProblemOf(certified)});
  }
  return Ok();
}

// First own devices are linked, then linked ones of the institution certified.
Status ServeDeviceRequests(const Approver& approver, ApprovalReport* report) {
  RENKEI_TRY(LinkOwnDevices(approver, report));
  return CertifyLinkedDevices(approver, report);
}

Status ApproveOne(const Approver& approver, const v1::WaitingRequest& waiting,
                  const std::optional<std::string>& only, ApprovalReport* report) {
  RENKEI_ASSIGN(const auto invitation, InvitationOf(approver, waiting));
  if (!invitation.has_value() || invitation->purpose == seal::InvitationPurpose::kDevice ||
      (only.has_value() && invitation->name != *only)) {
    return Ok();
  }
  const bool institution = invitation->purpose == seal::InvitationPurpose::kInstitution;
  const auto request = Verified(approver, waiting, *invitation);
  Status approved = Ok();
  if (!request.ok()) {
    approved = request.error();
  } else {
    approved = institution ? ApproveInstitution(approver, *invitation, *request)
                           : ApproveStaff(approver, *invitation, *request);
  }
  if (!approved.ok() && StopsAll(approved.error().code())) {
    return approved;
  }
  if (approved.ok()) {
    RENKEI_TRY(ForgetInvitation(approver.vault(), invitation->ticket));
  }
  report->items.push_back({invitation->name, invitation->detail,
                           institution ? "institution" : "staff", approved.ok(),
                           ProblemOf(approved)});
  return Ok();
}

}  // namespace

Status ServeLinks(const Environment& environment, const Identity& identity, Relay& relay) {
  ApprovalReport unused;
  return ServeDeviceRequests({environment, identity, relay}, &unused);
}

Result<ApprovalReport> Enrolment::ApproveWaiting(const std::optional<std::string>& only) {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(environment_.vault));
  RENKEI_ASSIGN(const auto relay, ConnectAs(environment_, identity));
  const Approver approver{environment_, identity, *relay};
  ApprovalReport report;
  RENKEI_TRY(ServeDeviceRequests(approver, &report));
  RENKEI_ASSIGN(const auto waiting, ListWaiting(approver));
  for (const v1::WaitingRequest& request : waiting.requests()) {
    RENKEI_TRY(ApproveOne(approver, request, only, &report));
  }
  return report;
}

}  // namespace renkei::client
