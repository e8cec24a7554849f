// gRPC's reactor of a unary call whose answer may be large: made when there is room for it, and
// held against the budget of readers until gRPC has handed it to the network (reader_budget.h).
// Calls with small answers use gRPC's own reactor, which is cheaper.
#ifndef RENKEI_SERVER_RPC_LARGE_ANSWER_H_
#define RENKEI_SERVER_RPC_LARGE_ANSWER_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "server/rpc/reader_budget.h"
#include "server/rpc/watch_pump.h"

namespace renkei::server {

// Any thread. Keeps itself alive until gRPC is done with it.
class LargeAnswer final : public grpc::ServerUnaryReactor,
                          public Unmade,
                          public Pumped,
                          public std::enable_shared_from_this<LargeAnswer> {
 public:
  // pump: makes the answers that had to wait; with the budget it outlives the server.
  static std::shared_ptr<LargeAnswer> Make(grpc::CallbackServerContext& context,
                                           ReaderBudget& budget, WatchPump& pump);

  // Once, from the handler: `make` runs now, or on the pump's thread when there is room, and leads
  // to Finish. `give_up` runs instead if the call ends while it waits.
  void WhenThereIsRoom(const Caller& caller, std::function<void()> make,
                       std::function<void()> give_up);
  // Once, right before Finish: an answer of so many bytes. gRPC holds it twice, as the message and
  // as what is sent of it.
  void Hold(const Caller& caller, std::size_t bytes);
  void BreakOff() override;
  void Turn() override;
  void Pump() override;
  void OnCancel() override;
  void OnDone() override;

 private:
  LargeAnswer(grpc::CallbackServerContext& context, ReaderBudget& budget, WatchPump& pump)
      : context_(context), budget_(budget), pump_(pump), id_(budget.NewId()) {}

  // Looks again and again what is in the way, as long as it waits.
  void LookLater();

  grpc::CallbackServerContext& context_;
  ReaderBudget& budget_;
  WatchPump& pump_;
  const std::uint64_t id_;  // of the budget
  std::shared_ptr<LargeAnswer> self_;
  bool has_waited_for_room_ = false;  // written before the handler returns
  // Written before it waits, used by who ends the waiting: Pump when it is its turn, or OnCancel.
  std::function<void()> make_;
  std::function<void()> give_up_;
  std::recursive_mutex mutex_;  // cancelling may come back to us on the same thread
  bool is_done_ = false;
  std::unique_ptr<grpc::Alarm> look_;  // one for each time: it may not be set while it rings
  std::atomic<bool> is_turn_ = false;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_LARGE_ANSWER_H_
