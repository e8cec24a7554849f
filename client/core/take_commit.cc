#include "client/core/take_commit.h"

#include <utility>

#include "client/core/card_check.h"
#include "client/core/notices.h"
#include "client/core/outbox_store.h"

namespace renkei::client {
namespace {

Status Warn(Core& core, const OpenCase& open, Warning warning, std::uint64_t seq,
            Changes& changes) {
  Notice(changes, WarningText(warning));
  return AddWarning(core.vault, open.id(), warning, seq, core.now());
}

// Whoever was added by a commit of ours is owed the earlier epochs' secrets.
Status OwePacks(Core& core, const OpenCase& open) {
  OutboxStore outbox(core.vault);
  for (const Hash32& key : open.sent->new_keys) {
    RENKEI_TRY(outbox.AddPack(open.id(), key, core.now()));
  }
  return Ok();
}

// The group of the new epoch, from wherever it comes.
Status MoveGroup(Core& core, OpenCase& open, const thread::EntryView& entry, AcceptedCommit& commit,
                 Changes& changes) {
  if (commit.is_own_next) {
    RENKEI_TRY(OwePacks(core, open));
    open.group = std::move(open.next);
    open.group_changed = true;
    open.row.rejoin = false;
    open.row.leaf_at = entry.received_at;
    return DropSent(core, open);
  }
  if (commit.next.has_value()) {
    open.group = std::move(commit.next);
    open.group_changed = true;
  } else if (open.group.has_value()) {
    RENKEI_TRY(DropGroup(core, open));
  }
  if (commit.own_unknown) {
    open.row.rejoin = true;
    RENKEI_TRY(Warn(core, open, Warning::kOlderCopy, entry.seq, changes));
  } else if (commit.group_lost != nullptr) {
    RENKEI_TRY(Warn(core, open, Warning::kGroupLost, entry.seq, changes));
  }
  return Ok();
}

Status TakeSecret(Core& core, OpenCase& open) {
  open.secret.reset();
  if (open.group.has_value()) {
    open.secret = ArchiveSecretOf(*open.group, open.id());
    return core.cases.SaveSecret(open.id(), open.row.at, *open.secret);
  }
  RENKEI_ASSIGN(open.secret, core.cases.FindSecret(open.id(), open.row.at));
  if (!open.secret.has_value()) {
    open.row.fetch_envelopes = true;
  }
  return Ok();
}

Status TakeMembership(Core& core, OpenCase& open, const thread::EntryView& entry, bool was_member,
                      Changes& changes) {
  const thread::Card& card = open.card->card;
  const bool removed = !thread::HasPerson(card, core.self());
  if (removed && was_member) {
    Notice(changes, NoticeText(Said::kRemoved));
  }
  open.row.removed = removed;
  if (removed && open.group.has_value()) {
    RENKEI_TRY(DropGroup(core, open));
  }
  const thread::CardMember* committer = thread::FindMember(card, card.committer_device);
  return committer == nullptr ? Ok()
                              : core.records.SaveHeard(open.id(), committer->person, entry.seq,
                                                       entry.received_at, 0);
}

}  // namespace

Status AdoptJoined(Core& core, OpenCase& open, Changes& changes) {
  if (open.group.has_value() || !open.card.has_value()) {
    return Ok();
  }
  RENKEI_ASSIGN(auto joined, core.groups.FindJoined(open.id(), open.row.at));
  if (!joined.has_value()) {
    return Ok();
  }
  RENKEI_TRY(core.groups.EraseJoined(open.id(), open.row.at));
  if (!CheckJoinedGroup(open.card->card, *joined).ok()) {
    return Warn(core, open, Warning::kGroupLost, open.row.position.seq, changes);
  }
  open.group = std::move(joined);
  open.group_changed = true;
  open.row.rejoin = false;
  open.row.leaf_at = open.row.position.received_at;
  ++changes.cases_joined;
  return Ok();
}

Status TakeCommit(Core& core, OpenCase& open, const thread::EntryView& entry,
                  AcceptedCommit& commit, Changes& changes) {
  RENKEI_TRY(core.cases.SaveCard(
      {.card = commit.card, .seq = entry.seq, .received_at = entry.received_at}));
  RENKEI_TRY(MoveGroup(core, open, entry, commit, changes));
  const bool was_member = open.card.has_value() && thread::HasPerson(open.card->card, core.self());
  open.card = commit.card;
  open.row.has_card = true;
  open.row.at = commit.card.card.at;
  open.row.card_hash = commit.card.hash;
  RENKEI_TRY(AdoptJoined(core, open, changes));
  RENKEI_TRY(TakeSecret(core, open));
  if (open.sent.has_value() && open.sent->at <= open.row.at) {
    RENKEI_TRY(DropSent(core, open));  // another commit took its place
  }
  return TakeMembership(core, open, entry, was_member, changes);
}

}  // namespace renkei::client
