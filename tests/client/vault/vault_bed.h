// What the conformance suite needs of a vault: it, and its life over a restart.
#ifndef RENKEI_TESTS_CLIENT_VAULT_VAULT_BED_H_
#define RENKEI_TESTS_CLIENT_VAULT_VAULT_BED_H_

#include <memory>

#include "client/core/vault.h"

namespace renkei::client {

class VaultBed {
 public:
  virtual ~VaultBed() = default;
  virtual Vault& vault() = 0;
  // Closes and opens again, as after a restart of the program.
  virtual void Reopen() = 0;
};

std::unique_ptr<VaultBed> MakeMemoryBed();
std::unique_ptr<VaultBed> MakeSqlcipherBed();

}  // namespace renkei::client

#endif  // RENKEI_TESTS_CLIENT_VAULT_VAULT_BED_H_
