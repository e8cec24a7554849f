#include "client/core/heads.h"

#include "client/core/keys.h"
#include "crypto/thread/head.h"

namespace renkei::client {
namespace {

Status Warn(Core& core, const OpenCase& open, Warning warning, std::uint64_t seq,
            Changes& changes) {
  Notice(changes, WarningText(warning));
  return AddWarning(core.vault, open.id(), warning, seq, core.now());
}

}  // namespace

Status CheckHead(Core& core, OpenCase& open, ByteView signed_head, Changes& changes) {
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  if (!key.has_value()) {
    return Ok();  // its certificate has not come yet: the chain itself was checked
  }
  const auto head = thread::VerifyHead(signed_head, *key);
  if (!head.ok() || head->case_id != open.id()) {
    return Warn(core, open, Warning::kHeadForged, open.row.position.seq, changes);
  }
  if (head->seq > open.row.position.seq) {
    return Warn(core, open, Warning::kEntryMissing, open.row.position.seq + 1, changes);
  }
  RENKEI_ASSIGN(const auto hash, core.cases.HashAt(open.id(), head->seq));
  const RowKey row = RowKey("head/").Add(open.id().view());
  if (hash != head->hash) {
    RENKEI_TRY(
        core.vault.Put(Table::kTrust, RowKey("proof/").Add(open.id().view()).bytes(), signed_head));
    return Warn(core, open, Warning::kHeadContradicts, head->seq, changes);
  }
  if (head->seq < open.row.position.seq) {
    // A restored relay says so and gets it back (give_back.h), or the warning comes from there.
    return open.relay_returning ? Ok()
                                : Warn(core, open, Warning::kRelayBehind, head->seq, changes);
  }
  RENKEI_ASSIGN(const auto before, core.vault.Get(Table::kTrust, row.bytes()));
  return before.has_value() && Equal(*before, signed_head)
             ? Ok()
             : core.vault.Put(Table::kTrust, row.bytes(), signed_head);
}

Status KeepHead(Core& core, const OpenCase& open, ByteView signed_head) {
  RENKEI_ASSIGN(const auto key, core.directory.RelayKey(core.now()));
  if (!key.has_value() || signed_head.empty()) {
    return Ok();
  }
  const auto head = thread::VerifyHead(signed_head, *key);
  const bool is_ours = head.ok() && head->case_id == open.id() &&
                       head->seq == open.row.position.seq && head->hash == open.row.position.hash;
  return is_ours ? core.vault.Put(Table::kTrust, RowKey("head/").Add(open.id().view()).bytes(),
                                  signed_head)
                 : Ok();
}

}  // namespace renkei::client
