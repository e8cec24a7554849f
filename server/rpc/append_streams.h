// The append streams that are open: holds each until gRPC is done with it, and ends all when the
// relay stops. Any thread.
#ifndef RENKEI_SERVER_RPC_APPEND_STREAMS_H_
#define RENKEI_SERVER_RPC_APPEND_STREAMS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "crypto/base/clock.h"

namespace renkei::server {

class AppendReactor;

class AppendStreams {
 public:
  // One on which nothing came for so long is ended: up to twice as long.
  explicit AppendStreams(Millis idle) : idle_(idle) {}
  Millis idle() const { return idle_; }

  void Add(std::shared_ptr<AppendReactor> stream);
  // The last reference may be the one that goes here.
  void Remove(const AppendReactor* stream);
  // What each has read is still answered; then it ends with UNAVAILABLE.
  void StopAll();

  std::size_t size() const;

 private:
  const Millis idle_;
  mutable std::mutex mutex_;
  std::unordered_map<const AppendReactor*, std::shared_ptr<AppendReactor>> open_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_APPEND_STREAMS_H_
