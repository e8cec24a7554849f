// The write-ahead log's file as the connection that commits writes it. SQLite gives the log each
// page in two small writes, and then waits for the disk with nothing to do. Here what a transaction
// writes goes to the file at once, the disk is told to begin, and what the answer will need is done
// before it is waited for. Everything else is SQLite's own file layer.
#ifndef RENKEI_SERVER_STORE_LOG_FILE_H_
#define RENKEI_SERVER_STORE_LOG_FILE_H_

#include <functional>

struct sqlite3;

namespace renkei::server {

// Name of the file layer to open a database with that commits to a log, each commit with a sync
// (synchronous=FULL): what is kept back here is in the file before SQLite shows it to others. Null:
// SQLite has no memory; its own layer does the same, only slower. Any thread.
const char* LogFileLayer();

// `work` runs during the next sync of the log, once, on the committing thread, and never touches
// the database; null: nothing does. False: there is no log yet, or it is of another layer. It lives
// until that commit has ended and null was set; the connection's thread.
bool WhileLogIsSynced(sqlite3* database, const std::function<void()>* work);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_STORE_LOG_FILE_H_
