// Sizes and numbers of the protocol, as the comments in proto/renkei/relay/v1 name them. Rates are
// the operator's (admission.h).
#ifndef RENKEI_SERVER_CORE_LIMITS_H_
#define RENKEI_SERVER_CORE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "crypto/base/clock.h"

namespace renkei::server {

inline constexpr std::size_t kMaxRequestBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxCommitPartBytes = std::size_t{1} << 20U;  // commit, GroupInfo
inline constexpr std::size_t kMaxWelcomes = 8;
inline constexpr std::size_t kMaxWelcomeBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxPackCiphertextBytes = std::size_t{256} << 10U;
inline constexpr std::size_t kMaxReadEntries = 500;
inline constexpr std::size_t kMaxReadBytes = std::size_t{2} << 20U;
// Of the page that was asked for with this max_bytes.
inline constexpr std::size_t PageBytes(std::uint32_t max_bytes) {
  return max_bytes == 0 || max_bytes > kMaxReadBytes ? kMaxReadBytes : max_bytes;
}
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

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_LIMITS_H_
