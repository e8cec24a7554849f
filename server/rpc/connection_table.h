// Which of the connections that were handed to gRPC are still open: of all, and of each address.
// gRPC closes a connection without telling anybody, so one counts as open as long as its descriptor
// is still the same socket. Looked at only when a limit is reached: ten thousand take some
// milliseconds. Guarded by its user.
#ifndef RENKEI_SERVER_RPC_CONNECTION_TABLE_H_
#define RENKEI_SERVER_RPC_CONNECTION_TABLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "crypto/base/clock.h"
#include "server/rpc/peer_address.h"

namespace renkei::server {

struct ConnectionLimits {
  std::size_t all = 16384;
  std::size_t of_address = 512;  // of one that is not this machine
};

// What became of connections since the start, for metrics.
struct ConnectionCounts {
  std::uint64_t closed = 0;      // over a limit
  std::uint64_t waited = 0;      // tries with no descriptor left: who connects waits
  std::uint64_t hung_up_on = 0;  // began calls without end (call_gate.h)
};

class ConnectionTable {
 public:
  // The identity of the socket behind a descriptor; 0: closed, or no socket.
  using Identify = std::function<std::uint64_t(int descriptor)>;

  ConnectionTable(const ConnectionLimits& limits, Identify identify)
      : limits_(limits), identify_(std::move(identify)) {}

  // One more from there may be opened. `now`: of a clock that never goes back.
  bool Admits(const AddressKey& address, Millis now);
  // A connection that was just opened. Its descriptor was free, so whoever had it before is gone.
  void Add(int descriptor, const Peer& peer);
  // The descriptor of the open connection with this other end. -1: there is none.
  int Find(const Peer& peer) const;
  // Every one that is open or was when it was last looked.
  template <typename Call>
  void ForEach(const Call& call) const {
    for (const auto& [descriptor, connection] : open_) {
      call(descriptor, connection.peer);
    }
  }
  // Nobody from there may open one for kBan, but for this machine's own.
  void Ban(const AddressKey& address, Millis now);
  // At most so many are open.
  std::size_t size() const { return open_.size(); }
  std::size_t banned() const { return banned_.size(); }

  static constexpr Millis kBan = Seconds(10);
  static constexpr std::size_t kMaxBanned = 4096;

 private:
  struct Connection {
    std::uint64_t identity = 0;
    Peer peer;
  };

  bool IsBanned(const AddressKey& address, Millis now) const;
  bool HasRoom(const AddressKey& address) const;
  void Sweep();
  void Forget(const AddressKey& address);

  const ConnectionLimits limits_;
  const Identify identify_;
  std::unordered_map<int, Connection> open_;
  std::map<AddressKey, std::size_t> of_address_;
  std::map<AddressKey, Millis> banned_;  // until when
  std::optional<Millis> swept_;
};

// The acceptor's, which others look into.
struct SharedConnections {
  explicit SharedConnections(ConnectionTable the_table) : table(std::move(the_table)) {}
  std::mutex mutex;
  ConnectionTable table;  // guarded
};

// The socket's inode.
std::uint64_t IdentityOfSocket(int descriptor);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_CONNECTION_TABLE_H_
