// Reading and writing the bytes of a renkei.care.v1.Content. Free functions; any thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_CONTENT_H_
#define RENKEI_CLIENT_DOCUMENTS_CONTENT_H_

#include <memory>
#include <string>

#include "client/documents/rules.h"

namespace renkei::documents {

using Content = care::v1::Content;

// A Content and the form in it. Movable; `body` points into `content`.
struct Opened {
  std::shared_ptr<Content> content;
  Kind kind = Kind::kNote;
  const Message* body = nullptr;
};

// kMalformed, kUnsupported, kTooLarge as form.h says.
Result<Opened> OpenContent(ByteView bytes);
// The form of `content`, made if it is not there.
Message& MutableBody(Content& content, Kind kind);
Bytes SerializeContent(const Content& content);

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_CONTENT_H_
