#include "tests/client/vault/vault_bed.h"

#include "tests/client/vault/temp_vault.h"
#include "tests/support/memory_vault.h"

namespace renkei::client {
namespace {

class MemoryBed final : public VaultBed {
 public:
  Vault& vault() override { return vault_; }
  void Reopen() override { vault_.Reopen(); }

 private:
  MemoryVault vault_;
};

class SqlcipherBed final : public VaultBed {
 public:
  SqlcipherBed() : vault_(place_.Create()) {}
  Vault& vault() override { return *vault_; }
  void Reopen() override {
    vault_.reset();
    vault_ = place_.Open();
  }

 private:
  TempVault place_;
  std::unique_ptr<SqlcipherVault> vault_;
};

}  // namespace

std::unique_ptr<VaultBed> MakeSqlcipherBed() {
  return std::make_unique<SqlcipherBed>();
}

std::unique_ptr<VaultBed> MakeMemoryBed() {
  return std::make_unique<MemoryBed>();
}

}  // namespace renkei::client
