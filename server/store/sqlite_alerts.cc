// Urgent alerts in SQLite.
#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

// The columns of every SELECT below, in this order.
AlertRow ReadAlertRow(Query& query) {
  AlertRow row;
  query.Read(row.case_id.bytes);
  row.seq = query.Count();
  query.Read(row.record.bytes);
  query.Read(row.sender.institution.bytes);
  query.Read(row.sender.person.bytes);
  query.Read(row.sender_device.bytes);
  row.state = static_cast<AlertState>(query.Int());
  row.next_step = static_cast<std::uint32_t>(query.Int());
  query.Read(row.timer.boot);
  row.timer.elapsed = {query.Int()};
  row.timer.wall = {query.Int()};
  row.timer.wait = {query.Int()};
  if (query.IsNull()) {
    query.Skip();
  } else {
    query.Read(row.responder.emplace().bytes);
  }
  row.plan = ToBytes(query.Blob());
  return row;
}

Result<std::vector<AlertRow>> ReadAlerts(Query& query) {
  std::vector<AlertRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      RENKEI_TRY(query.Finish());
      return out;
    }
    out.push_back(ReadAlertRow(query));
  }
}

Result<std::size_t> ReadCount(Query& query) {
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? static_cast<std::size_t>(query.Count()) : std::size_t{0};
}

}  // namespace

Result<std::optional<AlertRow>> SqliteTransaction::FindAlert(const CaseId& case_id,
                                                             std::uint64_t seq) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_,
              "SELECT t.case_id, a.seq, a.record, a.institution, a.person, a.device, a.state,"
              " a.next_step, a.boot, a.elapsed, a.wall, a.wait, a.responder, a.plan"
              " FROM alerts a JOIN threads t ON t.no = a.thread WHERE a.thread = ? AND a.seq = ?");
  query.Bind(number).BindCount(seq);
  RENKEI_ASSIGN(std::vector<AlertRow> rows, ReadAlerts(query));
  return rows.empty() ? std::optional<AlertRow>() : std::optional(std::move(rows.front()));
}

Result<std::vector<AlertRow>> SqliteTransaction::OpenAlerts() {
  Query query(db_,
              "SELECT t.case_id, a.seq, a.record, a.institution, a.person, a.device, a.state,"
              " a.next_step, a.boot, a.elapsed, a.wall, a.wait, a.responder, a.plan"
              " FROM alerts a JOIN threads t ON t.no = a.thread WHERE a.state = 1 ORDER BY a.id");
  return ReadAlerts(query);
}

Result<std::vector<AlertRow>> SqliteTransaction::OpenAlertsOf(const PersonRef& member) {
  Query query(db_,
              "SELECT t.case_id, a.seq, a.record, a.institution, a.person, a.device, a.state,"
              " a.next_step, a.boot, a.elapsed, a.wall, a.wait, a.responder, a.plan"
              " FROM spans s JOIN alerts a ON a.thread = s.thread AND a.state = 1"
              " JOIN threads t ON t.no = a.thread"
              " WHERE s.person = ? AND s.institution = ? AND s.last IS NULL ORDER BY a.id");
  query.Bind(member.person.view()).Bind(member.institution.view());
  return ReadAlerts(query);
}

Result<std::size_t> SqliteTransaction::CountOpenAlerts(const CaseId& case_id) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_, "SELECT count(*) FROM alerts WHERE thread = ? AND state = 1");
  query.Bind(number);
  return ReadCount(query);
}

Result<std::size_t> SqliteTransaction::CountOpenAlertsOf(const DeviceId& sender_device) {
  Query query(db_, "SELECT count(*) FROM alerts WHERE device = ? AND state = 1");
  query.Bind(sender_device.view());
  return ReadCount(query);
}

Status SqliteTransaction::PutAlert(const AlertRow& row) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(row.case_id));
  // Not REPLACE, which would give the row another id and so another place in the order.
  Query query(db_,
              "INSERT INTO alerts (thread, seq, record, institution, person, device, state,"
              " next_step, boot, elapsed, wall, wait, responder, plan)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (thread, seq) DO UPDATE SET state = excluded.state,"
              " next_step = excluded.next_step, boot = excluded.boot, elapsed = excluded.elapsed,"
              " wall = excluded.wall, wait = excluded.wait, responder = excluded.responder");
  query.Bind(number).BindCount(row.seq).Bind(row.record.view());
  query.Bind(row.sender.institution.view()).Bind(row.sender.person.view());
  query.Bind(row.sender_device.view()).Bind(static_cast<std::int64_t>(row.state));
  query.Bind(std::int64_t{row.next_step}).Bind(row.timer.boot).Bind(row.timer.elapsed.value);
  query.Bind(row.timer.wall.value).Bind(row.timer.wait.value);
  if (row.responder) {
    query.Bind(row.responder->view());
  } else {
    query.BindNull();
  }
  query.Bind(row.plan);
  return Run(query);
}

}  // namespace renkei::server
