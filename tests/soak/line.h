// A device's connection to the relay, opened anew after the relay was stopped or killed.
#ifndef RENKEI_TESTS_SOAK_LINE_H_
#define RENKEI_TESTS_SOAK_LINE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "tests/soak/care_region.h"
#include "tests/soak/door.h"
#include "tests/soak/tally.h"

namespace renkei::soak {

// What every part of the day plays with.
struct Scene {
  CareRegion& region;
  Door& door;
  Tally& tally;
};

// One thread.
class Line {
 public:
  Line(const Scene& scene, const Member& member) : scene_(scene), member_(member) {}

  const Member& member() const { return member_; }
  // The connection now; made when it is first asked for.
  const std::shared_ptr<grpc::Channel>& channel();
  // The life of the relay that it is to.
  const Life& life() const { return life_; }

  struct Answer {
    grpc::Status status;
    int tries = 1;
    double milliseconds = 0;  // of the last one
  };
  // Calls until there is an answer, the same bytes again after each life that ended meanwhile. No
  // answer from a relay that runs is a broken promise, and ends this program.
  using Call =
      std::function<grpc::Status(const std::shared_ptr<grpc::Channel>&, grpc::ClientContext&)>;
  Answer Ask(const Call& call);

 private:
  const Scene scene_;
  const Member& member_;
  std::shared_ptr<grpc::Channel> channel_;
  Life life_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_LINE_H_
