// Pre-shared keys: how they are named (RFC 9420 §8.4). Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_PSK_H_
#define RENKEI_CRYPTO_MLS_PSK_H_

#include <cstdint>
#include <variant>

#include "crypto/mls/types.h"

namespace renkei::mls {

enum class PskType : std::uint8_t { kExternal = 1, kResumption = 2 };
enum class ResumptionPskUsage : std::uint8_t { kApplication = 1, kReInit = 2, kBranch = 3 };

struct ExternalPsk {
  Bytes psk_id;
  friend bool operator==(const ExternalPsk&, const ExternalPsk&) = default;
};
struct ResumptionPsk {
  ResumptionPskUsage usage{ResumptionPskUsage::kApplication};
  Bytes psk_group_id;
  Epoch psk_epoch;
  friend bool operator==(const ResumptionPsk&, const ResumptionPsk&) = default;
};

struct PreSharedKeyId {
  std::variant<ExternalPsk, ResumptionPsk> value;
  Bytes psk_nonce;

  PskType type() const;
  friend bool operator==(const PreSharedKeyId&, const PreSharedKeyId&) = default;
};
// kMalformed for an unknown type or usage.
void Encode(wire::Writer& out, const PreSharedKeyId& value);
Status Decode(wire::Reader& in, PreSharedKeyId& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PSK_H_
