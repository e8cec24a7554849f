// Threads: adding entries. Each attempt is one piece of work in the store, from the look at the
// thread to the new head, so that of two that race one finds what the other did.
#ifndef RENKEI_SERVER_CORE_THREADS_H_
#define RENKEI_SERVER_CORE_THREADS_H_

#include "crypto/thread/record_header.h"
#include "server/core/commit_check.h"
#include "server/core/head_signer.h"
#include "server/core/reply.h"
#include "server/core/returns.h"
#include "server/core/usage.h"

namespace renkei::server {

// Any thread.
class Threads {
 public:
  Threads(Store& store, const Clock& clock, const Audit& audit, Directory& directory,
          CardCache& cards, const HeadSigner& signer, const Returns& returns, const Quota& quota,
          WatchHub& hub)
      : store_(store),
        clock_(clock),
        audit_(audit),
        directory_(directory),
        cards_(cards),
        signer_(signer),
        returns_(returns),
        quota_(quota),
        hub_(hub) {}

  // Commit, card, GroupInfo, welcomes and envelopes, all or nothing. `view` and what it points to
  // live until the reply.
  void Create(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply);
  void Commit(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply);
  // A SealedRecord of the caller's device; the bytes live until the reply.
  //   kMalformed, kTooLarge, kUnsupported  not a sealed record; kDenied  another device's
  //   kThrottled  the device or its institution keeps too much here (usage.h); likewise below
  void Append(const Caller& caller, ByteView record, Reply<PostOutcome> reply);
  // A Pack and its SignedPackNotice; both live until the reply. Errors as in Append.
  void AppendPack(const Caller& caller, ByteView pack, ByteView notice, Reply<PostOutcome> reply);

 private:
  struct RecordJob;
  struct PackJob;
  struct CommitJob;

  void StartCommit(const Caller& caller, const CommitView& view, bool is_new_thread,
                   Reply<PostOutcome> reply);
  Status ApplyCommit(WriteTransaction& transaction, CommitJob& job);
  Result<Acknowledged> StoreCommit(WriteTransaction& transaction, const CommitJob& job,
                                   ThreadRow& row) const;
  Status ApplyRecord(WriteTransaction& transaction, RecordJob& job);
  Status ApplyPack(WriteTransaction& transaction, PackJob& job);
  // Puts the entry behind the head of `row` and moves it; the thread's row is not written yet.
  Result<Acknowledged> AddEntry(WriteTransaction& transaction, ThreadRow& row,
                                thread::EntryKind kind, ByteView payload,
                                const Hash32& payload_hash, const EntryKey& key) const;
  // Signs the head, tells the watchers, answers.
  void Finish(const CaseId& case_id, PostOutcome outcome, std::span<const PersonRef> readers,
              const Reply<PostOutcome>& reply);
  void NoteRefusal(const Caller& caller, std::string_view action, const PostOutcome& outcome,
                   const CaseId& case_id) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  Directory& directory_;
  CardCache& cards_;
  const HeadSigner& signer_;
  const Returns& returns_;
  const Quota& quota_;
  WatchHub& hub_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREADS_H_
