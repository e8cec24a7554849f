#include "crypto/seal/join_request.h"

#include "crypto/base/hash.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/labels.h"

namespace renkei::seal {
namespace {

using thread::FieldReader;
using thread::FieldWriter;

constexpr std::size_t kMaxNameBytes = 256;

struct SignedParts {
  ByteView request;
  ByteView signature;
  ByteView tls_signature;
  ByteView ca_signature;
  ByteView mac;
};

Hash32 Mac(ByteView request, const SecretBytes& secret) {
  const SecretBytes key = HkdfExpand(secret.Expose(), AsBytes(labels::kJoinMac), kHashBytes);
  return HmacSha256(key.Expose(), {request});
}

ByteView OrEmpty(const std::optional<PublicKey>& key) {
  return key.has_value() ? ByteView(*key) : ByteView();
}

// Which keys and names each purpose has: nothing more, nothing less.
bool FitsPurpose(const JoinRequest& request) {
  const bool device = request.purpose == InvitationPurpose::kDevice;
  const bool institution = request.purpose == InvitationPurpose::kInstitution;
  return request.person_name.empty() == device && request.profession.empty() == device &&
         request.person_archive_key.has_value() == !device &&
         request.institution_ca_key.has_value() == institution &&
         request.institution_archive_key.has_value() == institution &&
         request.person_name.size() <= kMaxNameBytes && request.profession.size() <= kMaxNameBytes;
}

Bytes EncodeRequest(const JoinRequest& request) {
  return thread::Encode([&request](FieldWriter& out) {
    out.U64(1, 1);
    out.U64(2, static_cast<std::uint64_t>(request.purpose));
    out.Blob(3, request.ticket.view());
    out.Blob(4, request.region.view());
    out.Blob(5, request.institution.view());
    out.Blob(6, request.person.view());
    out.Blob(7, request.device.view());
    out.Blob(8, AsBytes(request.person_name));
    out.Blob(9, AsBytes(request.profession));
    out.Blob(10, request.signing_key);
    out.Blob(11, request.device_key);
    out.Blob(12, request.tls_key);
    out.Blob(13, OrEmpty(request.person_archive_key));
    out.Blob(14, OrEmpty(request.institution_ca_key));
    out.Blob(15, OrEmpty(request.institution_archive_key));
    out.Time(16, request.created_at);
  });
}

Result<JoinRequest> DecodeRequest(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(thread::CheckVersion(in.U32(1)));
  const std::uint64_t purpose = in.U64(2);
  JoinRequest out;
  out.ticket = in.Read<TicketId>(3);
  out.region = in.Read<RegionId>(4);
  out.institution = in.Read<InstitutionId>(5);
  out.person = in.Read<PersonId>(6);
  out.device = in.Read<DeviceId>(7);
  const ByteView name = in.Blob(8);
  const ByteView profession = in.Blob(9);
  out.signing_key = in.Fixed<kPublicKeyBytes>(10);
  out.device_key = in.Fixed<kPublicKeyBytes>(11);
  out.tls_key = in.Fixed<kPublicKeyBytes>(12);
  out.person_archive_key = in.Maybe<kPublicKeyBytes>(13);
  out.institution_ca_key = in.Maybe<kPublicKeyBytes>(14);
  out.institution_archive_key = in.Maybe<kPublicKeyBytes>(15);
  out.created_at = in.Time(16);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "join request: not the one encoding")));
  if (purpose < 1 || purpose > 3) {
    return Error(Code::kMalformed, "join request: purpose");
  }
  out.purpose = static_cast<InvitationPurpose>(purpose);
  if (!thread::IsUtf8(name) || !thread::IsUtf8(profession)) {
    return Error(Code::kMalformed, "join request: text is not UTF-8");
  }
  out.person_name = ToString(name);
  out.profession = ToString(profession);
  if (!FitsPurpose(out)) {
    return Error(Code::kMalformed, "join request: fields do not fit the purpose");
  }
  return out;
}

Result<SignedParts> Split(ByteView signed_request) {
  if (signed_request.size() > kMaxSignedJoinRequestBytes) {
    return Error(Code::kTooLarge, "join request: too large");
  }
  FieldReader in(signed_request);
  SignedParts out;
  out.request = in.Blob(1);
  out.signature = in.Blob(2);
  out.tls_signature = in.Blob(3);
  out.ca_signature = in.Blob(4);
  out.mac = in.Blob(5);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "join request: not the one encoding")));
  return out;
}

}  // namespace

Bytes MakeJoinRequest(const JoinRequest& request, const JoinKeys& keys, const SecretBytes& secret) {
  const bool has_ca = request.institution_ca_key.has_value();
  RENKEI_CHECK(FitsPurpose(request) && has_ca == (keys.ca != nullptr));
  RENKEI_CHECK(keys.signing.public_key() == request.signing_key);
  RENKEI_CHECK(keys.tls.public_key() == request.tls_key);
  RENKEI_CHECK(!has_ca || keys.ca->public_key() == *request.institution_ca_key);
  const Bytes bytes = EncodeRequest(request);
  return thread::Encode([&](FieldWriter& out) {
    out.Blob(1, bytes);
    out.Blob(2, keys.signing.SignLabelled(labels::kJoinRequest, bytes));
    out.Blob(3, keys.tls.SignLabelled(labels::kJoinRequestTls, bytes));
    if (keys.ca != nullptr) {
      out.Blob(4, keys.ca->SignLabelled(labels::kJoinRequestCa, bytes));
    }
    out.Blob(5, Mac(bytes, secret));
  });
}

Result<JoinRequest> ParseJoinRequest(ByteView signed_request) {
  RENKEI_ASSIGN(const SignedParts parts, Split(signed_request));
  return DecodeRequest(parts.request);
}

Result<JoinRequest> VerifyJoinRequest(ByteView signed_request, const SecretBytes& secret) {
  RENKEI_ASSIGN(const SignedParts parts, Split(signed_request));
  RENKEI_ASSIGN(JoinRequest request, DecodeRequest(parts.request));
  if (!Equal(Mac(parts.request, secret), parts.mac)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  RENKEI_TRY(
      VerifyLabelled(request.signing_key, labels::kJoinRequest, parts.request, parts.signature));
  RENKEI_TRY(
      VerifyLabelled(request.tls_key, labels::kJoinRequestTls, parts.request, parts.tls_signature));
  if (request.institution_ca_key.has_value()) {
    RENKEI_TRY(VerifyLabelled(*request.institution_ca_key, labels::kJoinRequestCa, parts.request,
                              parts.ca_signature));
  } else if (!parts.ca_signature.empty()) {
    return Error(Code::kMalformed, "join request: fields do not fit the purpose");
  }
  return request;
}

}  // namespace renkei::seal
