// The one way in which a unary call runs: admit, handle, answer. `call` gets the caller and a reply
// that it may use later, on any thread; request and response live until then (gRPC's callback API).
#ifndef RENKEI_SERVER_RPC_UNARY_H_
#define RENKEI_SERVER_RPC_UNARY_H_

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "server/rpc/guard.h"
#include "server/rpc/large_answer.h"
#include "server/rpc/status_map.h"

namespace renkei::server {

// Tells the meter of one call. Ended() before gRPC is told, after which the server may go.
class CallWatch {
 public:
  // method: a literal, "rpc Threads.Append"
  CallWatch(Meter& meter, const char* method) : meter_(&meter), method_(method + 4) {
    meter.CallStarted();
  }
  void Ended(std::optional<Code> error) const {
    meter_->CallEnded(method_, error, since_.Elapsed());
  }

 private:
  Meter* meter_;
  const char* method_;  // without "rpc "
  Stopwatch since_;
};

// `call` is copied: it may run after this returned, when there is room for a large answer.
template <typename Request, typename Response, typename Call>
grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, Guard& guard,
                                const Method& method, const Request& request, Response* response,
                                const Call& call) {
  const CallWatch watch(guard.meter(), method.name);
  // Raw: gRPC tells it when it may go.
  LargeAnswer* const large =
      method.is_large ? LargeAnswer::Make(*context, guard.unread(), guard.answers()).get()
                      : nullptr;
  grpc::ServerUnaryReactor* const reactor =
      large != nullptr ? large : static_cast<grpc::ServerUnaryReactor*>(context->DefaultReactor());
  auto verdict = guard.Admit(*context, method, request.ByteSizeLong());
  if (const auto* turned_away = std::get_if<TurnedAway>(&verdict)) {
    watch.Ended(turned_away->code);
    reactor->Finish(turned_away->status);
    return reactor;
  }
  // Under way until the reply was given: whoever holds it holds the limits.
  auto admitted = std::make_shared<Admitted>(std::get<Admitted>(std::move(verdict)));
  const auto handle = [&guard, admitted, name = method.name, reactor, large, response, watch,
                       call] {
    call(admitted->caller, Reply<Response>([&guard, admitted, name, reactor, large, response,
                                            watch](Result<Response> result) {
           // All before gRPC is told: then the server may go.
           if (!result.ok()) {
             watch.Ended(result.error().code());
             guard.NoteRefusal(admitted->caller, name, result.error());
             admitted->pass.End();
             reactor->Finish(StatusOf(result.error()));
             return;
           }
           *response = std::move(*result);
           const std::size_t bytes = response->ByteSizeLong();
           guard.Spend(*admitted, bytes);
           if (large != nullptr) {
             large->Hold(admitted->caller, bytes);
           }
           watch.Ended(std::nullopt);
           admitted->pass.End();
           reactor->Finish(grpc::Status::OK);
         }));
  };
  // Strangers' answers are few and small enough as their limits are: they wait for nobody.
  if (large == nullptr || method.access == Access::kAnyone) {
    handle();
    return reactor;
  }
  large->WhenThereIsRoom(admitted->caller, handle, [admitted, watch] {
    watch.Ended(Code::kUnavailable);
    admitted->pass.End();
  });
  return reactor;
}

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_UNARY_H_
