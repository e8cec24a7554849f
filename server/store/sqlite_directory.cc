// The directory and key packages in SQLite.
#include "server/store/sqlite_transaction.h"

namespace renkei::server {
namespace {

#define RENKEI_CERTIFICATE_COLUMNS \
  "fingerprint, role, institution, person, device, subject_key_id, institution_key, der"

// A role that does not exist must be told here: whoever asks for its profile takes it for our bug.
Result<CertificateRow> ReadCertificateRow(Query& query) {
  CertificateRow row;
  query.Read(row.fingerprint);
  const std::int64_t role = query.Int();
  if (role < static_cast<std::int64_t>(pki::CertRole::kRegionRoot) ||
      role > static_cast<std::int64_t>(pki::CertRole::kRelaySigning)) {
    return Error(Code::kCorrupt, "store: a certificate's role cannot be read");
  }
  row.role = static_cast<pki::CertRole>(role);
  query.Read(row.person.institution.bytes);
  query.Read(row.person.person.bytes);
  query.Read(row.device.bytes);
  query.Read(row.subject_key_id);
  query.Read(row.institution_key);
  row.der = ToBytes(query.Blob());
  RENKEI_TRY(query.Finish());
  return row;
}

RevocationRow ReadRevocationRow(Query& query) {
  RevocationRow row;
  query.Read(row.issuer_key_id);
  row.number = query.Count();
  row.der = ToBytes(query.Blob());
  return row;
}

}  // namespace

Result<std::optional<CertificateRow>> SqliteTransaction::FindCertificate(
    const Hash32& fingerprint) {
  Query query(db_, "SELECT " RENKEI_CERTIFICATE_COLUMNS " FROM directory WHERE fingerprint = ?");
  query.Bind(fingerprint);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<CertificateRow>();
  }
  RENKEI_ASSIGN(CertificateRow row, ReadCertificateRow(query));
  return std::optional(std::move(row));
}

Result<std::vector<CertificateRow>> SqliteTransaction::FindIssuers(
    const pki::KeyId& subject_key_id) {
  Query query(db_, "SELECT " RENKEI_CERTIFICATE_COLUMNS
                   " FROM directory WHERE subject_key_id = ? AND fingerprint IS NOT NULL"
                   " ORDER BY position");
  query.Bind(subject_key_id);
  std::vector<CertificateRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    RENKEI_ASSIGN(CertificateRow row, ReadCertificateRow(query));
    if (pki::ProfileOf(row.role).is_ca()) {
      out.push_back(std::move(row));
    }
  }
}

Result<std::optional<PersonRef>> SqliteTransaction::DeviceOwner(const DeviceId& device) {
  Query query(db_, "SELECT institution, person FROM directory WHERE device = ? LIMIT 1");
  query.Bind(device.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<PersonRef>();
  }
  PersonRef owner;
  query.Read(owner.institution.bytes);
  query.Read(owner.person.bytes);
  RENKEI_TRY(query.Finish());
  return std::optional(owner);
}

Result<std::vector<DeviceCertificate>> SqliteTransaction::DevicesOf(const PersonRef& person,
                                                                    pki::CertRole role) {
  Query query(db_,
              "SELECT device, fingerprint FROM directory"
              " WHERE person = ? AND institution = ? AND role = ? AND fingerprint IS NOT NULL"
              " ORDER BY position");
  query.Bind(person.person.view()).Bind(person.institution.view());
  query.Bind(static_cast<std::int64_t>(role));
  std::map<DeviceId, Hash32> newest;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    DeviceId device;
    query.Read(device.bytes);
    query.Read(newest[device]);
  }
  RENKEI_TRY(query.Finish());
  std::vector<DeviceCertificate> out;
  out.reserve(newest.size());
  for (const auto& [device, fingerprint] : newest) {
    out.push_back({device, fingerprint});
  }
  return out;
}

Result<std::vector<DirectoryItem>> SqliteTransaction::ReadDirectory(std::uint64_t after,
                                                                    std::size_t max_items,
                                                                    std::size_t max_bytes) {
  Query query(db_,
              "SELECT position, fingerprint IS NULL, der FROM directory WHERE position > ?"
              " ORDER BY position LIMIT ?");
  query.BindCount(after).BindCount(max_items);
  std::vector<DirectoryItem> out;
  std::size_t bytes = 0;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      return out;
    }
    DirectoryItem item;
    item.position = query.Count();
    item.is_revocation_list = query.Int() != 0;
    item.der = ToBytes(query.Blob());
    bytes += item.der.size();
    if (!out.empty() && bytes > max_bytes) {
      return out;
    }
    out.push_back(std::move(item));
  }
}

Result<std::uint64_t> SqliteTransaction::DirectoryPosition() {
  Query query(db_, "SELECT coalesce(max(position), 0) FROM directory");
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? query.Count() : std::uint64_t{0};
}

Result<std::optional<RevocationRow>> SqliteTransaction::FindRevocations(const pki::KeyId& issuer) {
  Query query(db_,
              "SELECT subject_key_id, list_number, der FROM directory"
              " WHERE subject_key_id = ? AND fingerprint IS NULL");
  query.Bind(issuer);
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<RevocationRow>();
  }
  RevocationRow row = ReadRevocationRow(query);
  RENKEI_TRY(query.Finish());
  return std::optional(std::move(row));
}

Result<std::vector<RevocationRow>> SqliteTransaction::NewestRevocations() {
  Query query(db_,
              "SELECT subject_key_id, list_number, der FROM directory"
              " WHERE fingerprint IS NULL ORDER BY position");
  std::vector<RevocationRow> out;
  for (;;) {
    RENKEI_ASSIGN(const bool found, query.Next());
    if (!found) {
      break;
    }
    out.push_back(ReadRevocationRow(query));
  }
  RENKEI_TRY(query.Finish());
  return out;
}

Result<std::uint64_t> SqliteTransaction::AddCertificate(const CertificateRow& row) {
  {
    Query query(db_, "SELECT position FROM directory WHERE fingerprint = ?");
    query.Bind(row.fingerprint);
    RENKEI_ASSIGN(const bool found, query.Next());
    if (found) {
      return query.Count();
    }
  }
  Query query(db_, "INSERT INTO directory (" RENKEI_CERTIFICATE_COLUMNS
                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  query.Bind(row.fingerprint).Bind(static_cast<std::int64_t>(row.role));
  query.Bind(row.person.institution.view()).Bind(row.person.person.view());
  query.Bind(row.device.view()).Bind(row.subject_key_id).Bind(row.institution_key).Bind(row.der);
  RENKEI_TRY(Run(query));
  return static_cast<std::uint64_t>(db_.LastInsertId());
}

Result<std::uint64_t> SqliteTransaction::AddRevocations(const RevocationRow& row) {
  Query old(db_, "DELETE FROM directory WHERE subject_key_id = ? AND fingerprint IS NULL");
  old.Bind(row.issuer_key_id);
  RENKEI_TRY(Run(old));
  Query query(db_,
              "INSERT INTO directory (list_number, role, institution, person, device,"
              " subject_key_id, institution_key, der) VALUES (?, 0, x'', x'', x'', ?, x'', ?)");
  query.BindCount(row.number).Bind(row.issuer_key_id).Bind(row.der);
  RENKEI_TRY(Run(query));
  return static_cast<std::uint64_t>(db_.LastInsertId());
}

Result<std::size_t> SqliteTransaction::CountKeyPackages(const DeviceId& device) {
  Query query(db_, "SELECT count(*) FROM key_packages WHERE device = ?");
  query.Bind(device.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  return found ? static_cast<std::size_t>(query.Count()) : std::size_t{0};
}

Result<std::optional<KeyPackageRow>> SqliteTransaction::OldestKeyPackage(const DeviceId& device) {
  Query query(db_,
              "SELECT id, handed_out, key_package FROM key_packages WHERE device = ?"
              " ORDER BY id LIMIT 1");
  query.Bind(device.view());
  RENKEI_ASSIGN(const bool found, query.Next());
  if (!found) {
    return std::optional<KeyPackageRow>();
  }
  KeyPackageRow row;
  row.id = query.Count();
  row.handed_out = query.Int() != 0;
  row.key_package = ToBytes(query.Blob());
  return std::optional(std::move(row));
}

Status SqliteTransaction::AddKeyPackage(const DeviceId& device, ByteView key_package) {
  Query query(db_, "INSERT INTO key_packages (device, key_package) VALUES (?, ?)");
  query.Bind(device.view()).Bind(key_package);
  return Run(query);
}

Status SqliteTransaction::DeleteKeyPackage(std::uint64_t id) {
  Query query(db_, "DELETE FROM key_packages WHERE id = ?");
  query.BindCount(id);
  return Run(query);
}

Status SqliteTransaction::MarkKeyPackageHandedOut(std::uint64_t id) {
  Query query(db_, "UPDATE key_packages SET handed_out = 1 WHERE id = ?");
  query.BindCount(id);
  return Run(query);
}

}  // namespace renkei::server
