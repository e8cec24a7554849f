#include "server/rpc/flood_watch.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/rpc/monotonic.h"

namespace renkei::server {
namespace {

constexpr std::chrono::milliseconds kTick(50);
constexpr Millis kRound = {250};
constexpr std::size_t kPerConnection = std::size_t{160} << 10U;  // TLS, HTTP/2, an idle watcher

// The descriptor stays gRPC's, which finds the connection ended. (That gRPC closes it in this very
// moment, and another thread opens a connection that gets its number, cannot be ruled out; that one
// would be made again.) Unlike shutdown() this throws away what waits to be read, which can be the
// work of seconds.
void Abort(int connection) {
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (connect(connection, &none, sizeof(none)) != 0) {
    (void)shutdown(connection, SHUT_RDWR);
  }
}

}  // namespace

FloodWatch::FloodWatch(SharedConnections& connections, ByteLedger& ledger, MemoryWatch& memory,
                       std::function<std::size_t()> answers)
    : connections_(connections),
      ledger_(ledger),
      memory_(memory),
      answers_(std::move(answers)),
      thread_([this] { Run(); }) {}

FloodWatch::~FloodWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FloodWatch::HangUpOn(const Peer& peer) {
  {
    const std::lock_guard lock(mutex_);
    if (std::find(unwelcome_.begin(), unwelcome_.end(), peer) != unwelcome_.end()) {
      return;
    }
    unwelcome_.push_back(peer);
  }
  changed_.notify_all();
}

void FloodWatch::Run() {
  for (;;) {
    std::vector<Peer> unwelcome;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kTick, [this] { return is_stopped_ || !unwelcome_.empty(); });
      if (is_stopped_) {
        return;
      }
      unwelcome.swap(unwelcome_);
    }
    HangUp(unwelcome);
    LookAtBytes();
  }
}

void FloodWatch::LookAtBytes() {
  const Millis now = Monotonic();
  const bool has_jumped = memory_.HasJumped();
  if (looked_ && now - *looked_ < kRound && !has_jumped) {
    return;
  }
  looked_ = now;
  std::size_t open = 0;
  {
    const std::lock_guard lock(connections_.mutex);
    connections_.table.ForEach([&](int connection, const Peer& peer) {
      if (const auto traffic = TrafficOf(connection)) {
        ledger_.Look(peer, *traffic, now);
        ++open;  // the table still has some that were closed: nothing is expected of those
      }
    });
  }
  ledger_.EndRound();
  // Half a message is held once where it came in and once as what was read.
  const std::size_t expected = open * kPerConnection + 2 * ledger_.unexplained() + answers_();
  HangUp(ledger_.TakeWorst(memory_.IsShort(expected, now)));
}

void FloodWatch::HangUp(const std::vector<Peer>& peers) {
  const std::lock_guard lock(connections_.mutex);
  for (const Peer& peer : peers) {
    if (const int connection = connections_.table.Find(peer); connection >= 0) {
      Abort(connection);
      ++hung_up_on_;
      connections_.table.Ban(peer.address(), Monotonic());
    }
  }
}

}  // namespace renkei::server
