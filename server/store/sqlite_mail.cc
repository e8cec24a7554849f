// Envelopes, packs and mail in SQLite.
#include "server/store/sqlite_transaction.h"

namespace renkei::server {

Result<std::vector<EnvelopeRow>> SqliteTransaction::ReadEnvelopes(
    const CaseId& case_id, const Hash32& key_id, const std::optional<EpochRef>& after,
    std::size_t limit) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_,
              "SELECT generation, epoch, envelope FROM envelopes"
              " WHERE thread = ? AND key_id = ? AND (generation, epoch) > (?, ?)"
              " ORDER BY generation, epoch LIMIT ?");
  query.Bind(number).Bind(key_id);
  query.Bind(after ? std::int64_t{after->generation} : std::int64_t{-1});
  query.BindCount(after ? after->epoch : 0).BindCount(limit);
  std::vector<EnvelopeRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    EnvelopeRow row;
    row.at.generation = static_cast<std::uint32_t>(query.Int());
    row.at.epoch = query.Count();
    row.envelope = ToBytes(query.Blob());
    out.push_back(std::move(row));
  }
}

Status SqliteTransaction::AddEnvelope(const CaseId& case_id, const Hash32& key_id,
                                      const EnvelopeRow& row) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  Query query(db_,
              "INSERT INTO envelopes (thread, key_id, generation, epoch, envelope)"
              " VALUES (?, ?, ?, ?, ?)");
  query.Bind(number).Bind(key_id).Bind(std::int64_t{row.at.generation});
  query.BindCount(row.at.epoch).Bind(row.envelope);
  return Run(query);
}

Result<std::vector<PackRow>> SqliteTransaction::ReadPacks(const CaseId& case_id,
                                                          const Hash32& key_id, std::uint64_t after,
                                                          std::size_t max_packs,
                                                          std::size_t max_bytes) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  Query query(db_,
              "SELECT seq, pack FROM packs WHERE thread = ? AND key_id = ? AND seq > ?"
              " ORDER BY seq LIMIT ?");
  query.Bind(number).Bind(key_id).BindCount(after).BindCount(max_packs);
  std::vector<PackRow> out;
  std::size_t bytes = 0;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    PackRow row;
    row.seq = query.Count();
    row.pack = ToBytes(query.Blob());
    bytes += row.pack.size();
    if (!out.empty() && bytes > max_bytes) {
      break;
    }
    out.push_back(std::move(row));
  }
  RENKEI_TRY(query.Finish());
  return out;
}

Status SqliteTransaction::AddPack(const CaseId& case_id, const Hash32& key_id, std::uint64_t seq,
                                  ByteView pack) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  Query query(db_, "INSERT INTO packs (thread, key_id, seq, pack) VALUES (?, ?, ?, ?)");
  query.Bind(number).Bind(key_id).BindCount(seq).Bind(pack);
  return Run(query);
}

Result<std::vector<MailRow>> SqliteTransaction::ReadMail(const DeviceId& device,
                                                         std::uint64_t after,
                                                         std::size_t max_messages,
                                                         std::size_t max_bytes) {
  Query query(db_,
              "SELECT m.id, t.case_id, m.seq, w.welcome FROM mail m"
              " JOIN threads t ON t.no = m.thread JOIN welcomes w ON w.id = m.welcome"
              " WHERE m.device = ? AND m.id > ? ORDER BY m.id LIMIT ?");
  query.Bind(device.view()).BindCount(after).BindCount(max_messages);
  std::vector<MailRow> out;
  std::size_t bytes = 0;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    MailRow row;
    row.id = query.Count();
    query.Read(row.case_id.bytes);
    row.seq = query.Count();
    row.welcome = ToBytes(query.Blob());
    bytes += row.welcome.size();
    if (!out.empty() && bytes > max_bytes) {
      break;
    }
    out.push_back(std::move(row));
  }
  RENKEI_TRY(query.Finish());
  return out;
}

Status SqliteTransaction::AddMail(std::span<const DeviceId> devices, const CaseId& case_id,
                                  std::uint64_t seq, ByteView welcome) {
  RENKEI_ASSIGN(const std::int64_t number, NumberFor(case_id));
  {
    Query query(db_, "INSERT INTO welcomes (welcome) VALUES (?)");
    query.Bind(welcome);
    RENKEI_TRY(Run(query));
  }
  const std::int64_t id = db_.LastInsertId();
  for (const DeviceId& device : devices) {
    Query query(db_, "INSERT INTO mail (device, thread, seq, welcome) VALUES (?, ?, ?, ?)");
    query.Bind(device.view()).Bind(number).BindCount(seq).Bind(id);
    RENKEI_TRY(Run(query));
  }
  return Ok();
}

Result<std::vector<GoneWelcome>> SqliteTransaction::DeleteMail(const DeviceId& device,
                                                               std::span<const std::uint64_t> ids) {
  std::vector<GoneWelcome> gone;
  for (const std::uint64_t id : ids) {
    RENKEI_TRY(DeleteOneMail(device, id, gone));
  }
  return gone;
}

Result<std::vector<GoneWelcome>> SqliteTransaction::DeleteMailOf(const CaseId& case_id) {
  RENKEI_ASSIGN(const std::int64_t number, NumberOf(case_id));
  std::vector<std::pair<DeviceId, std::uint64_t>> mail;
  {
    Query query(db_, "SELECT device, id FROM mail WHERE thread = ?");
    query.Bind(number);
    for (;;) {
      RENKEI_ASSIGN(const bool found, query.Next());
      if (!found) {
        break;
      }
      auto& [device, id] = mail.emplace_back();
      query.Read(device.bytes);
      id = query.Count();
    }
    RENKEI_TRY(query.Finish());
  }
  std::vector<GoneWelcome> gone;
  for (const auto& [device, id] : mail) {
    RENKEI_TRY(DeleteOneMail(device, id, gone));
  }
  return gone;
}

Status SqliteTransaction::DeleteOneMail(const DeviceId& device, std::uint64_t id,
                                        std::vector<GoneWelcome>& gone) {
  GoneWelcome welcome;
  std::int64_t number = 0;
  bool is_last = false;
  {
    Query query(db_,
                "SELECT t.case_id, m.seq, length(w.welcome), m.welcome, NOT EXISTS"
                " (SELECT 1 FROM mail o WHERE o.welcome = m.welcome AND o.id != m.id)"
                " FROM mail m JOIN threads t ON t.no = m.thread JOIN welcomes w ON w.id = m.welcome"
                " WHERE m.id = ? AND m.device = ?");
    query.BindCount(id).Bind(device.view());
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return Ok();
    }
    query.Read(welcome.case_id.bytes);
    welcome.seq = query.Count();
    welcome.bytes = static_cast<std::size_t>(query.Count());
    number = query.Int();
    is_last = query.Int() != 0;
    RENKEI_TRY(query.Finish());
  }
  Query mail(db_, "DELETE FROM mail WHERE id = ? AND device = ?");
  mail.BindCount(id).Bind(device.view());
  RENKEI_TRY(Run(mail));
  if (!is_last) {
    return Ok();
  }
  Query unused(db_, "DELETE FROM welcomes WHERE id = ?");
  unused.Bind(number);
  RENKEI_TRY(Run(unused));
  gone.push_back(welcome);
  return Ok();
}

}  // namespace renkei::server
