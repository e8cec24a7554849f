#include "tests/fuzz/relay_rpc_calls.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include "server/rpc/alerts_handler.h"
#include "server/rpc/directory_handler.h"
#include "server/rpc/enrolment_handler.h"
#include "server/rpc/envelopes_handler.h"
#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"
#include "server/rpc/watch_encoding.h"

namespace renkei::fuzz {
namespace {

namespace v1 = relay::v1;

// The request must live until the reply, which comes at once: the store is in memory.
template <typename Request, typename Response, typename Handle>
void Once(const std::string& bytes, const Handle& handle) {
  Request request;
  if (!request.ParseFromString(bytes)) {
    return;
  }
  int replies = 0;
  handle(request, server::Reply<Response>([&](const Result<Response>& response) {
           ++replies;
           if (response.ok()) {
             (void)response->SerializeAsString();
           }
         }));
  RENKEI_CHECK(replies == 1);
}

template <typename Handler, typename Request, typename Response>
RunCall Bind(void (Handler::*call)(const server::Caller&, const Request&,
                                   const server::Reply<Response>&)) {
  return [call](server::Relay& relay, const server::Caller& by, const std::string& bytes) {
    Handler handler(relay);
    Once<Request, Response>(bytes, [&](const auto& request, const auto& reply) {
      (handler.*call)(by, request, reply);
    });
  };
}

template <typename Handler, typename Request, typename Response>
RunCall Bind(void (Handler::*call)(const server::Caller&, const Request&,
                                   server::Reply<Response>)) {
  return [call](server::Relay& relay, const server::Caller& by, const std::string& bytes) {
    Handler handler(relay);
    Once<Request, Response>(bytes, [&](const auto& request, const auto& reply) {
      (handler.*call)(by, request, reply);
    });
  };
}

// One that needs no certificate.
template <typename Handler, typename Request, typename Response>
RunCall Bind(void (Handler::*call)(const Request&, const server::Reply<Response>&)) {
  return [call](server::Relay& relay, const server::Caller&, const std::string& bytes) {
    Handler handler(relay);
    Once<Request, Response>(
        bytes, [&](const auto& request, const auto& reply) { (handler.*call)(request, reply); });
  };
}

// Its messages, each behind its length. The reactor around them is gRPC's: what it does with each
// is this.
void AppendStream(server::Relay& relay, const server::Caller& by, const std::string& bytes) {
  google::protobuf::io::ArrayInputStream messages(bytes.data(), static_cast<int>(bytes.size()));
  server::ThreadsHandler handler(relay);
  v1::AppendRequest request;
  bool is_over = false;
  while (!is_over &&
         google::protobuf::util::ParseDelimitedFromZeroCopyStream(&request, &messages, &is_over)) {
    Once<v1::AppendRequest, v1::AppendResponse>(
        request.SerializeAsString(),
        [&](const auto& each, const auto& reply) { handler.Append(by, each, reply); });
  }
}

// The reactor around it is gRPC's: what it does with the bytes is this.
void Watch(server::Relay& relay, const server::Caller& by, const std::string& bytes) {
  v1::WatchRequest request;
  if (!request.ParseFromString(bytes)) {
    return;
  }
  const auto positions = server::MapPositions(request);
  if (!positions.ok()) {
    return;
  }
  server::WatchSession session(relay.store(), by, [] { return true; }, {});
  if (!session.Start(*positions).ok()) {
    return;
  }
  for (auto output = session.Next(); output.ok() && !output->empty(); output = session.Next()) {
    (void)server::EncodeOutput(*output);
  }
}

}  // namespace

const std::map<std::string, RunCall>& RelayCalls() {
  using server::DirectoryHandler;
  using server::EnrolmentHandler;
  using server::EnvelopesHandler;
  using server::MailboxHandler;
  using server::ThreadsHandler;
  static const std::map<std::string, RunCall> calls = {
      {"Alerts.Acknowledge", Bind(&server::AlertsHandler::Acknowledge)},
      {"Directory.ClaimKeyPackages", Bind(&DirectoryHandler::ClaimKeyPackages)},
      {"Directory.Publish", Bind(&DirectoryHandler::Publish)},
      {"Directory.PublishRevocations", Bind(&DirectoryHandler::PublishRevocations)},
      {"Directory.Sync", Bind(&DirectoryHandler::Sync)},
      {"Directory.UploadKeyPackages", Bind(&DirectoryHandler::UploadKeyPackages)},
      {"Enrolment.Approve", Bind(&EnrolmentHandler::Approve)},
      {"Enrolment.AttachLink", Bind(&EnrolmentHandler::AttachLink)},
      {"Enrolment.CreateTicket", Bind(&EnrolmentHandler::CreateTicket)},
      {"Enrolment.GetApproval", Bind(&EnrolmentHandler::GetApproval)},
      {"Enrolment.ListRequests", Bind(&EnrolmentHandler::ListRequests)},
      {"Enrolment.SubmitRequest", Bind(&EnrolmentHandler::SubmitRequest)},
      {"Envelopes.Fetch", Bind(&EnvelopesHandler::Fetch)},
      {"Envelopes.FetchPacks", Bind(&EnvelopesHandler::FetchPacks)},
      {"Mailbox.Ack", Bind(&MailboxHandler::Ack)},
      {"Mailbox.Fetch", Bind(&MailboxHandler::Fetch)},
      {"Threads.Append", Bind(&ThreadsHandler::Append)},
      {"Threads.AppendClosing", Bind(&ThreadsHandler::AppendClosing)},
      {"Threads.AppendPack", Bind(&ThreadsHandler::AppendPack)},
      {"Threads.AppendStream", AppendStream},
      {"Threads.Commit", Bind(&ThreadsHandler::Commit)},
      {"Threads.Create", Bind(&ThreadsHandler::Create)},
      {"Threads.GetGroupInfo", Bind(&ThreadsHandler::GetGroupInfo)},
      {"Threads.GiveBack", Bind(&ThreadsHandler::GiveBack)},
      {"Threads.List", Bind(&ThreadsHandler::List)},
      {"Threads.Read", Bind(&ThreadsHandler::Read)},
      {"Threads.Watch", Watch},
  };
  return calls;
}

}  // namespace renkei::fuzz
