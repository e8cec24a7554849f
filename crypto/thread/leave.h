// A person's signed request to leave a case (crypto/README.md "Leave request"). A committer cannot
// remove itself (RFC 9420 §12.2), so the next who commits carries it out and puts it on the card.
// Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_LEAVE_H_
#define RENKEI_CRYPTO_THREAD_LEAVE_H_

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxSignedLeaveBytes = 512;

struct LeaveRequest {
  CaseId case_id;
  EpochRef at;       // in force when it was made
  PersonRef person;  // all of whose devices leave
  DeviceId device;   // the one that signs
  Millis created_at;

  friend bool operator==(const LeaveRequest&, const LeaveRequest&) = default;
};

struct SignedLeaveRequest {
  LeaveRequest request;
  Bytes request_bytes;  // the exact bytes that are signed
  Signature signature{};
};

// Bytes of renkei.seal.v1.SignedLeaveRequest.
Bytes MakeLeaveRequest(const LeaveRequest& request, const SigningKey& key);
// Structure only. kMalformed: not the one encoding. kUnsupported: a later version.
Result<SignedLeaveRequest> ParseLeaveRequest(ByteView signed_request);
// `signer`: the device's verified certificate. kAuthFailed: not its signature. kDenied: the
// certificate is of another device or person than the request says.
Status VerifyLeaveRequest(const SignedLeaveRequest& request, const Signer& signer);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_LEAVE_H_
