#include "crypto/thread/deletion.h"
#include "crypto/thread/head.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/notice.h"
#include "tests/fuzz/fuzz.h"

// The small signed messages: pack and closing notice, leave request, relay note, deletion
// certificate, head. A key of zeros signs
// nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace renkei;
  const ByteView input(data, size);
  const PublicKey nobody{};
  if (const auto notice = thread::ParsePackNotice(input)) {
    RENKEI_CHECK(!thread::VerifyPackNotice(*notice, nobody).ok());
  }
  if (const auto leave = thread::ParseLeaveRequest(input)) {
    RENKEI_CHECK(!thread::VerifyLeaveRequest(*leave, thread::Signer{}).ok());
  }
  if (const auto closing = thread::ParseClosingNotice(input)) {
    RENKEI_CHECK(!thread::VerifyClosingNotice(*closing, nobody).ok());
  }
  RENKEI_CHECK(!thread::VerifyDeletionCertificate(input, nobody).ok());
  RENKEI_CHECK(!thread::VerifyRelayNote(input, nobody).ok());
  RENKEI_CHECK(!thread::VerifyHead(input, nobody).ok());
  return 0;
}
