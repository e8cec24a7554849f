#include "server/rpc/append_streams.h"

#include <utility>
#include <vector>

#include "server/rpc/append_reactor.h"

namespace renkei::server {

void AppendStreams::Add(std::shared_ptr<AppendReactor> stream) {
  const std::lock_guard lock(mutex_);
  const AppendReactor* const key = stream.get();
  open_.emplace(key, std::move(stream));
}

void AppendStreams::Remove(const AppendReactor* stream) {
  std::shared_ptr<AppendReactor> last;  // goes when nothing here is locked any more
  const std::lock_guard lock(mutex_);
  if (const auto it = open_.find(stream); it != open_.end()) {
    last = std::move(it->second);
    open_.erase(it);
  }
}

void AppendStreams::StopAll() {
  std::vector<std::shared_ptr<AppendReactor>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, stream] : open_) {
      all.push_back(stream);
    }
  }
  for (const auto& stream : all) {
    stream->Stop({grpc::StatusCode::UNAVAILABLE, "relay: shutting down"});
  }
}

std::size_t AppendStreams::size() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

}  // namespace renkei::server
