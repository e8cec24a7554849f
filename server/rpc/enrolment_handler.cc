#include "server/rpc/enrolment_handler.h"

#include "server/rpc/proto_map.h"

namespace renkei::server {
namespace {

namespace v1 = relay::v1;

Result<Purpose> MapPurpose(seal::v1::TicketPurpose purpose) {
  switch (purpose) {
    case seal::v1::TICKET_PURPOSE_INSTITUTION:
      return Purpose::kInstitution;
    case seal::v1::TICKET_PURPOSE_STAFF:
      return Purpose::kStaff;
    case seal::v1::TICKET_PURPOSE_DEVICE:
      return Purpose::kDevice;
    default:
      return Error(Code::kMalformed, "ticket: purpose");
  }
}

v1::GetApprovalResponse MapApproval(const Approval& approval) {
  v1::GetApprovalResponse out;
  switch (approval.state) {
    case ApprovalState::kApproved: {
      auto& approved = *out.mutable_approved();
      for (const Bytes& der : approval.ticket.certificates) {
        approved.add_certificates(ToText(der));
      }
      for (const Bytes& der : approval.ticket.chain) {
        approved.add_chain(ToText(der));
      }
      approved.set_signed_link(ToText(approval.ticket.signed_link));
      approved.set_sealed_package(ToText(approval.ticket.sealed_package));
      break;
    }
    case ApprovalState::kWaitingForRequest:
      out.set_waiting(v1::GetApprovalResponse::WAITING_FOR_REQUEST);
      break;
    case ApprovalState::kWaitingForLink:
      out.set_waiting(v1::GetApprovalResponse::WAITING_FOR_LINK);
      break;
    case ApprovalState::kWaitingForApproval:
      out.set_waiting(v1::GetApprovalResponse::WAITING_FOR_APPROVAL);
      break;
    case ApprovalState::kUnknownTicket:
      out.set_refused(v1::GetApprovalResponse::REFUSAL_UNKNOWN_TICKET);
      break;
    case ApprovalState::kExpired:
      out.set_refused(v1::GetApprovalResponse::REFUSAL_EXPIRED);
      break;
  }
  return out;
}

}  // namespace

void EnrolmentHandler::CreateTicket(const Caller& caller, const v1::CreateTicketRequest& request,
                                    const Reply<v1::CreateTicketResponse>& reply) {
  const auto ticket = MapId<TicketId>(request.ticket());
  const auto purpose = MapPurpose(request.purpose());
  if (!ticket.ok() || !purpose.ok()) {
    return reply(Error(Code::kMalformed, "ticket: id or purpose"));
  }
  relay_.enrolment().CreateTicket(
      caller, *ticket, *purpose, {request.expires_at()},
      [reply](const Result<TicketOutcome>& outcome) {
        if (!outcome.ok()) {
          return reply(outcome.error());
        }
        v1::CreateTicketResponse out;
        if (*outcome == TicketOutcome::kAccepted) {
          out.mutable_accepted();
        } else {
          out.set_refused(*outcome == TicketOutcome::kTicketExists
                              ? v1::CreateTicketResponse::REFUSAL_TICKET_EXISTS
                              : v1::CreateTicketResponse::REFUSAL_NOT_ALLOWED);
        }
        reply(std::move(out));
      });
}

void EnrolmentHandler::SubmitRequest(const v1::SubmitRequestRequest& request,
                                     const Reply<v1::SubmitRequestResponse>& reply) {
  const auto ticket = MapId<TicketId>(request.ticket());
  if (!ticket.ok()) {
    return reply(ticket.error());
  }
  relay_.enrolment().SubmitRequest(
      *ticket, AsBytes(request.signed_request()), [reply](const Result<RequestOutcome>& outcome) {
        if (!outcome.ok()) {
          return reply(outcome.error());
        }
        v1::SubmitRequestResponse out;
        switch (*outcome) {
          case RequestOutcome::kAccepted:
            out.mutable_accepted();
            break;
          case RequestOutcome::kUnknownTicket:
            out.set_refused(v1::SubmitRequestResponse::REFUSAL_UNKNOWN_TICKET);
            break;
          case RequestOutcome::kExpired:
            out.set_refused(v1::SubmitRequestResponse::REFUSAL_EXPIRED);
            break;
          case RequestOutcome::kUsed:
            out.set_refused(v1::SubmitRequestResponse::REFUSAL_USED);
            break;
        }
        reply(std::move(out));
      });
}

void EnrolmentHandler::ListRequests(const Caller& caller,
                                    const v1::ListRequestsRequest& /*request*/,
                                    const Reply<v1::ListRequestsResponse>& reply) {
  auto rows = relay_.enrolment().ListRequests(caller);
  if (!rows.ok()) {
    return reply(rows.error());
  }
  v1::ListRequestsResponse out;
  for (const TicketRow& row : *rows) {
    auto& request = *out.add_requests();
    request.set_ticket(ToText(row.ticket.view()));
    request.set_purpose(static_cast<seal::v1::TicketPurpose>(row.purpose));
    request.set_signed_request(ToText(row.signed_request));
    request.set_creator_device(ToText(row.creator_device.view()));
    request.set_signed_link(ToText(row.signed_link));
  }
  reply(std::move(out));
}

void EnrolmentHandler::AttachLink(const Caller& caller, const v1::AttachLinkRequest& request,
                                  const Reply<v1::AttachLinkResponse>& reply) {
  const auto ticket = MapId<TicketId>(request.ticket());
  if (!ticket.ok()) {
    return reply(ticket.error());
  }
  relay_.enrolment().AttachLink(caller, *ticket, AsBytes(request.signed_link()),
                                AsBytes(request.sealed_package()),
                                [reply](const Result<LinkOutcome>& outcome) {
                                  if (!outcome.ok()) {
                                    return reply(outcome.error());
                                  }
                                  v1::AttachLinkResponse out;
                                  if (*outcome == LinkOutcome::kAccepted) {
                                    out.mutable_accepted();
                                  } else {
                                    out.set_unknown_ticket(true);
                                  }
                                  reply(std::move(out));
                                });
}

void EnrolmentHandler::Approve(const Caller& caller, const v1::ApproveRequest& request,
                               const Reply<v1::ApproveResponse>& reply) {
  const auto ticket = MapId<TicketId>(request.ticket());
  if (!ticket.ok()) {
    return reply(ticket.error());
  }
  relay_.enrolment().Approve(caller, *ticket, ViewsOf(request.certificates()),
                             [reply](const Result<ApproveOutcome>& outcome) {
                               if (!outcome.ok()) {
                                 return reply(outcome.error());
                               }
                               v1::ApproveResponse out;
                               switch (*outcome) {
                                 case ApproveOutcome::kAccepted:
                                   out.mutable_accepted();
                                   break;
                                 case ApproveOutcome::kUnknownTicket:
                                   out.set_refused(v1::ApproveResponse::REFUSAL_UNKNOWN_TICKET);
                                   break;
                                 case ApproveOutcome::kBadCertificate:
                                   out.set_refused(v1::ApproveResponse::REFUSAL_BAD_CERTIFICATE);
                                   break;
                                 case ApproveOutcome::kNotAllowed:
                                   out.set_refused(v1::ApproveResponse::REFUSAL_NOT_ALLOWED);
                                   break;
                               }
                               reply(std::move(out));
                             });
}

void EnrolmentHandler::GetApproval(const v1::GetApprovalRequest& request,
                                   const Reply<v1::GetApprovalResponse>& reply) {
  const auto ticket = MapId<TicketId>(request.ticket());
  if (!ticket.ok()) {
    return reply(ticket.error());
  }
  auto approval = relay_.enrolment().GetApproval(*ticket);
  if (!approval.ok()) {
    return reply(approval.error());
  }
  reply(MapApproval(*approval));
}

}  // namespace renkei::server
