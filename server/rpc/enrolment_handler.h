// renkei.relay.v1.Enrolment without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_ENROLMENT_HANDLER_H_
#define RENKEI_SERVER_RPC_ENROLMENT_HANDLER_H_

#include "renkei/relay/v1/enrolment.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class EnrolmentHandler {
 public:
  explicit EnrolmentHandler(Relay& relay) : relay_(relay) {}

  void CreateTicket(const Caller& caller, const relay::v1::CreateTicketRequest& request,
                    const Reply<relay::v1::CreateTicketResponse>& reply);
  void SubmitRequest(const relay::v1::SubmitRequestRequest& request,
                     const Reply<relay::v1::SubmitRequestResponse>& reply);
  void ListRequests(const Caller& caller, const relay::v1::ListRequestsRequest& request,
                    const Reply<relay::v1::ListRequestsResponse>& reply);
  void AttachLink(const Caller& caller, const relay::v1::AttachLinkRequest& request,
                  const Reply<relay::v1::AttachLinkResponse>& reply);
  void Approve(const Caller& caller, const relay::v1::ApproveRequest& request,
               const Reply<relay::v1::ApproveResponse>& reply);
  void GetApproval(const relay::v1::GetApprovalRequest& request,
                   const Reply<relay::v1::GetApprovalResponse>& reply);

 private:
  Relay& relay_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_ENROLMENT_HANDLER_H_
