// The kinds of records as the core tells them apart: field numbers of renkei.care.v1.Content.body.
// Constants; any thread.
#ifndef RENKEI_CLIENT_CORE_KINDS_H_
#define RENKEI_CLIENT_CORE_KINDS_H_

#include <cstdint>

namespace renkei::client::kinds {

inline constexpr std::uint32_t kPatient = 30;
inline constexpr std::uint32_t kAcknowledgement = 32;
inline constexpr std::uint32_t kResponse = 33;
inline constexpr std::uint32_t kReceipt = 34;

// What people wrote, as opposed to the small records about another record.
constexpr bool IsWritten(std::uint32_t kind) {
  return kind != 0 && kind != kAcknowledgement && kind != kResponse && kind != kReceipt;
}

}  // namespace renkei::client::kinds

#endif  // RENKEI_CLIENT_CORE_KINDS_H_
