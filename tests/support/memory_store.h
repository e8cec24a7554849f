// The relay's store in memory: what the simulation and core's tests run on. The same conformance
// test as SQLite (tests/server/store). Writes are done before Write() returns. One thread.
#ifndef RENKEI_TESTS_SUPPORT_MEMORY_STORE_H_
#define RENKEI_TESTS_SUPPORT_MEMORY_STORE_H_

#include <memory>

#include "server/core/store.h"

namespace renkei::test {

class MemoryStore final : public server::Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  void Write(Work work, Done done) override;
  Status Read(const View& view) override;

  // A full disk: every write is told kUnavailable and changes nothing, until set back.
  void FailWrites(bool fail) { fail_writes_ = fail; }
  // The same for reads.
  void FailReads(bool fail) { fail_reads_ = fail; }
  std::size_t writes() const { return writes_; }

  // As it stands now, and back to it: a relay that was restored from a backup.
  struct Content;
  std::shared_ptr<const Content> Backup() const;
  void Restore(const Content& content);

 private:
  class Transaction;

  std::unique_ptr<Content> content_;
  bool fail_writes_ = false;
  bool fail_reads_ = false;
  std::size_t writes_ = 0;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_MEMORY_STORE_H_
