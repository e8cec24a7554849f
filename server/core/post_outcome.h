// How an attempt to add an entry to a thread ended; the arms of CommitResponse and AppendResponse
// (threads.proto). Values; any thread.
#ifndef RENKEI_SERVER_CORE_POST_OUTCOME_H_
#define RENKEI_SERVER_CORE_POST_OUTCOME_H_

#include <variant>

#include "server/core/store.h"

namespace renkei::server {

// Of exactly this entry, durable.
struct Acknowledged {
  thread::Position at;
  Hash32 payload_hash{};  // of what is stored
  Bytes signed_head;      // renkei.seal.v1.SignedHead
};
struct Accepted {
  Acknowledged entry;
};
struct Duplicate {
  Acknowledged entry;
};
struct Stale {
  EpochRef in_force;
  std::uint64_t head_seq = 0;
};
struct NotAMember {};
enum class Refusal {
  kBadCard,
  kPolicy,
  kRecipients,
  kLinkMissing,
  kThreadExists,
  kUnknownThread,
  kUnknownCertificate,
  kBadPosition,
  kBadPack,
  kReturning,  // restored from a backup, waits for what members hold (returns.h)
  kNoAlert,    // the three of an acknowledging call (alerts.h)
  kOwnAlert,
  kNotSeen,
};

using PostOutcome = std::variant<Accepted, Duplicate, Stale, NotAMember, Refusal>;

// The entry with this key as it was acknowledged, but for the signature. Nothing: not there.
Result<std::optional<Acknowledged>> FindByKey(ReadTransaction& transaction, const CaseId& case_id,
                                              const EntryKey& key);

// A literal for logs and the audit log: "accepted", "stale epoch", "policy"...
std::string_view OutcomeName(const PostOutcome& outcome);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_POST_OUTCOME_H_
