// The one way in which a unary call runs: admit, handle, answer. `call` gets the caller and a reply
// that it may use later, on any thread; request and response live until then (gRPC's callback API).
#ifndef RENKEI_SERVER_RPC_UNARY_H_
#define RENKEI_SERVER_RPC_UNARY_H_

#include <utility>

#include "server/rpc/guard.h"
#include "server/rpc/status_map.h"

namespace renkei::server {

// method: at most kMaxAuditWord bytes, a literal.
template <typename Response, typename Call>
grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, Guard& guard, Access access,
                                const char* method, Response* response, const Call& call) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto admitted = guard.Admit(*context, access);
  if (!admitted.ok()) {
    reactor->Finish(StatusOf(admitted.error()));
    return reactor;
  }
  const Caller caller = admitted->caller;
  call(caller,
       Reply<Response>([&guard, caller, method, reactor, response](Result<Response> result) {
         if (!result.ok()) {
           guard.NoteRefusal(caller, method, result.error());
           reactor->Finish(StatusOf(result.error()));
           return;
         }
         *response = std::move(*result);
         reactor->Finish(grpc::Status::OK);
       }));
  return reactor;
}

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_UNARY_H_
