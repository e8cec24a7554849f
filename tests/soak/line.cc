#include "tests/soak/line.h"

#include "tests/crash/relay_process.h"

namespace renkei::soak {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kLongestCall = std::chrono::seconds(60);

// Anything else was said by the relay.
bool IsNoAnswer(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::UNKNOWN;
}

}  // namespace

const std::shared_ptr<grpc::Channel>& Line::channel() {
  if (!channel_ || !scene_.door.IsStill(life_.number)) {
    life_ = scene_.door.Wait();
    channel_ = scene_.region.Channel(member_, life_.port);
  }
  return channel_;
}

Line::Answer Line::Ask(const Call& call) {
  Answer out;
  for (;; ++out.tries) {
    const std::shared_ptr<grpc::Channel>& to = channel();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kLongestCall);
    const auto begin = SteadyClock::now();
    out.status = call(to, context);
    out.milliseconds =
        std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
    if (!IsNoAnswer(out.status)) {
      return out;
    }
    if (scene_.door.IsStill(life_.number)) {
      crash::Fail("a call got no answer from a relay that runs: " +
                  std::to_string(out.status.error_code()) + " " + out.status.error_message());
    }
    ++scene_.tally.unanswered;
  }
}

}  // namespace renkei::soak
