// A relay that was restored from a backup (server/README.md "Restored from a backup"): which
// threads still wait for what members hold, taking it back, and opening them. What it takes is
// proven by a head that this relay signed before, so that nobody can bring in anything else (G4,
// G5).
#ifndef RENKEI_SERVER_CORE_RETURNS_H_
#define RENKEI_SERVER_CORE_RETURNS_H_

#include <variant>

#include "crypto/thread/sealed_secrets.h"
#include "server/core/audit.h"
#include "server/core/card_cache.h"
#include "server/core/directory.h"
#include "server/core/head_signer.h"
#include "server/core/reply.h"

namespace renkei::server {

class WatchHub;

// How long a restored thread waits for its devices, from the restored relay's first start.
inline constexpr Millis kReturnWait = Hours(24);
inline constexpr std::size_t kMaxGivenEntries = 500;
inline constexpr std::size_t kMaxGivenLinks = 50000;

// What the relay says of itself. `restored_at`: it was restored once, and since when it is this
// one.
struct Incarnation {
  thread::IncarnationId id;
  std::optional<Millis> restored_at;
};

// Of an entry that comes later: enough to hash on.
struct ChainLink {
  thread::EntryKind kind = thread::EntryKind::kCommit;
  Millis received_at;
  Hash32 payload_hash{};
};

// GiveBackRequest (threads.proto), mapped. The views live until the reply.
struct GiveBackView {
  CaseId case_id;
  std::uint64_t held_seq = 0;
  Hash32 held_hash{};
  std::vector<thread::EntryView> entries;
  std::vector<ChainLink> links;
  ByteView proof;  // SignedHead
  std::vector<thread::Envelope> envelopes;
  bool go_on = false;
};

struct Standing {
  thread::Position head;
  Bytes signed_head;
  std::uint64_t restored_to = 0;
  bool open = false;
  std::size_t waiting_for = 0;
};
enum class ReturnRefusal { kNotRestored, kFork, kUnproven, kGap };
struct NoMember {};
using GiveBackOutcome = std::variant<Standing, NoMember, ReturnRefusal>;

// What a thread of a restored relay waits for; kept in the store as one small fact for each thread.
struct ReturnState {
  bool open = false;
  bool wants_commit = false;  // GroupInfo was lost
  std::uint64_t restored_to = 0;
  std::vector<DeviceId> heard;  // said where they stand
};

// Any thread.
class Returns {
 public:
  Returns(Store& store, const Clock& clock, const Audit& audit, Directory& directory,
          CardCache& cards, const HeadSigner& signer, WatchHub& hub, const Incarnation& incarnation)
      : store_(store),
        clock_(clock),
        audit_(audit),
        directory_(directory),
        cards_(cards),
        signer_(signer),
        hub_(hub),
        incarnation_(incarnation) {}

  // Whether the thread takes new entries. Opens it when the wait is over: the note goes behind
  // `row.head`, which moves and is written.
  Result<bool> MayPost(WriteTransaction& transaction, ThreadRow& row) const;
  // After a commit was stored, with its GroupInfo: the thread is new, or has all it needs again.
  Status Committed(WriteTransaction& transaction, const CaseId& case_id) const;
  // Of a thread that is deleted: nothing stays of who gave it back.
  static Status Forget(WriteTransaction& transaction, const CaseId& case_id);
  // Open and wanting nothing, if this relay was never restored.
  Result<ReturnState> StateOf(ReadTransaction& transaction, const ThreadRow& row) const;

  // kMalformed, kTooLarge: what no honest client sends. kDenied: entries that are proven and yet do
  // not fit the cards. Nothing was changed then.
  void GiveBack(const Caller& caller, const GiveBackView& view, Reply<GiveBackOutcome> reply) const;

 private:
  struct Job;

  Status Apply(WriteTransaction& transaction, Job& job) const;
  // How it ends, or nothing: `job.taken` are the entries to take.
  Result<std::optional<ReturnRefusal>> Prove(ReadTransaction& transaction, const ThreadRow& row,
                                             Job& job) const;
  static Status CountEntry(WriteTransaction& transaction, const thread::EntryView& entry,
                           const thread::Card& in_force);
  Status TakeEntry(WriteTransaction& transaction, ThreadRow& row, const thread::EntryView& entry,
                   const GiveBackView& view) const;
  Status TakeCommit(WriteTransaction& transaction, ThreadRow& row, const thread::EntryView& entry,
                    const GiveBackView& view) const;
  Status TakeEnvelopes(WriteTransaction& transaction, const thread::Card& card,
                       const GiveBackView& view) const;
  // Devices on the card that count and have not been heard.
  Result<std::size_t> StillSilent(ReadTransaction& transaction, const thread::Card& card,
                                  const ReturnState& state) const;
  Status OpenThread(WriteTransaction& transaction, ThreadRow& row, ReturnState& state) const;
  Status Save(WriteTransaction& transaction, const CaseId& case_id, const ReturnState& state) const;
  bool WaitIsOver() const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  Directory& directory_;
  CardCache& cards_;
  const HeadSigner& signer_;
  WatchHub& hub_;
  const Incarnation incarnation_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RETURNS_H_
