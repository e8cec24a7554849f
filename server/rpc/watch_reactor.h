// One Threads.Watch stream: gRPC's reactor on one side, core's session on the other. One message is
// under way at a time; the log is read again only when it has been taken.
#ifndef RENKEI_SERVER_RPC_WATCH_REACTOR_H_
#define RENKEI_SERVER_RPC_WATCH_REACTOR_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <optional>
#include <vector>

#include "server/core/relay.h"
#include "server/rpc/guard.h"
#include "server/rpc/watch_pump.h"

namespace renkei::server {

// For the message under way when a stream is cut. A reader who takes it learns the reason.
inline constexpr std::chrono::seconds kCutGrace{1};

// Any thread. Keeps itself alive until gRPC is done with it.
class WatchReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                           public WatchListener,
                           public Pumped,
                           public Unread,
                           public std::enable_shared_from_this<WatchReactor> {
 public:
  WatchReactor(Relay& relay, WatchPump& pump, Guard& guard, grpc::CallbackServerContext& context)
      : relay_(relay), pump_(pump), guard_(guard), context_(context) {}

  // Once, from the handler; the caller was admitted. `request`: bytes of WatchRequest.
  void Start(Admitted admitted, const grpc::ByteBuffer& request);
  // Ends the stream without ever starting.
  void Refuse(const grpc::Status& status);

  void Wake() override;
  void Cut(Why why) override;
  void Pump() override;
  // The message under way was not taken for too long, or the stream was cut and is given its while.
  void BreakOff() override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // Holds the reactor until OnDone.
  void KeepAlive() { self_ = shared_from_this(); }

 private:
  void SendNext();
  void FinishOnce(const grpc::Status& status);
  void HoldUnsent();
  void ReleaseHeld();

  Relay& relay_;
  WatchPump& pump_;
  Guard& guard_;
  grpc::CallbackServerContext& context_;
  Caller caller_;
  std::shared_ptr<WatchSession> session_;
  std::optional<Admission::Pass> pass_;  // an open stream of its device and institution
  std::shared_ptr<WatchReactor> self_;

  std::recursive_mutex mutex_;            // BreakOff says why
  std::vector<grpc::ByteBuffer> unsent_;  // of one reading, the last first; that is being written
  std::uint64_t held_ = 0;                // of the readers' budget; 0: nothing
  bool is_busy_ = false;                  // reading, or is_writing_
  bool is_writing_ = false;
  bool is_ending_ = false;  // grace_ runs or ran
  bool is_finished_ = false;
  bool is_counted_ = false;                  // as an open stream
  std::optional<grpc::Status> finish_with_;  // once not busy any more
  grpc::Alarm grace_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_WATCH_REACTOR_H_
