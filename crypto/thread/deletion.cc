#include "crypto/thread/deletion.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/signed_bytes.h"

namespace renkei::thread {
namespace {

constexpr Error kNotSigned(Code::kMalformed, "deletion: not a signed certificate");

Bytes Serialize(const DeletionCertificate& certificate) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, certificate.case_id.view());
    out.U64(3, certificate.head.seq);
    out.Blob(4, certificate.head.hash);
    out.Time(5, certificate.head.received_at);
    out.Time(6, certificate.first_received);
    out.U64(7, certificate.bytes);
    out.Blob(8, certificate.closing);
    out.U64(9, certificate.closing_seq);
    out.Time(10, certificate.counted_from);
    out.U64(11, certificate.years);
    out.Time(12, certificate.announced_at);
    out.Time(13, certificate.deleted_at);
    out.Blob(14, certificate.incarnation.view());
  });
}

Status CheckCertificate(const DeletionCertificate& certificate) {
  const auto closing = ParseClosingNotice(certificate.closing);
  if (!closing.ok() || closing->notice.case_id != certificate.case_id ||
      closing->notice.action != ClosingAction::kClose) {
    return Error(Code::kMalformed, "deletion: nobody ended this case");
  }
  if (certificate.years < closing->notice.keep_years || certificate.years > kMaxKeepYears ||
      certificate.deleted_at < KeptUntil(certificate.counted_from, certificate.years) ||
      certificate.announced_at > certificate.deleted_at - kMinDeletionNotice) {
    return Error(Code::kMalformed, "deletion: before its time");
  }
  return Ok();
}

Result<DeletionCertificate> Parse(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  DeletionCertificate out;
  out.case_id = in.Read<CaseId>(2);
  out.head.seq = in.U64(3);
  out.head.hash = in.Fixed<kHashBytes>(4);
  out.head.received_at = in.Time(5);
  out.first_received = in.Time(6);
  out.bytes = in.U64(7);
  out.closing = ToBytes(in.Blob(8));
  out.closing_seq = in.U64(9);
  out.counted_from = in.Time(10);
  out.years = in.U32(11);
  out.announced_at = in.Time(12);
  out.deleted_at = in.Time(13);
  out.incarnation = in.Read<IncarnationId>(14);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "deletion: not the one encoding")));
  RENKEI_TRY(CheckCertificate(out));
  return out;
}

}  // namespace

Result<Bytes> MakeDeletionCertificate(const DeletionCertificate& certificate,
                                      const SigningKey& relay_key) {
  RENKEI_TRY(CheckCertificate(certificate));
  return SignBytes(labels::kDeletionCertificate, Serialize(certificate), relay_key);
}

Result<DeletionCertificate> ReadDeletionCertificate(ByteView signed_certificate) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_certificate, kMaxSignedDeletionBytes, kNotSigned));
  return Parse(parts.content);
}

Result<DeletionCertificate> VerifyDeletionCertificate(ByteView signed_certificate,
                                                      ByteView relay_key) {
  RENKEI_ASSIGN(DeletionCertificate out, ReadDeletionCertificate(signed_certificate));
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_certificate, kMaxSignedDeletionBytes, kNotSigned));
  RENKEI_TRY(
      VerifyLabelled(relay_key, labels::kDeletionCertificate, parts.content, parts.signature));
  return out;
}

}  // namespace renkei::thread
