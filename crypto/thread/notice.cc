#include "crypto/thread/notice.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/signed_bytes.h"

namespace renkei::thread {
namespace {

constexpr Error kNotSigned(Code::kMalformed, "notice: not a signed notice");

Bytes SerializeNotice(const PackNotice& notice) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, notice.case_id.view());
    out.Blob(3, notice.key_id);
    out.Blob(4, notice.sender_device.view());
    out.Blob(5, notice.pack_hash);
    out.U64(6, notice.first.generation);
    out.U64(7, notice.first.epoch);
    out.U64(8, notice.last.generation);
    out.U64(9, notice.last.epoch);
    out.Time(10, notice.created_at);
  });
}

Status CheckRange(const PackNotice& notice) {
  if (notice.last < notice.first) {
    return Error(Code::kMalformed, "notice: the range ends before it begins");
  }
  return Ok();
}

Result<PackNotice> ParseNotice(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  PackNotice notice;
  notice.case_id = in.Read<CaseId>(2);
  notice.key_id = in.Fixed<kHashBytes>(3);
  notice.sender_device = in.Read<DeviceId>(4);
  notice.pack_hash = in.Fixed<kHashBytes>(5);
  notice.first.generation = in.U32(6);
  notice.first.epoch = in.U64(7);
  notice.last.generation = in.U32(8);
  notice.last.epoch = in.U64(9);
  notice.created_at = in.Time(10);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "notice: not the one encoding of a notice")));
  RENKEI_TRY(CheckRange(notice));
  return notice;
}

Bytes SerializeNote(const RelayNote& note) {
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, note.case_id.view());
    out.U64(3, note.kind);
    out.Blob(4, note.subject);
    out.Blob(5, note.actor ? note.actor->view() : ByteView());
    out.Time(6, note.at);
    if (note.alert) {
      out.Message(7, [&](FieldWriter& alert) { WriteAlertNote(alert, *note.alert); });
    }
  });
}

Status CheckNote(const RelayNote& note) {
  if (note.kind == 0) {
    return Error(Code::kMalformed, "relay note: no kind");
  }
  const bool is_alert = note.kind == static_cast<std::uint32_t>(RelayNoteKind::kAlertStep);
  if (is_alert != note.alert.has_value()) {
    return Error(Code::kMalformed, "relay note: not what its kind has");
  }
  if (!is_alert) {
    return Ok();
  }
  if ((note.alert->event == AlertEvent::kAcknowledged) != note.actor.has_value()) {
    return Error(Code::kMalformed, "relay note: an actor that does not fit");
  }
  return ValidateAlertNote(*note.alert);
}

Result<RelayNote> ParseNote(ByteView bytes) {
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  RelayNote note;
  note.case_id = in.Read<CaseId>(2);
  note.kind = in.U32(3);
  note.subject = in.Fixed<kIdBytes>(4);
  if (const auto actor = in.Maybe<kIdBytes>(5)) {
    note.actor = DeviceId{*actor};
  }
  note.at = in.Time(6);
  const ByteView alert = in.Blob(7);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "relay note: not the one encoding of a note")));
  if (!alert.empty()) {
    RENKEI_ASSIGN(note.alert, ParseAlertNote(alert));
  }
  RENKEI_TRY(CheckNote(note));
  return note;
}

}  // namespace

Result<Bytes> MakePackNotice(const PackNotice& notice, const SigningKey& key) {
  RENKEI_TRY(CheckRange(notice));
  return SignBytes(labels::kPackNotice, SerializeNotice(notice), key);
}

Result<SignedPackNotice> ParsePackNotice(ByteView signed_notice) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_notice, kMaxSignedNoticeBytes, kNotSigned));
  SignedPackNotice out;
  RENKEI_ASSIGN(out.notice, ParseNotice(parts.content));
  out.notice_bytes = ToBytes(parts.content);
  out.signature = parts.signature;
  return out;
}

Status VerifyPackNotice(const SignedPackNotice& notice, ByteView signing_key) {
  return VerifyLabelled(signing_key, labels::kPackNotice, notice.notice_bytes, notice.signature);
}

Status JudgePackNotice(const PackNotice& notice, const Card& in_force) {
  if (notice.case_id != in_force.case_id) {
    return Error(Code::kMalformed, "notice: of another case");
  }
  if (FindMember(in_force, notice.sender_device) == nullptr) {
    return Error(Code::kDenied, "notice: the sender is no member");
  }
  if (FindRecipientKey(in_force, notice.key_id) == nullptr) {
    return Error(Code::kDenied, "notice: the key is no recipient of this case");
  }
  if (notice.last > in_force.at) {
    return Error(Code::kDenied, "notice: an epoch that has not begun");
  }
  return Ok();
}

Result<Bytes> MakeRelayNote(const RelayNote& note, const SigningKey& relay_key) {
  RENKEI_TRY(CheckNote(note));
  return SignBytes(labels::kRelayNote, SerializeNote(note), relay_key);
}

Result<RelayNote> ParseRelayNote(ByteView signed_note) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_note, kMaxSignedRelayNoteBytes, kNotSigned));
  return ParseNote(parts.content);
}

Result<RelayNote> VerifyRelayNote(ByteView signed_note, ByteView relay_key) {
  RENKEI_ASSIGN(const SignedBytes parts,
                SplitSigned(signed_note, kMaxSignedRelayNoteBytes, kNotSigned));
  RENKEI_ASSIGN(const RelayNote note, ParseNote(parts.content));
  RENKEI_TRY(VerifyLabelled(relay_key, labels::kRelayNote, parts.content, parts.signature));
  return note;
}

}  // namespace renkei::thread
