#include "server/store/sqlite_db.h"

#include <sqlite3.h>

#include <limits>

#include "server/store/log_file.h"

namespace renkei::server {

Error ErrorOfSqlite(int result_code) {
  switch (result_code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return Error(Code::kConflict, "store: the row is there already");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error(Code::kCorrupt, "store: damaged");
    case SQLITE_FULL:
      return Error(Code::kUnavailable, "store: the disk is full");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return Error(Code::kUnavailable, "store: does not answer");
    default:
      return Error(Code::kInternal, "store: unexpected result");
  }
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const char* layer = mode == Mode::kServing ? LogFileLayer() : nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, layer);
  std::unique_ptr<Database> database(new Database(handle));
  if (result != SQLITE_OK) {
    return database->Fail(result);
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

Status Database::Execute(const char* sql) {
  const int result = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? Ok() : Status(Fail(result));
}

Status Database::Commit(const std::function<void()>& meanwhile) {
  if (meanwhile) {
    (void)WhileLogIsSynced(handle_, &meanwhile);
  }
  const Status committed = Query(*this, "COMMIT").Run();
  if (meanwhile) {
    (void)WhileLogIsSynced(handle_, nullptr);
  }
  return committed;
}

Status Database::CopyTo(const std::string& path) {
  RENKEI_ASSIGN(const std::unique_ptr<Database> copy, Open(path, Mode::kReadWrite));
  // A failed copy is thrown away, so it needs no journal; its last sync is what counts.
  RENKEI_TRY(copy->Execute("PRAGMA synchronous = FULL"));
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle_, "main", handle_, "main");
  if (backup == nullptr) {
    return Fail(sqlite3_errcode(copy->handle_));
  }
  // All in one step: one read transaction, which in WAL mode holds up nobody.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
    return Fail(stepped != SQLITE_DONE ? stepped : finished);
  }
  return copy->Execute("PRAGMA journal_mode = DELETE");
}

void Database::Interrupt() {
  sqlite3_interrupt(handle_);
}

void Database::LeaveLogAlone() {
  // SQLite's own checkpoints hang on the same hook.
  sqlite3_wal_hook(
      handle_,
      [](void* self, sqlite3* /*handle*/, const char* /*schema*/, int pages) {
        static_cast<Database*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

void Database::KeepLogOnClose(bool keep) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

Result<LogCopy> Database::Checkpoint() {
  LogCopy copy;
  const int result = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                               &copy.in_log, &copy.copied);
  if (result != SQLITE_OK) {
    return Fail(result);
  }
  return copy;
}

std::size_t Database::Changes() const {
  return static_cast<std::size_t>(sqlite3_changes(handle_));
}

std::int64_t Database::LastInsertId() const {
  return sqlite3_last_insert_rowid(handle_);
}

Result<sqlite3_stmt*> Database::Prepare(const char* sql) {
  if (const auto it = statements_.find(sql); it != statements_.end()) {
    return it->second;
  }
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) {
    return Fail(result);
  }
  statements_[sql] = statement;
  return statement;
}

Error Database::Fail(int result_code) {
  last_failure_ = result_code;
  if (result_code == SQLITE_IOERR_FSYNC || result_code == SQLITE_IOERR_DIR_FSYNC) {
    sync_failed_ = true;
  }
  const Error error = ErrorOfSqlite(result_code);
  corrupt_ = corrupt_ || error.code() == Code::kCorrupt;
  return error;
}

Query::Query(Database& database, const char* sql) : database_(database) {
  auto statement = database.Prepare(sql);
  if (statement.ok()) {
    statement_ = *statement;
  } else {
    failure_ = database.last_failure();
  }
}

Query::~Query() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

Query& Query::Bind(std::int64_t value) {
  if (statement_ != nullptr) {
    const int result = sqlite3_bind_int64(statement_, ++parameter_, value);
    failure_ = failure_ != 0 ? failure_ : result;
  }
  return *this;
}

Query& Query::BindCount(std::uint64_t value) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return Bind(static_cast<std::int64_t>(value < kMax ? value : kMax));
}

Query& Query::Bind(ByteView bytes) {
  if (statement_ != nullptr) {
    // A null pointer would bind NULL; an empty blob is meant.
    static constexpr std::uint8_t kNothing = 0;
    const int result =
        sqlite3_bind_blob64(statement_, ++parameter_, bytes.empty() ? &kNothing : bytes.data(),
                            bytes.size(), SQLITE_STATIC);
    failure_ = failure_ != 0 ? failure_ : result;
  }
  return *this;
}

Query& Query::BindText(std::string_view text) {
  if (statement_ != nullptr) {
    const int result = sqlite3_bind_text64(statement_, ++parameter_, text.data(), text.size(),
                                           SQLITE_STATIC, SQLITE_UTF8);
    failure_ = failure_ != 0 ? failure_ : result;
  }
  return *this;
}

Query& Query::BindNull() {
  ++parameter_;
  return *this;
}

Result<bool> Query::Next() {
  if (failure_ != 0) {
    return database_.Fail(failure_);
  }
  column_ = 0;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result == SQLITE_DONE) {
    return false;
  }
  return database_.Fail(result);
}

Status Query::Run() {
  RENKEI_ASSIGN(const bool has_row, Next());
  if (has_row) {
    return Error(Code::kInternal, "store: a row where none is meant");
  }
  return Ok();
}

std::int64_t Query::Int() {
  return sqlite3_column_int64(statement_, column_++);
}

bool Query::IsNull() const {
  return sqlite3_column_type(statement_, column_) == SQLITE_NULL;
}

ByteView Query::Blob() {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_);
  ++column_;
  return data == nullptr ? ByteView() : ByteView(data, static_cast<std::size_t>(size));
}

std::string Query::Text() {
  return ToString(Blob());
}

Status Query::Finish() const {
  if (malformed_) {
    return Error(Code::kCorrupt, "store: a row cannot be read");
  }
  return Ok();
}

}  // namespace renkei::server
