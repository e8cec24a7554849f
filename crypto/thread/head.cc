#include "crypto/thread/head.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

Bytes SerializeHead(const Head& head) {
  return Encode([&](FieldWriter& out) {
    out.Blob(1, head.case_id.view());
    out.U64(2, head.seq);
    out.Blob(3, head.hash);
    out.Time(4, head.received_at);
    out.Blob(5, head.incarnation.view());
  });
}

Result<Head> ParseHead(ByteView bytes) {
  FieldReader in(bytes);
  Head head;
  head.case_id = in.Read<CaseId>(1);
  head.seq = in.U64(2);
  head.hash = in.Fixed<kHashBytes>(3);
  head.received_at = in.Time(4);
  head.incarnation = in.Read<IncarnationId>(5);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "head: not the one encoding of a head")));
  if (head.received_at < Millis{0}) {
    return Error(Code::kMalformed, "head: time before 1970");
  }
  return head;
}

}  // namespace

Bytes SignHead(const Head& head, const SigningKey& relay_key) {
  const Bytes bytes = SerializeHead(head);
  const Signature signature = relay_key.SignLabelled(labels::kThreadHead, bytes);
  return Encode([&](FieldWriter& out) {
    out.Blob(1, bytes);
    out.Blob(2, signature);
  });
}

Result<Head> VerifyHead(ByteView signed_head, ByteView relay_key) {
  if (signed_head.size() > kMaxSignedHeadBytes) {
    return Error(Code::kMalformed, "head: too long");
  }
  FieldReader in(signed_head);
  const ByteView bytes = in.Blob(1);
  const auto signature = in.Fixed<kSignatureBytes>(2);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "head: not the one encoding")));
  RENKEI_ASSIGN(const Head head, ParseHead(bytes));
  RENKEI_TRY(VerifyLabelled(relay_key, labels::kThreadHead, bytes, signature));
  return head;
}

bool Contradict(const Head& a, const Head& b) {
  const bool same_place =
      a.case_id == b.case_id && a.incarnation == b.incarnation && a.seq == b.seq;
  return same_place && (a.hash != b.hash || a.received_at != b.received_at);
}

}  // namespace renkei::thread
