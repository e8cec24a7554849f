// renkei.relay.v1.Directory without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_DIRECTORY_HANDLER_H_
#define RENKEI_SERVER_RPC_DIRECTORY_HANDLER_H_

#include "renkei/relay/v1/directory.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class DirectoryHandler {
 public:
  explicit DirectoryHandler(Relay& relay) : relay_(relay) {}

  void Publish(const Caller& caller, const relay::v1::PublishRequest& request,
               const Reply<relay::v1::PublishResponse>& reply);
  void Sync(const Caller& caller, const relay::v1::DirectorySyncRequest& request,
            const Reply<relay::v1::DirectorySyncResponse>& reply);
  void UploadKeyPackages(const Caller& caller, const relay::v1::UploadKeyPackagesRequest& request,
                         const Reply<relay::v1::UploadKeyPackagesResponse>& reply);
  void ClaimKeyPackages(const Caller& caller, const relay::v1::ClaimKeyPackagesRequest& request,
                        const Reply<relay::v1::ClaimKeyPackagesResponse>& reply);
  void PublishRevocations(const Caller& caller, const relay::v1::PublishRevocationsRequest& request,
                          const Reply<relay::v1::PublishRevocationsResponse>& reply);

 private:
  Relay& relay_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_DIRECTORY_HANDLER_H_
