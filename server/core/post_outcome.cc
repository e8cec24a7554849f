#include "server/core/post_outcome.h"

#include <array>

namespace renkei::server {
namespace {

std::string_view RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadCard:
      return "bad card";
    case Refusal::kPolicy:
      return "policy";
    case Refusal::kRecipients:
      return "recipients";
    case Refusal::kLinkMissing:
      return "link missing";
    case Refusal::kThreadExists:
      return "thread exists";
    case Refusal::kUnknownThread:
      return "unknown thread";
    case Refusal::kUnknownCertificate:
      return "unknown certificate";
    case Refusal::kBadPosition:
      return "bad position";
    case Refusal::kBadPack:
      return "bad pack";
    case Refusal::kReturning:
      return "returning";
    case Refusal::kNoAlert:
      return "no alert";
    case Refusal::kOwnAlert:
      return "own alert";
    case Refusal::kNotSeen:
      return "not seen";
  }
  return "refused";
}

}  // namespace

Result<std::optional<Acknowledged>> FindByKey(ReadTransaction& transaction, const CaseId& case_id,
                                              const EntryKey& key) {
  RENKEI_ASSIGN(const std::optional<std::uint64_t> seq, transaction.FindEntryKey(case_id, key));
  if (!seq) {
    return std::optional<Acknowledged>();
  }
  RENKEI_ASSIGN(const std::optional<EntryRow> entry, transaction.FindEntry(case_id, *seq));
  if (!entry) {
    return Error(Code::kCorrupt, "thread: an entry that has a key is missing");
  }
  return std::optional(
      Acknowledged{{entry->seq, entry->hash, entry->received_at}, Sha256(entry->payload), {}});
}

std::string_view OutcomeName(const PostOutcome& outcome) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return RefusalName(*refusal);
  }
  constexpr std::array<std::string_view, 4> kNames = {"accepted", "duplicate", "stale epoch",
                                                      "not a member"};
  return kNames[outcome.index()];
}

}  // namespace renkei::server
