// The request with which an invited person or device asks to be certified (crypto/README.md "Join
// request"): public keys, each proven by its own signature, all of it authenticated by the
// invitation's secret, which the relay never sees. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_SEAL_JOIN_REQUEST_H_
#define RENKEI_CRYPTO_SEAL_JOIN_REQUEST_H_

#include <optional>
#include <string>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/secret.h"
#include "crypto/base/sign.h"
#include "crypto/seal/invitation.h"

namespace renkei::seal {

inline constexpr std::size_t kMaxSignedJoinRequestBytes = 8192;

struct JoinRequest {
  InvitationPurpose purpose = InvitationPurpose::kStaff;
  TicketId ticket;
  RegionId region;
  InstitutionId institution;
  PersonId person;
  DeviceId device;          // chosen by the new device
  std::string person_name;  // empty for kDevice
  std::string profession;   // the certificate's name (crypto/pki/profession.h); empty for kDevice
  PublicKey signing_key{};  // Ed25519
  PublicKey device_key{};   // X25519
  PublicKey tls_key{};      // Ed25519
  std::optional<PublicKey> person_archive_key;       // X25519; none for kDevice
  std::optional<PublicKey> institution_ca_key;       // Ed25519; kInstitution only
  std::optional<PublicKey> institution_archive_key;  // X25519; kInstitution only
  Millis created_at;

  friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

// The private keys that prove the public ones; `ca` for kInstitution only.
struct JoinKeys {
  const SigningKey& signing;
  const SigningKey& tls;
  const SigningKey* ca = nullptr;
};

// Bytes of renkei.seal.v1.SignedJoinRequest. `secret`: the invitation's. Keys that do not match the
// request, or fields that the purpose does not have, are our bug.
Bytes MakeJoinRequest(const JoinRequest& request, const JoinKeys& keys, const SecretBytes& secret);

// The structure only: nothing in it is to be believed before VerifyJoinRequest.
// kMalformed; kTooLarge over kMaxSignedJoinRequestBytes; kUnsupported: a later version.
Result<JoinRequest> ParseJoinRequest(ByteView signed_request);

// As ParseJoinRequest, and: kAuthFailed unless the MAC is of this secret and every key signed.
// Whether the request fits the invitation (ticket, person, purpose) is the caller's to compare.
Result<JoinRequest> VerifyJoinRequest(ByteView signed_request, const SecretBytes& secret);

}  // namespace renkei::seal

#endif  // RENKEI_CRYPTO_SEAL_JOIN_REQUEST_H_
