#include "crypto/thread/closing.h"

#include <algorithm>
#include <chrono>

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/signed_bytes.h"

namespace renkei::thread {
namespace {

Bytes SerializeNotice(const ClosingNotice& notice) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, notice.case_id.view());
    out.U64(3, notice.at.generation);
    out.U64(4, notice.at.epoch);
    out.U64(5, static_cast<std::uint32_t>(notice.action));
    out.Blob(6, notice.sender_device.view());
    out.U64(7, notice.seen_seq);
    out.Blob(8, notice.seen_hash);
    out.U64(9, notice.keep_years);
    out.Time(10, notice.created_at);
  });
}

Status CheckAction(const ClosingNotice& notice) {
  if (notice.action != ClosingAction::kClose && notice.action != ClosingAction::kReopen) {
    return Error(Code::kUnsupported, "closing: an action of a later version");
  }
  if (notice.keep_years > kMaxKeepYears) {
    return Error(Code::kMalformed, "closing: too many years");
  }
  if (notice.action == ClosingAction::kReopen && notice.keep_years != 0) {
    return Error(Code::kMalformed, "closing: years without an end");
  }
  return Ok();
}

Result<ClosingNotice> ParseNotice(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  ClosingNotice notice;
  notice.case_id = in.Read<CaseId>(2);
  notice.at.generation = in.U32(3);
  notice.at.epoch = in.U64(4);
  notice.action = static_cast<ClosingAction>(in.U32(5));
  notice.sender_device = in.Read<DeviceId>(6);
  notice.seen_seq = in.U64(7);
  notice.seen_hash = in.Fixed<kHashBytes>(8);
  notice.keep_years = in.U32(9);
  notice.created_at = in.Time(10);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "closing: not the one encoding of a notice")));
  RENKEI_TRY(CheckAction(notice));
  return notice;
}

}  // namespace

Result<Bytes> MakeClosingNotice(const ClosingNotice& notice, const SigningKey& key) {
  RENKEI_TRY(CheckAction(notice));
  return SignBytes(labels::kClosingNotice, SerializeNotice(notice), key);
}

Result<SignedClosingNotice> ParseClosingNotice(ByteView signed_notice) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_notice, kMaxSignedClosingBytes,
                            Error(Code::kMalformed, "closing: not a signed notice")));
  SignedClosingNotice out;
  RENKEI_ASSIGN(out.notice, ParseNotice(parts.content));
  out.notice_bytes = ToBytes(parts.content);
  out.signature = parts.signature;
  return out;
}

Status VerifyClosingNotice(const SignedClosingNotice& notice, ByteView signing_key) {
  return VerifyLabelled(signing_key, labels::kClosingNotice, notice.notice_bytes, notice.signature);
}

Status JudgeClosingNotice(const ClosingNotice& notice, const Card& in_force,
                          const std::optional<Hash32>& seen_hash, const Closing& closing) {
  if (notice.case_id != in_force.case_id) {
    return Error(Code::kMalformed, "closing: of another case");
  }
  if (notice.at != in_force.at) {
    return Error(Code::kStaleEpoch, "closing: another epoch is in force");
  }
  const CardMember* sender = FindMember(in_force, notice.sender_device);
  if (sender == nullptr) {
    return Error(Code::kDenied, "closing: the sender is no member");
  }
  if (!IsSteward(in_force.policy, sender->person)) {
    return Error(Code::kDenied, "closing: the sender is no steward");
  }
  if (!seen_hash || *seen_hash != notice.seen_hash) {
    return Error(Code::kConflict, "closing: the position is off the chain");
  }
  if (notice.seen_seq < closing.seq) {
    return Error(Code::kConflict, "closing: the sender has not seen the newest notice");
  }
  if ((notice.action == ClosingAction::kClose) == closing.is_closed) {
    return Error(Code::kConflict, "closing: the case is so already");
  }
  return Ok();
}

Closing AfterNotice(const ClosingNotice& notice, std::uint64_t seq, Millis received_at) {
  return {seq, notice.action == ClosingAction::kClose, notice.keep_years, received_at};
}

Closing AfterRecord(Closing closing, Millis received_at) {
  closing.counted_from = std::max(closing.counted_from, received_at);
  return closing;
}

Millis KeptUntil(Millis from, std::uint32_t years) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  constexpr milliseconds kJapan = std::chrono::hours(9);
  constexpr std::int64_t kCalendar = 250'000'000'000'000;  // about the year 9900
  if (from.value > kCalendar || from.value < -kCalendar) {
    return {INT64_MAX};
  }
  const auto local = std::chrono::sys_time<milliseconds>(milliseconds(from.value)) + kJapan;
  const std::chrono::year_month_day begun(std::chrono::floor<days>(local));
  std::chrono::year_month_day last = begun + std::chrono::years(static_cast<int>(years));
  if (!last.ok()) {
    last = last.year() / std::chrono::March / 1;
  }
  const auto end = std::chrono::sys_days(last) + days(1);
  return {std::chrono::duration_cast<milliseconds>(end.time_since_epoch() - kJapan).count()};
}

}  // namespace renkei::thread
