#include "client/core/join.h"

#include <utility>

#include "client/core/card_check.h"
#include "client/core/commit.h"
#include "client/core/credential.h"
#include "client/core/key_packages.h"
#include "client/core/link_state.h"
#include "client/core/take_commit.h"
#include "client/core/thread_sync.h"
#include "crypto/thread/entry.h"
#include "renkei/relay/v1/threads.pb.h"

namespace renkei::client {
namespace {

constexpr int kMaxAttempts = 8;

Status Warn(Core& core, const OpenCase& open, Warning warning, Changes& changes) {
  Notice(changes, WarningText(warning));
  return AddWarning(core.vault, open.id(), warning, open.row.position.seq, core.now());
}

// Moves a group over the commit that led to `card`. Empty: it does not go.
Result<std::optional<mls::Group>> Step(Core& core, mls::Group& group, const thread::Card& previous,
                                       const StoredCardAt& card) {
  RENKEI_ASSIGN(const auto entries, core.cases.Entries(card.card.card.case_id, card.seq, card.seq));
  if (entries.empty()) {
    return Error(Code::kCorrupt, "case: an entry is missing");
  }
  const auto payload = thread::ParseCommitPayload(entries.front().payload);
  if (!payload.ok()) {
    return Error(Code::kCorrupt, "case: a commit is damaged");
  }
  const CertificatePolicy policy(core.certificates());
  const mls::Environment environment{
      .credentials = policy, .now = card.received_at, .check_lifetime = false};
  auto processed = group.Process(payload->commit, environment);
  auto* staged = processed.ok() ? std::get_if<mls::StagedCommit>(&*processed) : nullptr;
  if (staged == nullptr || !staged->next.has_value() ||
      !CheckCardAgainstGroup(card.card.card, &previous, *staged->next).ok()) {
    return std::optional<mls::Group>();
  }
  return std::move(staged->next);
}

// A Welcome to an epoch that is past: the commits since then are here, so walk over them.
Status Replay(Core& core, OpenCase& open, const StoredCardAt& start, mls::Group group,
              Changes& changes) {
  const CaseId& case_id = open.id();
  StoredCardAt at = start;
  if (!CheckJoinedGroup(start.card.card, group).ok()) {
    return Ok();
  }
  while (at.card.card.at < open.row.at) {
    const thread::EpochRef next_at{at.card.card.at.generation, at.card.card.at.epoch + 1};
    RENKEI_ASSIGN(auto next, core.cases.FindCard(case_id, next_at));
    if (!next.has_value()) {
      return Ok();
    }
    RENKEI_ASSIGN(auto moved, Step(core, group, at.card.card, *next));
    if (!moved.has_value()) {
      return Ok();
    }
    group = std::move(*moved);
    at = std::move(*next);
  }
  open.group = std::move(group);
  open.group_changed = true;
  open.row.rejoin = false;
  open.row.leaf_at = start.received_at;
  ++changes.cases_joined;
  return Ok();
}

// Tries the joined groups that wait, newest epoch first.
Status UseJoined(Core& core, OpenCase& open, Changes& changes) {
  RENKEI_ASSIGN(const auto cards, core.cases.Cards(open.id()));
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  for (auto card = cards.rbegin(); card != cards.rend(); ++card) {
    RENKEI_ASSIGN(auto joined, core.groups.FindJoined(open.id(), card->card.card.at));
    if (!joined.has_value()) {
      continue;
    }
    if (!open.group.has_value() &&
        thread::FindMember(open.card->card, core.identity.device) != nullptr) {
      RENKEI_TRY(Replay(core, open, *card, std::move(*joined), changes));
    }
    RENKEI_TRY(core.groups.EraseJoined(open.id(), card->card.card.at));
  }
  if (open.group.has_value()) {
    open.secret = ArchiveSecretOf(*open.group, open.id());
    RENKEI_TRY(core.cases.SaveSecret(open.id(), open.row.at, *open.secret));
    RENKEI_TRY(OpenWaiting(core, open, {open.row.at}, changes));
  }
  RENKEI_TRY(SaveCase(core, open));
  return transaction.Commit();
}

// The new device must have come past what the linking one knew, on the same chain (§4).
Result<bool> PastLinkedPosition(Core& core, const OpenCase& open) {
  RENKEI_ASSIGN(const auto linked, LoadLinkedPosition(core.vault, open.id()));
  if (!linked.has_value()) {
    return true;
  }
  RENKEI_ASSIGN(const auto hash, core.cases.HashAt(open.id(), linked->seq));
  RENKEI_ASSIGN(const auto card, core.cases.FindCard(open.id(), linked->at));
  return hash == linked->hash && card.has_value() && card->card.hash == linked->card_hash;
}

// Nothing that this vault can open is newer than the epoch it would join.
Result<bool> AtNewestEnvelope(Core& core, const OpenCase& open) {
  RENKEI_ASSIGN(const auto epochs, core.cases.EpochsWithSecret(open.id()));
  return epochs.empty() || epochs.back() <= open.row.at;
}

Result<bool> MayJoin(Core& core, OpenCase& open, ByteView link, Changes& changes) {
  const bool on_card = thread::FindMember(open.card->card, core.identity.device) != nullptr;
  if (!on_card && link.empty()) {
    return false;  // somebody has to add this device
  }
  RENKEI_ASSIGN(const bool past, PastLinkedPosition(core, open));
  if (!past) {
    RENKEI_TRY(Warn(core, open, Warning::kLinkedPositionMissing, changes));
    return false;
  }
  RENKEI_TRY(ClearWarning(core.vault, open.id(), Warning::kLinkedPositionMissing));
  return AtNewestEnvelope(core, open);
}

// One try. True: nothing more to do here now.
Result<bool> TryExternally(Core& core, Relay& relay, OpenCase& open, ByteView link,
                           Changes& changes) {
  RENKEI_ASSIGN(const bool may, MayJoin(core, open, link, changes));
  if (!may || open.relay_wants_commit) {  // lost with its GroupInfo: a member commits first
    return true;
  }
  relay::v1::GetGroupInfoRequest request;
  request.set_case_id(ToString(open.id().view()));
  RENKEI_ASSIGN(const auto response, relay.GetGroupInfo(request));
  if (!response.has_current()) {
    return true;
  }
  const Status saved = SaveExternalJoin(core, open, AsBytes(response.current().group_info()), link);
  if (!saved.ok() && saved.error().code() == Code::kStaleEpoch) {
    RENKEI_TRY(Warn(core, open, Warning::kStaleGroupInfo, changes));
    return false;
  }
  if (!saved.ok()) {
    const Code code = saved.error().code();
    if (code == Code::kUnavailable || code == Code::kCorrupt) {
      return saved.error();
    }
    RENKEI_TRY(Warn(core, open, Warning::kStaleGroupInfo, changes));
    return true;
  }
  RENKEI_ASSIGN(const bool joined, FinishSent(core, relay, open, changes));
  if (joined) {
    ++changes.cases_joined;
    RENKEI_TRY(ClearWarning(core.vault, open.id(), Warning::kStaleGroupInfo));
  }
  return joined;
}

Status JoinExternally(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  RENKEI_ASSIGN(const auto link, LoadSignedLink(core.vault));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    RENKEI_ASSIGN(const bool done,
                  TryExternally(core, relay, open, link.value_or(Bytes()), changes));
    if (done) {
      return Ok();
    }
    const std::uint64_t before = open.row.position.seq;
    RENKEI_TRY(SyncThread(core, relay, open, changes));
    if (open.row.position.seq == before) {
      return Ok();  // the relay keeps offering an old state: the warning says so
    }
  }
  return Ok();
}

}  // namespace

Status EnsureGroup(Core& core, Relay& relay, OpenCase& open, Changes& changes) {
  if (!open.row.has_card || open.row.removed) {
    return Ok();
  }
  if (open.group.has_value() && !open.row.rejoin) {
    return Ok();
  }
  if (open.sent.has_value()) {
    RENKEI_TRY(FinishSent(core, relay, open, changes));
  }
  if (!open.row.rejoin) {
    RENKEI_TRY(TakeWelcomes(core, relay));
    RENKEI_TRY(UseJoined(core, open, changes));
  }
  if (open.group.has_value() && !open.row.rejoin) {
    return Ok();
  }
  return JoinExternally(core, relay, open, changes);
}

Status ForgetGroups(Core& core) {
  RENKEI_ASSIGN(const auto rows, core.cases.Rows());
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core.vault));
  RENKEI_TRY(core.groups.EraseAll());
  for (CaseRow row : rows) {
    RENKEI_TRY(core.cases.EraseSent(row.case_id));
    row.has_group = false;
    row.rejoin = true;
    RENKEI_TRY(core.cases.SaveRow(row));
    RENKEI_TRY(
        AddWarning(core.vault, row.case_id, Warning::kOlderCopy, row.position.seq, core.now()));
  }
  RENKEI_TRY(ForgetKeyPackages(core));
  RENKEI_TRY(core.vault.Erase(Table::kMeta, AsBytes(kOlderCopyMark)));
  RENKEI_TRY(core.vault.ClearOlderCopy());
  return transaction.Commit();
}

}  // namespace renkei::client
