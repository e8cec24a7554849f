// Threads: adding entries. Each attempt is one piece of work in the store, from the look at the
// thread to the new head, so that of two that race one finds what the other did.
#ifndef RENKEI_SERVER_CORE_THREADS_H_
#define RENKEI_SERVER_CORE_THREADS_H_

#include <memory>
#include <optional>

#include "crypto/thread/record_header.h"
#include "server/core/acknowledger.h"
#include "server/core/commit_check.h"
#include "server/core/reply.h"
#include "server/core/returns.h"

namespace renkei::server {

class Quota;

// What else belongs into the transaction that adds a record (alerts.h). Kept until the reply.
class BesideRecord {
 public:
  virtual ~BesideRecord() = default;
  // Before anything is written: refuses the record, or not.
  virtual Result<std::optional<Refusal>> Judge(ReadTransaction& transaction,
                                               const ThreadRow& row) = 0;
  // The record is this entry, now or from an earlier try of the same bytes. May add entries behind
  // the head of `row`, which is written afterwards. Runs again when the transaction does.
  virtual Status Carry(WriteTransaction& transaction, ThreadRow& row, const CardInForce& card,
                       std::uint64_t seq) = 0;
};

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
        returns_(returns),
        quota_(quota),
        hub_(hub),
        acknowledger_(signer, hub) {}

  // After each run of the store's Done calls, on their thread (Store::AfterDones).
  void AnswerRun() { acknowledger_.Flush(); }

  // Commit, card, GroupInfo, welcomes and envelopes, all or nothing. `view` and what it points to
  // live until the reply.
  void Create(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply);
  void Commit(const Caller& caller, const CommitView& view, Reply<PostOutcome> reply);
  // A SealedRecord of the caller's device; the bytes live until the reply.
  //   kMalformed, kTooLarge, kUnsupported  not a sealed record, or one with an alert plan: those
  //   come through alerts.h; kDenied  another device's
  //   kThrottled  device or institution have too much in the store (usage.h); here and below
  // Where it is alone it is waited for on this thread (Store::WriteHereIfAlone).
  void Append(const Caller& caller, ByteView record, Reply<PostOutcome> reply);
  // The same, whatever plan it names, with more in its transaction.
  void AppendWith(const Caller& caller, ByteView record, std::shared_ptr<BesideRecord> beside,
                  Reply<PostOutcome> reply);
  // A Pack and its SignedPackNotice; both live until the reply. Errors as in Append.
  void AppendPack(const Caller& caller, ByteView pack, ByteView notice, Reply<PostOutcome> reply);
  // A SignedClosingNotice of the caller's device; lives until the reply. Errors as in Append;
  // Refusal::kPolicy: no steward; kBadPosition: off the chain, or not after the newest notice, or
  // the case is in that state already.
  void AppendClosing(const Caller& caller, ByteView notice, Reply<PostOutcome> reply);

 private:
  // An entry by a member, and what became of it.
  struct Post {
    Caller caller;
    EntryKey key{};
    PostOutcome outcome;
    std::shared_ptr<const CardInForce> card;  // as soon as it is known
  };
  struct RecordJob;
  struct PackJob;
  struct CommitJob;
  struct ClosingJob;

  void StartCommit(const Caller& caller, const CommitView& view, bool is_new_thread,
                   Reply<PostOutcome> reply);
  Status ApplyCommit(WriteTransaction& transaction, CommitJob& job);
  Status ChargeCommit(WriteTransaction& transaction, const CommitJob& job) const;
  Result<Acknowledged> StoreCommit(WriteTransaction& transaction, const CommitJob& job,
                                   ThreadRow& row) const;
  void StartRecord(const Caller& caller, ByteView record, std::shared_ptr<BesideRecord> beside,
                   Reply<PostOutcome> reply);
  Status ApplyRecord(WriteTransaction& transaction, RecordJob& job);
  // An earlier try's record: what belongs beside it may be missing yet.
  Status ApplyAgain(WriteTransaction& transaction, RecordJob& job);
  Status ApplyPack(WriteTransaction& transaction, PackJob& job);
  Status ApplyClosing(WriteTransaction& transaction, ClosingJob& job);
  // What holds for every entry by a member. Nothing: it ends here, with the outcome it has now (a
  // retry, too, is told so before anything else).
  Result<std::optional<ThreadRow>> Enter(WriteTransaction& transaction, const CaseId& case_id,
                                         Post& post) const;
  // After the transaction. record: for watchers; empty: they read it from the log.
  void Answer(const Status& status, Post& post, std::string_view action, const CaseId& case_id,
              const Reply<PostOutcome>& reply, ByteView record = {});
  // Of the caller, as the card says. Null: the directory does not have it.
  Result<std::shared_ptr<const KnownCertificate>> SigningCertificateOf(ReadTransaction& transaction,
                                                                       const Post& post) const;
  // Puts the entry behind the head of `row` and moves it; the thread's row is not written yet.
  Result<Acknowledged> AddEntry(WriteTransaction& transaction, ThreadRow& row,
                                thread::EntryKind kind, ByteView payload,
                                const Hash32& payload_hash, const EntryKey& key) const;
  void NoteRefusal(const Caller& caller, std::string_view action, const PostOutcome& outcome,
                   const CaseId& case_id) const;

  Store& store_;
  const Clock& clock_;
  const Audit& audit_;
  Directory& directory_;
  CardCache& cards_;
  const Returns& returns_;
  const Quota& quota_;
  WatchHub& hub_;
  Acknowledger acknowledger_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREADS_H_
