// The small types of RFC 9420: indices, epochs, and the IANA registries (§17). Registry values are
// open: an unknown or GREASE value is carried as it came. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_TYPES_H_
#define RENKEI_CRYPTO_MLS_TYPES_H_

#include <compare>
#include <cstdint>

#include "crypto/wire/codec.h"

namespace renkei::mls {

// Position of a member among the leaves, left to right, from 0.
struct LeafIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(const LeafIndex&, const LeafIndex&) = default;
};

// Position in the array form of the tree (RFC 9420 Appendix C): leaves even, parents odd.
struct NodeIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(const NodeIndex&, const NodeIndex&) = default;
};

struct Epoch {
  std::uint64_t value = 0;
  friend auto operator<=>(const Epoch&, const Epoch&) = default;
};

// How often a key ratchet was stepped (RFC 9420 §9).
struct Generation {
  std::uint32_t value = 0;
  friend auto operator<=>(const Generation&, const Generation&) = default;
};

enum class ProtocolVersion : std::uint16_t { kMls10 = 1 };

// RFC 9420 §17.1. Only kX25519ChaCha20Sha256Ed25519 is spoken here.
enum class CipherSuite : std::uint16_t {
  kX25519Aes128Sha256Ed25519 = 1,
  kP256Aes128Sha256P256 = 2,
  kX25519ChaCha20Sha256Ed25519 = 3,
};

// RFC 9420 §17.2.
enum class WireFormat : std::uint16_t {
  kPublicMessage = 1,
  kPrivateMessage = 2,
  kWelcome = 3,
  kGroupInfo = 4,
  kKeyPackage = 5,
};

// RFC 9420 §17.3. 0xF000 and above are for private use.
enum class ExtensionType : std::uint16_t {
  kApplicationId = 1,
  kRatchetTree = 2,
  kRequiredCapabilities = 3,
  kExternalPub = 4,
  kExternalSenders = 5,
};

// RFC 9420 §17.4.
enum class ProposalType : std::uint16_t {
  kAdd = 1,
  kUpdate = 2,
  kRemove = 3,
  kPsk = 4,
  kReInit = 5,
  kExternalInit = 6,
  kGroupContextExtensions = 7,
};

// RFC 9420 §17.5.
enum class CredentialType : std::uint16_t { kBasic = 1, kX509 = 2 };

// The types every client speaks and that capabilities therefore must not list (RFC 9420 §7.2).
bool IsDefault(ExtensionType type);
bool IsDefault(ProposalType type);
// 0x0A0A, 0x1A1A ... 0xEAEA (RFC 9420 §13.5). For what we generate; received values get no special
// treatment.
bool IsGrease(std::uint16_t value);

void Encode(wire::Writer& out, LeafIndex value);
void Encode(wire::Writer& out, Epoch value);
void Encode(wire::Writer& out, Generation value);
Status Decode(wire::Reader& in, LeafIndex& value);
Status Decode(wire::Reader& in, Epoch& value);
Status Decode(wire::Reader& in, Generation& value);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_TYPES_H_
