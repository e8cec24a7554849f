// Which key did the writer of a form mean? Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_SUGGEST_H_
#define RENKEI_CLIENT_DOCUMENTS_SUGGEST_H_

#include <string>
#include <string_view>

#include "client/documents/rules.h"

namespace renkei::documents {

// The key of `type` (or "vitals.rr" one level down) that `key` most likely stands for: the same
// label, the same key elsewhere, or few letters apart. Empty: none is near.
std::string SuggestKey(const Descriptor& type, std::string_view key);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_SUGGEST_H_
