#include "tests/support/memory_store.h"

#include <utility>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

MemoryStore::MemoryStore() : content_(std::make_unique<Content>()) {}

MemoryStore::~MemoryStore() = default;

void MemoryStore::Write(Work work, Done done) {
  if (faster_) {
    Write(std::exchange(faster_, nullptr), [](const Status&) {});
  }
  ++writes_;
  MemoryTransaction transaction(*content_);
  Status status = work(transaction);
  if (status.ok() && fail_writes_) {
    status = Error(Code::kUnavailable, "store: could not be written");
  }
  if (!status.ok()) {
    transaction.Undo();
  }
  done(status);
  if (after_dones_) {
    after_dones_();
  }
}

void MemoryStore::WriteHereIfAlone(Work work, const Meanwhile& meanwhile, Done done) {
  ++writes_of_who_waits_;
  Write(
      [&](server::WriteTransaction& transaction) -> Status {
        RENKEI_TRY(work(transaction));
        meanwhile();
        return Ok();
      },
      std::move(done));
}

Status MemoryStore::Read(const View& view) {
  if (fail_reads_ && reads_left_ == 0) {
    return Error(Code::kUnavailable, "store: does not answer");
  }
  reads_left_ -= fail_reads_ ? 1 : 0;
  MemoryTransaction transaction(*content_);
  return view(transaction);
}

std::shared_ptr<const MemoryStore::Content> MemoryStore::Backup() const {
  return std::make_shared<const Content>(*content_);
}

void MemoryStore::Restore(const Content& content) {
  *content_ = content;
}

}  // namespace renkei::test
