// What messages may make us hold or compute. The bytes of one are bounded by itself; these bound
// counts, because some elements are much larger in memory than on the wire, and the bytes of what
// stays in a group, which is stored whole (wire::kMaxVectorBytes). All are far above what a group
// needs, and ours: RFC 9420 sets none. Exceeding one is kTooLarge.
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
// Lists of 16-bit registry values, e.g. in Capabilities. They are compared pair by pair.
inline constexpr std::size_t kMaxRegistryValues = 256;
// Of a leaf, which stays in the tree: certificates, extensions, everything.
inline constexpr std::size_t kMaxLeafNodeBytes = std::size_t{12} << 10U;
// Of a GroupContext's extensions together, also as proposed by GroupContextExtensions or ReInit.
inline constexpr std::size_t kMaxGroupExtensionBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxGroupIdBytes = 255;
inline constexpr std::size_t kMaxProposals = 8192;
inline constexpr std::size_t kMaxPsks = 1024;

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_LIMITS_H_
