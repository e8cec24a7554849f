// One SQLite connection and its prepared statements. Knows SQLite, not the relay. One thread.
#ifndef RENKEI_SERVER_STORE_SQLITE_DB_H_
#define RENKEI_SERVER_STORE_SQLITE_DB_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "crypto/base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace renkei::server {

// What SQLite's result code means to the caller: kUnavailable (full, busy, I/O), kCorrupt,
// kConflict (a constraint), kInternal.
Error ErrorOfSqlite(int result_code);

// In pages of the write-ahead log.
struct LogCopy {
  int in_log = 0;
  int copied = 0;  // of these, in the database by now; fewer: a reader is in the way of the rest
};

class Database {
 public:
  // kServing: kReadWrite whose log is written as log_file.h does; for synchronous=FULL only.
  enum class Mode { kReadWrite, kServing, kReadOnly };

  // kUnavailable: cannot be opened. Whether it is a database the first statement tells (kCorrupt).
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Statements without results or parameters.
  Status Execute(const char* sql);
  // Ends the transaction, which is durable then. `meanwhile`, if there is any, may run on the way,
  // once, while the disk is waited for (kServing); whether the commit succeeds is open yet.
  Status Commit(const std::function<void()>& meanwhile);
  // The database as it is now, whole, into the file `path`, which must be new or empty: one
  // consistent state, while others go on reading and writing (SQLite's backup API). The copy needs
  // no -wal beside it and is synced.
  Status CopyTo(const std::string& path);
  // Ends the statement that runs now with kUnavailable; where none runs nothing happens. Any
  // thread.
  void Interrupt();
  // SQLite's extended code of the last failure, for the log.
  int last_failure() const { return last_failure_; }
  // The file's fsync failed: what is in the page cache cannot be trusted any more. Stop writing.
  bool sync_failed() const { return sync_failed_; }
  bool corrupt() const { return corrupt_; }
  std::int64_t LastInsertId() const;
  // Rows that the last statement changed.
  std::size_t Changes() const;

  // From now on commits never copy the write-ahead log into the database, but are counted.
  void LeaveLogAlone();
  // Whether closing it leaves the log's file as it is. If not, the last one that closes copies it
  // into the database and removes it.
  void KeepLogOnClose(bool keep);
  // How many pages the log had after the last commit.
  int log_pages() const { return log_pages_; }
  // Copies as much of the log into the database as no reader is in the way of, and syncs it, while
  // others read and write. kUnavailable: nothing is lost, the log keeps it.
  Result<LogCopy> Checkpoint();

 private:
  friend class Query;
  explicit Database(sqlite3* handle) : handle_(handle) {}
  Result<sqlite3_stmt*> Prepare(const char* sql);
  Error Fail(int result_code);

  sqlite3* handle_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  int last_failure_ = 0;
  int log_pages_ = 0;
  bool sync_failed_ = false;
  bool corrupt_ = false;
};

// One use of a prepared statement: bind in order, then Next() until false. `sql` must be a literal:
// statements are kept by its address. Bound views must live until the Query does not.
class Query {
 public:
  Query(Database& database, const char* sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Bind(std::int64_t value);
  // Beyond what SQLite can hold it binds the largest: no row has it.
  Query& BindCount(std::uint64_t value);
  Query& Bind(ByteView bytes);
  Query& BindText(std::string_view text);
  Query& BindNull();

  // A row is there, or not any more.
  Result<bool> Next();
  // For statements without results.
  Status Run();

  // Columns of the current row, from left to right. Views live until the next Next().
  std::int64_t Int();
  std::uint64_t Count() { return static_cast<std::uint64_t>(Int()); }
  bool IsNull() const;
  void Skip() { ++column_; }
  ByteView Blob();
  std::string Text();
  // A blob of exactly this type's size; anything else is remembered and told by Finish().
  template <std::size_t N>
  void Read(ByteArray<N>& out) {
    auto array = ToArray<N>(Blob());
    malformed_ = malformed_ || !array.ok();
    out = array.ok() ? *array : ByteArray<N>{};
  }
  // The same of a column that may be NULL.
  template <std::size_t N>
  void Read(std::optional<ByteArray<N>>& out) {
    if (IsNull()) {
      Skip();
      out.reset();
    } else {
      Read(out.emplace());
    }
  }
  // kCorrupt if a column was not of its size.
  Status Finish() const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
  int parameter_ = 0;
  int column_ = 0;
  int failure_ = 0;
  bool malformed_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_SQLITE_DB_H_
