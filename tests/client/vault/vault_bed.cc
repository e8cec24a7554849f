#include "tests/client/vault/vault_bed.h"

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

}  // namespace

std::unique_ptr<VaultBed> MakeMemoryBed() {
  return std::make_unique<MemoryBed>();
}

}  // namespace renkei::client
