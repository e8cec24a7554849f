#include "server/rpc/alerts_handler.h"

#include "server/rpc/proto_map.h"
#include "server/rpc/threads_handler.h"

namespace renkei::server {
namespace {

namespace v1 = relay::v1;

// Of the acknowledging call itself; other refusals are those of appending.
std::optional<v1::AcknowledgeResponse::Refusal> OwnRefusal(const PostOutcome& outcome) {
  const auto* refusal = std::get_if<Refusal>(&outcome);
  if (refusal == nullptr) {
    return std::nullopt;
  }
  switch (*refusal) {
    case Refusal::kNoAlert:
      return v1::AcknowledgeResponse::REFUSAL_NO_ALERT;
    case Refusal::kOwnAlert:
      return v1::AcknowledgeResponse::REFUSAL_OWN_ALERT;
    case Refusal::kNotSeen:
      return v1::AcknowledgeResponse::REFUSAL_NOT_SEEN;
    default:
      return std::nullopt;
  }
}

v1::AcknowledgeResponse MapAcknowledged(const AcknowledgeOutcome& outcome) {
  v1::AcknowledgeResponse out;
  if (const auto refused = OwnRefusal(outcome.post)) {
    out.set_refused(*refused);
    return out;
  }
  *out.mutable_appended() = MapAppended(outcome.post);
  if (outcome.responder) {
    out.set_responder_device(ToText(outcome.responder->view()));
  }
  return out;
}

}  // namespace

void AlertsHandler::Acknowledge(const Caller& caller, const v1::AcknowledgeRequest& request,
                                const Reply<v1::AcknowledgeResponse>& reply) {
  if (request.alert_seq() == 0) {
    return reply(Error(Code::kMalformed, "acknowledge: no alert named"));
  }
  relay_.alerts().Acknowledge(caller, AsBytes(request.record()), request.alert_seq(),
                              [reply](const Result<AcknowledgeOutcome>& outcome) {
                                if (!outcome.ok()) {
                                  return reply(outcome.error());
                                }
                                reply(MapAcknowledged(*outcome));
                              });
}

}  // namespace renkei::server
