// The region that relay_load measures with: a relay's folder on disk with certificates, cases and
// entries in it, made before the relay starts; the relay and the service that does nothing, each a
// process of its own; and channels to both.
#ifndef RENKEI_TESTS_BENCH_RELAY_REGION_H_
#define RENKEI_TESTS_BENCH_RELAY_REGION_H_

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/store/sqlite_store.h"
#include "tests/bench/relay/process.h"
#include "tests/support/relay_world.h"

namespace renkei::bench {

// A case as its members know it.
struct Case {
  thread::SignedCard card;
  thread::Position head;
};

class Region {
 public:
  // `folder` must be empty; it is removed at the end. `relay`: the program renkei-relay.
  Region(std::filesystem::path folder, std::string relay);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  // `count` persons with a device each, spread over offices of 50.
  std::vector<const test::Handset*> AddMembers(std::size_t count);
  // While no relay runs: the folder's store and a relay's core over it, all certificates published.
  void Prepare(const std::function<void(server::Relay&, server::SqliteStore&)>& work);
  // Within Prepare(): a case of these members, the first its steward; and one more commit.
  Case BeginCase(server::Relay& relay, const std::vector<const test::Handset*>& members);
  void Commit(server::Relay& relay, Case& at, const std::vector<const test::Handset*>& members);
  // Within Prepare(): `count` records by `sender`, through the core as a call would.
  void Append(server::Relay& relay, Case& at, const test::Handset& sender, std::size_t count);

  std::unique_ptr<Process> StartRelay() const;
  std::unique_ptr<Process> StartEmpty() const;
  // As that, but it writes and syncs before each answer (synced_writes.h).
  std::unique_ptr<Process> StartSynced() const;
  // A connection of its own for each call of this.
  std::shared_ptr<grpc::Channel> Channel(const test::Handset& handset, int port);

  std::uint64_t StoreBytes() const;
  const std::filesystem::path& folder() const { return folder_; }
  test::RelayWorld& world() { return world_; }

 private:
  void Publish(server::Relay& relay) const;

  const std::filesystem::path folder_;
  const std::string relay_;
  SystemClock clock_;
  SystemRandom random_;
  test::RelayWorld world_;
  const test::Office* office_ = nullptr;
  std::size_t in_office_ = 0;
};

// Writes, and waits until it is durable.
void WriteNow(server::Store& store, const server::Store::Work& work);

// relay_load --serve-empty FOLDER [--synced FILE]: the service that does nothing, with the relay's
// certificate and settings of the transport; with a file, what synced_writes.h does before each
// answer. Until SIGTERM.
int ServeEmpty(const std::filesystem::path& folder, const std::filesystem::path& synced);

}  // namespace renkei::bench

#endif  // RENKEI_TESTS_BENCH_RELAY_REGION_H_
