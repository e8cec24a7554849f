// What the entries of one thread cost whom, in their order (usage.h): for who counts again, or
// takes it off. One thread, one use.
#ifndef RENKEI_SERVER_CORE_THREAD_USAGE_H_
#define RENKEI_SERVER_CORE_THREAD_USAGE_H_

#include <map>

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

// What a thread amounts to as of its head.
struct ThreadExtent {
  thread::Position head;
  Millis first_received;
  std::uint64_t bytes = 0;               // of the entries' payloads
  std::map<Payer, std::uint64_t> costs;  // of entries and packs
};

// Finds it out, from the first entry to the head that it is made for, in pieces: a thread may have
// more entries than anybody should wait for.
class ThreadWalk {
 public:
  explicit ThreadWalk(const ThreadRow& thread) : case_id_(thread.case_id) {
    extent_.head = thread.head;
  }

  bool IsOf(const ThreadRow& thread) const {
    return thread.case_id == case_id_ && thread.head == extent_.head;
  }
  // Reads on, at most 256 entries or 4 MiB. True: that was the last of them. kCorrupt: the thread
  // is damaged.
  Result<bool> ReadOn(ReadTransaction& transaction);
  const ThreadExtent& extent() const { return extent_; }

 private:
  Status Count(ReadTransaction& transaction, const EntryRow& entry);

  const CaseId case_id_;
  ThreadUsage usage_;
  ThreadExtent extent_;
  std::uint64_t next_ = 1;
};

// Takes off what all of the thread costs, its mail included, which is deleted. `in_force`: its
// card. `extent`: as of its head.
Status UncountThread(WriteTransaction& transaction, const CaseId& case_id,
                     const thread::Card& in_force, const ThreadExtent& extent);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_THREAD_USAGE_H_
