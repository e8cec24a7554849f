// A Vault in memory for tests and simulations, under the same conformance suite as the real one
// (tests/client/vault/conformance_test.cc). It can fail or die at any write, and be put back to an
// earlier state as a restored backup would. One thread.
#ifndef RENKEI_TESTS_SUPPORT_MEMORY_VAULT_H_
#define RENKEI_TESTS_SUPPORT_MEMORY_VAULT_H_

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/core/vault.h"

namespace renkei::client {

class MemoryVault final : public Vault {
 private:
  using IndexKey = std::pair<CaseId, RecordId>;
  struct Indexed {
    std::uint64_t order = 0;
    std::vector<std::u32string> words;
  };
  struct State {
    std::array<std::map<Bytes, Bytes>, kTableCount> tables;
    std::map<IndexKey, Indexed> index;
    std::uint64_t next_order = 1;
    std::uint64_t commits = 0;
    bool older_copy = false;
    bool index_is_stale = false;
  };

 public:
  // What was on the "disk" at one moment. A cheap handle; may outlive the vault.
  class Snapshot {
    friend class MemoryVault;
    std::shared_ptr<const State> state;
  };
  enum class Fault {
    kFailOnce,   // that write fails with kUnavailable (a full disk), the next ones work
    kFailOn,     // that write and all after it fail, until ClearFault
    kDieBefore,  // the process dies before that write: see Crash
    kDieAfter,   // it dies after that write is done (a commit is on disk, nobody was told)
  };

  // The `nth` write from now (1: the next) meets `fault`. Put, Erase, IndexText, ResetIndex,
  // ClearOlderCopy and Commit each count as one write. A single fault is set at a time.
  void FailAtWrite(std::size_t nth, Fault fault);
  void ClearFault() { fault_at_ = 0; }
  // Put, Erase, ... and Commit so far: to try a fault at each of them in turn.
  std::size_t writes() const { return writes_; }
  // Keys and values that Put has written so far into rows of `table` whose key starts with
  // `prefix`, whether or not they stayed.
  std::size_t BytesPut(Table table, std::string_view prefix) const;

  // The process dies now: what was not committed is gone, and every call fails with kUnavailable.
  void Crash();
  bool crashed() const { return crashed_; }
  // The next process opens the vault: what was committed is there. Clears the fault.
  void Reopen();

  // Copies what is committed.
  Snapshot TakeSnapshot() const;
  // The disk is put back, no matter what was open. OpenedOlderCopy() is true afterwards if anything
  // was committed since the snapshot, as the real vault's counter finds out.
  void Restore(const Snapshot& snapshot);
  // As after an update that folds differently.
  void MakeIndexStale() { state_.index_is_stale = true; }

  Status Begin() override;
  Status Commit() override;
  void Rollback() override;
  Status Put(Table table, ByteView key, ByteView value) override;
  Status Erase(Table table, ByteView key) override;
  Status ErasePrefix(Table table, ByteView prefix) override;
  Result<std::optional<Bytes>> Get(Table table, ByteView key) override;
  Result<std::optional<SecretBytes>> GetSecret(Table table, ByteView key) override;
  Result<std::vector<Row>> Scan(Table table, ByteView prefix, const ScanOptions& options) override;
  Result<std::vector<SecretRow>> ScanSecrets(Table table, ByteView prefix) override;
  Status IndexText(const CaseId& case_id, const RecordId& record_id,
                   std::string_view text) override;
  Result<std::vector<SearchHit>> Search(std::string_view query, std::size_t limit) override;
  bool IndexIsStale() const override { return state_.index_is_stale; }
  Status ResetIndex() override;
  bool OpenedOlderCopy() const override { return state_.older_copy; }
  Status ClearOlderCopy() override;

 private:
  // Runs `change` as one counted write, which may meet the fault; `undo` takes it back.
  Status Write(const std::function<void(State&)>& change, std::function<void(State&)> undo);
  Status CountWrite(const std::function<void()>& change);
  void Undo();

  State state_;
  std::vector<std::function<void(State&)>> undo_;
  std::uint64_t counter_ = 0;  // the device's own memory: a restored disk does not touch it
  std::size_t writes_ = 0;
  std::map<std::pair<Table, Bytes>, std::size_t> bytes_put_;  // by row
  std::size_t fault_at_ = 0;  // counted from the first write ever; 0: none
  Fault fault_ = Fault::kFailOnce;
  bool in_transaction_ = false;
  bool poisoned_ = false;
  bool crashed_ = false;
};

}  // namespace renkei::client

#endif  // RENKEI_TESTS_SUPPORT_MEMORY_VAULT_H_
