#include "client/core/vault.h"

namespace renkei::client {

Result<Transaction> Transaction::Begin(Vault& vault) {
  RENKEI_TRY(vault.Begin());
  return Transaction(vault);
}

Transaction::~Transaction() {
  if (vault_ != nullptr) {
    vault_->Rollback();
  }
}

Status Transaction::Commit() {
  RENKEI_CHECK(vault_ != nullptr);
  Vault* vault = vault_;
  RENKEI_TRY(vault->Commit());
  vault_ = nullptr;
  return Ok();
}

}  // namespace renkei::client
