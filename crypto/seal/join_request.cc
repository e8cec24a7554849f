#include "crypto/seal/join_request.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::seal {
namespace {

constexpr std::size_t kMaxPersonNameBytes = 200;
constexpr std::size_t kMaxProfessionBytes = 64;

bool TextFits(std::string_view text, bool wanted, std::size_t limit) {
  return wanted ? !text.empty() && text.size() <= limit : text.empty();
}

// Which fields a purpose has: a device brings no name and no archive key, because its person has
// them already; only an institution's first person brings the institution's keys.
Status CheckFields(const JoinRequest& request) {
  const bool person = request.purpose != InvitationPurpose::kDevice;
  const bool institution = request.purpose == InvitationPurpose::kInstitution;
  if (!TextFits(request.person_name, person, kMaxPersonNameBytes) ||
      !TextFits(request.profession, person, kMaxProfessionBytes)) {
    return Error(Code::kMalformed, "join request: name or profession");
  }
  if (request.person_archive_key.has_value() != person ||
      request.institution_ca_key.has_value() != institution ||
      request.institution_archive_key.has_value() != institution) {
    return Error(Code::kMalformed, "join request: keys that its purpose does not have, or lacks");
  }
  return Ok();
}

ByteView KeyView(const std::optional<PublicKey>& key) {
  return key ? ByteView(*key) : ByteView();
}

Bytes SerializeRequest(const JoinRequest& request) {
  return thread::Encode([&](thread::FieldWriter& out) {
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
    out.Blob(13, KeyView(request.person_archive_key));
    out.Blob(14, KeyView(request.institution_ca_key));
    out.Blob(15, KeyView(request.institution_archive_key));
    out.Time(16, request.created_at);
  });
}

Result<JoinRequest> ReadRequest(ByteView bytes) {
  thread::FieldReader in(bytes);
  RENKEI_TRY(thread::CheckVersion(in.U32(1)));
  JoinRequest out;
  const std::uint32_t purpose = in.U32(2);
  out.ticket = in.Read<TicketId>(3);
  out.region = in.Read<RegionId>(4);
  out.institution = in.Read<InstitutionId>(5);
  out.person = in.Read<PersonId>(6);
  out.device = in.Read<DeviceId>(7);
  out.person_name = ToString(in.Blob(8));
  out.profession = ToString(in.Blob(9));
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
  if (!thread::IsUtf8(AsBytes(out.person_name)) || !thread::IsUtf8(AsBytes(out.profession))) {
    return Error(Code::kMalformed, "join request: not UTF-8");
  }
  RENKEI_TRY(CheckFields(out));
  return out;
}

// SignedJoinRequest's fields; views into its bytes.
struct Parts {
  ByteView request;
  Signature signature{};
  Signature tls_signature{};
  std::optional<Signature> ca_signature;
  Hash32 mac{};
};

Result<Parts> Split(ByteView signed_request) {
  if (signed_request.size() > kMaxSignedJoinRequestBytes) {
    return Error(Code::kTooLarge, "join request: too large");
  }
  thread::FieldReader in(signed_request);
  Parts out;
  out.request = in.Blob(1);
  out.signature = in.Fixed<kSignatureBytes>(2);
  out.tls_signature = in.Fixed<kSignatureBytes>(3);
  out.ca_signature = in.Maybe<kSignatureBytes>(4);
  out.mac = in.Fixed<kHashBytes>(5);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "join request: not the one signed encoding")));
  return out;
}

struct Parsed {
  Parts parts;
  JoinRequest request;
};

Result<Parsed> Parse(ByteView signed_request) {
  Parsed out;
  RENKEI_ASSIGN(out.parts, Split(signed_request));
  RENKEI_ASSIGN(out.request, ReadRequest(out.parts.request));
  if (out.parts.ca_signature.has_value() != out.request.institution_ca_key.has_value()) {
    return Error(Code::kMalformed, "join request: CA key and CA signature come together");
  }
  return out;
}

Hash32 Mac(const SecretBytes& secret, ByteView request) {
  RENKEI_CHECK(secret.size() == kInvitationSecretBytes);
  const SecretBytes key = HkdfExpand(secret.Expose(), AsBytes(labels::kJoinMac), kHashBytes);
  return HmacSha256(key.Expose(), {request});
}

Status CheckProofs(const Parsed& parsed, const SecretBytes& secret) {
  const Parts& parts = parsed.parts;
  const JoinRequest& request = parsed.request;
  if (!Equal(Mac(secret, parts.request), parts.mac)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  RENKEI_TRY(
      VerifyLabelled(request.signing_key, labels::kJoinRequest, parts.request, parts.signature));
  RENKEI_TRY(
      VerifyLabelled(request.tls_key, labels::kJoinRequestTls, parts.request, parts.tls_signature));
  if (!parts.ca_signature) {
    return Ok();
  }
  return VerifyLabelled(*request.institution_ca_key, labels::kJoinRequestCa, parts.request,
                        *parts.ca_signature);
}

bool KeysMatch(const JoinRequest& request, const JoinKeys& keys) {
  const bool ca_matches = keys.ca == nullptr ? !request.institution_ca_key.has_value()
                                             : request.institution_ca_key == keys.ca->public_key();
  return ca_matches && request.signing_key == keys.signing.public_key() &&
         request.tls_key == keys.tls.public_key();
}

}  // namespace

Bytes MakeJoinRequest(const JoinRequest& request, const JoinKeys& keys, const SecretBytes& secret) {
  RENKEI_CHECK(CheckFields(request).ok() && KeysMatch(request, keys));
  const Bytes bytes = SerializeRequest(request);
  const Signature signature = keys.signing.SignLabelled(labels::kJoinRequest, bytes);
  const Signature tls_signature = keys.tls.SignLabelled(labels::kJoinRequestTls, bytes);
  std::optional<Signature> ca_signature;
  if (keys.ca != nullptr) {
    ca_signature = keys.ca->SignLabelled(labels::kJoinRequestCa, bytes);
  }
  const Hash32 mac = Mac(secret, bytes);
  return thread::Encode([&](thread::FieldWriter& out) {
    out.Blob(1, bytes);
    out.Blob(2, signature);
    out.Blob(3, tls_signature);
    out.Blob(4, ca_signature ? ByteView(*ca_signature) : ByteView());
    out.Blob(5, mac);
  });
}

Result<JoinRequest> ParseJoinRequest(ByteView signed_request) {
  RENKEI_ASSIGN(Parsed parsed, Parse(signed_request));
  return std::move(parsed.request);
}

Result<JoinRequest> VerifyJoinRequest(ByteView signed_request, const SecretBytes& secret) {
  RENKEI_ASSIGN(Parsed parsed, Parse(signed_request));
  RENKEI_TRY(CheckProofs(parsed, secret));
  return std::move(parsed.request);
}

}  // namespace renkei::seal
