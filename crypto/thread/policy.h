// The case policy (crypto/README.md "Case policy"): who may change who can read. It is the content
// of the MLS GroupContext extension 0xF101 and of EpochCard.policy, byte for byte the same, and
// readable by the relay: nothing about the patient in here. Functions on values; any thread.
#ifndef RENKEI_CRYPTO_THREAD_POLICY_H_
#define RENKEI_CRYPTO_THREAD_POLICY_H_

#include <cstdint>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"
#include "crypto/thread/names.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxPolicyBytes = 4096;
inline constexpr std::size_t kMaxStewards = 32;

// The values are those of renkei.seal.v1.CasePolicy: never renumber.
enum class CaseKind : std::uint8_t { kHomeCareCase = 1 };
enum class Rule : std::uint8_t { kAnyMember = 1, kStewards = 2 };
enum class History : std::uint8_t { kAll = 1, kNone = 2 };

struct CasePolicy {
  CaseKind kind = CaseKind::kHomeCareCase;
  std::vector<PersonRef> stewards;  // 1..kMaxStewards, ascending, no duplicate
  Rule who_may_add = Rule::kAnyMember;
  Rule who_may_remove = Rule::kStewards;
  History newcomer_history = History::kAll;

  friend bool operator==(const CasePolicy&, const CasePolicy&) = default;
};

// Every rule of card.proto: kMalformed with the field named, kTooLarge for too many stewards.
Status ValidatePolicy(const CasePolicy& policy);

// The one encoding. `policy` must be valid (ValidatePolicy), else our bug.
Bytes SerializePolicy(const CasePolicy& policy);

// `bytes`: 1..kMaxPolicyBytes. kMalformed: not the one encoding of a valid policy. kUnsupported: a
// version, kind, rule or history of a later Renkei; update the program.
Result<CasePolicy> ParsePolicy(ByteView bytes);

bool IsSteward(const CasePolicy& policy, const PersonRef& person);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_POLICY_H_
