// The one way in which a unary call runs: admit, handle, answer. `call` gets the caller and a reply
// that it may use later, on any thread; request and response live until then (gRPC's callback API).
#ifndef RENKEI_SERVER_RPC_UNARY_H_
#define RENKEI_SERVER_RPC_UNARY_H_

#include <utility>

#include "server/rpc/guard.h"
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

// method: at most kMaxAuditWord bytes, a literal.
template <typename Response, typename Call>
grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, Guard& guard, Access access,
                                const char* method, Response* response, const Call& call) {
  const CallWatch watch(guard.meter(), method);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto admitted = guard.Admit(*context, access);
  if (!admitted.ok()) {
    watch.Ended(admitted.error().code());
    reactor->Finish(StatusOf(admitted.error()));
    return reactor;
  }
  const Caller caller = admitted->caller;
  call(caller,
       Reply<Response>([&guard, caller, method, reactor, response, watch](Result<Response> result) {
         if (!result.ok()) {
           watch.Ended(result.error().code());
           guard.NoteRefusal(caller, method, result.error());
           reactor->Finish(StatusOf(result.error()));
           return;
         }
         *response = std::move(*result);
         watch.Ended(std::nullopt);
         reactor->Finish(grpc::Status::OK);
       }));
  return reactor;
}

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_UNARY_H_
