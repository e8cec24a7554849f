// SQLCipher 3 (Debian 12) and 4 (Debian 13) write the same file here. With a raw key there is no
// password hashing to differ in; what does differ by default, page size, HMAC and the function that
// makes the HMAC's key from the database key, is set to what version 3 can do. HMAC-SHA1 is sound
// as a page's authenticator, so nothing is lost, and nothing has to be migrated.
#define SQLITE_HAS_CODEC 1
#include "client/vault/database.h"

#include <sqlcipher/sqlite3.h>

#include <array>

namespace renkei::client {
namespace {

// After the key, before the first page is touched. Version 3 ignores what it does not know.
constexpr const char* kCipherSettings =
    // Version 4 would write a damaged page's number to stderr; what it means is our answer's
    // matter.
    "PRAGMA cipher_log_level = NONE;"
    "PRAGMA cipher_page_size = 4096;"
    "PRAGMA cipher_use_hmac = ON;"
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA1;"
    "PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA1;"
    // One process at a time (the lock file sees to it), so the index of the write-ahead log stays
    // in memory, if this is said before the first read, and no third file is made.
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA temp_store = MEMORY;";

// FULL: a commit is on the disk when it returns.
constexpr const char* kSettings =
    "PRAGMA secure_delete = ON;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 4194304;"
    "PRAGMA cache_size = -32768;"
    "PRAGMA cell_size_check = ON;";

Error FromSqlite(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    // A page whose HMAC does not match reaches us as one of these.
    case SQLITE_ERROR:
      return Error(Code::kCorrupt, "vault: the database is damaged");
    case SQLITE_FULL:
      return Error(Code::kUnavailable, "vault: the disk is full");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return Error(Code::kUnavailable, "vault: not writable");
    case SQLITE_NOMEM:
      return Error(Code::kUnavailable, "vault: out of memory");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(Code::kConflict, "vault: the database is in use by another program");
    case SQLITE_TOOBIG:
      return Error(Code::kTooLarge, "vault: value too large");
    case SQLITE_IOERR:
      return Error(Code::kUnavailable, "vault: the disk cannot be read or written");
    default:
      return Error(Code::kInternal, "vault: unexpected answer from the database");
  }
}

// x'<64 hex digits>': the form in which SQLCipher takes a key without hashing it.
SecretBytes RawKey(const SecretBytes& key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  SecretBytes text(2 * kDatabaseKeyBytes + 3);
  const MutableByteView out = text.ExposeMutable();
  std::size_t at = 0;
  out[at++] = 'x';
  out[at++] = '\'';
  for (const std::uint8_t byte : key.Expose()) {
    out[at++] = static_cast<std::uint8_t>(kDigits[byte >> 4U]);
    out[at++] = static_cast<std::uint8_t>(kDigits[byte & 15U]);
  }
  out[at] = '\'';
  return text;
}

}  // namespace

Query::~Query() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
}

Query& Query::Bind(int at, ByteView bytes) {
  // A null pointer would bind NULL.
  const int code = bytes.empty() ? sqlite3_bind_zeroblob(statement_, at, 0)
                                 : sqlite3_bind_blob64(statement_, at, bytes.data(), bytes.size(),
                                                       SQLITE_STATIC);
  RENKEI_CHECK(code == SQLITE_OK || code == SQLITE_NOMEM);
  return *this;
}

Query& Query::BindText(int at, std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, at, text.empty() ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  RENKEI_CHECK(code == SQLITE_OK || code == SQLITE_NOMEM);
  return *this;
}

Query& Query::BindNumber(int at, std::int64_t number) {
  RENKEI_CHECK(sqlite3_bind_int64(statement_, at, number) == SQLITE_OK);
  return *this;
}

Result<bool> Query::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    RENKEI_TRY(CheckLongRow());
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  return FromSqlite(code);
}

// A page whose HMAC does not match is handed on as zeros, and only the next access to any page
// fails. Nearly always that is in the same step; but zeros at the end of a long value would pass
// for its content. So after a row that can have such an end, another page is asked for.
Status Query::CheckLongRow() {
  constexpr int kShortRow = 512;
  int size = 0;
  for (int i = sqlite3_column_count(statement_); i > 0; --i) {
    size += sqlite3_column_bytes(statement_, i - 1);
  }
  if (size < kShortRow) {
    return Ok();
  }
  const int code = sqlite3_step(probe_);
  sqlite3_reset(probe_);
  return code == SQLITE_ROW ? Ok() : Status(FromSqlite(code));
}

Status Query::Run() {
  RENKEI_ASSIGN(const bool row, Step());
  RENKEI_CHECK(!row);
  return Ok();
}

ByteView Query::Column(int at) const {
  const void* data = sqlite3_column_blob(statement_, at);
  const int size = sqlite3_column_bytes(statement_, at);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::int64_t Query::Number(int at) const {
  return sqlite3_column_int64(statement_, at);
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const SecretBytes& key) {
  RENKEI_CHECK(key.size() == kDatabaseKeyBytes);
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) {
    return FromSqlite(code);
  }
  RENKEI_TRY(database->Configure(key));
  RENKEI_ASSIGN(database->probe_, database->Compile("SELECT 1 FROM sqlite_master LIMIT 1"));
  return database;
}

Status Database::Configure(const SecretBytes& key) {
  sqlite3_extended_result_codes(handle_, 1);
  const SecretBytes raw = RawKey(key);
  const int code =
      sqlite3_key_v2(handle_, "main", raw.Expose().data(), static_cast<int>(raw.size()));
  if (code != SQLITE_OK) {
    return FromSqlite(code);
  }
  RENKEI_TRY(Execute(kCipherSettings));
  // The first read: tells a wrong key or a damaged first page.
  RENKEI_TRY(Execute("SELECT count(*) FROM sqlite_master"));
  return Execute(kSettings);
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_finalize(probe_);
  sqlite3_close(handle_);
}

Result<sqlite3_stmt*> Database::Compile(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), static_cast<int>(sql.size() + 1),
                                      &statement, nullptr);
  if (code != SQLITE_OK) {
    return FromSqlite(code);
  }
  return statement;
}

Result<Query> Database::Prepare(const std::string& sql) {
  auto known = statements_.find(sql);
  if (known == statements_.end()) {
    RENKEI_ASSIGN(sqlite3_stmt * statement, Compile(sql));
    known = statements_.emplace(sql, statement).first;
  }
  RENKEI_CHECK(sqlite3_stmt_busy(known->second) == 0);
  return Query(known->second, probe_);
}

Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return FromSqlite(code);
  }
  return Ok();
}

bool Database::InTransaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

}  // namespace renkei::client
