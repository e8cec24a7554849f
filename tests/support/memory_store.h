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
  // Calls `meanwhile` after each work that returned Ok.
  void WriteHereIfAlone(Work work, const Meanwhile& meanwhile, Done done) override;
  void AfterDones(std::function<void()> hook) override { after_dones_ = std::move(hook); }
  Status Read(const View& view) override;

  // A full disk: every write is told kUnavailable and changes nothing, until set back.
  void FailWrites(bool fail) { fail_writes_ = fail; }
  // The same for reads; the first `but` of them still answer.
  void FailReads(bool fail, std::size_t but = 0) {
    fail_reads_ = fail;
    reads_left_ = but;
  }
  // Somebody who is faster: runs before the next write, in a transaction of its own.
  void BeforeNextWrite(Work work) { faster_ = std::move(work); }
  std::size_t writes() const { return writes_; }
  // By WriteHereIfAlone.
  std::size_t writes_of_who_waits() const { return writes_of_who_waits_; }

  // As it stands now, and back to it: a relay that was restored from a backup.
  struct Content;
  std::shared_ptr<const Content> Backup() const;
  void Restore(const Content& content);

 private:
  std::unique_ptr<Content> content_;
  std::function<void()> after_dones_;
  bool fail_writes_ = false;
  bool fail_reads_ = false;
  std::size_t reads_left_ = 0;
  Work faster_;
  std::size_t writes_ = 0;
  std::size_t writes_of_who_waits_ = 0;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_MEMORY_STORE_H_
