// Bytes that came in on a connection and that no request explains. gRPC 1.51 keeps what comes in
// without end: header blocks that never stop (CVE-2023-33953; one byte of them can cost a hundred),
// halves of messages. It tells nobody; but the kernel counts what a connection received, and we
// count what arrived whole. The difference is what gRPC may be holding, and who has most of it is
// who floods.
#ifndef RENKEI_SERVER_RPC_BYTE_LEDGER_H_
#define RENKEI_SERVER_RPC_BYTE_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "crypto/base/clock.h"
#include "server/rpc/peer_address.h"

namespace renkei::server {

// Since the connection was opened.
struct Traffic {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

// What the kernel counted. Nothing: no TCP connection (any more). Any thread.
std::optional<Traffic> TrafficOf(int descriptor);

struct LedgerBounds {
  std::size_t connection = std::size_t{32} << 20U;  // four of the largest requests
  std::size_t all = std::size_t{256} << 20U;
};

class ByteLedger {
 public:
  explicit ByteLedger(const LedgerBounds& bounds = {}) : bounds_(bounds) {}

  // A request of so many bytes came whole. Any thread.
  void Explain(const Peer& peer, std::uint64_t bytes);

  // What follows: one thread.
  // One open connection as it is now; once for each in a round.
  void Look(const Peer& peer, const Traffic& traffic, Millis now);
  // Ends the round and forgets who was not looked at.
  void EndRound();
  // On whom to hang up, who are forgotten: over the bound of a connection; over that of all, or if
  // memory is short, who has most of the address that has most.
  std::vector<Peer> TakeWorst(bool is_memory_short);

  std::size_t size() const { return connections_.size(); }
  // Of all, in the round that ended last.
  std::uint64_t unexplained() const { return unexplained_; }

  // What a call, a second and what was sent (frames that acknowledge it) explain beside requests.
  static constexpr std::uint64_t kPerCall = 2048;
  static constexpr std::uint64_t kFraming = 64;    // TLS and HTTP/2: less than one in so many bytes
  static constexpr std::uint64_t kPerSecond = 64;  // a ping every ten
  static constexpr std::uint64_t kSentPerReceived = 8;
  // Nobody is hung up on for less, or for less than a quarter of what the worst has.
  static constexpr std::uint64_t kNothing = std::uint64_t{64} << 10U;

 private:
  struct Connection {
    Traffic traffic;
    std::optional<Millis> looked;
    std::uint64_t unexplained = 0;
    bool is_open = true;
  };
  struct PeerHash {
    std::size_t operator()(const Peer& peer) const;
  };
  template <typename Value>
  using OfPeers = std::unordered_map<Peer, Value, PeerHash>;

  std::vector<Peer> WorstOfWorstAddress(std::uint64_t enough) const;

  const LedgerBounds bounds_;
  std::mutex mutex_;
  OfPeers<std::uint64_t> explained_;   // since the last round; guarded
  OfPeers<std::uint64_t> explaining_;  // in this one
  OfPeers<Connection> connections_;
  bool is_round_ = false;
  std::uint64_t unexplained_ = 0;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_BYTE_LEDGER_H_
