// The invitation code (crypto/README.md "Invitation"): what a person types or photographs to join.
// The secret in it authenticates the join request; the relay only ever sees the ticket. Functions
// on values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_INVITATION_H_
#define RENKEI_CRYPTO_SEAL_INVITATION_H_

#include <string>
#include <string_view>

#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::seal {

inline constexpr std::size_t kInvitationSecretBytes = 32;
inline constexpr std::size_t kMaxRelayAddressBytes = 255;
inline constexpr std::size_t kMaxInvitationTextBytes = 2048;
// Until when a code may be used, from its making.
inline constexpr Millis kInvitationLifetime = Days(7);

// The values are those of renkei.seal.v1.TicketPurpose.
enum class InvitationPurpose : std::uint8_t {
  kInstitution = 1,  // operator -> an institution's first person
  kStaff = 2,        // administrator -> colleague
  kDevice = 3,       // a person's device -> another device of theirs
};

struct Invitation {
  InvitationPurpose purpose = InvitationPurpose::kStaff;
  RegionId region;
  Hash32 root_fingerprint{};  // SHA-256 of the region's root certificate
  InstitutionId institution;
  PersonId person;
  Hash32
      institution_key_hash{};  // SHA-256 of the institution CA's public key; zeros for kInstitution
  TicketId ticket;
  SecretBytes secret;  // kInvitationSecretBytes
  Millis expires_at;
  std::string relay_address;  // host:port, 3..kMaxRelayAddressBytes bytes
};

// host:port of UTF-8 without spaces or control characters, 3..kMaxRelayAddressBytes bytes.
// kMalformed otherwise: ask for it again.
Status CheckRelayAddress(std::string_view address);

// "RENKEI1-" and Crockford base32 in groups of five. The text is as secret as what is in it.
// An invitation with a field out of bounds is our bug.
std::string FormatInvitation(const Invitation& invitation);

// Takes the text as people type it: either case, spaces and dashes anywhere, O for 0, I and L
// for 1.
//   kMalformed    mistyped, cut off or altered: ask for it again
//   kUnsupported  of a later version: update the program
// That it has expired is the caller's to check.
Result<Invitation> ParseInvitation(std::string_view text);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_INVITATION_H_
