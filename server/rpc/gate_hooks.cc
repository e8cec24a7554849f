#include "server/rpc/gate_hooks.h"

#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <utility>
#include <vector>

#include "server/rpc/monotonic.h"

namespace renkei::server {
namespace {

bool HasCertificate(const grpc_auth_context* connection) {
  grpc_auth_property_iterator found =
      grpc_auth_context_find_properties_by_name(connection, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return grpc_auth_property_iterator_next(&found) != nullptr;
}

// What the C and the C++ side of gRPC both show of a connection, and of no other that is open at
// the same time: where the first of its properties lies. A TLS connection always has one.
const void* KeyOf(const grpc_auth_context* connection) {
  grpc_auth_property_iterator all = grpc_auth_context_property_iterator(connection);
  const grpc_auth_property* first = grpc_auth_property_iterator_next(&all);
  return first == nullptr ? nullptr : first->value;
}

const void* KeyOf(const grpc::AuthContext& connection) {
  auto first = connection.begin();
  return first == connection.end() ? nullptr : (*first).second.data();
}

// gRPC's place for looking at tokens.
void Ask(void* gate, grpc_auth_context* connection, const grpc_metadata* /*headers*/,
         std::size_t /*count*/, grpc_process_auth_metadata_done_cb done, void* call) {
  const bool admits = static_cast<CallGate*>(gate)->Admits(KeyOf(connection),
                                                           HasCertificate(connection), Monotonic());
  done(call, nullptr, 0, nullptr, 0, admits ? GRPC_STATUS_OK : GRPC_STATUS_RESOURCE_EXHAUSTED,
       admits ? nullptr : "relay: too many calls");
}

// Intercepts nothing: gRPC asks it at each call, also at those that have no message and so reach
// no handler of ours.
class Finder final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Finder(CallGate& gate, std::function<void(const Peer&)> hang_up)
      : gate_(gate), hang_up_(std::move(hang_up)) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override {
    if (gate_.MayHaveFlood()) {
      const auto& context = *call->server_context();
      if (gate_.IsFlooding(KeyOf(*context.auth_context()), Monotonic())) {
        hang_up_(PeerOf(context.peer()));
      }
    }
    return nullptr;
  }

 private:
  CallGate& gate_;
  const std::function<void(const Peer&)> hang_up_;
};

}  // namespace

void AskBeforeCalls(grpc_server_credentials* credentials, std::shared_ptr<CallGate> gate) {
  grpc_server_credentials_set_auth_metadata_processor(
      credentials, {Ask, [](void* kept) { static_cast<CallGate*>(kept)->LetGo(); },
                    CallGate::Keep(std::move(gate))});
}

void FindFlooding(grpc::ServerBuilder& builder, CallGate& gate,
                  std::function<void(const Peer&)> hang_up) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> all;
  all.push_back(std::make_unique<Finder>(gate, std::move(hang_up)));
  builder.experimental().SetInterceptorCreators(std::move(all));
}

}  // namespace renkei::server
