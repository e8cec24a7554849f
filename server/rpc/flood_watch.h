// Hangs up on who floods: on whom the gate found calling without end, and on whom the ledger names,
// looked at four times a second and at once when memory jumps. On a thread of its own, because gRPC
// runs a connection's work on whatever thread hands one over, for as long as there is any.
#ifndef RENKEI_SERVER_RPC_FLOOD_WATCH_H_
#define RENKEI_SERVER_RPC_FLOOD_WATCH_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/rpc/byte_ledger.h"
#include "server/rpc/connection_table.h"
#include "server/rpc/memory_watch.h"

namespace renkei::server {

class FloodWatch {
 public:
  // answers: bytes that are held for readers. All outlive this.
  FloodWatch(SharedConnections& connections, ByteLedger& ledger, MemoryWatch& memory,
             std::function<std::size_t()> answers);
  // Stops.
  ~FloodWatch();
  FloodWatch(const FloodWatch&) = delete;
  FloodWatch& operator=(const FloodWatch&) = delete;

  // Ends this connection at once, what it sent and nobody read included, and takes none from its
  // address for a while (ConnectionTable::Ban). Any thread; waits for nothing.
  void HangUpOn(const Peer& peer);
  // How often. Any thread.
  std::uint64_t hung_up_on() const { return hung_up_on_.load(); }

 private:
  void Run();
  void LookAtBytes();
  void HangUp(const std::vector<Peer>& peers);

  SharedConnections& connections_;
  ByteLedger& ledger_;
  MemoryWatch& memory_;
  const std::function<std::size_t()> answers_;
  std::optional<Millis> looked_;
  std::atomic<std::uint64_t> hung_up_on_ = 0;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<Peer> unwelcome_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_FLOOD_WATCH_H_
