// Whether a commit may enter its thread, as far as one can tell without MLS code (G3). Reads only:
// everything is judged against the card in force, and the caller stores it only if that card is
// still in force then (compare and swap), so the judgement cannot be out of date.
#ifndef RENKEI_SERVER_CORE_COMMIT_CHECK_H_
#define RENKEI_SERVER_CORE_COMMIT_CHECK_H_

#include "crypto/thread/entry.h"
#include "crypto/thread/sealed_secrets.h"
#include "crypto/thread/succession.h"
#include "server/core/card_cache.h"
#include "server/core/directory.h"
#include "server/core/post_outcome.h"

namespace renkei::server {

struct WelcomeView {
  std::vector<DeviceId> devices;
  ByteView welcome;
};

// CommitRequest (threads.proto), mapped. The views live until the reply.
struct CommitView {
  ByteView card;
  ByteView signature;
  ByteView commit;  // empty for a new thread
  ByteView group_info;
  std::vector<WelcomeView> welcomes;
  std::vector<thread::Envelope> envelopes;
};

// What a commit that passed needs to be stored.
struct CheckedCommit {
  std::shared_ptr<const CardInForce> card;
  std::shared_ptr<const CardInForce> previous;  // null: a new thread
  Bytes payload;                                // CommitPayload
  Hash32 payload_hash{};
  EntryKey key{};
  Millis valid_until;  // the first certificate it rests on expires then
};

// One transaction, one thread.
class CommitCheck {
 public:
  CommitCheck(Directory& directory, CardCache& cards, ReadTransaction& transaction, Millis now)
      : directory_(directory), cards_(cards), transaction_(transaction), now_(now) {}

  // Either what to store, or how it ends (a refusal; Duplicate without a signed head).
  // kMalformed, kTooLarge, kDenied: what no honest client sends; kUnavailable, kCorrupt: the store.
  Result<std::variant<CheckedCommit, PostOutcome>> Run(const Caller& caller, const CommitView& view,
                                                       bool is_new_thread);

 private:
  using Step = std::optional<PostOutcome>;  // none: go on

  Status CheckShape(const CommitView& view) const;
  Result<Step> ReadPrevious(const Caller& caller, const thread::SignedCard& card,
                            bool is_new_thread);
  Result<Step> CheckSigner(const thread::SignedCard& card);
  Result<Step> Judge(const thread::CommitPayload& payload);
  Result<thread::JudgedEvidence> JudgeEvidence(const thread::CardEvidence& evidence);
  Status JudgeLink(ByteView link, thread::JudgedEvidence& judged);
  Status JudgeLists(const std::vector<Bytes>& lists, thread::JudgedEvidence& judged);
  Status JudgeLeaving(const std::vector<Bytes>& requests, thread::JudgedEvidence& judged);
  Result<bool> MembersKnown(const thread::Card& card);
  Result<bool> RecipientsKnown(const thread::Card& card);
  // The published, valid, unrevoked certificate, or null. Lowers valid_until_.
  Result<std::shared_ptr<const KnownCertificate>> Usable(const Hash32& fingerprint);
  const thread::Card* previous_card() const { return previous_ ? &previous_->card() : nullptr; }

  Directory& directory_;
  CardCache& cards_;
  ReadTransaction& transaction_;
  Millis now_;  // received_at as it would be now
  std::optional<ThreadRow> row_;
  std::shared_ptr<const CardInForce> previous_;
  std::optional<thread::Signer> signer_;
  Millis valid_until_{INT64_MAX};
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_COMMIT_CHECK_H_
