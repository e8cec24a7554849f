#include "client/documents/content.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>

#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

constexpr int kMaxNesting = 12;  // the deepest form has six levels

}  // namespace

Result<Opened> OpenContent(ByteView bytes) {
  if (bytes.size() > kMaxContentBytes) {
    return Error(Code::kTooLarge, "documents: content over the limit");
  }
  // The library would write the names of bad fields to stderr; the caller says it in words.
  const google::protobuf::LogSilencer quiet;
  google::protobuf::io::CodedInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(kMaxNesting);
  Opened opened;
  opened.content = std::make_shared<Content>();
  if (!opened.content->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    return Error(Code::kMalformed, "documents: not a Content");
  }
  const Content& content = *opened.content;
  const auto kind = KindFromNumber(static_cast<std::uint32_t>(content.body_case()));
  if (!kind) {
    const bool unknown = !content.GetReflection()->GetUnknownFields(content).empty();
    return unknown ? Error(Code::kUnsupported, "documents: a form of a newer version")
                   : Error(Code::kMalformed, "documents: a Content without a form");
  }
  opened.kind = *kind;
  opened.body = &content.GetReflection()->GetMessage(content, &BodyField(*kind));
  return opened;
}

Message& MutableBody(Content& content, Kind kind) {
  return *content.GetReflection()->MutableMessage(&content, &BodyField(kind));
}

Bytes SerializeContent(const Content& content) {
  Bytes out(content.ByteSizeLong());
  RENKEI_CHECK(content.SerializeToArray(out.data(), static_cast<int>(out.size())));
  return out;
}

}  // namespace renkei::documents
