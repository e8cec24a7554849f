// Acceptance of a thread entry (G2, G3, G4): a pure function of where we stand, the entry's bytes
// and the certificates known by fingerprint. "Now" is the entry's received_at. Clients that hold
// the same come to the same answer; what only one of them knows (its clock, a revocation list) may
// make it act, never refuse. Nothing is changed: the caller takes over what is returned. One
// thread.
#ifndef RENKEI_CLIENT_CORE_ACCEPT_H_
#define RENKEI_CLIENT_CORE_ACCEPT_H_

#include <functional>
#include <optional>
#include <variant>

#include "client/core/certificates.h"
#include "client/core/trust.h"
#include "crypto/mls/group.h"
#include "crypto/seal/record.h"
#include "crypto/thread/card.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/closing.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/record_header.h"

namespace renkei::client {

// A commit of our own that was sent: its entry is recognised by the card's hash, and leads here.
struct OwnNext {
  Hash32 card_hash{};
  const mls::Group* group = nullptr;
};

// Where we stand. Everything pointed to outlives the call.
struct ThreadView {
  CaseId case_id;
  DeviceId own_device;
  thread::Position position;
  const thread::SignedCard* card = nullptr;  // in force; null before the first commit
  // Of the epoch in force, if this device holds it; null for one that reads by envelopes. Not
  // const because Group::Process is not, but left as it is.
  mls::Group* group = nullptr;
  std::optional<OwnNext> own_next;
  const SecretBytes* archive_secret = nullptr;  // of the epoch in force; null: not here (yet)
  thread::Closing closing;
  // The chain's hash at an earlier position of this thread; none beyond what was accepted.
  std::function<Result<std::optional<Hash32>>(std::uint64_t seq)> hash_at;
};

struct AcceptedCommit {
  thread::SignedCard card;
  // The group of the new epoch. Empty: none was held, or it was lost (below), or OwnNext it is, or
  // we are removed.
  std::optional<mls::Group> next;
  bool is_own_next = false;
  bool removes_own_device = false;
  // The card is good, but this device cannot apply the commit, or lacks the state with which it
  // made it itself: drop the group, read by envelopes, join again (G8).
  const char* group_lost = nullptr;
  bool own_unknown = false;  // signed by this device, though nothing of it is here: older copy
};

struct AcceptedRecord {
  thread::RecordHeader header;
  thread::PersonRef author;
  std::string author_name;
  std::optional<seal::OpenedRecord> opened;
  bool waiting_for_secret = false;  // keep, open once the archive secret is here
  // Why it will never count, a literal. It stays in the thread and blocks nothing.
  const char* problem = nullptr;
  bool fork_seen = false;  // the sender was shown another chain than this one (G4)
};

struct AcceptedPack {
  std::optional<thread::PackNotice> notice;  // empty: not one that counts
};

struct AcceptedClosing {
  std::optional<thread::ClosingNotice> notice;  // empty: not one that counts
};

struct AcceptedOther {};  // the relay's notes; kinds of a later program: chained, nothing more

using AcceptedChange =
    std::variant<AcceptedCommit, AcceptedRecord, AcceptedPack, AcceptedClosing, AcceptedOther>;

struct Accepted {
  thread::Position position;
  AcceptedChange change;
};

// Why an entry stops its thread: nothing is lost, the entry is not taken over.
struct Refused {
  Warning warning = Warning::kCommitRefused;
  Error error;
};

// kNotFound: a certificate is not known here; sync the directory, then call again. kUnsupported: a
// newer program is needed. Other errors as the vault's, from hash_at.
Result<std::variant<Accepted, Refused>> AcceptEntry(const ThreadView& view,
                                                    const thread::EntryView& entry,
                                                    Certificates& certificates);

// A record once its secret is here: author, signature, content. `card` was in force at the entry.
// Never an error for what a member sent: AcceptedRecord::problem says it. kNotFound as above.
Result<AcceptedRecord> JudgeRecordEntry(const thread::EntryView& entry, const thread::Card& card,
                                        const SecretBytes* archive_secret,
                                        const std::optional<Hash32>& seen_hash,
                                        Certificates& certificates);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_ACCEPT_H_
