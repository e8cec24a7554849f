// What one caller may ask for (server/README.md "Limits"). Sizes are the protocol's; rates are the
// operator's.
#ifndef RENKEI_SERVER_CORE_LIMITS_H_
#define RENKEI_SERVER_CORE_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/clock.h"

namespace renkei::server {

// Sizes, as the comments in proto/renkei/relay/v1 name them.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxCommitPartBytes = std::size_t{1} << 20U;  // commit, GroupInfo
inline constexpr std::size_t kMaxWelcomes = 8;
inline constexpr std::size_t kMaxWelcomeBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxPackCiphertextBytes = std::size_t{256} << 10U;
inline constexpr std::size_t kMaxReadEntries = 500;
inline constexpr std::size_t kMaxReadBytes = std::size_t{2} << 20U;
inline constexpr std::size_t kMaxListed = 1000;  // threads
inline constexpr std::size_t kMaxEnvelopes = 1000;
inline constexpr std::size_t kMaxPacks = 64;
inline constexpr std::size_t kMaxMail = 100;
inline constexpr std::size_t kMaxPublished = 16;
inline constexpr std::size_t kMaxDirectoryItems = 1000;
inline constexpr std::size_t kMaxKeyPackages = 50;  // in one upload
inline constexpr std::size_t kMaxKeyPackageBytes = std::size_t{16} << 10U;
inline constexpr std::size_t kMaxWaitingKeyPackages = 200;  // of one device
inline constexpr std::size_t kMaxClaimedPersons = 64;
inline constexpr std::size_t kMaxClaimed = 1000;
inline constexpr std::size_t kMaxSignedRequestBytes = 8192;
inline constexpr std::size_t kMaxSealedPackageBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxApproved = 8;
inline constexpr std::size_t kMaxWaitingRequests = 256;
inline constexpr std::size_t kMaxOpenTickets = 256;  // of one person
inline constexpr std::size_t kMaxWatchPositions = 10000;
inline constexpr Millis kMaxTicketLife = Days(30);

// Calls that a caller may make: `burst` at once, `per_second` on average.
struct Rate {
  std::uint32_t per_second = 200;
  std::uint32_t burst = 2000;
};

// A token bucket for each key (a device's certificate, or the address of a caller without one).
// Forgets who has been full again for a while, so that its size follows who is active. Guarded.
class RateLimiter {
 public:
  explicit RateLimiter(Rate rate) : rate_(rate) {}

  // Takes one token. Empty: how long until there is one again.
  std::optional<Millis> Take(std::string_view key, Millis now);

 private:
  struct Bucket {
    std::int64_t thousandths = 0;  // of a token
    Millis at;
  };

  void Forget(Millis now);

  const Rate rate_;
  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;
  Millis swept_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_LIMITS_H_
