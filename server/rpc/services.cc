#include "server/rpc/services.h"

#include "server/rpc/append_reactor.h"

namespace renkei::server {

namespace v1 = relay::v1;

namespace {

Method Large(Method method) {
  method.is_large = true;
  return method;
}

}  // namespace

// The numbers behind an access: the call's weight (Use::weight), because calls that make the relay
// verify, write much or wake others cost more of a caller's rate; and what it is to the whole
// region (Use::news).

Reactor* EnrolmentService::CreateTicket(Context* context, const v1::CreateTicketRequest* request,
                                        v1::CreateTicketResponse* response) {
  return Unary(context, guard_, {"rpc Enrolment.CreateTicket", Access::kPublished, 10}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::CreateTicketResponse>& reply) {
                 handler_.CreateTicket(caller, *request, reply);
               });
}

Reactor* EnrolmentService::SubmitRequest(Context* context, const v1::SubmitRequestRequest* request,
                                         v1::SubmitRequestResponse* response) {
  return Unary(context, guard_, {"rpc Enrolment.SubmitRequest", Access::kAnyone, 2}, *request,
               response,
               [this, request](const Caller&, const Reply<v1::SubmitRequestResponse>& reply) {
                 handler_.SubmitRequest(*request, reply);
               });
}

Reactor* EnrolmentService::ListRequests(Context* context, const v1::ListRequestsRequest* request,
                                        v1::ListRequestsResponse* response) {
  return Unary(context, guard_, Large({"rpc Enrolment.ListRequests", Access::kPublished}), *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::ListRequestsResponse>& reply) {
                 handler_.ListRequests(caller, *request, reply);
               });
}

Reactor* EnrolmentService::AttachLink(Context* context, const v1::AttachLinkRequest* request,
                                      v1::AttachLinkResponse* response) {
  return Unary(context, guard_, {"rpc Enrolment.AttachLink", Access::kPublished, 10}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::AttachLinkResponse>& reply) {
                 handler_.AttachLink(caller, *request, reply);
               });
}

Reactor* EnrolmentService::Approve(Context* context, const v1::ApproveRequest* request,
                                   v1::ApproveResponse* response) {
  return Unary(context, guard_, {"rpc Enrolment.Approve", Access::kPublished, 10, 2}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::ApproveResponse>& reply) {
                 handler_.Approve(caller, *request, reply);
               });
}

Reactor* EnrolmentService::GetApproval(Context* context, const v1::GetApprovalRequest* request,
                                       v1::GetApprovalResponse* response) {
  return Unary(context, guard_, Large({"rpc Enrolment.GetApproval", Access::kAnyone}), *request,
               response,
               [this, request](const Caller&, const Reply<v1::GetApprovalResponse>& reply) {
                 handler_.GetApproval(*request, reply);
               });
}

Reactor* DirectoryService::Publish(Context* context, const v1::PublishRequest* request,
                                   v1::PublishResponse* response) {
  return Unary(context, guard_, {"rpc Directory.Publish", Access::kCertified, 10, 2}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::PublishResponse>& reply) {
                 handler_.Publish(caller, *request, reply);
               });
}

Reactor* DirectoryService::Sync(Context* context, const v1::DirectorySyncRequest* request,
                                v1::DirectorySyncResponse* response) {
  return Unary(
      context, guard_, Large({"rpc Directory.Sync", Access::kPublished}), *request, response,
      [this, request](const Caller& caller, const Reply<v1::DirectorySyncResponse>& reply) {
        handler_.Sync(caller, *request, reply);
      });
}

Reactor* DirectoryService::UploadKeyPackages(Context* context,
                                             const v1::UploadKeyPackagesRequest* request,
                                             v1::UploadKeyPackagesResponse* response) {
  return Unary(
      context, guard_, {"rpc Directory.UploadKeyPackages", Access::kPublished, 5}, *request,
      response,
      [this, request](const Caller& caller, const Reply<v1::UploadKeyPackagesResponse>& reply) {
        handler_.UploadKeyPackages(caller, *request, reply);
      });
}

Reactor* DirectoryService::ClaimKeyPackages(Context* context,
                                            const v1::ClaimKeyPackagesRequest* request,
                                            v1::ClaimKeyPackagesResponse* response) {
  return Unary(
      context, guard_, Large({"rpc Directory.ClaimKeyPackages", Access::kPublished, 10}), *request,
      response,
      [this, request](const Caller& caller, const Reply<v1::ClaimKeyPackagesResponse>& reply) {
        handler_.ClaimKeyPackages(caller, *request, reply);
      });
}

Reactor* DirectoryService::PublishRevocations(Context* context,
                                              const v1::PublishRevocationsRequest* request,
                                              v1::PublishRevocationsResponse* response) {
  return Unary(
      context, guard_, {"rpc Directory.PublishRevocations", Access::kPublished, 50, 200}, *request,
      response,
      [this, request](const Caller& caller, const Reply<v1::PublishRevocationsResponse>& reply) {
        handler_.PublishRevocations(caller, *request, reply);
      });
}

Reactor* ThreadsService::Create(Context* context, const v1::CommitRequest* request,
                                v1::CommitResponse* response) {
  return Unary(context, guard_, {"rpc Threads.Create", Access::kPublished, 10}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::CommitResponse>& reply) {
                 handler_.Create(caller, *request, reply);
               });
}

Reactor* ThreadsService::Commit(Context* context, const v1::CommitRequest* request,
                                v1::CommitResponse* response) {
  return Unary(context, guard_, {"rpc Threads.Commit", Access::kPublished, 10}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::CommitResponse>& reply) {
                 handler_.Commit(caller, *request, reply);
               });
}

Reactor* ThreadsService::Append(Context* context, const v1::AppendRequest* request,
                                v1::AppendResponse* response) {
  return Unary(context, guard_, {"rpc Threads.Append", Access::kPublished}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::AppendResponse>& reply) {
                 handler_.Append(caller, *request, reply);
               });
}

grpc::ServerBidiReactor<v1::AppendRequest, v1::AppendStreamResponse>* ThreadsService::AppendStream(
    Context* context) {
  constexpr Method kOpening = {"rpc Threads.AppendStream", Access::kPublished, 1, 0, true};
  const auto reactor = std::make_shared<AppendReactor>(handler_, guard_, streams_, *context);
  streams_.Add(reactor);
  auto verdict = guard_.Admit(*context, kOpening, 0);
  if (auto* turned_away = std::get_if<TurnedAway>(&verdict)) {
    CallWatch(guard_.meter(), kOpening.name).Ended(turned_away->code);
    reactor->Stop(turned_away->status);
  } else {
    // Each message is told to the meter as a call.
    reactor->Start(std::get<Admitted>(std::move(verdict)));
  }
  return reactor.get();
}

Reactor* ThreadsService::AppendPack(Context* context, const v1::AppendPackRequest* request,
                                    v1::AppendResponse* response) {
  return Unary(context, guard_, {"rpc Threads.AppendPack", Access::kPublished}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::AppendResponse>& reply) {
                 handler_.AppendPack(caller, *request, reply);
               });
}

Reactor* ThreadsService::AppendClosing(Context* context, const v1::AppendClosingRequest* request,
                                       v1::AppendResponse* response) {
  return Unary(context, guard_, {"rpc Threads.AppendClosing", Access::kPublished}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::AppendResponse>& reply) {
                 handler_.AppendClosing(caller, *request, reply);
               });
}

Reactor* ThreadsService::Read(Context* context, const v1::ReadRequest* request,
                              v1::ReadResponse* response) {
  return Unary(context, guard_, Large({"rpc Threads.Read", Access::kPublished}), *request, response,
               [this, request](const Caller& caller, const Reply<v1::ReadResponse>& reply) {
                 handler_.Read(caller, *request, reply);
               });
}

Reactor* ThreadsService::List(Context* context, const v1::ListRequest* request,
                              v1::ListResponse* response) {
  return Unary(context, guard_, Large({"rpc Threads.List", Access::kPublished}), *request, response,
               [this, request](const Caller& caller, const Reply<v1::ListResponse>& reply) {
                 handler_.List(caller, *request, reply);
               });
}

Reactor* ThreadsService::GiveBack(Context* context, const v1::GiveBackRequest* request,
                                  v1::GiveBackResponse* response) {
  return Unary(context, guard_, {"rpc Threads.GiveBack", Access::kPublished, 20}, *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::GiveBackResponse>& reply) {
                 handler_.GiveBack(caller, *request, reply);
               });
}

Reactor* ThreadsService::GetGroupInfo(Context* context, const v1::GetGroupInfoRequest* request,
                                      v1::GetGroupInfoResponse* response) {
  return Unary(context, guard_, Large({"rpc Threads.GetGroupInfo", Access::kPublished}), *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::GetGroupInfoResponse>& reply) {
                 handler_.GetGroupInfo(caller, *request, reply);
               });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ThreadsService::Watch(Context* context,
                                                                  const grpc::ByteBuffer* request) {
  const CallWatch watch(guard_.meter(), "rpc Threads.Watch");
  auto reactor = std::make_shared<WatchReactor>(relay_, pump_, guard_, *context);
  reactor->KeepAlive();
  auto verdict = guard_.Admit(*context, {"rpc Threads.Watch", Access::kPublished, 1, 0, true},
                              request->Length());
  // Before gRPC is told: afterwards the stream may end, and the server go.
  if (auto* turned_away = std::get_if<TurnedAway>(&verdict)) {
    watch.Ended(turned_away->code);
    reactor->Refuse(turned_away->status);
  } else {
    watch.Ended(std::nullopt);
    reactor->Start(std::get<Admitted>(std::move(verdict)), *request);
  }
  return reactor.get();
}

Reactor* MailboxService::Fetch(Context* context, const v1::MailboxFetchRequest* request,
                               v1::MailboxFetchResponse* response) {
  return Unary(context, guard_, Large({"rpc Mailbox.Fetch", Access::kPublished}), *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::MailboxFetchResponse>& reply) {
                 handler_.Fetch(caller, *request, reply);
               });
}

Reactor* MailboxService::Ack(Context* context, const v1::MailboxAckRequest* request,
                             v1::MailboxAckResponse* response) {
  return Unary(context, guard_, {"rpc Mailbox.Ack", Access::kPublished}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::MailboxAckResponse>& reply) {
                 handler_.Ack(caller, *request, reply);
               });
}

Reactor* AlertsService::Acknowledge(Context* context, const v1::AcknowledgeRequest* request,
                                    v1::AcknowledgeResponse* response) {
  return Unary(context, guard_, {"rpc Alerts.Acknowledge", Access::kPublished}, *request, response,
               [this, request](const Caller& caller, const Reply<v1::AcknowledgeResponse>& reply) {
                 handler_.Acknowledge(caller, *request, reply);
               });
}

Reactor* EnvelopesService::Fetch(Context* context, const v1::FetchEnvelopesRequest* request,
                                 v1::FetchEnvelopesResponse* response) {
  return Unary(
      context, guard_, Large({"rpc Envelopes.Fetch", Access::kPublished}), *request, response,
      [this, request](const Caller& caller, const Reply<v1::FetchEnvelopesResponse>& reply) {
        handler_.Fetch(caller, *request, reply);
      });
}

Reactor* EnvelopesService::FetchPacks(Context* context, const v1::FetchPacksRequest* request,
                                      v1::FetchPacksResponse* response) {
  return Unary(context, guard_, Large({"rpc Envelopes.FetchPacks", Access::kPublished}), *request,
               response,
               [this, request](const Caller& caller, const Reply<v1::FetchPacksResponse>& reply) {
                 handler_.FetchPacks(caller, *request, reply);
               });
}

}  // namespace renkei::server
