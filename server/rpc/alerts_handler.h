// renkei.relay.v1.Alerts without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_ALERTS_HANDLER_H_
#define RENKEI_SERVER_RPC_ALERTS_HANDLER_H_

#include "renkei/relay/v1/alerts.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class AlertsHandler {
 public:
  explicit AlertsHandler(Relay& relay) : relay_(relay) {}

  void Acknowledge(const Caller& caller, const relay::v1::AcknowledgeRequest& request,
                   const Reply<relay::v1::AcknowledgeResponse>& reply);

 private:
  Relay& relay_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_ALERTS_HANDLER_H_
