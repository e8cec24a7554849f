// Who lives and works in the region of the soak: institutions, their devices, and the cases that
// they share. Made in a folder, where the relay then runs. All of it is invented.
#ifndef RENKEI_TESTS_SOAK_CARE_REGION_H_
#define RENKEI_TESTS_SOAK_CARE_REGION_H_

#include <map>
#include <memory>
#include <vector>

#include "tests/soak/case_file.h"

namespace renkei::soak {

// How far a device has read each of its cases.
using Positions = std::map<CaseId, thread::Position>;

struct Member {
  const test::Handset* handset = nullptr;
  std::vector<CaseFile*> cases;
  Positions reached;  // as the day began; then whoever plays the device moves it on
};

// The people are fixed once it is made; the world of `region` makes commits, on one thread.
class CareRegion {
 public:
  explicit CareRegion(const std::filesystem::path& folder);

  // A connection of its own for each call. Any thread.
  std::shared_ptr<grpc::Channel> Channel(const Member& member, int port) {
    return region_.Channel(*member.handset, port);
  }
  test::RelayWorld& world() { return region_.world(); }
  const Bytes& relay_key() const { return relay_key_; }
  // Puts a new TLS key and certificate of the relay into its folder.
  void RenewCertificate();

  std::vector<std::unique_ptr<CaseFile>> cases;
  // One of each institution is switched on all day.
  std::vector<std::unique_ptr<Member>> desks;
  // Tablets that watch while their owners are on duty.
  std::vector<std::unique_ptr<Member>> shifts;
  // Telephones that are taken out, write, and go away again.
  std::vector<std::unique_ptr<Member>> visitors;
  // Who is asked into a case for a while and leaves it again.
  std::vector<std::unique_ptr<Member>> guests;

 private:
  using Group = std::vector<std::unique_ptr<Member>>;

  void Hire(Group& group, const test::Office& office, std::size_t count);
  void BeginCases();
  void BeginCase(server::Relay& relay, server::SqliteStore& store, std::size_t number);

  const std::filesystem::path folder_;
  bench::Region region_;
  const Bytes relay_key_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_CARE_REGION_H_
