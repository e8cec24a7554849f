// A case's MLS states in the vault (Table::kGroups): the group of the epoch in force in pieces, so
// that a commit writes what it changed and what it used up is gone (RFC 9420 §9.2); where a commit
// of ours under way leads; groups joined by Welcome that wait. Keys and formats:
// client/core/README.md "Groups". Everything here is secret. Writes belong into the caller's
// transaction. Errors as the vault's; kCorrupt for a damaged row. One thread.
#ifndef RENKEI_CLIENT_CORE_GROUP_STORE_H_
#define RENKEI_CLIENT_CORE_GROUP_STORE_H_

#include <optional>

#include "client/core/vault.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/mls/group.h"
#include "crypto/thread/names.h"

namespace renkei::client {

// What this program believes the vault holds of a group. It counts only while its stamp is the one
// in the vault: after a transaction that was rolled back, or if another copy of the case was saved,
// it does not, and the next Save writes everything.
struct SavedGroup {
  mls::SavedState state;
  Hash32 stamp{};  // all zero: nothing, or in the older whole form
};

class GroupStore {
 public:
  struct Held {
    mls::Group group;
    SavedGroup saved;
  };

  explicit GroupStore(Vault& vault) : vault_(vault) {}

  // Writes what changed since `saved` and erases what is no longer part of the group; `saved` then
  // stands for `group`. On failure it is as it was.
  Status Save(const CaseId& case_id, const mls::Group& group, SavedGroup& saved);
  // Also in the older form. Ok if there is none.
  Status Erase(const CaseId& case_id);
  Result<std::optional<Held>> Find(const CaseId& case_id);

  // Where a commit of ours leads, as what it changes of `saved`, which is what the vault holds.
  Status SaveNext(const CaseId& case_id, const mls::Group& next, const SavedGroup& saved);
  Status EraseNext(const CaseId& case_id);
  // None also if what it was made from is no longer there.
  Result<std::optional<mls::Group>> FindNext(const CaseId& case_id);

  // A group joined by Welcome, whole, until the thread was read up to its epoch.
  Status SaveJoined(const CaseId& case_id, const thread::EpochRef& at, const mls::Group& group);
  Status EraseJoined(const CaseId& case_id, const thread::EpochRef& at);
  Result<std::optional<mls::Group>> FindJoined(const CaseId& case_id, const thread::EpochRef& at);

  // Every state of every case.
  Status EraseAll();

 private:
  Result<std::optional<mls::Group>> LoadWhole(ByteView key);

  Vault& vault_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_GROUP_STORE_H_
