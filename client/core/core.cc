#include "client/core/core.h"

#include <algorithm>
#include <utility>

namespace renkei::client {

OpenCase NewOpenCase(const CaseId& case_id) {
  OpenCase open;
  open.row.case_id = case_id;
  open.row.position = thread::StartOf(case_id);
  return open;
}

Result<OpenCase> LoadCase(Core& core, const CaseId& case_id) {
  RENKEI_ASSIGN(const auto row, core.cases.FindRow(case_id));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "case: no such case here");
  }
  OpenCase open;
  open.row = *row;
  if (open.row.has_card) {
    RENKEI_ASSIGN(auto card, core.cases.FindCard(case_id, open.row.at));
    if (!card.has_value() || card->card.hash != open.row.card_hash) {
      return Error(Code::kCorrupt, "case: its card is missing");
    }
    open.card = std::move(card->card);
    RENKEI_ASSIGN(open.secret, core.cases.FindSecret(case_id, open.row.at));
  }
  if (open.row.has_group) {
    RENKEI_ASSIGN(auto held, core.groups.Find(case_id));
    if (held.has_value()) {
      open.group = std::move(held->group);
      open.saved_group = std::move(held->saved);
    }
  }
  RENKEI_ASSIGN(open.sent, core.cases.FindSent(case_id));
  if (open.sent.has_value()) {
    RENKEI_ASSIGN(open.next, core.groups.FindNext(case_id));
  }
  return open;
}

Status SaveCase(Core& core, OpenCase& open) {
  if (open.group_changed && open.group.has_value()) {
    RENKEI_TRY(core.groups.Save(open.id(), *open.group, open.saved_group));
  }
  open.row.has_group = open.group.has_value();
  RENKEI_TRY(core.cases.SaveRow(open.row));
  open.group_changed = false;
  return Ok();
}

Status DropGroup(Core& core, OpenCase& open) {
  open.group.reset();
  open.group_changed = false;
  open.row.has_group = false;
  open.saved_group = {};
  return core.groups.Erase(open.id());
}

Status SaveSent(Core& core, const OpenCase& open, const SentCommit& sent, const mls::Group& next) {
  RENKEI_TRY(core.groups.SaveNext(open.id(), next, open.saved_group));
  return core.cases.SaveSent(open.id(), sent);
}

Status DropSent(Core& core, OpenCase& open) {
  open.sent.reset();
  open.next.reset();
  RENKEI_TRY(core.groups.EraseNext(open.id()));
  return core.cases.EraseSent(open.id());
}

bool CanSend(const Core& core, const OpenCase& open) {
  return open.group.has_value() && open.card.has_value() && !open.row.removed && !open.row.rejoin &&
         open.secret.has_value() &&
         thread::FindMember(open.card->card, core.identity.device) != nullptr;
}

const ArchiveKey* OwnArchiveKey(const Identity& identity, const Hash32& key_id) {
  const auto at =
      std::find_if(identity.person_archive_keys.begin(), identity.person_archive_keys.end(),
                   [&](const ArchiveKey& key) { return Sha256(key.certificate) == key_id; });
  return at == identity.person_archive_keys.end() ? nullptr : &*at;
}

void Notice(Changes& changes, std::string text) {
  auto& all = changes.notices;
  if (std::find(all.begin(), all.end(), text) == all.end()) {
    all.push_back(std::move(text));
  }
}

}  // namespace renkei::client
