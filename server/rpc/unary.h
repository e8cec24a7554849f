// The one way in which a unary call runs: admit, handle, answer. `call` gets the caller and a reply
// that it may use later, on any thread; request and response live until then (gRPC's callback API).
#ifndef RENKEI_SERVER_RPC_UNARY_H_
#define RENKEI_SERVER_RPC_UNARY_H_

#include <memory>
#include <utility>

#include "server/rpc/guard.h"
#include "server/rpc/status_map.h"

namespace renkei::server {

template <typename Request, typename Response, typename Call>
grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, Guard& guard,
                                const Method& method, const Request& request, Response* response,
                                const Call& call) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto verdict = guard.Admit(*context, method, request.ByteSizeLong());
  if (const auto* refused = std::get_if<grpc::Status>(&verdict)) {
    reactor->Finish(*refused);
    return reactor;
  }
  auto admitted = std::make_shared<Admitted>(std::get<Admitted>(std::move(verdict)));
  const Caller& caller = admitted->caller;
  call(caller, Reply<Response>([&guard, admitted, name = method.name, reactor,
                                response](Result<Response> result) {
         if (!result.ok()) {
           guard.NoteRefusal(admitted->caller, name, result.error());
           reactor->Finish(StatusOf(result.error()));
           return;
         }
         *response = std::move(*result);
         guard.Spend(*admitted, response->ByteSizeLong());
         reactor->Finish(grpc::Status::OK);
       }));
  return reactor;
}

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_UNARY_H_
