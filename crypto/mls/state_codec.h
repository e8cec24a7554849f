// The parts of a stored group, for group_store.cc (all in one) and saved_state.cc (in pieces).
// Secret. Each Decode: kMalformed for what its Encode did not write. Not for callers of the
// library.
#ifndef RENKEI_CRYPTO_MLS_STATE_CODEC_H_
#define RENKEI_CRYPTO_MLS_STATE_CODEC_H_

#include <array>
#include <cstdint>

#include "crypto/mls/group_state.h"

namespace renkei::mls {

void Encode(wire::Writer& out, const StoredProposal& value);
Status Decode(wire::Reader& in, StoredProposal& value);

void Encode(wire::Writer& out, const PendingUpdate& value);
Status Decode(wire::Reader& in, PendingUpdate& value);

void EncodeSigningKey(wire::Writer& out, const SigningKey& value);
Status DecodeSigningKey(wire::Reader& in, std::shared_ptr<const SigningKey>& value);

void EncodeReInit(wire::Writer& out, const std::optional<ReInit>& value);
Status DecodeReInit(wire::Reader& in, std::optional<ReInit>& value);

// Of a group in pieces (saved_state.cc).
inline constexpr std::uint8_t kPartsFormat = 1;
using PartCounts = std::array<std::uint32_t, 6>;
PartCounts CountParts(const GroupState& state, const SecretTree::Marks& marks);

// The parts fit each other: a vault that was damaged or put together from two states is noticed.
// kMalformed.
Status CheckTogether(const GroupState& state);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_STATE_CODEC_H_
