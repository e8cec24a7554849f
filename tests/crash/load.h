// The region that the crash harness plays with, and its members: several cases, several devices,
// records and commits on their way all the time, each known to a ledger.
#ifndef RENKEI_TESTS_CRASH_LOAD_H_
#define RENKEI_TESTS_CRASH_LOAD_H_

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/bench/relay/region.h"
#include "tests/crash/ledger.h"

namespace renkei::crash {

// What came of the calls so far.
struct Counts {
  std::atomic<std::uint64_t> acknowledged = 0;   // records
  std::atomic<std::uint64_t> commits = 0;        // acknowledged
  std::atomic<std::uint64_t> duplicates = 0;     // the same bytes again, told as such
  std::atomic<std::uint64_t> stored_unseen = 0;  // of these: stored, and its answer was lost
  std::atomic<std::uint64_t> unanswered = 0;
  std::atomic<std::uint64_t> refused_reads = 0;  // of a damaged store
};

class Load {
 public:
  // Makes the region in `folder`. `seed` decides what is sent when, not in which order it arrives.
  Load(const std::filesystem::path& folder, std::uint64_t seed);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Calls go to the relay on this port, from threads of their own, until Stop(). What has no answer
  // by then waits for Retry().
  void Start(int port);
  void Stop();
  // What has no answer is sent again, byte for byte: it must be taken, told as a duplicate or,
  // where its epoch is over, refused. Then everything has an answer.
  void Retry(int port);

  // Reads on from where the last check came to (all of it: from the beginning) and compares with
  // the ledgers and with the heads that the relay signs. Fails. With `may_refuse` a read may also
  // end in an error instead of entries: false then.
  bool Check(int port, bool all, bool may_refuse = false);
  const Counts& counts() const { return counts_; }

 private:
  struct Thread;
  struct Waiting;

  struct Stubs {
    std::vector<std::unique_ptr<relay::v1::Threads::Stub>> of_device;
  };

  std::unique_ptr<Stubs> Connect(int port);
  void RunAppends(std::uint64_t seed);
  void RunCommits(std::uint64_t seed);
  enum class Answer { kNone, kStale, kAccepted, kDuplicate };
  // An answer that an honest record must not get fails.
  Answer Append(Thread& thread, std::size_t device, const std::string& record);
  // False: no answer came.
  bool Commit(Thread& thread);
  // This place in the thread was promised to `what`.
  void Note(Thread& thread, const What& what, std::uint64_t seq, const seal::v1::SignedHead& head);
  bool CheckThread(Thread& thread, bool may_refuse);
  std::optional<relay::v1::ReadResponse> ReadOn(Thread& thread, bool may_refuse);
  std::string SomeRecord(Thread& thread, std::size_t device, std::mt19937_64& dice);

  bench::Region region_;
  std::vector<const test::Handset*> devices_;
  std::vector<const test::Handset*> fewer_;  // without the last
  std::vector<std::unique_ptr<Thread>> threads_;
  std::mutex waiting_mutex_;
  std::vector<Waiting> waiting_;
  std::unique_ptr<Stubs> stubs_;
  const Bytes relay_key_;
  std::mt19937_64 dice_;
  std::atomic<bool> is_over_ = false;
  std::vector<std::thread> workers_;
  Counts counts_;
};

}  // namespace renkei::crash

#endif  // RENKEI_TESTS_CRASH_LOAD_H_
