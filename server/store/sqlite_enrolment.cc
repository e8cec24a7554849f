// Tickets, the audit log and small facts in SQLite.
#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

#define RENKEI_TICKET_COLUMNS                                                        \
  "ticket, purpose, institution, person, device, expires_at, state, signed_request," \
  " signed_link, sealed_package, certificates, chain"

// Each item after its length, 4 bytes big-endian.
Bytes JoinItems(const std::vector<Bytes>& items) {
  Bytes out;
  for (const Bytes& item : items) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(item.size() >> static_cast<unsigned>(shift)));
    }
    Append(out, item);
  }
  return out;
}

Result<std::vector<Bytes>> SplitItems(ByteView joined) {
  std::vector<Bytes> out;
  while (!joined.empty()) {
    if (joined.size() < 4) {
      return Error(Code::kCorrupt, "store: a ticket's certificates cannot be read");
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size = (size << 8U) | joined[i];
    }
    joined = joined.subspan(4);
    if (size > joined.size()) {
      return Error(Code::kCorrupt, "store: a ticket's certificates cannot be read");
    }
    out.push_back(ToBytes(joined.first(size)));
    joined = joined.subspan(size);
  }
  return out;
}

Result<std::vector<TicketRow>> ReadTickets(Query& query) {
  std::vector<TicketRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    TicketRow row;
    query.Read(row.ticket.bytes);
    row.purpose = static_cast<std::uint8_t>(query.Int());
    query.Read(row.creator.institution.bytes);
    query.Read(row.creator.person.bytes);
    query.Read(row.creator_device.bytes);
    row.expires_at = {query.Int()};
    row.state = static_cast<TicketState>(query.Int());
    row.signed_request = ToBytes(query.Blob());
    row.signed_link = ToBytes(query.Blob());
    row.sealed_package = ToBytes(query.Blob());
    RENKEI_ASSIGN(row.certificates, SplitItems(query.Blob()));
    RENKEI_ASSIGN(row.chain, SplitItems(query.Blob()));
    out.push_back(std::move(row));
  }
  RENKEI_TRY(query.Finish());
  return out;
}

AuditRow ReadAuditRow(Query& query) {
  AuditRow row;
  row.seq = query.Count();
  row.at = {query.Int()};
  query.Read(row.person.institution.bytes);
  query.Read(row.person.person.bytes);
  query.Read(row.device.bytes);
  row.action = query.Text();
  row.outcome = query.Text();
  query.Read(row.subject);
  query.Read(row.hash);
  return row;
}

}  // namespace

Result<std::optional<TicketRow>> SqliteTransaction::FindTicket(const TicketId& ticket) {
  Query query(db_, "SELECT " RENKEI_TICKET_COLUMNS " FROM tickets WHERE ticket = ?");
  query.Bind(ticket.view());
  RENKEI_ASSIGN(std::vector<TicketRow> rows, ReadTickets(query));
  return rows.empty() ? std::optional<TicketRow>() : std::optional(std::move(rows.front()));
}

Result<std::vector<TicketRow>> SqliteTransaction::WaitingTickets(const PersonRef& creator,
                                                                 Millis now, std::size_t limit) {
  Query query(db_, "SELECT " RENKEI_TICKET_COLUMNS
                   " FROM tickets WHERE institution = ? AND person = ? AND state IN (2, 3)"
                   " AND expires_at > ? ORDER BY id LIMIT ?");
  query.Bind(creator.institution.view()).Bind(creator.person.view());
  query.Bind(now.value).BindCount(limit);
  return ReadTickets(query);
}

Result<std::vector<TicketRow>> SqliteTransaction::LinkedTickets(const InstitutionId& institution,
                                                                Millis now, std::size_t limit) {
  Query query(db_, "SELECT " RENKEI_TICKET_COLUMNS
                   " FROM tickets WHERE institution = ? AND purpose = 3 AND state = 3"
                   " AND expires_at > ? ORDER BY id LIMIT ?");
  query.Bind(institution.view()).Bind(now.value).BindCount(limit);
  return ReadTickets(query);
}

Result<std::size_t> SqliteTransaction::CountTickets(const PersonRef& creator, Millis now) {
  Query query(db_,
              "SELECT count(*) FROM tickets WHERE institution = ? AND person = ? AND state < 4"
              " AND expires_at > ?");
  query.Bind(creator.institution.view()).Bind(creator.person.view()).Bind(now.value);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? static_cast<std::size_t>(query.Count()) : std::size_t{0};
}

Status SqliteTransaction::PutTicket(const TicketRow& row) {
  const Bytes certificates = JoinItems(row.certificates);
  const Bytes chain = JoinItems(row.chain);
  Query query(db_, "INSERT INTO tickets (" RENKEI_TICKET_COLUMNS
                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                   " ON CONFLICT (ticket) DO UPDATE SET state = excluded.state,"
                   " signed_request = excluded.signed_request, signed_link = excluded.signed_link,"
                   " sealed_package = excluded.sealed_package,"
                   " certificates = excluded.certificates, chain = excluded.chain");
  query.Bind(row.ticket.view()).Bind(std::int64_t{row.purpose});
  query.Bind(row.creator.institution.view()).Bind(row.creator.person.view());
  query.Bind(row.creator_device.view()).Bind(row.expires_at.value);
  query.Bind(static_cast<std::int64_t>(row.state)).Bind(row.signed_request).Bind(row.signed_link);
  query.Bind(row.sealed_package).Bind(certificates).Bind(chain);
  return Run(query);
}

Status SqliteTransaction::DeleteTicketsExpiredBefore(Millis moment) {
  Query query(db_, "DELETE FROM tickets WHERE expires_at < ?");
  query.Bind(moment.value);
  return Run(query);
}

Result<std::optional<AuditRow>> SqliteTransaction::LastAudit() {
  if (last_audit_) {
    return last_audit_;
  }
  Query query(db_,
              "SELECT seq, at, institution, person, device, action, outcome, subject, hash"
              " FROM audit ORDER BY seq DESC LIMIT 1");
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<AuditRow>();
  }
  AuditRow row = ReadAuditRow(query);
  RENKEI_TRY(query.Finish());
  return std::optional(std::move(row));
}

Result<std::vector<AuditRow>> SqliteTransaction::ReadAudit(std::uint64_t after, std::size_t limit) {
  Query query(db_,
              "SELECT seq, at, institution, person, device, action, outcome, subject, hash"
              " FROM audit WHERE seq > ? ORDER BY seq LIMIT ?");
  query.BindCount(after).BindCount(limit);
  std::vector<AuditRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    out.push_back(ReadAuditRow(query));
  }
  RENKEI_TRY(query.Finish());
  return out;
}

Status SqliteTransaction::AddAudit(const AuditRow& row) {
  Query query(db_,
              "INSERT INTO audit (seq, at, institution, person, device, action, outcome, subject,"
              " hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  query.BindCount(row.seq).Bind(row.at.value).Bind(row.person.institution.view());
  query.Bind(row.person.person.view()).Bind(row.device.view());
  query.BindText(row.action).BindText(row.outcome).Bind(row.subject).Bind(row.hash);
  RENKEI_TRY(Run(query));
  newest_audit_ = {row.seq, row.hash};
  if (is_writer_) {
    last_audit_ = row;
  }
  return Ok();
}

Result<std::optional<Bytes>> SqliteTransaction::FindMeta(const std::string& name) {
  Query query(db_, "SELECT value FROM meta WHERE name = ?");
  query.BindText(name);
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? std::optional(ToBytes(query.Blob())) : std::optional<Bytes>();
}

Status SqliteTransaction::PutMeta(const std::string& name, ByteView value) {
  Query query(db_, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
  query.BindText(name).Bind(value);
  return Run(query);
}

Status SqliteTransaction::DeleteMeta(const std::string& name) {
  Query query(db_, "DELETE FROM meta WHERE name = ?");
  query.BindText(name);
  return Run(query);
}

}  // namespace renkei::server
