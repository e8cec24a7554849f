// Tickets of enrolment.
#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

template <typename Wanted>
std::vector<TicketRow> MemoryTransaction::Tickets(std::size_t limit, const Wanted& wanted) const {
  std::map<std::uint64_t, TicketRow> by_age;
  for (const auto& [ticket, item] : c_.tickets) {
    if (wanted(item.second)) {
      by_age[item.first] = item.second;
    }
  }
  std::vector<TicketRow> out;
  for (const auto& [order, row] : by_age) {
    if (out.size() < limit) {
      out.push_back(row);
    }
  }
  return out;
}

Result<std::optional<TicketRow>> MemoryTransaction::FindTicket(const TicketId& ticket) {
  const auto found = Find(c_.tickets, ticket);
  return found ? std::optional(found->second) : std::optional<TicketRow>();
}

Result<std::vector<TicketRow>> MemoryTransaction::WaitingTickets(const PersonRef& creator,
                                                                 Millis now, std::size_t limit) {
  return Tickets(limit, [&](const TicketRow& row) {
    return row.creator == creator && row.expires_at > now &&
           (row.state == TicketState::kRequested || row.state == TicketState::kLinked);
  });
}

Result<std::vector<TicketRow>> MemoryTransaction::LinkedTickets(const InstitutionId& institution,
                                                                Millis now, std::size_t limit) {
  return Tickets(limit, [&](const TicketRow& row) {
    return row.creator.institution == institution && row.expires_at > now && row.purpose == 3 &&
           row.state == TicketState::kLinked;
  });
}

Result<std::size_t> MemoryTransaction::CountTickets(const PersonRef& creator, Millis now) {
  return Tickets(SIZE_MAX,
                 [&](const TicketRow& row) {
                   return row.creator == creator && row.expires_at > now &&
                          row.state != TicketState::kApproved;
                 })
      .size();
}

Status MemoryTransaction::PutTicket(const TicketRow& row) {
  const auto there = Find(c_.tickets, row.ticket);
  const std::uint64_t order = there ? there->first : ++c_.last_id;
  return Put(c_.tickets, row.ticket, {order, row});
}

Status MemoryTransaction::DeleteTicketsExpiredBefore(Millis moment) {
  std::vector<TicketId> gone;
  for (const auto& [ticket, item] : c_.tickets) {
    if (item.second.expires_at < moment) {
      gone.push_back(ticket);
    }
  }
  for (const TicketId& ticket : gone) {
    Erase(c_.tickets, ticket);
  }
  return Ok();
}

}  // namespace renkei::test
