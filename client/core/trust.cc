#include "client/core/trust.h"

#include "client/core/keys.h"
#include "renkei/vault/v1/directory.pb.h"

namespace renkei::client {
namespace {

constexpr std::string_view kWarning = "warning/";

RowKey KeyOf(const CaseId& case_id, Warning warning) {
  return RowKey(kWarning).Add(case_id.view()).AddU32(static_cast<std::uint32_t>(warning));
}

}  // namespace

const char* WarningText(Warning warning) {
  switch (warning) {
    case Warning::kEntryAltered:
      return "The relay delivered an entry that was altered. Everything before it is kept; nothing "
             "after it is shown. Tell the operator of the relay.";
    case Warning::kEntryRepeated:
      return "The relay delivered an entry twice or in the wrong order. Everything so far is kept; "
             "sync again, and tell the operator if it stays.";
    case Warning::kEntryMissing:
      return "The relay left out entries of this case. Everything so far is kept; sync again, and "
             "tell the operator if it stays.";
    case Warning::kTimeBackwards:
      return "The relay delivered an entry whose time or case is wrong. Everything so far is kept; "
             "tell the operator of the relay.";
    case Warning::kCommitRefused:
      return "Somebody changed the members of this case in a way that its rules forbid. The "
             "change was not taken over; everything before it is kept, and nothing after it is "
             "shown. Talk to the case's steward.";
    case Warning::kForkSeen:
      return "The relay showed another member a different history of this case. Everything so "
             "far is kept here. Compare what you each see by telephone, and tell the operator "
             "of the relay.";
    case Warning::kHeadForged:
      return "The relay's signature on this case's state is not valid. Everything so far is "
             "kept; sync again, and tell the operator if it stays.";
    case Warning::kRelayBehind:
      return "The relay knows less of this case than this device does. Everything is kept here; "
             "tell the operator of the relay.";
    case Warning::kHeadContradicts:
      return "The relay has signed a history of this case that is not the one it delivered. Both "
             "are kept as proof; tell the operator of the relay.";
    case Warning::kOlderCopy:
      return "This device's data is an older copy of itself. Nothing is lost: what was missing "
             "has been fetched again, and the device has joined the case anew. Nothing is to be "
             "done.";
    case Warning::kGroupLost:
      return "This device could not follow a change of keys and has joined the case anew. "
             "Nothing is lost, and nothing is to be done.";
    case Warning::kEnvelopeWrong:
      return "A key that was sealed for you did not open what it should. Everything so far is "
             "kept, and this device has repaired it where it could; if a record cannot be read, "
             "ask another member to open the case.";
    case Warning::kLinkedPositionMissing:
      return "The relay shows this new device less of the case than your other device knew. "
             "What is here and what you write is kept, and nothing is sent from here until the "
             "relay shows all of it. Sync again, and tell the operator if it stays.";
    case Warning::kUpdateNeeded:
      return "This case contains something that a newer program made. Update Renkei; everything is "
             "kept.";
    case Warning::kRecordIgnored:
      return "A record of this case does not count, because it was not sealed as it must be. It "
             "is kept and marked; ask its author, and rely on it no further.";
    case Warning::kStaleGroupInfo:
      return "The relay offered this device an outdated state of the case to join. It was "
             "refused; everything so far is kept and can be read. Sync again, and tell the "
             "operator if it stays.";
    case Warning::kSentTwice:
      return "A record of yours was already on the relay with other contents. Yours is kept and "
             "has been sent again under a new number; nothing is to be done.";
    case Warning::kDeletionFalse:
      return "The relay says that it has deleted this case, and its certificate does not hold. "
             "Everything is kept here; tell the operator of the relay.";
  }
  return "Something is wrong with this case. Tell the operator of the relay.";
}

Status AddWarning(Vault& vault, const CaseId& case_id, Warning warning, std::uint64_t seq,
                  Millis now) {
  vault::v1::StoredWarning stored;
  stored.set_code(static_cast<std::uint32_t>(warning));
  stored.set_at(now.value);
  stored.set_seq(seq);
  return vault.Put(Table::kTrust, KeyOf(case_id, warning).bytes(),
                   AsBytes(stored.SerializeAsString()));
}

Status ClearWarning(Vault& vault, const CaseId& case_id, Warning warning) {
  const RowKey key = KeyOf(case_id, warning);
  RENKEI_ASSIGN(const auto row, vault.Get(Table::kTrust, key.bytes()));
  return row.has_value() ? vault.Erase(Table::kTrust, key.bytes()) : Ok();
}

Result<std::vector<StoredWarningView>> LoadWarnings(Vault& vault, const CaseId& case_id) {
  RENKEI_ASSIGN(const auto rows,
                vault.Scan(Table::kTrust, RowKey(kWarning).Add(case_id.view()).bytes(), {}));
  std::vector<StoredWarningView> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredWarning>(row.value));
    out.push_back(
        {.warning = static_cast<Warning>(stored.code()), .at = {stored.at()}, .seq = stored.seq()});
  }
  return out;
}

}  // namespace renkei::client
