// Joining: a ticket, a request for it, for a device also a link, an approval. The relay carries
// the bytes and checks who may do which step; that a request comes from whom was invited is proven
// by a secret that it never sees (crypto/README.md "Invitation").
#ifndef RENKEI_SERVER_CORE_ENROLMENT_H_
#define RENKEI_SERVER_CORE_ENROLMENT_H_

#include "server/core/audit.h"
#include "server/core/directory.h"
#include "server/core/join_claim.h"
#include "server/core/reply.h"

namespace renkei::server {

// The outcomes of enrolment.proto.
enum class TicketOutcome { kAccepted, kTicketExists, kNotAllowed };
enum class RequestOutcome { kAccepted, kUnknownTicket, kExpired, kUsed };
enum class LinkOutcome { kAccepted, kUnknownTicket };
enum class ApproveOutcome { kAccepted, kUnknownTicket, kBadCertificate, kNotAllowed };
enum class ApprovalState {
  kApproved,
  kWaitingForRequest,
  kWaitingForLink,
  kWaitingForApproval,
  kUnknownTicket,
  kExpired,
};
struct Approval {
  ApprovalState state = ApprovalState::kUnknownTicket;
  TicketRow ticket;  // its bytes, once approved
};

// Any thread.
class Enrolment {
 public:
  Enrolment(Store& store, const Clock& clock, const Audit& audit, Directory& directory,
            WatchHub& hub)
      : store_(store), clock_(clock), audit_(audit), directory_(directory), hub_(hub) {}

  // INSTITUTION: the operator's institution only. expires_at: later than now, at most
  // kMaxTicketLife ahead, else kMalformed. kThrottled: kMaxOpenTickets of this person are open.
  void CreateTicket(const Caller& caller, const TicketId& ticket, Purpose purpose,
                    Millis expires_at, const Reply<TicketOutcome>& reply);
  // From anybody who knows the ticket. One request for each; the same bytes again are accepted.
  // kMalformed, kTooLarge, kUnsupported, kAuthFailed: not a request for this ticket.
  void SubmitRequest(const TicketId& ticket, ByteView signed_request,
                     const Reply<RequestOutcome>& reply);
  // For tickets of the caller's person, and linked device requests of the caller's institution.
  Result<std::vector<TicketRow>> ListRequests(const Caller& caller) const;
  // By a device of the person who made the ticket. The same again is accepted, another is not.
  // kMalformed, kTooLarge, kAuthFailed, kDenied: not a link by this device for that request.
  void AttachLink(const Caller& caller, const TicketId& ticket, ByteView signed_link,
                  ByteView sealed_package, const Reply<LinkOutcome>& reply);
  // By a device of the institution (INSTITUTION: of the operator's). The certificates carry the
  // request's keys and enter the directory in the same transaction.
  void Approve(const Caller& caller, const TicketId& ticket, std::span<const ByteView> certificates,
               const Reply<ApproveOutcome>& reply);
  // From anybody who knows the ticket.
  Result<Approval> GetApproval(const TicketId& ticket) const;

 private:
  struct LinkJob;
  struct ApproveJob;

  Result<std::optional<TicketRow>> Find(const TicketId& ticket) const;
  bool MayCreate(const Caller& caller, Purpose purpose) const;
  bool MayApprove(const Caller& caller, const TicketRow& ticket) const;
  Status ApplyTicket(WriteTransaction& transaction, const Caller& caller, const TicketRow& row,
                     TicketOutcome& outcome) const;
  Status ApplyRequest(WriteTransaction& transaction, const TicketId& ticket, const JoinClaim& claim,
                      ByteView signed_request, RequestOutcome& outcome, PersonRef& creator) const;
  Status CheckLink(const Caller& caller, const TicketRow& ticket, ByteView signed_link,
                   ByteView sealed_package) const;
  Status ApplyLink(WriteTransaction& transaction, const LinkJob& job, LinkOutcome& outcome) const;
  Status ApplyApproval(WriteTransaction& transaction, const ApproveJob& job,
                       ApproveOutcome& outcome) const;
  Result<std::vector<Bytes>> ChainOf(ReadTransaction& transaction,
                                     std::span<const CertificateRow> rows) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  Directory& directory_;
  WatchHub& hub_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ENROLMENT_H_
