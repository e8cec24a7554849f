// The relay as a process of its own, with honest people who go on writing while others attack it.
#ifndef RENKEI_TESTS_BENCH_FLOOD_VICTIM_H_
#define RENKEI_TESTS_BENCH_FLOOD_VICTIM_H_

#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/bench/flood/peer.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_folder.h"

namespace renkei::flood {

struct Memory {
  double now_mib = 0;
  double most_mib = 0;  // since the last time it was asked for
};

// How long honest people waited for their acknowledgement, and a colleague's open stream for the
// record.
struct Latency {
  std::size_t calls = 0;
  std::size_t failed = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::size_t delivered = 0;
  double delivered_p50_ms = 0;
  double delivered_p99_ms = 0;
};

// One thread, but for Identity() and port().
class Victim {
 public:
  // `relay`: the program. `settings`: TOML, "" for the defaults. `hostile`: devices of the
  // institution that attacks; they are members of a case of their own with `backlog` records of
  // 512 KiB.
  Victim(const std::string& relay, const std::string& settings, std::size_t hostile,
         std::size_t backlog);
  ~Victim();
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  int port() const { return port_; }
  // The nurse writes `per_second` records for so long, each after the one before; the doctor's
  // stream is opened anew whenever it breaks.
  Latency Write(double seconds, int per_second);
  // Of the process; sets the most back.
  Memory Use();
  bool is_alive() const;

  std::size_t hostile() const { return hostile_.size(); }
  // The case with the backlog; empty: there is none.
  const std::string& hostile_case() const { return hostile_case_; }
  // One of its own, for a case that is not there.
  const std::string& RecordOfHostile(std::size_t number) const;
  Identity IdentityOfHostile(std::size_t number) const;
  std::shared_ptr<grpc::Channel> ChannelOfHostile(std::size_t number) const;
  std::shared_ptr<grpc::Channel> ChannelOfNobody() const;

 private:
  void StartProcess(const std::string& relay, const std::string& settings);
  void Publish(const test::Office& office, const test::Handset& by);
  void BeginCases(std::size_t backlog);
  std::shared_ptr<grpc::Channel> Channel(const Identity& identity) const;
  bool Append(relay::v1::Threads::Stub& stub, const std::string& record) const;
  // The doctor's device, on a thread of its own.
  void Watch();
  void Arrived(const relay::v1::WatchEvent& event);

  test::RelayWorld world_;
  const test::TempFolder temp_{"renkei-flood"};
  const std::filesystem::path folder_ = temp_.path();
  test::Office* station_ = nullptr;
  test::Office* attackers_ = nullptr;
  test::Handset* nurse_ = nullptr;
  std::vector<test::Handset*> hostile_;
  std::vector<std::string> hostile_records_;
  std::string hostile_case_;
  pid_t process_ = -1;
  int port_ = 0;
  std::unique_ptr<relay::v1::Threads::Stub> stub_;
  thread::SignedCard card_;
  thread::Position seen_;

  test::Handset* doctor_ = nullptr;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;                                                   // of what follows
  std::map<std::string, std::chrono::steady_clock::time_point> sent_;  // by record, not yet come
  std::vector<double> delivered_;                                      // milliseconds
  grpc::ClientContext* watching_ = nullptr;
  std::thread watcher_;
};

}  // namespace renkei::flood

#endif  // RENKEI_TESTS_BENCH_FLOOD_VICTIM_H_
