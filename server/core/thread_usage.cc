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

Result<bool> ThreadWalk::ReadOn(ReadTransaction& transaction) {
  RENKEI_ASSIGN(const auto page, transaction.ReadEntries(case_id_, next_, extent_.head.seq,
                                                         kPageEntries, kPageBytes));
  if (page.empty()) {
    return Error(Code::kCorrupt, "usage: a thread ends before its head");
  }
  if (next_ == 1) {
    extent_.first_received = page.front().received_at;
  }
  for (const EntryRow& entry : page) {
    RENKEI_TRY(Count(transaction, entry));
  }
  next_ = page.back().seq + 1;
  return next_ > extent_.head.seq;
}

Status ThreadWalk::Count(ReadTransaction& transaction, const EntryRow& entry) {
  extent_.bytes += entry.payload.size();
  const auto cost = usage_.Next(entry.kind, entry.payload);
  if (!cost) {
    return Ok();
  }
  std::uint64_t& sum = extent_.costs[cost->payer];
  sum += cost->bytes;
  if (entry.kind == thread::EntryKind::kPack) {
    RENKEI_ASSIGN(const std::uint64_t pack, BytesOfPack(transaction, case_id_, entry));
    sum += pack;
  }
  return Ok();
}

Status UncountThread(WriteTransaction& transaction, const CaseId& case_id,
                     const thread::Card& in_force, const ThreadExtent& extent) {
  RENKEI_ASSIGN(const auto welcomes, transaction.DeleteMailOf(case_id));
  for (const GoneWelcome& welcome : welcomes) {
    RENKEI_TRY(UncountWelcome(transaction, welcome));
  }
  RENKEI_TRY(UncountGroupInfo(transaction, case_id, &in_force));
  for (const auto& [payer, bytes] : extent.costs) {
    RENKEI_TRY(CountStored(transaction, payer, -static_cast<std::int64_t>(bytes)));
  }
  return Ok();
}

}  // namespace renkei::server
