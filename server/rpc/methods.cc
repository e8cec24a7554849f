#include "server/rpc/methods.h"

#include <google/protobuf/descriptor.h>

#include <array>

#include "renkei/relay/v1/alerts.pb.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/envelopes.pb.h"
#include "renkei/relay/v1/mailbox.pb.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::server {
namespace {

namespace v1 = relay::v1;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

// One file for each service; a request of it leads to the file.
std::vector<const ServiceDescriptor*> Services() {
  const std::array<const FileDescriptor*, 6> files = {
      v1::CreateTicketRequest::descriptor()->file(),
      v1::PublishRequest::descriptor()->file(),
      v1::AppendRequest::descriptor()->file(),
      v1::MailboxFetchRequest::descriptor()->file(),
      v1::FetchEnvelopesRequest::descriptor()->file(),
      v1::AcknowledgeRequest::descriptor()->file()};
  std::vector<const ServiceDescriptor*> out;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      out.push_back(file->service(i));
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> ServiceNames() {
  std::vector<std::string> out;
  for (const ServiceDescriptor* service : Services()) {
    out.push_back(service->full_name());
  }
  return out;
}

std::vector<std::string> MethodNames() {
  std::vector<std::string> out;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      out.push_back(service->name() + "." + service->method(i)->name());
    }
  }
  return out;
}

}  // namespace renkei::server
