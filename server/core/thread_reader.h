// Who may read what of a thread, and reading it. A person reads the entries of the spans in which
// they were a member (rows.h); by a policy that gives newcomers everything a span begins at 1.
#ifndef RENKEI_SERVER_CORE_THREAD_READER_H_
#define RENKEI_SERVER_CORE_THREAD_READER_H_

#include "server/core/audit.h"
#include "server/core/card_cache.h"
#include "server/core/head_signer.h"
#include "server/core/limits.h"
#include "server/core/returns.h"

namespace renkei::server {

struct ThreadPage {
  std::vector<EntryRow> entries;
  Bytes signed_head;       // of the thread now; of the removal for who was removed
  bool complete = false;   // the entries reach that head
  bool returning = false;  // takes nothing new until members gave back what they hold (returns.h)
  bool wants_commit = false;  // the GroupInfo of the epoch in force was lost
  Bytes deletion{};           // the case is gone: SignedDeletionCertificate, and nothing else here
};

struct ListedThread {
  CaseId case_id;
  Bytes signed_head;
  bool member = false;
};

struct ListPage {
  std::vector<ListedThread> threads;
  bool complete = true;
};

struct CurrentGroupInfo {
  Bytes group_info;
  std::shared_ptr<const CardInForce> card;
  std::uint64_t seq = 0;
};

struct AllowedEntries {
  std::vector<EntryRow> entries;
  thread::Position end;  // up to where the person may read now
  bool complete = false;
};

// Entries after `after` that `person` may read, in order. Nothing: never was a member.
Result<std::optional<AllowedEntries>> ReadAllowed(ReadTransaction& transaction,
                                                  const PersonRef& person, const CaseId& case_id,
                                                  std::uint64_t after, std::size_t max_entries,
                                                  std::size_t max_bytes);

// Any thread. Nothing in a result: not a member (or no such thread: not told apart).
class ThreadReader {
 public:
  ThreadReader(Store& store, const Audit& audit, CardCache& cards, const HeadSigner& signer,
               const Returns& returns)
      : store_(store), audit_(audit), cards_(cards), signer_(signer), returns_(returns) {}

  // limit: 1..kMaxReadEntries, else kMalformed.
  Result<std::optional<ThreadPage>> Read(const Caller& caller, const CaseId& case_id,
                                         std::uint64_t after, std::size_t limit,
                                         std::size_t max_bytes = kMaxReadBytes) const;
  // Threads with a greater case id than `after`, in order, at most kMaxListed.
  Result<ListPage> List(const Caller& caller, const CaseId& after) const;
  Result<std::optional<CurrentGroupInfo>> GroupInfo(const Caller& caller,
                                                    const CaseId& case_id) const;

 private:
  Store& store_;
  const Audit& audit_;
  CardCache& cards_;
  const HeadSigner& signer_;
  const Returns& returns_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREAD_READER_H_
