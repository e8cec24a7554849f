#include "server/rpc/watch_encoding.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

#include "renkei/relay/v1/threads.pb.h"

namespace renkei::server {
namespace {

namespace v1 = relay::v1;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr std::uint32_t kBatchTag = WireFormatLite::MakeTag(
    v1::WatchEvent::kBatchFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
constexpr std::uint32_t kEntryTag = WireFormatLite::MakeTag(
    v1::WatchEvent::Batch::kEntriesFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

std::size_t FieldBytes(std::uint32_t tag, std::size_t size) {
  return CodedOutputStream::VarintSize32(tag) +
         CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(size)) + size;
}

std::uint8_t* PutHeader(std::uint32_t tag, std::size_t size, std::uint8_t* at) {
  at = CodedOutputStream::WriteVarint32ToArray(tag, at);
  return CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), at);
}

grpc::ByteBuffer ToBuffer(const grpc::Slice& slice) {
  return {&slice, 1};
}

grpc::ByteBuffer EncodeEntries(const std::vector<WatchOutput::Item>& entries) {
  std::size_t batch = 0;
  for (const WatchOutput::Item& item : entries) {
    batch += FieldBytes(kEntryTag, item.encoded->size());
  }
  const grpc::Slice slice(FieldBytes(kBatchTag, batch));
  // A new slice is nobody else's yet.
  std::uint8_t* at = PutHeader(kBatchTag, batch, const_cast<std::uint8_t*>(slice.begin()));
  for (const WatchOutput::Item& item : entries) {
    at = PutHeader(kEntryTag, item.encoded->size(), at);
    at = std::copy(item.encoded->begin(), item.encoded->end(), at);
  }
  RENKEI_CHECK(at == slice.end());
  return ToBuffer(slice);
}

grpc::ByteBuffer Encode(const v1::WatchEvent& event) {
  return ToBuffer(grpc::Slice(event.SerializeAsString()));
}

}  // namespace

std::vector<grpc::ByteBuffer> EncodeOutput(const WatchOutput& output) {
  std::vector<grpc::ByteBuffer> out;
  if (!output.entries.empty()) {
    out.push_back(EncodeEntries(output.entries));
  }
  if (output.pings.any()) {
    v1::WatchEvent event;
    event.mutable_ping()->set_mailbox(output.pings.mailbox);
    event.mutable_ping()->set_directory(output.pings.directory);
    event.mutable_ping()->set_enrolment(output.pings.enrolment);
    event.mutable_ping()->set_alert(output.pings.alert);
    out.push_back(Encode(event));
  }
  if (output.caught_up) {
    v1::WatchEvent event;
    event.set_caught_up(true);
    out.push_back(Encode(event));
  }
  return out;
}

}  // namespace renkei::server
