// The relay as hostile but certified devices meet it: any bytes to any call.
#ifndef RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
#define RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "renkei/relay/v1/enrolment.pb.h"
#include "renkei/relay/v1/threads.pb.h"
#include "server/core/relay.h"
#include "tests/support/memory_store.h"
#include "tests/support/relay_world.h"

namespace renkei::fuzz {

// A relay over a store in memory, put back to where it stood before each input.
struct RelayUnderFuzz {
  test::MemoryStore store;
  std::unique_ptr<server::Relay> relay;
  std::shared_ptr<const test::MemoryStore::Content> begin;
};

// One region, built once: a case of two members with records, a pack, an open alert and mail; key
// packages; a ticket that was asked for. Beside it the same relay, restored from a backup that
// lacks the newest entries. One thread.
class RelayRpcWorld {
 public:
  RelayRpcWorld();

  // Runs one call ("Threads.Append") with these bytes as its request: by a member of the case, then
  // by a stranger of another institution; against the relay, then the restored one. Aborts when a
  // call does not reply exactly once, or the thread's head is not its last entry any more.
  void Run(const std::string& method, ByteView request);

  // "Threads.Append", ...: every one that Run knows.
  static bool Knows(const std::string& method);

  // What seeds are made of (relay_rpc_seeds.h).
  thread::Position Head();
  relay::v1::AppendRequest UrgentRequest();
  relay::v1::AppendPackRequest PackRequest();
  relay::v1::AppendClosingRequest ClosingRequest();
  relay::v1::SubmitRequestRequest JoinRequest();
  // What a member gives back to the restored relay.
  relay::v1::GiveBackRequest GiveBackRequest();

  ManualClock clock;
  test::RelayWorld world{21};
  test::Office& station = world.AddOffice("訪問看護ステーション（架空）");
  test::Office& elsewhere = world.AddOffice("よその事業所（架空）");
  test::Handset& nurse = world.AddMember(station);
  test::Handset& doctor = world.AddMember(station);
  test::Handset& stranger = world.AddMember(elsewhere);
  test::CommitParts first;
  test::CommitParts second;
  std::uint64_t alert_seq = 0;
  const std::string ticket = std::string(16, 't');

 private:
  void Do(const std::string& method, const google::protobuf::Message& request);
  void BuildCase();
  void BuildRestored();
  void CheckSound(RelayUnderFuzz& under);

  RelayUnderFuzz usual_;
  RelayUnderFuzz restored_;
};

}  // namespace renkei::fuzz

#endif  // RENKEI_TESTS_FUZZ_RELAY_RPC_WORLD_H_
