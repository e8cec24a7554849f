// Walks one stored thread from its first entry and says where what the relay keeps does not follow
// from the entries: the hash chain, the head, the cards and their signatures, who reads from where
// to where, envelopes, packs, GroupInfo, the keys that tell retries (server/README.md "Verify").
// Reads only.
#ifndef RENKEI_SERVER_CORE_THREAD_CHECK_H_
#define RENKEI_SERVER_CORE_THREAD_CHECK_H_

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "server/core/card_cache.h"
#include "server/core/store.h"

namespace renkei::server {

// `what` is a literal: nothing of a record, a person or a case can enter it.
struct ThreadFinding {
  std::uint64_t seq = 0;  // 0: the thread as a whole
  const char* what = "";
};

// One transaction, one thread, one use.
class ThreadCheck {
 public:
  ThreadCheck(ReadTransaction& transaction, const CaseId& case_id)
      : transaction_(transaction), case_id_(case_id) {}

  // At most kMaxFindings; the walk ends where the chain breaks, because nothing after it is
  // certain. kNotFound: no such thread; kUnavailable, kCorrupt: the store cannot be read.
  Status Run();

  static constexpr std::size_t kMaxFindings = 20;
  const std::vector<ThreadFinding>& findings() const { return findings_; }
  std::uint64_t entries() const { return at_.seq; }
  // What a sound store has of this thread, for who counts rows.
  std::size_t expected_spans() const;
  std::size_t expected_envelopes() const { return envelopes_; }
  std::size_t expected_packs() const { return packs_; }

 private:
  void Find(std::uint64_t seq, const char* what);
  Status Walk(std::uint64_t head_seq);
  Status CheckEntry(const EntryRow& entry);
  Status CheckCommit(const EntryRow& entry);
  Status CheckSignature(const thread::SignedCard& card, std::uint64_t seq);
  Status CheckEnvelopes(const thread::Card& card, std::uint64_t seq);
  Status CheckRecord(const EntryRow& entry);
  Status CheckPack(const EntryRow& entry);
  Status CheckClosing(const EntryRow& entry);
  Result<std::optional<Hash32>> SeenHash(std::uint64_t seq);
  Status CheckKey(const EntryKey& key, std::uint64_t seq);
  void FollowMembers(std::uint64_t seq, const std::vector<PersonRef>& before);
  Status CheckHead(const ThreadRow& row);
  Status CheckSpans();

  ReadTransaction& transaction_;
  const CaseId case_id_;
  thread::Position at_;
  std::shared_ptr<const CardInForce> card_;  // of the last commit so far
  std::uint64_t card_seq_ = 0;
  thread::Closing closing_;
  std::map<PersonRef, std::vector<Span>> spans_;
  std::size_t envelopes_ = 0;
  std::size_t packs_ = 0;
  bool is_broken_ = false;
  std::vector<ThreadFinding> findings_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREAD_CHECK_H_
