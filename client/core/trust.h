// What the user must be told about a case: a relay that errs or lies, members that do, a vault that
// went back in time (G4, G8). Kept in the vault until it is no longer so. Also the relay's signed
// heads, the proof of what it said. One thread.
#ifndef RENKEI_CLIENT_CORE_TRUST_H_
#define RENKEI_CLIENT_CORE_TRUST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/core/vault.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/thread/chain.h"

namespace renkei::client {

// Stored: never renumber.
enum class Warning : std::uint32_t {
  kEntryAltered = 1,            // the hash is not that of the entry
  kEntryRepeated = 2,           // a sequence number again
  kEntryMissing = 3,            // a sequence number left out, or the head is not reached
  kTimeBackwards = 4,           // received_at decreases, or another case's entry
  kCommitRefused = 5,           // somebody's commit breaks the rules
  kForkSeen = 6,                // a member was shown another thread than we were
  kHeadForged = 7,              // a head that is not signed by the relay
  kRelayBehind = 8,             // the relay knows less than this vault
  kHeadContradicts = 9,         // a signed head that is not on our chain
  kOlderCopy = 10,              // this vault is an older copy of itself
  kGroupLost = 11,              // a commit could not be applied here; joined again
  kEnvelopeWrong = 12,          // an envelope does not hold the epoch's secret
  kLinkedPositionMissing = 13,  // the thread does not come past what the linking device knew
  kUpdateNeeded = 14,           // an entry of a newer program
  kRecordIgnored = 15,          // a member's record does not count
  kStaleGroupInfo = 16,         // the relay served an older state for joining
  kSentTwice = 17,              // the relay has another record under our record's id
  kDeletionFalse = 18,          // the relay's certificate of deletion does not hold
};

// One sentence or two: what happened, what was kept, what to do.
const char* WarningText(Warning warning);

struct StoredWarningView {
  Warning warning = Warning::kEntryAltered;
  Millis at;
  std::uint64_t seq = 0;
};

// Adds or renews a warning. Errors as Vault::Put.
Status AddWarning(Vault& vault, const CaseId& case_id, Warning warning, std::uint64_t seq,
                  Millis now);
// No longer so. No error if it was not there.
Status ClearWarning(Vault& vault, const CaseId& case_id, Warning warning);
Result<std::vector<StoredWarningView>> LoadWarnings(Vault& vault, const CaseId& case_id);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_TRUST_H_
