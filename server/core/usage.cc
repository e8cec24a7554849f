#include "server/core/usage.h"

#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/record_header.h"

namespace renkei::server {
namespace {

bool IsOver(const Usage& used, const Usage& more, std::uint64_t bytes, std::uint64_t threads) {
  return used.kept + used.passing + more.kept + more.passing > bytes ||
         (more.threads > 0 && used.threads + more.threads > threads);
}

}  // namespace

Usage UsageOfRow(std::size_t bytes) {
  return {bytes + kRowBytes, 0, 0};
}

Usage UsageOfCommit(const thread::Card& card, std::size_t payload_bytes) {
  Usage out = UsageOfRow(payload_bytes);
  out.kept += card.recipients.size() * kEnvelopeBytes;
  out.threads = card.at == thread::EpochRef{} ? 1 : 0;
  return out;
}

Result<Usage> UsageOfEntry(thread::EntryKind kind, ByteView payload) {
  if (kind != thread::EntryKind::kCommit) {
    return UsageOfRow(payload.size());
  }
  RENKEI_ASSIGN(const auto commit, thread::ParseCommitPayload(payload));
  return UsageOfCommit(commit.card.card, payload.size());
}

Result<std::optional<DeviceId>> PayerOf(thread::EntryKind kind, ByteView payload) {
  switch (kind) {
    case thread::EntryKind::kCommit: {
      RENKEI_ASSIGN(const auto commit, thread::ParseCommitPayload(payload));
      return std::optional(commit.card.card.committer_device);
    }
    case thread::EntryKind::kRecord: {
      RENKEI_ASSIGN(const auto record, thread::ParseSealedRecord(payload));
      return std::optional(record.header.sender_device);
    }
    case thread::EntryKind::kPack: {
      RENKEI_ASSIGN(const auto notice, thread::ParsePackNotice(payload));
      return std::optional(notice.notice.sender_device);
    }
    case thread::EntryKind::kRelayNote:
      break;
  }
  return std::optional<DeviceId>();
}

Status Quota::Charge(WriteTransaction& transaction, const Caller& caller, const Usage& more) const {
  RENKEI_ASSIGN(const Usage device, transaction.FindUsage(Owner::kDevice, caller.device.bytes));
  RENKEI_ASSIGN(const Usage institution,
                transaction.FindUsage(Owner::kInstitution, caller.person.institution.bytes));
  if (IsOver(device, more, limits_.device_bytes, limits_.device_threads) ||
      IsOver(institution, more, limits_.institution_bytes, limits_.institution_threads)) {
    return Error(Code::kThrottled, "quota: this device or institution keeps too much here");
  }
  return transaction.AddUsage(caller.device, caller.person.institution, more);
}

}  // namespace renkei::server
