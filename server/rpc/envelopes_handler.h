// renkei.relay.v1.Envelopes without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_ENVELOPES_HANDLER_H_
#define RENKEI_SERVER_RPC_ENVELOPES_HANDLER_H_

#include "renkei/relay/v1/envelopes.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class EnvelopesHandler {
 public:
  explicit EnvelopesHandler(Relay& relay) : relay_(relay) {}

  void Fetch(const Caller& caller, const relay::v1::FetchEnvelopesRequest& request,
             const Reply<relay::v1::FetchEnvelopesResponse>& reply);
  void FetchPacks(const Caller& caller, const relay::v1::FetchPacksRequest& request,
                  const Reply<relay::v1::FetchPacksResponse>& reply);

 private:
  Relay& relay_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_ENVELOPES_HANDLER_H_
