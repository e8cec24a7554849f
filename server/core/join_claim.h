// What a join request asks for, as far as the relay looks: whose it is, and which keys the
// certificates must carry. Whether it comes from whom was invited (the MAC) only who invited can
// tell. The names in it are not read.
#ifndef RENKEI_SERVER_CORE_JOIN_CLAIM_H_
#define RENKEI_SERVER_CORE_JOIN_CLAIM_H_

#include <optional>

#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"

namespace renkei::server {

// The values are those of renkei.seal.v1.TicketPurpose.
enum class Purpose : std::uint8_t { kInstitution = 1, kStaff = 2, kDevice = 3 };

struct JoinClaim {
  Purpose purpose = Purpose::kStaff;
  TicketId ticket;
  RegionId region;
  thread::PersonRef person;
  DeviceId device;
  PublicKey signing_key{};
  PublicKey device_key{};
  PublicKey tls_key{};
  std::optional<PublicKey> person_archive_key;
  std::optional<PublicKey> institution_ca_key;
};

// Bytes of renkei.seal.v1.SignedJoinRequest, 1..kMaxSignedRequestBytes. Every key has signed.
//   kMalformed, kTooLarge, kUnsupported  not a join request; kAuthFailed  a signature is missing
Result<JoinClaim> ReadJoinClaim(ByteView signed_request);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_JOIN_CLAIM_H_
