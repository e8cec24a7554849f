#include "crypto/thread/policy.h"

#include <algorithm>

#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

constexpr std::uint32_t kVersion = 1;

// 0 is refused as malformed, more than `last` as of a later Renkei.
Status CheckValue(std::uint32_t value, std::uint32_t last) {
  if (value == 0) {
    return Error(Code::kMalformed, "policy: a rule is not said");
  }
  if (value > last) {
    return Error(Code::kUnsupported, "policy: a rule of a later version");
  }
  return Ok();
}

Result<PersonRef> ParsePerson(ByteView bytes) {
  FieldReader in(bytes);
  PersonRef person;
  person.institution = in.Read<InstitutionId>(1);
  person.person = in.Read<PersonId>(2);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "policy: not the one encoding of a steward")));
  return person;
}

}  // namespace

Status ValidatePolicy(const CasePolicy& policy) {
  RENKEI_TRY(CheckValue(static_cast<std::uint32_t>(policy.kind), 1));
  RENKEI_TRY(CheckValue(static_cast<std::uint32_t>(policy.who_may_add), 2));
  RENKEI_TRY(CheckValue(static_cast<std::uint32_t>(policy.who_may_remove), 2));
  RENKEI_TRY(CheckValue(static_cast<std::uint32_t>(policy.newcomer_history), 2));
  if (policy.stewards.empty()) {
    return Error(Code::kMalformed, "policy: no steward");
  }
  if (policy.stewards.size() > kMaxStewards) {
    return Error(Code::kTooLarge, "policy: too many stewards");
  }
  const auto not_ascending = [](const PersonRef& a, const PersonRef& b) { return a >= b; };
  if (std::adjacent_find(policy.stewards.begin(), policy.stewards.end(), not_ascending) !=
      policy.stewards.end()) {
    return Error(Code::kMalformed, "policy: stewards not in order or named twice");
  }
  return Ok();
}

Bytes SerializePolicy(const CasePolicy& policy) {
  RENKEI_CHECK(ValidatePolicy(policy).ok());
  return Encode([&](FieldWriter& out) {
    out.U64(1, kVersion);
    out.U64(2, static_cast<std::uint64_t>(policy.kind));
    for (const PersonRef& steward : policy.stewards) {
      out.MessageItem(3, [&](FieldWriter& item) {
        item.Blob(1, steward.institution.view());
        item.Blob(2, steward.person.view());
      });
    }
    out.U64(4, static_cast<std::uint64_t>(policy.who_may_add));
    out.U64(5, static_cast<std::uint64_t>(policy.who_may_remove));
    out.U64(6, static_cast<std::uint64_t>(policy.newcomer_history));
  });
}

Result<CasePolicy> ParsePolicy(ByteView bytes) {
  if (bytes.empty() || bytes.size() > kMaxPolicyBytes) {
    return Error(Code::kMalformed, "policy: length");
  }
  FieldReader in(bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  CasePolicy policy;
  const std::uint32_t kind = in.U32(2);
  RENKEI_TRY(CheckValue(kind, 1));
  for (ByteView item; in.Next(3, item);) {
    if (policy.stewards.size() == kMaxStewards) {
      return Error(Code::kTooLarge, "policy: too many stewards");
    }
    RENKEI_ASSIGN(const PersonRef steward, ParsePerson(item));
    policy.stewards.push_back(steward);
  }
  const std::uint32_t add = in.U32(4);
  const std::uint32_t remove = in.U32(5);
  const std::uint32_t history = in.U32(6);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "policy: not the one encoding")));
  RENKEI_TRY(CheckValue(add, 2));
  RENKEI_TRY(CheckValue(remove, 2));
  RENKEI_TRY(CheckValue(history, 2));
  policy.kind = static_cast<CaseKind>(kind);
  policy.who_may_add = static_cast<Rule>(add);
  policy.who_may_remove = static_cast<Rule>(remove);
  policy.newcomer_history = static_cast<History>(history);
  RENKEI_TRY(ValidatePolicy(policy));
  return policy;
}

bool IsSteward(const CasePolicy& policy, const PersonRef& person) {
  return std::binary_search(policy.stewards.begin(), policy.stewards.end(), person);
}

}  // namespace renkei::thread
