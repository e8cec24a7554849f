// The part of Enrolment that vouches and certifies: links and approvals.
#include <algorithm>
#include <set>

#include "crypto/thread/link.h"
#include "server/core/enrolment.h"
#include "server/core/limits.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

using pki::CertRole;

// Exactly the certificates that the purpose needs, each with the key that was asked for.
bool CertificatesFit(std::span<const CertificateRow> rows, const JoinClaim& claim) {
  std::multiset<CertRole> roles;
  for (const CertificateRow& row : rows) {
    roles.insert(row.role);
    const auto certificate = pki::Certificate::Parse(row.der);
    if (!certificate.ok() || row.person.institution != claim.person.institution) {
      return false;
    }
    const PublicKey& key = certificate->public_key();
    const bool key_fits = (row.role == CertRole::kInstitution && claim.institution_ca_key == key) ||
                          (row.role == CertRole::kDeviceSigning && claim.signing_key == key) ||
                          (row.role == CertRole::kDeviceKey && claim.device_key == key) ||
                          (row.role == CertRole::kDeviceTls && claim.tls_key == key) ||
                          (row.role == CertRole::kPersonArchive && claim.person_archive_key == key);
    const bool is_leaf = row.role != CertRole::kInstitution;
    const bool names_fit = !is_leaf || (row.person == claim.person &&
                                        (row.device.IsZero() || row.device == claim.device));
    if (!key_fits || !names_fit) {
      return false;
    }
  }
  std::multiset<CertRole> wanted = {CertRole::kDeviceSigning, CertRole::kDeviceKey,
                                    CertRole::kDeviceTls};
  if (claim.purpose == Purpose::kStaff) {
    wanted.insert(CertRole::kPersonArchive);
  } else if (claim.purpose == Purpose::kInstitution) {
    // The first person's own certificates are made by that institution and published by it.
    wanted = {CertRole::kInstitution};
  }
  return roles == wanted;
}

}  // namespace

struct Enrolment::LinkJob {
  Caller caller;
  TicketId ticket;
  Bytes signed_link;
  Bytes sealed_package;
};

struct Enrolment::ApproveJob {
  Caller caller;
  TicketId ticket;
  Bytes signed_request;  // that the certificates were checked against
  std::vector<CertificateRow> rows;
};

bool Enrolment::MayApprove(const Caller& caller, const TicketRow& ticket) const {
  // A link must be there first: without it nobody has vouched for a person's further device.
  const bool is_ready = static_cast<Purpose>(ticket.purpose) != Purpose::kDevice ||
                        ticket.state == TicketState::kLinked ||
                        ticket.state == TicketState::kApproved;
  return is_ready && caller.person.institution == ticket.creator.institution;
}

void Enrolment::AttachLink(const Caller& caller, const TicketId& ticket, ByteView signed_link,
                           ByteView sealed_package, const Reply<LinkOutcome>& reply) {
  if (sealed_package.empty() || sealed_package.size() > kMaxSealedPackageBytes) {
    return reply(Error(Code::kTooLarge, "link: sealed package"));
  }
  auto row = Find(ticket);
  if (!row.ok()) {
    return reply(row.error());
  }
  if (!*row || (*row)->creator != caller.person || (*row)->signed_request.empty() ||
      static_cast<Purpose>((*row)->purpose) != Purpose::kDevice) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.attach_link", "unknown ticket", ticket.bytes));
    return reply(LinkOutcome::kUnknownTicket);
  }
  if (const Status status = CheckLink(caller, **row, signed_link, sealed_package); !status.ok()) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.attach_link", "refused", ticket.bytes));
    return reply(status.error());
  }
  auto outcome = std::make_shared<LinkOutcome>();
  store_.Write(
      [this, job = LinkJob{caller, ticket, ToBytes(signed_link), ToBytes(sealed_package)},
       outcome](WriteTransaction& transaction) { return ApplyLink(transaction, job, *outcome); },
      [this, institution = caller.person.institution, outcome, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        if (*outcome == LinkOutcome::kAccepted) {
          hub_.EnrolmentChanged(institution);
        }
        reply(*outcome);
      });
}

Status Enrolment::CheckLink(const Caller& caller, const TicketRow& ticket, ByteView signed_link,
                            ByteView sealed_package) const {
  RENKEI_ASSIGN(const thread::SignedLink parsed, thread::ParseSignedLink(signed_link));
  RENKEI_ASSIGN(const JoinClaim claim, ReadJoinClaim(ticket.signed_request));
  const thread::Link& link = parsed.link;
  if (link.linking_device != caller.device) {
    return Error(Code::kDenied, "link: made by another device");
  }
  if (link.person != claim.person || link.new_device != claim.device ||
      link.signing_key != claim.signing_key || link.device_key != claim.device_key ||
      link.tls_key != claim.tls_key || link.package_hash != Sha256(sealed_package)) {
    return Error(Code::kMalformed, "link: does not match the request or the package");
  }
  std::shared_ptr<const KnownCertificate> linking;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(linking, directory_.Find(transaction, Sha256(parsed.linking_certificate)));
    return Ok();
  }));
  if (!linking || linking->certificate.role() != CertRole::kDeviceSigning ||
      !linking->certificate.ValidAt(clock_.Now()) || directory_.IsRevoked(linking->certificate)) {
    return Error(Code::kAuthFailed, "link: the linking certificate is not a valid published one");
  }
  return thread::VerifyLink(parsed,
                            {linking->person, linking->device, linking->certificate.public_key(),
                             linking->certificate.fingerprint()});
}

Status Enrolment::ApplyLink(WriteTransaction& transaction, const LinkJob& job,
                            LinkOutcome& outcome) const {
  RENKEI_ASSIGN(std::optional<TicketRow> row, transaction.FindTicket(job.ticket));
  const bool is_waiting =
      row && row->state == TicketState::kRequested && row->expires_at > clock_.Now();
  if (!is_waiting) {
    const bool is_retry =
        row && row->signed_link == job.signed_link && row->sealed_package == job.sealed_package;
    outcome = is_retry ? LinkOutcome::kAccepted : LinkOutcome::kUnknownTicket;
    return Ok();
  }
  row->state = TicketState::kLinked;
  row->signed_link = job.signed_link;
  row->sealed_package = job.sealed_package;
  RENKEI_TRY(transaction.PutTicket(*row));
  outcome = LinkOutcome::kAccepted;
  return audit_.Add(transaction,
                    EventOf(job.caller, "enrolment.attach_link", "done", job.ticket.bytes));
}

void Enrolment::Approve(const Caller& caller, const TicketId& ticket,
                        std::span<const ByteView> certificates,
                        const Reply<ApproveOutcome>& reply) {
  if (certificates.empty() || certificates.size() > kMaxApproved) {
    return reply(Error(Code::kMalformed, "approve: number of certificates"));
  }
  auto row = Find(ticket);
  if (!row.ok()) {
    return reply(row.error());
  }
  if (!*row || (*row)->signed_request.empty()) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.approve", "unknown ticket", ticket.bytes));
    return reply(ApproveOutcome::kUnknownTicket);
  }
  if (!MayApprove(caller, **row)) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.approve", "not allowed", ticket.bytes));
    return reply(ApproveOutcome::kNotAllowed);
  }
  auto verified = directory_.VerifyAll(certificates);
  if (!verified.ok() && (verified.error().code() == Code::kUnavailable ||
                         verified.error().code() == Code::kCorrupt)) {
    return reply(verified.error());
  }
  const auto claim = ReadJoinClaim((*row)->signed_request);
  if (!verified.ok() || !claim.ok() || !CertificatesFit(*verified, *claim)) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.approve", "bad certificate", ticket.bytes));
    return reply(ApproveOutcome::kBadCertificate);
  }
  auto outcome = std::make_shared<ApproveOutcome>();
  store_.Write(
      [this, job = ApproveJob{caller, ticket, (*row)->signed_request, std::move(*verified)},
       outcome](WriteTransaction& transaction) {
        return ApplyApproval(transaction, job, *outcome);
      },
      [this, caller, ticket, outcome, reply](const Status& status) {
        if (!status.ok() && status.error().code() == Code::kDenied) {
          audit_.NoteRefusal(EventOf(caller, "enrolment.approve", "not allowed", ticket.bytes));
          return reply(ApproveOutcome::kNotAllowed);
        }
        if (!status.ok()) {
          return reply(status.error());
        }
        directory_.Changed();
        reply(*outcome);
      });
}

Status Enrolment::ApplyApproval(WriteTransaction& transaction, const ApproveJob& job,
                                ApproveOutcome& outcome) const {
  RENKEI_ASSIGN(std::optional<TicketRow> row, transaction.FindTicket(job.ticket));
  if (!row || row->signed_request != job.signed_request) {
    outcome = ApproveOutcome::kUnknownTicket;
    return Ok();
  }
  std::vector<Bytes> ders;
  for (const CertificateRow& certificate : job.rows) {
    ders.push_back(certificate.der);
  }
  if (row->state == TicketState::kApproved) {
    outcome = ders == row->certificates ? ApproveOutcome::kAccepted : ApproveOutcome::kNotAllowed;
    return Ok();
  }
  if (row->expires_at <= clock_.Now()) {
    outcome = ApproveOutcome::kUnknownTicket;
    return Ok();
  }
  RENKEI_TRY(directory_.Add(transaction, job.rows));
  RENKEI_ASSIGN(row->chain, ChainOf(transaction, job.rows));
  row->state = TicketState::kApproved;
  row->certificates = std::move(ders);
  RENKEI_TRY(transaction.PutTicket(*row));
  outcome = ApproveOutcome::kAccepted;
  return audit_.Add(transaction,
                    EventOf(job.caller, "enrolment.approve", "done", job.ticket.bytes));
}

// From the leaves' CA up to the root.
Result<std::vector<Bytes>> Enrolment::ChainOf(ReadTransaction& transaction,
                                              std::span<const CertificateRow> rows) const {
  std::vector<Bytes> chain;
  RENKEI_ASSIGN(const pki::Certificate leaf, pki::Certificate::Parse(rows.front().der));
  if (leaf.role() != CertRole::kInstitution) {
    RENKEI_ASSIGN(const pki::Certificate institution,
                  directory_.IssuerOf(transaction, leaf.issuer_key_id()));
    chain.push_back(institution.der());
  }
  chain.push_back(directory_.trust().issuing.der());
  chain.push_back(directory_.trust().verifier.root().der());
  return chain;
}

}  // namespace renkei::server
