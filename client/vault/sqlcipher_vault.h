// The Vault over SQLCipher: a table for each kind of row, the index beside them, and the counter by
// which an older copy is noticed. Made by VaultUnlocker (unlock.h). One thread.
#ifndef RENKEI_CLIENT_VAULT_SQLCIPHER_VAULT_H_
#define RENKEI_CLIENT_VAULT_SQLCIPHER_VAULT_H_

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "client/core/vault.h"
#include "client/vault/database.h"
#include "client/vault/device_key_store.h"
#include "client/vault/files.h"
#include "client/vault/text_index.h"

namespace renkei::client {

class SqlcipherVault final : public Vault {
 public:
  // Fills an empty database file with the vault's tables, closes it again. kUnavailable, kCorrupt.
  static Status CreateIn(const std::string& path, const SecretBytes& key, const VaultId& id);

  // Opens what CreateIn made. `directory` is kept for directory(), `lock` until this goes;
  // `device_keys` must outlive it.
  //   kCorrupt      damaged, not this vault's database, or missing
  //   kUnsupported  made by a newer program
  //   kConflict     a copy of this vault is open in another process
  //   kUnavailable  not writable, out of memory. A full disk is no failure here: the vault can be
  //                 read, and writing says kUnavailable.
  static Result<std::unique_ptr<SqlcipherVault>> Open(const std::string& directory,
                                                      const std::string& path,
                                                      const SecretBytes& key, const VaultId& id,
                                                      DeviceKeyStore& device_keys, FileLock lock);
  ~SqlcipherVault() override;

  const std::string& directory() const { return directory_; }

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
  bool IndexIsStale() const override;
  Status ResetIndex() override;
  bool OpenedOlderCopy() const override { return state_.older_copy; }
  Status ClearOlderCopy() override;

 private:
  // The row of vault_state, as the open transaction has it.
  struct State {
    std::uint64_t commits = 0;
    std::uint32_t fold_version = 0;
    bool older_copy = false;
  };
  struct TableSql {
    std::string put, erase, erase_range, get, scan_up, scan_down;
  };

  SqlcipherVault(std::string directory, std::unique_ptr<Database> database, const VaultId& id,
                 DeviceKeyStore& device_keys, FileLock lock, FileLock device_lock);

  Status Load();
  Status NoticeOlderCopy();
  // Runs `change` in the open transaction, or in one of its own.
  Status Write(const std::function<Status()>& change);
  Status SaveState();
  void StoreCounter(bool durable);
  Result<Query> Find(Table table, ByteView key);
  const TableSql& Sql(Table table) const;

  std::string directory_;
  FileLock lock_;  // both declared before the database: released after it is closed
  FileLock device_lock_;
  std::unique_ptr<Database> database_;
  TextIndex index_;
  VaultId id_;
  DeviceKeyStore& device_keys_;
  std::array<TableSql, kTableCount> sql_;
  State state_;
  State committed_;
  std::uint64_t synced_counter_ = 0;
  bool in_transaction_ = false;
  bool wrote_ = false;
  bool poisoned_ = false;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_SQLCIPHER_VAULT_H_
