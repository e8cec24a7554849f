// The generated services, each call bound to its handler through Unary(). No logic. Any thread.
#ifndef RENKEI_SERVER_RPC_SERVICES_H_
#define RENKEI_SERVER_RPC_SERVICES_H_

#include "renkei/relay/v1/alerts.grpc.pb.h"
#include "renkei/relay/v1/directory.grpc.pb.h"
#include "renkei/relay/v1/enrolment.grpc.pb.h"
#include "renkei/relay/v1/envelopes.grpc.pb.h"
#include "renkei/relay/v1/mailbox.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "server/rpc/alerts_handler.h"
#include "server/rpc/append_streams.h"
#include "server/rpc/directory_handler.h"
#include "server/rpc/enrolment_handler.h"
#include "server/rpc/envelopes_handler.h"
#include "server/rpc/mailbox_handler.h"
#include "server/rpc/threads_handler.h"
#include "server/rpc/unary.h"
#include "server/rpc/watch_reactor.h"

namespace renkei::server {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

class EnrolmentService final : public relay::v1::Enrolment::CallbackService {
 public:
  EnrolmentService(Relay& relay, Guard& guard) : handler_(relay), guard_(guard) {}

  Reactor* CreateTicket(Context* context, const relay::v1::CreateTicketRequest* request,
                        relay::v1::CreateTicketResponse* response) override;
  Reactor* SubmitRequest(Context* context, const relay::v1::SubmitRequestRequest* request,
                         relay::v1::SubmitRequestResponse* response) override;
  Reactor* ListRequests(Context* context, const relay::v1::ListRequestsRequest* request,
                        relay::v1::ListRequestsResponse* response) override;
  Reactor* AttachLink(Context* context, const relay::v1::AttachLinkRequest* request,
                      relay::v1::AttachLinkResponse* response) override;
  Reactor* Approve(Context* context, const relay::v1::ApproveRequest* request,
                   relay::v1::ApproveResponse* response) override;
  Reactor* GetApproval(Context* context, const relay::v1::GetApprovalRequest* request,
                       relay::v1::GetApprovalResponse* response) override;

 private:
  EnrolmentHandler handler_;
  Guard& guard_;
};

class DirectoryService final : public relay::v1::Directory::CallbackService {
 public:
  DirectoryService(Relay& relay, Guard& guard) : handler_(relay), guard_(guard) {}

  Reactor* Publish(Context* context, const relay::v1::PublishRequest* request,
                   relay::v1::PublishResponse* response) override;
  Reactor* Sync(Context* context, const relay::v1::DirectorySyncRequest* request,
                relay::v1::DirectorySyncResponse* response) override;
  Reactor* UploadKeyPackages(Context* context, const relay::v1::UploadKeyPackagesRequest* request,
                             relay::v1::UploadKeyPackagesResponse* response) override;
  Reactor* ClaimKeyPackages(Context* context, const relay::v1::ClaimKeyPackagesRequest* request,
                            relay::v1::ClaimKeyPackagesResponse* response) override;
  Reactor* PublishRevocations(Context* context, const relay::v1::PublishRevocationsRequest* request,
                              relay::v1::PublishRevocationsResponse* response) override;

 private:
  DirectoryHandler handler_;
  Guard& guard_;
};

// Watch's messages are made of entries that are encoded already (watch_encoding.h).
class ThreadsService final
    : public relay::v1::Threads::WithRawCallbackMethod_Watch<relay::v1::Threads::CallbackService> {
 public:
  ThreadsService(Relay& relay, Guard& guard, WatchPump& pump, AppendStreams& streams)
      : relay_(relay), handler_(relay), guard_(guard), pump_(pump), streams_(streams) {}

  Reactor* Create(Context* context, const relay::v1::CommitRequest* request,
                  relay::v1::CommitResponse* response) override;
  Reactor* Commit(Context* context, const relay::v1::CommitRequest* request,
                  relay::v1::CommitResponse* response) override;
  Reactor* Append(Context* context, const relay::v1::AppendRequest* request,
                  relay::v1::AppendResponse* response) override;
  grpc::ServerBidiReactor<relay::v1::AppendRequest, relay::v1::AppendStreamResponse>* AppendStream(
      Context* context) override;
  Reactor* AppendClosing(Context* context, const relay::v1::AppendClosingRequest* request,
                         relay::v1::AppendResponse* response) override;
  Reactor* AppendPack(Context* context, const relay::v1::AppendPackRequest* request,
                      relay::v1::AppendResponse* response) override;
  Reactor* Read(Context* context, const relay::v1::ReadRequest* request,
                relay::v1::ReadResponse* response) override;
  Reactor* List(Context* context, const relay::v1::ListRequest* request,
                relay::v1::ListResponse* response) override;
  Reactor* GiveBack(Context* context, const relay::v1::GiveBackRequest* request,
                    relay::v1::GiveBackResponse* response) override;
  Reactor* GetGroupInfo(Context* context, const relay::v1::GetGroupInfoRequest* request,
                        relay::v1::GetGroupInfoResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(Context* context,
                                                    const grpc::ByteBuffer* request) override;

 private:
  Relay& relay_;
  ThreadsHandler handler_;
  Guard& guard_;
  WatchPump& pump_;
  AppendStreams& streams_;
};

class MailboxService final : public relay::v1::Mailbox::CallbackService {
 public:
  MailboxService(Relay& relay, Guard& guard) : handler_(relay), guard_(guard) {}

  Reactor* Fetch(Context* context, const relay::v1::MailboxFetchRequest* request,
                 relay::v1::MailboxFetchResponse* response) override;
  Reactor* Ack(Context* context, const relay::v1::MailboxAckRequest* request,
               relay::v1::MailboxAckResponse* response) override;

 private:
  MailboxHandler handler_;
  Guard& guard_;
};

class AlertsService final : public relay::v1::Alerts::CallbackService {
 public:
  AlertsService(Relay& relay, Guard& guard) : handler_(relay), guard_(guard) {}

  Reactor* Acknowledge(Context* context, const relay::v1::AcknowledgeRequest* request,
                       relay::v1::AcknowledgeResponse* response) override;

 private:
  AlertsHandler handler_;
  Guard& guard_;
};

class EnvelopesService final : public relay::v1::Envelopes::CallbackService {
 public:
  EnvelopesService(Relay& relay, Guard& guard) : handler_(relay), guard_(guard) {}

  Reactor* Fetch(Context* context, const relay::v1::FetchEnvelopesRequest* request,
                 relay::v1::FetchEnvelopesResponse* response) override;
  Reactor* FetchPacks(Context* context, const relay::v1::FetchPacksRequest* request,
                      relay::v1::FetchPacksResponse* response) override;

 private:
  EnvelopesHandler handler_;
  Guard& guard_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_SERVICES_H_
