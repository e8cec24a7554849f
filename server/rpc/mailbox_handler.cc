#include "server/rpc/mailbox_handler.h"

#include "server/core/limits.h"
#include "server/rpc/proto_map.h"

namespace renkei::server {

namespace v1 = relay::v1;

void MailboxHandler::Fetch(const Caller& caller, const v1::MailboxFetchRequest& request,
                           const Reply<v1::MailboxFetchResponse>& reply) {
  auto mail = relay_.mailbox().Fetch(caller, request.after(), PageBytes(request.max_bytes()));
  if (!mail.ok()) {
    return reply(mail.error());
  }
  const auto alerts = relay_.mailbox().Alerts(caller);
  if (!alerts.ok()) {
    return reply(alerts.error());
  }
  v1::MailboxFetchResponse out;
  for (const MailRow& row : *mail) {
    auto& message = *out.add_messages();
    message.set_id(row.id);
    message.set_case_id(ToText(row.case_id.view()));
    message.set_welcome(ToText(row.welcome));
    message.set_seq(row.seq);
  }
  for (const AlertRow& row : *alerts) {
    auto& alert = *out.add_alerts();
    alert.set_case_id(ToText(row.case_id.view()));
    alert.set_seq(row.seq);
  }
  reply(std::move(out));
}

void MailboxHandler::Ack(const Caller& caller, const v1::MailboxAckRequest& request,
                         const Reply<v1::MailboxAckResponse>& reply) {
  relay_.mailbox().Ack(caller, {request.ids().begin(), request.ids().end()},
                       [reply](const Result<bool>& done) {
                         if (!done.ok()) {
                           return reply(done.error());
                         }
                         reply(v1::MailboxAckResponse());
                       });
}

}  // namespace renkei::server
