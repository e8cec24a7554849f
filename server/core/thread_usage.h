// What the entries of one thread cost whom, in their order (usage.h): for who counts again, or
// takes it off. One thread, one use.
#ifndef RENKEI_SERVER_CORE_THREAD_USAGE_H_
#define RENKEI_SERVER_CORE_THREAD_USAGE_H_

#include "server/core/usage.h"

namespace renkei::server {

class ThreadUsage {
 public:
  // The next entry, from the first on. None: nobody's, as the relay's own notes and what cannot be
  // read (thread_check.h finds that).
  std::optional<EntryCost> Next(thread::EntryKind kind, ByteView payload);
  // Who pays for the GroupInfo that is there after the entries so far.
  std::optional<Payer> LastCommitter() const;

 private:
  std::optional<thread::Card> in_force_;
};

// Takes off what all of the thread costs, its mail included, which is deleted. `in_force`: its
// card.
Status UncountThread(WriteTransaction& transaction, const CaseId& case_id,
                     const thread::Card& in_force);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREAD_USAGE_H_
