#include "client/vault/sqlcipher_vault.h"

#include <algorithm>

#include "client/core/text_fold.h"

namespace renkei::client {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
// After this many commits the counter file is synced: what a loss of power can take from it.
constexpr std::uint64_t kCommitsPerCounterSync = 32;

struct TableLayout {
  Table table;
  const char* name;
  bool large;  // values beside the key tree, appended in order; else inside it
};

constexpr TableLayout kTables[] = {
    {Table::kMeta, "meta", false},
    {Table::kKeys, "keys", false},
    {Table::kDirectory, "directory", true},
    {Table::kCases, "cases", false},
    {Table::kGroups, "groups", true},
    {Table::kEntries, "entries", true},
    {Table::kCards, "cards", true},
    {Table::kRecords, "records", true},
    {Table::kRecordIndex, "record_index", false},
    {Table::kArchive, "archive", false},
    {Table::kOutbox, "outbox", true},
    {Table::kReceipts, "receipts", false},
    {Table::kTrust, "trust", false},
    {Table::kEnrolment, "enrolment", false},
};
static_assert(std::size(kTables) == kTableCount);

constexpr const char* kStateSchema =
    "CREATE TABLE vault_state(id INTEGER PRIMARY KEY CHECK(id = 1), schema_version INTEGER NOT "
    "NULL, vault_id BLOB NOT NULL, commits INTEGER NOT NULL, older_copy INTEGER NOT NULL, "
    "fold_version INTEGER NOT NULL);";
constexpr const char* kInsertState = "INSERT INTO vault_state VALUES(1, ?1, ?2, 0, 0, ?3)";
constexpr const char* kSelectState =
    "SELECT schema_version, vault_id, commits, older_copy, fold_version FROM vault_state";
constexpr const char* kUpdateState =
    "UPDATE vault_state SET commits = ?1, older_copy = ?2, fold_version = ?3";

Status CreateTables(Database& database) {
  for (const TableLayout& layout : kTables) {
    const std::string sql = std::string("CREATE TABLE IF NOT EXISTS ") + layout.name +
                            "(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)" +
                            (layout.large ? "" : " WITHOUT ROWID");
    RENKEI_TRY(database.Execute(sql.c_str()));
  }
  return Ok();
}

Status FillNewDatabase(Database& database, const VaultId& id) {
  RENKEI_TRY(database.Execute("BEGIN IMMEDIATE"));
  RENKEI_TRY(database.Execute(kStateSchema));
  RENKEI_TRY(CreateTables(database));
  TextIndex index(database);
  RENKEI_TRY(index.Create());
  {
    RENKEI_ASSIGN(Query insert, database.Prepare(kInsertState));
    RENKEI_TRY(insert.BindNumber(1, kSchemaVersion)
                   .Bind(2, id.view())
                   .BindNumber(3, kTextFoldVersion)
                   .Run());
  }
  return database.Execute("COMMIT");
}

// The first key after all that start with `prefix`; longer than any key if there is none.
Bytes EndOfPrefix(ByteView prefix) {
  Bytes end = ToBytes(prefix);
  while (!end.empty() && end.back() == 0xFF) {
    end.pop_back();
  }
  if (end.empty()) {
    return Bytes(kMaxVaultKeyBytes + 1, 0xFF);
  }
  ++end.back();
  return end;
}

bool SpoilsTransaction(const Status& status) {
  return !status.ok() && status.error().code() != Code::kTooLarge;
}

}  // namespace

Status SqlcipherVault::CreateIn(const std::string& path, const SecretBytes& key,
                                const VaultId& id) {
  RENKEI_ASSIGN(const auto database, Database::Open(path, key));
  return FillNewDatabase(*database, id);
}

Result<std::unique_ptr<SqlcipherVault>> SqlcipherVault::Open(
    const std::string& directory, const std::string& path, const SecretBytes& key,
    const VaultId& id, DeviceKeyStore& device_keys, FileLock lock) {
  if (!FileExists(path)) {
    return Error(Code::kCorrupt, "vault: the database is missing");
  }
  RENKEI_ASSIGN(FileLock device_lock, device_keys.Lock(id));
  RENKEI_ASSIGN(auto database, Database::Open(path, key));
  std::unique_ptr<SqlcipherVault> vault(new SqlcipherVault(
      directory, std::move(database), id, device_keys, std::move(lock), std::move(device_lock)));
  RENKEI_TRY(vault->Load());
  RENKEI_TRY(vault->NoticeOlderCopy());
  return vault;
}

SqlcipherVault::SqlcipherVault(std::string directory, std::unique_ptr<Database> database,
                               const VaultId& id, DeviceKeyStore& device_keys, FileLock lock,
                               FileLock device_lock)
    : directory_(std::move(directory)),
      lock_(std::move(lock)),
      device_lock_(std::move(device_lock)),
      database_(std::move(database)),
      index_(*database_),
      id_(id),
      device_keys_(device_keys) {
  for (const TableLayout& layout : kTables) {
    const std::string name = layout.name;
    TableSql& sql = sql_.at(static_cast<std::size_t>(layout.table) - 1);
    sql.put = "INSERT OR REPLACE INTO " + name + "(key, value) VALUES(?1, ?2)";
    sql.erase = "DELETE FROM " + name + " WHERE key = ?1";
    sql.erase_range = "DELETE FROM " + name + " WHERE key >= ?1 AND key < ?2";
    sql.get = "SELECT value FROM " + name + " WHERE key = ?1";
    const std::string range =
        "SELECT key, value FROM " + name + " WHERE key >= ?1 AND key < ?2 ORDER BY key ";
    sql.scan_up = range + "ASC LIMIT ?3";
    sql.scan_down = range + "DESC LIMIT ?3";
  }
}

SqlcipherVault::~SqlcipherVault() {
  Rollback();
  if (committed_.commits != synced_counter_) {
    StoreCounter(true);
  }
}

Status SqlcipherVault::Load() {
  {
    RENKEI_ASSIGN(Query select, database_->Prepare(kSelectState));
    RENKEI_ASSIGN(const bool row, select.Step());
    if (!row || !Equal(select.Column(1), id_.view())) {
      return Error(Code::kCorrupt, "vault: not this vault's database");
    }
    if (select.Number(0) > kSchemaVersion) {
      return Error(Code::kUnsupported, "vault: made by a newer program");
    }
    state_.commits = static_cast<std::uint64_t>(select.Number(2));
    state_.older_copy = select.Number(3) != 0;
    state_.fold_version = static_cast<std::uint32_t>(select.Number(4));
    committed_ = state_;
  }
  // A table that a newer Table value needs is added; the rest of the schema is as it was.
  return CreateTables(*database_);
}

// Every commit counts one up inside the database, then in the device's own file. A file that is
// ahead means that commits were made which this database does not know. The opening counts too, so
// that a copy taken before it is told apart even after a loss of power.
Status SqlcipherVault::NoticeOlderCopy() {
  const auto counter = device_keys_.LoadCounter(id_);
  const bool lost = !counter.ok() && (counter.error().code() == Code::kNotFound ||
                                      counter.error().code() == Code::kCorrupt);
  if (!counter.ok() && !lost) {
    return counter.error();
  }
  State noticed = state_;
  noticed.older_copy = state_.older_copy || lost || state_.commits < *counter;
  noticed.commits = std::max(state_.commits, lost ? 0 : *counter);
  const Status counted = Write([&] {
    state_ = noticed;
    return Ok();
  });
  if (!counted.ok() && counted.error().code() == Code::kUnavailable) {
    // A full disk: known as long as the vault is open, saved with the first commit that fits, and
    // else found again next time, because the device's counter is left as it is.
    state_ = noticed;
    committed_ = noticed;
    synced_counter_ = noticed.commits;
    return Ok();
  }
  RENKEI_TRY(counted);
  StoreCounter(true);
  return Ok();
}

Status SqlcipherVault::Begin() {
  RENKEI_CHECK(!in_transaction_);
  RENKEI_TRY(database_->Execute("BEGIN IMMEDIATE"));
  in_transaction_ = true;
  wrote_ = false;
  poisoned_ = false;
  return Ok();
}

Status SqlcipherVault::Commit() {
  RENKEI_CHECK(in_transaction_);
  if (poisoned_) {
    return Error(Code::kUnavailable, "vault: an earlier write of this transaction failed");
  }
  if (wrote_) {
    ++state_.commits;
    const Status saved = SaveState();
    if (!saved.ok()) {
      poisoned_ = true;
      return saved;
    }
  }
  const Status done = database_->Execute("COMMIT");
  if (!done.ok()) {
    poisoned_ = true;
    return done;
  }
  in_transaction_ = false;
  committed_ = state_;
  if (wrote_) {
    StoreCounter(committed_.commits >= synced_counter_ + kCommitsPerCounterSync);
  }
  return Ok();
}

// The commit stands whatever becomes of the counter; the next one writes it again.
void SqlcipherVault::StoreCounter(bool durable) {
  const bool stored = device_keys_.StoreCounter(id_, committed_.commits, durable).ok();
  if (durable && stored) {
    synced_counter_ = committed_.commits;
  }
}

void SqlcipherVault::Rollback() {
  if (!in_transaction_) {
    return;
  }
  if (database_->InTransaction()) {
    static_cast<void>(database_->Execute("ROLLBACK"));
  }
  in_transaction_ = false;
  state_ = committed_;
  index_.OnRollback();
}

Status SqlcipherVault::SaveState() {
  RENKEI_ASSIGN(Query update, database_->Prepare(kUpdateState));
  return update.BindNumber(1, static_cast<std::int64_t>(state_.commits))
      .BindNumber(2, state_.older_copy ? 1 : 0)
      .BindNumber(3, state_.fold_version)
      .Run();
}

Status SqlcipherVault::Write(const std::function<Status()>& change) {
  if (in_transaction_) {
    if (poisoned_) {
      return Error(Code::kUnavailable, "vault: an earlier write of this transaction failed");
    }
    wrote_ = true;
    Status changed = change();
    poisoned_ = SpoilsTransaction(changed);
    return changed;
  }
  RENKEI_TRY(Begin());
  wrote_ = true;
  Status changed = change();
  if (changed.ok()) {
    changed = Commit();
  }
  Rollback();
  return changed;
}

const SqlcipherVault::TableSql& SqlcipherVault::Sql(Table table) const {
  const auto value = static_cast<std::size_t>(table);
  RENKEI_CHECK(value >= 1 && value <= kTableCount);
  return sql_[value - 1];
}

Status SqlcipherVault::Put(Table table, ByteView key, ByteView value) {
  if (key.empty() || key.size() > kMaxVaultKeyBytes) {
    return Error(Code::kInternal, "vault: key of a wrong length");
  }
  if (value.size() > kMaxVaultValueBytes) {
    return Error(Code::kTooLarge, "vault: value too large");
  }
  return Write([&]() -> Status {
    RENKEI_ASSIGN(Query put, database_->Prepare(Sql(table).put));
    return put.Bind(1, key).Bind(2, value).Run();
  });
}

Status SqlcipherVault::Erase(Table table, ByteView key) {
  return Write([&]() -> Status {
    RENKEI_ASSIGN(Query erase, database_->Prepare(Sql(table).erase));
    return erase.Bind(1, key).Run();
  });
}

Status SqlcipherVault::ErasePrefix(Table table, ByteView prefix) {
  if (prefix.empty() || prefix.size() > kMaxVaultKeyBytes) {
    return Error(Code::kInternal, "vault: prefix of a wrong length");
  }
  return Write([&]() -> Status {
    RENKEI_ASSIGN(Query erase, database_->Prepare(Sql(table).erase_range));
    return erase.Bind(1, prefix).Bind(2, EndOfPrefix(prefix)).Run();
  });
}

Result<Query> SqlcipherVault::Find(Table table, ByteView key) {
  RENKEI_ASSIGN(Query get, database_->Prepare(Sql(table).get));
  get.Bind(1, key);
  return get;
}

Result<std::optional<Bytes>> SqlcipherVault::Get(Table table, ByteView key) {
  RENKEI_ASSIGN(Query get, Find(table, key));
  RENKEI_ASSIGN(const bool row, get.Step());
  return row ? std::optional<Bytes>(ToBytes(get.Column(0))) : std::optional<Bytes>();
}

Result<std::optional<SecretBytes>> SqlcipherVault::GetSecret(Table table, ByteView key) {
  RENKEI_ASSIGN(Query get, Find(table, key));
  RENKEI_ASSIGN(const bool row, get.Step());
  std::optional<SecretBytes> secret;
  if (row) {
    secret = SecretBytes::CopyOf(get.Column(0));
  }
  return secret;
}

Result<std::vector<Row>> SqlcipherVault::Scan(Table table, ByteView prefix,
                                              const ScanOptions& options) {
  Bytes low = ToBytes(prefix);
  Bytes high = EndOfPrefix(prefix);
  if (!options.after.empty() && options.descending) {
    high = std::min(high, options.after);
  } else if (!options.after.empty()) {
    Bytes next = options.after;  // followed by a zero byte: the very next key there can be
    next.push_back(0);
    low = std::max(low, next);
  }
  const TableSql& sql = Sql(table);
  RENKEI_ASSIGN(Query scan, database_->Prepare(options.descending ? sql.scan_down : sql.scan_up));
  scan.Bind(1, low).Bind(2, high).BindNumber(
      3, options.limit == 0 ? -1 : static_cast<std::int64_t>(options.limit));
  std::vector<Row> rows;
  while (true) {
    RENKEI_ASSIGN(const bool row, scan.Step());
    if (!row) {
      return rows;
    }
    rows.push_back({ToBytes(scan.Column(0)), ToBytes(scan.Column(1))});
  }
}

Result<std::vector<SecretRow>> SqlcipherVault::ScanSecrets(Table table, ByteView prefix) {
  RENKEI_ASSIGN(Query scan, database_->Prepare(Sql(table).scan_up));
  const Bytes end = EndOfPrefix(prefix);
  scan.Bind(1, prefix).Bind(2, end).BindNumber(3, -1);
  std::vector<SecretRow> rows;
  while (true) {
    RENKEI_ASSIGN(const bool row, scan.Step());
    if (!row) {
      return rows;
    }
    rows.push_back({ToBytes(scan.Column(0)), SecretBytes::CopyOf(scan.Column(1))});
  }
}

Status SqlcipherVault::IndexText(const CaseId& case_id, const RecordId& record_id,
                                 std::string_view text) {
  return Write([&] { return index_.Index(case_id, record_id, text); });
}

Result<std::vector<SearchHit>> SqlcipherVault::Search(std::string_view query, std::size_t limit) {
  return index_.Search(query, limit);
}

bool SqlcipherVault::IndexIsStale() const {
  return state_.fold_version != kTextFoldVersion;
}

Status SqlcipherVault::ResetIndex() {
  return Write([this] {
    state_.fold_version = kTextFoldVersion;
    return index_.Reset();
  });
}

Status SqlcipherVault::ClearOlderCopy() {
  return Write([this] {
    state_.older_copy = false;
    return Ok();
  });
}

}  // namespace renkei::client
