#include "server/core/usage.h"

#include "crypto/thread/closing.h"
#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"

namespace renkei::server {
namespace {

// Whether `bytes` more of this owner fit; never wraps around.
Result<bool> Fits(ReadTransaction& transaction, UsageOf whose, const ByteArray<kIdBytes>& id,
                  std::uint64_t bytes, std::uint64_t limit) {
  RENKEI_ASSIGN(const std::uint64_t there, transaction.StoredBytes(whose, id));
  return there <= limit && bytes <= limit - there;
}

}  // namespace

std::uint64_t BytesOfRecord(const thread::RecordHeader& header, std::size_t record_bytes) {
  const bool is_alert = header.alert_plan_hash != Hash32{};
  return BytesOfRow(record_bytes) + (is_alert ? kAlertBytes : 0);
}

std::uint64_t BytesOfCommit(const thread::Card& card, std::size_t payload_bytes) {
  return BytesOfRow(payload_bytes) + card.recipients.size() * kEnvelopeBytes;
}

std::optional<Payer> PayerOf(const thread::Card& card, const DeviceId& device) {
  const thread::CardMember* member = thread::FindMember(card, device);
  return member != nullptr ? std::optional(Payer{member->person.institution, device})
                           : std::nullopt;
}

Result<std::optional<EntryCost>> CostOfEntry(thread::EntryKind kind, ByteView payload,
                                             const thread::Card& in_force) {
  std::optional<Payer> payer;
  std::uint64_t bytes = 0;
  switch (kind) {
    case thread::EntryKind::kCommit:
      payer = PayerOf(in_force, in_force.committer_device);
      bytes = BytesOfCommit(in_force, payload.size());
      break;
    case thread::EntryKind::kRecord: {
      RENKEI_ASSIGN(const thread::RecordHeader header, thread::ParseRecordHeader(payload));
      payer = PayerOf(in_force, header.sender_device);
      bytes = BytesOfRecord(header, payload.size());
      break;
    }
    case thread::EntryKind::kPack: {
      RENKEI_ASSIGN(const thread::SignedPackNotice notice, thread::ParsePackNotice(payload));
      payer = PayerOf(in_force, notice.notice.sender_device);
      bytes = BytesOfRow(payload.size());
      break;
    }
    case thread::EntryKind::kClosing: {
      RENKEI_ASSIGN(const thread::SignedClosingNotice notice, thread::ParseClosingNotice(payload));
      payer = PayerOf(in_force, notice.notice.sender_device);
      bytes = BytesOfRow(payload.size());
      break;
    }
    case thread::EntryKind::kRelayNote:
      break;
  }
  return payer ? std::optional(EntryCost{*payer, bytes}) : std::nullopt;
}

Status Quota::Charge(WriteTransaction& transaction, const Payer& payer, std::uint64_t bytes,
                     Weight weight) const {
  const std::uint64_t reserve = weight == Weight::kMustGetThrough ? kStoredReserve : 0;
  if (payer.device) {
    RENKEI_ASSIGN(const bool fits, Fits(transaction, UsageOf::kDevice, payer.device->bytes, bytes,
                                        limits_.device_bytes + reserve));
    if (!fits) {
      return Error(Code::kThrottled, kDeviceIsFull);
    }
  }
  RENKEI_ASSIGN(const bool fits, Fits(transaction, UsageOf::kInstitution, payer.institution.bytes,
                                      bytes, limits_.institution_bytes + reserve));
  if (!fits) {
    return Error(Code::kThrottled, kInstitutionIsFull);
  }
  return CountStored(transaction, payer, static_cast<std::int64_t>(bytes));
}

Status CountStored(WriteTransaction& transaction, const Payer& payer, std::int64_t more) {
  if (payer.device) {
    RENKEI_TRY(transaction.AddStoredBytes(UsageOf::kDevice, payer.device->bytes, more));
  }
  return transaction.AddStoredBytes(UsageOf::kInstitution, payer.institution.bytes, more);
}

Status UncountWelcome(WriteTransaction& transaction, const GoneWelcome& welcome) {
  RENKEI_ASSIGN(const std::optional<EntryRow> entry,
                transaction.FindEntry(welcome.case_id, welcome.seq));
  if (!entry) {
    return Ok();
  }
  const auto commit = thread::ParseCommitPayload(entry->payload);
  if (!commit.ok()) {
    return Error(Code::kCorrupt, "usage: the commit of a welcome cannot be read");
  }
  const thread::Card& card = commit->card.card;
  const auto payer = PayerOf(card, card.committer_device);
  return payer ? CountStored(transaction, *payer,
                             -static_cast<std::int64_t>(BytesOfRow(welcome.bytes)))
               : Ok();
}

Status UncountGroupInfo(WriteTransaction& transaction, const CaseId& case_id,
                        const thread::Card* in_force) {
  const auto payer =
      in_force != nullptr ? PayerOf(*in_force, in_force->committer_device) : std::optional<Payer>();
  if (!payer) {
    return Ok();
  }
  RENKEI_ASSIGN(const std::optional<Bytes> there, transaction.FindGroupInfo(case_id));
  return there ? CountStored(transaction, *payer,
                             -static_cast<std::int64_t>(BytesOfRow(there->size())))
               : Ok();
}

}  // namespace renkei::server
