// One Threads.AppendStream: each request is handed to core as it comes, and its outcome is sent in
// its turn. While a message is under way outcomes gather for the next one.
#ifndef RENKEI_SERVER_RPC_APPEND_REACTOR_H_
#define RENKEI_SERVER_RPC_APPEND_REACTOR_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "renkei/relay/v1/threads.pb.h"
#include "server/rpc/append_streams.h"
#include "server/rpc/guard.h"
#include "server/rpc/threads_handler.h"

namespace renkei::server {

// Of one stream: requests whose outcome is not sent yet. Beyond either nothing more is read, and
// HTTP/2 makes the caller wait; one request may go over the bytes alone.
inline constexpr std::size_t kMaxUnansweredAppends = 128;
inline constexpr std::size_t kMaxUnansweredBytes = std::size_t{2} << 20U;

// Any thread.
class AppendReactor final
    : public grpc::ServerBidiReactor<relay::v1::AppendRequest, relay::v1::AppendStreamResponse>,
      public Unread,
      public std::enable_shared_from_this<AppendReactor> {
 public:
  // All outlive the stream. `streams` has it until it ends.
  AppendReactor(ThreadsHandler& handler, Guard& guard, AppendStreams& streams,
                grpc::CallbackServerContext& context)
      : handler_(handler), guard_(guard), streams_(streams), context_(context) {}

  // Once; the caller was admitted.
  void Start(Admitted admitted);
  // Nothing more is read. What was is answered, then the stream ends. Before Start: at once.
  void Stop(const grpc::Status& status);

  // The message under way was not taken for too long.
  void BreakOff() override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // One request, from when it begins to be read until its outcome is on its way.
  struct Slot;
  // What is to be told to gRPC when nothing is locked any more.
  struct Next {
    relay::v1::AppendRequest* read = nullptr;
    bool is_write = false;
    std::optional<grpc::Status> finish;
  };

  // Ends it if nothing came since the last look, or the caller is no longer who they were.
  void LookLater();
  void Look();
  void Take(const std::shared_ptr<Slot>& slot);
  void Answer(Slot& slot, Result<relay::v1::AppendResponse> result);
  // After a change. Never with the lock held.
  void GoOn();
  // With the lock held, these three.
  void EndWith(const grpc::Status& status);
  void GatherOutcomes();
  Next Decide();

  ThreadsHandler& handler_;
  Guard& guard_;
  AppendStreams& streams_;
  grpc::CallbackServerContext& context_;
  std::optional<Admitted> admitted_;
  Peer peer_;

  std::recursive_mutex mutex_;                    // of what follows; BreakOff says why
  std::shared_ptr<Slot> reading_;                 // until core has it
  std::deque<std::shared_ptr<Slot>> unanswered_;  // in the order in which they came
  std::size_t unanswered_bytes_ = 0;
  std::size_t in_core_ = 0;  // handed over and not answered
  relay::v1::AppendStreamResponse gathered_;
  relay::v1::AppendStreamResponse writing_;
  std::uint64_t held_ = 0;  // of the readers' budget, for writing_
  bool is_writing_ = false;
  bool is_put_off_ = false;          // GoOn, to the end of a run of answers
  bool has_all_ = false;             // the caller sends no more
  std::optional<grpc::Status> end_;  // nothing more is read
  bool is_finished_ = false;
  bool has_read_ = false;  // since the last look
  std::unique_ptr<grpc::Alarm> look_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_APPEND_REACTOR_H_
