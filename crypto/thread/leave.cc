#include "crypto/thread/leave.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/signed_bytes.h"

namespace renkei::thread {
namespace {

Bytes SerializeRequest(const LeaveRequest& request) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, request.case_id.view());
    out.U64(3, request.at.generation);
    out.U64(4, request.at.epoch);
    out.Blob(5, request.person.institution.view());
    out.Blob(6, request.person.person.view());
    out.Blob(7, request.device.view());
    out.Time(8, request.created_at);
  });
}

Result<LeaveRequest> ParseRequest(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  LeaveRequest request;
  request.case_id = in.Read<CaseId>(2);
  request.at.generation = in.U32(3);
  request.at.epoch = in.U64(4);
  request.person.institution = in.Read<InstitutionId>(5);
  request.person.person = in.Read<PersonId>(6);
  request.device = in.Read<DeviceId>(7);
  request.created_at = in.Time(8);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "leave: not the one encoding of a request")));
  return request;
}

}  // namespace

Bytes MakeLeaveRequest(const LeaveRequest& request, const SigningKey& key) {
  return SignBytes(labels::kLeaveRequest, SerializeRequest(request), key);
}

Result<SignedLeaveRequest> ParseLeaveRequest(ByteView signed_request) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_request, kMaxSignedLeaveBytes,
                            Error(Code::kMalformed, "leave: not a signed request")));
  SignedLeaveRequest out;
  out.request_bytes = ToBytes(parts.content);
  out.signature = parts.signature;
  RENKEI_ASSIGN(out.request, ParseRequest(out.request_bytes));
  return out;
}

Status VerifyLeaveRequest(const SignedLeaveRequest& request, const Signer& signer) {
  RENKEI_TRY(
      VerifyLabelled(signer.key, labels::kLeaveRequest, request.request_bytes, request.signature));
  if (request.request.device != signer.device || request.request.person != signer.person) {
    return Error(Code::kDenied, "leave: signed by another device or person than it says");
  }
  return Ok();
}

}  // namespace renkei::thread
