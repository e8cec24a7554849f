// gRPC's reactor of a unary call whose answer may be large: held against the budget of readers
// until gRPC has handed it to the network (reader_budget.h). Calls with small answers use gRPC's
// own reactor, which is cheaper.
#ifndef RENKEI_SERVER_RPC_LARGE_ANSWER_H_
#define RENKEI_SERVER_RPC_LARGE_ANSWER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>

#include "server/rpc/reader_budget.h"

namespace renkei::server {

// Any thread. Keeps itself alive until gRPC is done with it.
class LargeAnswer final : public grpc::ServerUnaryReactor,
                          public Unread,
                          public std::enable_shared_from_this<LargeAnswer> {
 public:
  static std::shared_ptr<LargeAnswer> Make(grpc::CallbackServerContext& context,
                                           ReaderBudget& budget);

  // Once, right before Finish: an answer of so many bytes. gRPC holds it twice, as the message and
  // as what is sent of it.
  void Hold(const Caller& caller, std::size_t bytes);
  void BreakOff() override;
  void OnDone() override;

 private:
  LargeAnswer(grpc::CallbackServerContext& context, ReaderBudget& budget)
      : context_(context), budget_(budget) {}

  grpc::CallbackServerContext& context_;
  ReaderBudget& budget_;
  std::shared_ptr<LargeAnswer> self_;
  std::uint64_t held_ = 0;      // before Finish; read after it
  std::recursive_mutex mutex_;  // cancelling may come back to us on the same thread
  bool is_done_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_LARGE_ANSWER_H_
