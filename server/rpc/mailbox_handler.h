// renkei.relay.v1.Mailbox without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_MAILBOX_HANDLER_H_
#define RENKEI_SERVER_RPC_MAILBOX_HANDLER_H_

#include "renkei/relay/v1/mailbox.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class MailboxHandler {
 public:
  explicit MailboxHandler(Relay& relay) : relay_(relay) {}

  void Fetch(const Caller& caller, const relay::v1::MailboxFetchRequest& request,
             const Reply<relay::v1::MailboxFetchResponse>& reply);
  void Ack(const Caller& caller, const relay::v1::MailboxAckRequest& request,
           const Reply<relay::v1::MailboxAckResponse>& reply);

 private:
  Relay& relay_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_MAILBOX_HANDLER_H_
