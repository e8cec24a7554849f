#include "server/core/join_claim.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "server/core/limits.h"

namespace renkei::server {
namespace {

Status CheckKeys(const JoinClaim& claim) {
  const bool is_person = claim.purpose != Purpose::kDevice;
  const bool is_institution = claim.purpose == Purpose::kInstitution;
  if (claim.person_archive_key.has_value() != is_person ||
      claim.institution_ca_key.has_value() != is_institution) {
    return Error(Code::kMalformed, "join request: keys that its purpose does not have, or lacks");
  }
  return Ok();
}

Result<JoinClaim> ReadClaim(ByteView request) {
  thread::FieldReader in(request);
  RENKEI_TRY(thread::CheckVersion(in.U32(1)));
  JoinClaim out;
  const std::uint32_t purpose = in.U32(2);
  out.ticket = in.Read<TicketId>(3);
  out.region = in.Read<RegionId>(4);
  out.person.institution = in.Read<InstitutionId>(5);
  out.person.person = in.Read<PersonId>(6);
  out.device = in.Read<DeviceId>(7);
  (void)in.Blob(8);
  (void)in.Blob(9);
  out.signing_key = in.Fixed<kPublicKeyBytes>(10);
  out.device_key = in.Fixed<kPublicKeyBytes>(11);
  out.tls_key = in.Fixed<kPublicKeyBytes>(12);
  out.person_archive_key = in.Maybe<kPublicKeyBytes>(13);
  out.institution_ca_key = in.Maybe<kPublicKeyBytes>(14);
  (void)in.Maybe<kPublicKeyBytes>(15);
  (void)in.Time(16);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "join request: not the one encoding")));
  if (purpose < 1 || purpose > 3) {
    return Error(Code::kMalformed, "join request: purpose");
  }
  out.purpose = static_cast<Purpose>(purpose);
  RENKEI_TRY(CheckKeys(out));
  return out;
}

}  // namespace

Result<JoinClaim> ReadJoinClaim(ByteView signed_request) {
  if (signed_request.size() > kMaxSignedRequestBytes) {
    return Error(Code::kTooLarge, "join request: too large");
  }
  thread::FieldReader in(signed_request);
  const ByteView request = in.Blob(1);
  const auto signature = in.Fixed<kSignatureBytes>(2);
  const auto tls_signature = in.Fixed<kSignatureBytes>(3);
  const auto ca_signature = in.Maybe<kSignatureBytes>(4);
  (void)in.Fixed<kHashBytes>(5);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "join request: not the one signed encoding")));
  RENKEI_ASSIGN(JoinClaim claim, ReadClaim(request));
  RENKEI_TRY(VerifyLabelled(claim.signing_key, labels::kJoinRequest, request, signature));
  RENKEI_TRY(VerifyLabelled(claim.tls_key, labels::kJoinRequestTls, request, tls_signature));
  if (ca_signature.has_value() != claim.institution_ca_key.has_value()) {
    return Error(Code::kMalformed, "join request: CA key and CA signature come together");
  }
  if (ca_signature) {
    RENKEI_TRY(
        VerifyLabelled(*claim.institution_ca_key, labels::kJoinRequestCa, request, *ca_signature));
  }
  return claim;
}

}  // namespace renkei::server
