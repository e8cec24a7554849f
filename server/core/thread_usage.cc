#include "server/core/thread_usage.h"

#include "crypto/thread/entry.h"
#include "crypto/thread/notice.h"

namespace renkei::server {
namespace {

constexpr std::size_t kPageEntries = 256;
constexpr std::size_t kPageBytes = std::size_t{4} << 20U;

// Of the pack that this entry announces.
Result<std::uint64_t> BytesOfPack(ReadTransaction& transaction, const CaseId& case_id,
                                  const EntryRow& entry) {
  RENKEI_ASSIGN(const auto notice, thread::ParsePackNotice(entry.payload));
  RENKEI_ASSIGN(const auto packs,
                transaction.ReadPacks(case_id, notice.notice.key_id, entry.seq - 1, 1, kPageBytes));
  return packs.empty() || packs[0].seq != entry.seq ? 0 : BytesOfRow(packs[0].pack.size());
}

}  // namespace

std::optional<EntryCost> ThreadUsage::Next(thread::EntryKind kind, ByteView payload) {
  if (kind == thread::EntryKind::kCommit) {
    auto commit = thread::ParseCommitPayload(payload);
    if (!commit.ok()) {
      return std::nullopt;
    }
    in_force_ = std::move(commit->card.card);
  }
  if (!in_force_) {
    return std::nullopt;
  }
  const auto cost = CostOfEntry(kind, payload, *in_force_);
  return cost.ok() ? *cost : std::nullopt;
}

std::optional<Payer> ThreadUsage::LastCommitter() const {
  return in_force_ ? PayerOf(*in_force_, in_force_->committer_device) : std::optional<Payer>();
}

Status UncountThread(WriteTransaction& transaction, const CaseId& case_id,
                     const thread::Card& in_force) {
  RENKEI_ASSIGN(const auto welcomes, transaction.DeleteMailOf(case_id));
  for (const GoneWelcome& welcome : welcomes) {
    RENKEI_TRY(UncountWelcome(transaction, welcome));
  }
  RENKEI_TRY(UncountGroupInfo(transaction, case_id, &in_force));
  ThreadUsage walk;
  for (std::uint64_t next = 1;;) {
    RENKEI_ASSIGN(const auto page,
                  transaction.ReadEntries(case_id, next, UINT64_MAX, kPageEntries, kPageBytes));
    if (page.empty()) {
      return Ok();
    }
    for (const EntryRow& entry : page) {
      auto cost = walk.Next(entry.kind, entry.payload);
      if (!cost) {
        continue;
      }
      if (entry.kind == thread::EntryKind::kPack) {
        RENKEI_ASSIGN(const std::uint64_t pack, BytesOfPack(transaction, case_id, entry));
        cost->bytes += pack;
      }
      RENKEI_TRY(CountStored(transaction, cost->payer, -static_cast<std::int64_t>(cost->bytes)));
    }
    next = page.back().seq + 1;
  }
}

}  // namespace renkei::server
