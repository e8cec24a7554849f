// Whether a stored item of the directory can be read and is found again. Reads only; one thread.
#ifndef RENKEI_SERVER_CORE_DIRECTORY_CHECK_H_
#define RENKEI_SERVER_CORE_DIRECTORY_CHECK_H_

#include "server/core/store.h"

namespace renkei::server {

// What is wrong with it, a literal; null: nothing.
const char* CheckDirectoryItem(ReadTransaction& transaction, const DirectoryItem& item);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_DIRECTORY_CHECK_H_
