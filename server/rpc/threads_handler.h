// renkei.relay.v1.Threads without gRPC: check, call core, map. The request must live until the
// reply. Any thread.
#ifndef RENKEI_SERVER_RPC_THREADS_HANDLER_H_
#define RENKEI_SERVER_RPC_THREADS_HANDLER_H_

#include "renkei/relay/v1/threads.pb.h"
#include "server/core/relay.h"

namespace renkei::server {

class ThreadsHandler {
 public:
  explicit ThreadsHandler(Relay& relay) : relay_(relay) {}

  void Create(const Caller& caller, const relay::v1::CommitRequest& request,
              Reply<relay::v1::CommitResponse> reply);
  void Commit(const Caller& caller, const relay::v1::CommitRequest& request,
              Reply<relay::v1::CommitResponse> reply);
  void Append(const Caller& caller, const relay::v1::AppendRequest& request,
              const Reply<relay::v1::AppendResponse>& reply);
  void AppendPack(const Caller& caller, const relay::v1::AppendPackRequest& request,
                  const Reply<relay::v1::AppendResponse>& reply);
  void AppendClosing(const Caller& caller, const relay::v1::AppendClosingRequest& request,
                     const Reply<relay::v1::AppendResponse>& reply);
  void Read(const Caller& caller, const relay::v1::ReadRequest& request,
            const Reply<relay::v1::ReadResponse>& reply);
  void GiveBack(const Caller& caller, const relay::v1::GiveBackRequest& request,
                const Reply<relay::v1::GiveBackResponse>& reply);
  void List(const Caller& caller, const relay::v1::ListRequest& request,
            const Reply<relay::v1::ListResponse>& reply);
  void GetGroupInfo(const Caller& caller, const relay::v1::GetGroupInfoRequest& request,
                    const Reply<relay::v1::GetGroupInfoResponse>& reply);

 private:
  Relay& relay_;
};

// What became of a record; the signed head in it.
relay::v1::AppendResponse MapAppended(const PostOutcome& outcome);
// kMalformed: an id of another length, too many positions.
Result<std::vector<WatchPosition>> MapPositions(const relay::v1::WatchRequest& request);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_THREADS_HANDLER_H_
