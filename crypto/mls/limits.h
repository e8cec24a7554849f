// What one message may make us hold or compute. Bytes are bounded by the message; these bound
// counts, because some elements are much larger in memory than on the wire. All are far above what
// a group needs, and ours: RFC 9420 sets none. Exceeding one is kTooLarge.
#ifndef RENKEI_CRYPTO_MLS_LIMITS_H_
#define RENKEI_CRYPTO_MLS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace renkei::mls {

inline constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20U;
inline constexpr std::uint32_t kMaxLeaves = std::uint32_t{1} << 16U;
inline constexpr std::size_t kMaxTreeNodes = 2 * std::size_t{kMaxLeaves} - 1;
inline constexpr std::size_t kMaxPathNodes = 16;  // depth of a tree of kMaxLeaves
inline constexpr std::size_t kMaxCertificates = 16;
inline constexpr std::size_t kMaxExtensions = 128;
inline constexpr std::size_t kMaxExternalSenders = 1024;
// Lists of 16-bit registry values, e.g. in Capabilities.
inline constexpr std::size_t kMaxRegistryValues = 4096;
inline constexpr std::size_t kMaxProposals = 8192;
inline constexpr std::size_t kMaxPsks = 1024;

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_LIMITS_H_
