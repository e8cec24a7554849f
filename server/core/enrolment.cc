#include "server/core/enrolment.h"

#include <algorithm>

#include "server/core/limits.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

// How long a ticket that is over is still known, so that whoever was late learns why.
constexpr Millis kRemembered = Days(30);

Purpose PurposeOf(const TicketRow& row) {
  return static_cast<Purpose>(row.purpose);
}

// A request for the ticket, by purpose: staff and devices within the inviting institution, a
// device for the very person who invites it.
bool ClaimFits(const JoinClaim& claim, const TicketRow& row) {
  if (claim.purpose != PurposeOf(row)) {
    return false;
  }
  switch (claim.purpose) {
    case Purpose::kInstitution:
      return claim.person.institution != row.creator.institution;
    case Purpose::kStaff:
      return claim.person.institution == row.creator.institution &&
             claim.person.person != row.creator.person;
    case Purpose::kDevice:
      return claim.person == row.creator && claim.device != row.creator_device;
  }
  return false;
}

}  // namespace

Result<std::optional<TicketRow>> Enrolment::Find(const TicketId& ticket) const {
  std::optional<TicketRow> row;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(row, transaction.FindTicket(ticket));
    return Ok();
  }));
  return row;
}

bool Enrolment::MayCreate(const Caller& caller, Purpose purpose) const {
  return purpose != Purpose::kInstitution ||
         caller.person.institution == directory_.trust().operator_institution;
}

void Enrolment::CreateTicket(const Caller& caller, const TicketId& ticket, Purpose purpose,
                             Millis expires_at, const Reply<TicketOutcome>& reply) {
  const Millis now = clock_.Now();
  if (expires_at <= now || expires_at > now + kMaxTicketLife) {
    return reply(Error(Code::kMalformed, "ticket: expires_at"));
  }
  if (!MayCreate(caller, purpose)) {
    audit_.NoteRefusal(EventOf(caller, "enrolment.create_ticket", "not allowed"));
    return reply(TicketOutcome::kNotAllowed);
  }
  TicketRow row;
  row.ticket = ticket;
  row.purpose = static_cast<std::uint8_t>(purpose);
  row.creator = caller.person;
  row.creator_device = caller.device;
  row.expires_at = expires_at;
  auto outcome = std::make_shared<TicketOutcome>();
  store_.Write(
      [this, caller, row, outcome](WriteTransaction& transaction) {
        return ApplyTicket(transaction, caller, row, *outcome);
      },
      [outcome, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        reply(*outcome);
      });
}

Status Enrolment::ApplyTicket(WriteTransaction& transaction, const Caller& caller,
                              const TicketRow& row, TicketOutcome& outcome) const {
  RENKEI_ASSIGN(const std::optional<TicketRow> there, transaction.FindTicket(row.ticket));
  if (there) {
    const bool is_retry = there->creator_device == row.creator_device &&
                          there->purpose == row.purpose && there->expires_at == row.expires_at;
    outcome = is_retry ? TicketOutcome::kAccepted : TicketOutcome::kTicketExists;
    return is_retry ? Ok()
                    : audit_.Add(transaction, EventOf(caller, "enrolment.create_ticket",
                                                      "ticket exists", row.ticket.bytes));
  }
  RENKEI_ASSIGN(const std::size_t open, transaction.CountTickets(caller.person, clock_.Now()));
  if (open >= kMaxOpenTickets) {
    return Error(Code::kThrottled, "ticket: too many of this person are open");
  }
  RENKEI_TRY(transaction.DeleteTicketsExpiredBefore(clock_.Now() - kRemembered));
  RENKEI_TRY(transaction.PutTicket(row));
  outcome = TicketOutcome::kAccepted;
  return audit_.Add(transaction,
                    EventOf(caller, "enrolment.create_ticket", "done", row.ticket.bytes));
}

void Enrolment::SubmitRequest(const TicketId& ticket, ByteView signed_request,
                              const Reply<RequestOutcome>& reply) {
  auto claim = ReadJoinClaim(signed_request);
  if (!claim.ok()) {
    return reply(claim.error());
  }
  if (claim->ticket != ticket || claim->region != directory_.trust().verifier.region()) {
    return reply(Error(Code::kMalformed, "join request: for another ticket or region"));
  }
  // Whoever knows no ticket needs no certificate: they must not stand in the queue of writes.
  const auto found = Find(ticket);
  if (!found.ok()) {
    return reply(found.error());
  }
  if (!*found) {
    return reply(RequestOutcome::kUnknownTicket);
  }
  auto outcome = std::make_shared<RequestOutcome>();
  auto creator = std::make_shared<PersonRef>();
  store_.Write(
      [this, ticket, claim = *claim, signed_request, outcome,
       creator](WriteTransaction& transaction) {
        return ApplyRequest(transaction, ticket, claim, signed_request, *outcome, *creator);
      },
      [this, outcome, creator, reply](const Status& status) {
        if (!status.ok()) {
          return reply(status.error());
        }
        if (*outcome == RequestOutcome::kAccepted) {
          hub_.EnrolmentChanged(*creator);
        }
        reply(*outcome);
      });
}

Status Enrolment::ApplyRequest(WriteTransaction& transaction, const TicketId& ticket,
                               const JoinClaim& claim, ByteView signed_request,
                               RequestOutcome& outcome, PersonRef& creator) const {
  RENKEI_ASSIGN(std::optional<TicketRow> row, transaction.FindTicket(ticket));
  if (!row) {
    outcome = RequestOutcome::kUnknownTicket;
    return Ok();
  }
  if (row->state != TicketState::kOpen) {
    const bool is_retry = ToBytes(signed_request) == row->signed_request;
    outcome = is_retry ? RequestOutcome::kAccepted : RequestOutcome::kUsed;
    return Ok();
  }
  if (row->expires_at <= clock_.Now()) {
    outcome = RequestOutcome::kExpired;
    return Ok();
  }
  if (!ClaimFits(claim, *row)) {
    return Error(Code::kMalformed, "join request: not for this kind of ticket");
  }
  row->state = TicketState::kRequested;
  row->signed_request = ToBytes(signed_request);
  RENKEI_TRY(transaction.PutTicket(*row));
  creator = row->creator;
  outcome = RequestOutcome::kAccepted;
  return audit_.Add(transaction,
                    {claim.person, claim.device, "enrolment.submit_request", "done", ticket.bytes});
}

Result<std::vector<TicketRow>> Enrolment::ListRequests(const Caller& caller) const {
  std::vector<TicketRow> out;
  RENKEI_TRY(store_.Read([&](ReadTransaction& transaction) -> Status {
    const Millis now = clock_.Now();
    RENKEI_ASSIGN(out, transaction.WaitingTickets(caller.person, now, kMaxWaitingRequests));
    RENKEI_ASSIGN(std::vector<TicketRow> linked,
                  transaction.LinkedTickets(caller.person.institution, now, kMaxWaitingRequests));
    for (TicketRow& row : linked) {
      if (row.creator != caller.person && out.size() < kMaxWaitingRequests) {
        out.push_back(std::move(row));
      }
    }
    return Ok();
  }));
  return out;
}

Result<Approval> Enrolment::GetApproval(const TicketId& ticket) const {
  RENKEI_ASSIGN(std::optional<TicketRow> row, Find(ticket));
  Approval out;
  if (!row) {
    return out;
  }
  if (row->state == TicketState::kApproved) {
    out.state = ApprovalState::kApproved;
    out.ticket = std::move(*row);
    return out;
  }
  if (row->expires_at <= clock_.Now()) {
    out.state = ApprovalState::kExpired;
  } else if (row->state == TicketState::kOpen) {
    out.state = ApprovalState::kWaitingForRequest;
  } else if (row->state == TicketState::kRequested && PurposeOf(*row) == Purpose::kDevice) {
    out.state = ApprovalState::kWaitingForLink;
  } else {
    out.state = ApprovalState::kWaitingForApproval;
  }
  return out;
}

}  // namespace renkei::server
