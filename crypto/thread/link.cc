#include "crypto/thread/link.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

Bytes SerializeLink(const Link& link) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, link.person.institution.view());
    out.Blob(3, link.person.person.view());
    out.Blob(4, link.new_device.view());
    out.Blob(5, link.signing_key);
    out.Blob(6, link.device_key);
    out.Blob(7, link.tls_key);
    out.Blob(8, link.linking_device.view());
    out.Time(9, link.created_at);
    out.Blob(10, link.package_hash);
  });
}

Status CheckLink(const Link& link, ByteView certificate) {
  if (link.new_device == link.linking_device) {
    return Error(Code::kMalformed, "link: a device links itself");
  }
  if (certificate.empty() || certificate.size() > kMaxCertificateBytes) {
    return Error(Code::kMalformed, "link: length of the linking certificate");
  }
  return Ok();
}

Result<Link> ParseLink(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  Link link;
  link.person.institution = in.Read<InstitutionId>(2);
  link.person.person = in.Read<PersonId>(3);
  link.new_device = in.Read<DeviceId>(4);
  link.signing_key = in.Fixed<kPublicKeyBytes>(5);
  link.device_key = in.Fixed<kPublicKeyBytes>(6);
  link.tls_key = in.Fixed<kPublicKeyBytes>(7);
  link.linking_device = in.Read<DeviceId>(8);
  link.created_at = in.Time(9);
  link.package_hash = in.Fixed<kHashBytes>(10);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link: not the one encoding of a link")));
  return link;
}

}  // namespace

Result<Bytes> MakeLink(const Link& link, const SigningKey& key, ByteView linking_certificate) {
  RENKEI_TRY(CheckLink(link, linking_certificate));
  const Bytes bytes = SerializeLink(link);
  const Signature signature = key.SignLabelled(labels::kDeviceLink, bytes);
  return Encode([&](FieldWriter& out) {
    out.Blob(1, bytes);
    out.Blob(2, signature);
    out.Blob(3, linking_certificate);
  });
}

Result<SignedLink> ParseSignedLink(ByteView signed_link) {
  if (signed_link.size() > kMaxSignedLinkBytes) {
    return Error(Code::kMalformed, "link: too long");
  }
  FieldReader in(signed_link);
  SignedLink out;
  out.link_bytes = ToBytes(in.Blob(1));
  out.signature = in.Fixed<kSignatureBytes>(2);
  out.linking_certificate = ToBytes(in.Blob(3));
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "link: not the one encoding")));
  RENKEI_ASSIGN(out.link, ParseLink(out.link_bytes));
  RENKEI_TRY(CheckLink(out.link, out.linking_certificate));
  return out;
}

Status VerifyLink(const SignedLink& signed_link, const Signer& linking) {
  if (!Equal(Sha256(signed_link.linking_certificate), linking.certificate_hash)) {
    return Error(Code::kAuthFailed, "authentication failed");
  }
  RENKEI_TRY(VerifyLabelled(linking.key, labels::kDeviceLink, signed_link.link_bytes,
                            signed_link.signature));
  if (signed_link.link.linking_device != linking.device) {
    return Error(Code::kDenied, "link: signed by another device than it says");
  }
  if (signed_link.link.person != linking.person) {
    return Error(Code::kDenied, "link: signed for another person's device");
  }
  return Ok();
}

}  // namespace renkei::thread
