#include "crypto/thread/record_header.h"

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

bool CiphertextFits(std::size_t size) {
  return size >= kMinCiphertextBytes && size <= kMaxCiphertextBytes;
}

RecordHeader ReadHeader(FieldReader& in) {
  RecordHeader header;
  header.case_id = in.Read<CaseId>(2);
  header.at.generation = in.U32(3);
  header.at.epoch = in.U64(4);
  header.epoch_id = in.Fixed<kHashBytes>(5);
  header.record_id = in.Read<RecordId>(6);
  header.sender_device = in.Read<DeviceId>(7);
  return header;
}

Status CheckEpoch(const EpochRef& sealed, const EpochRef& in_force) {
  if (sealed < in_force) {
    return Error(Code::kStaleEpoch, "record: sealed in an epoch that is over");
  }
  if (sealed > in_force) {
    return Error(Code::kFutureEpoch, "record: sealed in an epoch that is not in force yet");
  }
  return Ok();
}

// `ciphertext` points into `bytes`.
Result<SealedRecord> ParseOutside(ByteView bytes, ByteView& ciphertext) {
  if (bytes.size() > kMaxSealedRecordBytes) {
    return Error(Code::kTooLarge, "record: too large");
  }
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  SealedRecord record;
  record.header = ReadHeader(in);
  const std::uint32_t urgency = in.U32(8);
  record.header.alert_plan_hash = in.Fixed<kHashBytes>(9);
  record.header.seen_seq = in.U64(10);
  record.header.seen_hash = in.Fixed<kHashBytes>(11);
  record.nonce = in.Fixed<kRecordNonceBytes>(12);
  ciphertext = in.Blob(13);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "record: not the one encoding")));
  if (urgency > 1) {
    return Error(Code::kUnsupported, "record: an urgency of a later version");
  }
  if (!CiphertextFits(ciphertext.size())) {
    return Error(Code::kMalformed, "record: length of the ciphertext");
  }
  record.header.urgency = static_cast<Urgency>(urgency);
  return record;
}

}  // namespace

Bytes RecordData(const RecordHeader& header) {
  Bytes out;
  out.reserve(kRecordDataBytes);
  Append(out, AsBytes(labels::kRecordData));
  AppendU8(out, 1);
  Append(out, header.case_id.view());
  AppendU32(out, header.at.generation);
  AppendU64(out, header.at.epoch);
  Append(out, header.epoch_id);
  Append(out, header.record_id.view());
  Append(out, header.sender_device.view());
  AppendU8(out, static_cast<std::uint8_t>(header.urgency));
  Append(out, header.alert_plan_hash);
  AppendU64(out, header.seen_seq);
  Append(out, header.seen_hash);
  RENKEI_CHECK(out.size() == kRecordDataBytes);
  return out;
}

Bytes SerializeSealedRecord(const SealedRecord& record) {
  RENKEI_CHECK(CiphertextFits(record.ciphertext.size()));
  const RecordHeader& header = record.header;
  return Encode([&](FieldWriter& out) {
    out.U64(1, 1);
    out.Blob(2, header.case_id.view());
    out.U64(3, header.at.generation);
    out.U64(4, header.at.epoch);
    out.Blob(5, header.epoch_id);
    out.Blob(6, header.record_id.view());
    out.Blob(7, header.sender_device.view());
    out.U64(8, static_cast<std::uint64_t>(header.urgency));
    out.Blob(9, header.alert_plan_hash);
    out.U64(10, header.seen_seq);
    out.Blob(11, header.seen_hash);
    out.Blob(12, record.nonce);
    out.Blob(13, record.ciphertext);
  });
}

Result<SealedRecord> ParseSealedRecord(ByteView bytes) {
  ByteView ciphertext;
  RENKEI_ASSIGN(SealedRecord record, ParseOutside(bytes, ciphertext));
  record.ciphertext = ToBytes(ciphertext);
  return record;
}

Result<RecordHeader> ParseRecordHeader(ByteView bytes) {
  ByteView ciphertext;
  RENKEI_ASSIGN(const SealedRecord record, ParseOutside(bytes, ciphertext));
  return record.header;
}

Status JudgeRecord(const RecordHeader& header, const Card& in_force,
                   const std::optional<Hash32>& seen_hash) {
  if (header.case_id != in_force.case_id) {
    return Error(Code::kMalformed, "record: of another case");
  }
  RENKEI_TRY(CheckEpoch(header.at, in_force.at));
  if (header.epoch_id != in_force.epoch_id) {
    return Error(Code::kMalformed, "record: epoch id is not the card's");
  }
  if (FindMember(in_force, header.sender_device) == nullptr) {
    return Error(Code::kDenied, "record: the sender is no member");
  }
  if (!seen_hash || *seen_hash != header.seen_hash) {
    return Error(Code::kConflict, "record: what the sender has seen is not this thread");
  }
  return Ok();
}

}  // namespace renkei::thread
