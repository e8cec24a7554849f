// What the procedures on cases share: the session's parts, and one case as loaded from the vault.
// One thread.
#ifndef RENKEI_CLIENT_CORE_CORE_H_
#define RENKEI_CLIENT_CORE_CORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/core/case_store.h"
#include "client/core/directory.h"
#include "client/core/group_store.h"
#include "client/core/identity.h"
#include "client/core/record_store.h"
#include "client/core/relay.h"
#include "client/core/trust.h"
#include "crypto/base/clock.h"
#include "crypto/base/random.h"

namespace renkei::client {

struct Core {
  Vault& vault;
  Clock& clock;
  Random& random;
  const Identity& identity;
  Directory& directory;
  std::function<std::string(ByteView content)> search_text;
  CaseStore cases;
  GroupStore groups;
  RecordStore records;

  thread::PersonRef self() const { return {identity.institution, identity.person}; }
  Certificates& certificates() const { return directory.certificates(); }
  Millis now() const { return clock.Now(); }
};

// One case in memory. Changed together with the vault: when a transaction fails, throw it away and
// load it again.
struct OpenCase {
  CaseRow row;
  std::optional<thread::SignedCard> card;  // in force
  std::optional<mls::Group> group;         // of that epoch, if this device holds it
  bool group_changed = false;              // to be saved with the next SaveCase
  SavedGroup saved_group;                  // what of it the vault holds
  std::optional<SecretBytes> secret;       // archive secret of that epoch, if here
  std::optional<SentCommit> sent;          // a commit of ours under way
  std::optional<mls::Group> next;          // and where it leads
  // What the relay said when the thread was last read (not stored, not signed): it was restored
  // from a backup and takes nothing new; it lost the newest epoch's GroupInfo (give_back.h).
  bool relay_returning = false;
  bool relay_wants_commit = false;

  const CaseId& id() const { return row.case_id; }
  const thread::Card* card_or_null() const { return card.has_value() ? &card->card : nullptr; }
};

// A note of the relay about the alert of the record at `record_seq`.
struct AlertNotePlace {
  CaseId case_id;
  std::uint64_t record_seq = 0;
  std::uint64_t note_seq = 0;
};

// What a sync brought, collected over cases.
struct Changes {
  std::size_t entries = 0;
  std::size_t records_sent = 0;
  std::size_t cases_joined = 0;
  std::vector<std::string> notices;
  std::vector<RecordPlace> new_records;  // of others, written by people
  std::vector<AlertNotePlace> alert_notes;
};

// kNotFound: no such case here. kCorrupt, kUnavailable as the vault.
Result<OpenCase> LoadCase(Core& core, const CaseId& case_id);
// A case of which nothing was read yet; not saved.
OpenCase NewOpenCase(const CaseId& case_id);
// The row and, if it changed, the group; in the caller's transaction.
Status SaveCase(Core& core, OpenCase& open);
// Forgets the group: reading goes on by envelopes, sending after joining again.
Status DropGroup(Core& core, OpenCase& open);
// A commit of ours is about to be sent. In the caller's transaction; `open` takes it over itself
// once that has succeeded.
Status SaveSent(Core& core, const OpenCase& open, const SentCommit& sent, const mls::Group& next);
// The pending commit is of no use any more.
Status DropSent(Core& core, OpenCase& open);

// This device stands on the card in force and holds the group.
bool CanSend(const Core& core, const OpenCase& open);
// An archive key of ours, by its certificate's hash. Null: not ours.
const ArchiveKey* OwnArchiveKey(const Identity& identity, const Hash32& key_id);

// Adds a notice once.
void Notice(Changes& changes, std::string text);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CORE_H_
