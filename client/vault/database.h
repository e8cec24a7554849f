// One SQLCipher connection and its prepared statements: the only place that knows SQLite's codes
// and SQLCipher's settings. One thread.
#ifndef RENKEI_CLIENT_VAULT_DATABASE_H_
#define RENKEI_CLIENT_VAULT_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

struct sqlite3;
struct sqlite3_stmt;

namespace renkei::client {

inline constexpr std::size_t kDatabaseKeyBytes = 32;

// A prepared statement in use: bind, step, read, and gone. The bytes bound must live until then.
// Parameters count from 1, columns from 0. Mistakes in either are our bug and abort.
class Query {
 public:
  // `probe` is prepared too, and finished.
  Query(sqlite3_stmt* statement, sqlite3_stmt* probe) : statement_(statement), probe_(probe) {}
  Query(Query&& other) noexcept : statement_(other.statement_), probe_(other.probe_) {
    other.statement_ = nullptr;
  }
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  Query& Bind(int at, ByteView bytes);
  Query& BindText(int at, std::string_view text);
  Query& BindNumber(int at, std::int64_t number);

  // True: a row is there. kUnavailable, kCorrupt, kTooLarge, kInternal.
  Result<bool> Step();
  // For statements without rows.
  Status Run();

  // Views live until the next step. May be secret, as the table is.
  ByteView Column(int at) const;
  std::int64_t Number(int at) const;

 private:
  Status CheckLongRow();

  sqlite3_stmt* statement_;
  sqlite3_stmt* probe_;
};

class Database {
 public:
  // Opens `path`, which exists (an empty file is an empty database). `key` (secret, 32 bytes) is
  // used as it is. Files made by SQLCipher 3 and 4 are the same (see database.cc).
  //   kCorrupt      not a database under this key, or damaged
  //   kUnavailable  cannot be read or written
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const SecretBytes& key);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  // Forgets an open transaction, checkpoints and closes.
  ~Database();

  // The statement is prepared once and kept. At most one Query per statement at a time.
  Result<Query> Prepare(const std::string& sql);
  // Runs statements without parameters and rows.
  Status Execute(const char* sql);
  // True between BEGIN and COMMIT or ROLLBACK; SQLite rolls back by itself after some errors.
  bool InTransaction() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}

  Status Configure(const SecretBytes& key);

  Result<sqlite3_stmt*> Compile(const std::string& sql);

  sqlite3* handle_;
  sqlite3_stmt* probe_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_DATABASE_H_
