// Rules between the fields of one message (renkei.care.v1.Check). Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_CHECK_BETWEEN_H_
#define RENKEI_CLIENT_DOCUMENTS_CHECK_BETWEEN_H_

#include <string>
#include <string_view>

#include "client/documents/problems.h"
#include "client/documents/rules.h"

namespace renkei::care::v1 {
class Check;
}

namespace renkei::documents {

// The field at "a.b" below `message`, with the message that holds it. `field` is null when a
// message on the way there is not set.
struct Place {
  const Message* holder = nullptr;
  const Field* field = nullptr;
};
Place Resolve(const Message& message, std::string_view path);
// The shown value there; empty: not present.
std::string ValueAt(const Message& message, std::string_view path);

void CheckBetween(const Message& message, const care::v1::Check& check, const std::string& path,
                  Problems& problems);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_CHECK_BETWEEN_H_
