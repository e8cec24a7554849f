// A place for one vault and its device keys that goes away with the test. Argon2id is as cheap as
// it can be here, and only here.
#ifndef RENKEI_TESTS_CLIENT_VAULT_TEMP_VAULT_H_
#define RENKEI_TESTS_CLIENT_VAULT_TEMP_VAULT_H_

#include <filesystem>
#include <memory>
#include <string>

#include "client/vault/device_key_store.h"
#include "client/vault/unlock.h"
#include "crypto/base/random.h"
#include "tests/support/temp_folder.h"

namespace renkei::client {

inline constexpr KdfParams kCheapKdf = {1, KdfParams::kMinMemoryKib};
inline constexpr const char* kPassphrase = "correct horse 電池";

class TempDirectory {
 public:
  TempDirectory();
  const std::string& path() const { return path_; }

 private:
  const test::TempFolder folder_;
  const std::string path_;
};

class TempVault {
 public:
  TempVault() : store_(key_directory()), unlocker_(store_, random_, kCheapKdf) {}

  std::string directory() const { return root_.path() + "/vault"; }
  std::string key_directory() const { return root_.path() + "/state/device-keys"; }
  std::string file(const char* name) const { return directory() + "/" + name; }
  // The one file in the key directory that ends so: ".key" or ".counter".
  std::string key_file(const std::string& ending) const;

  FileDeviceKeyStore& store() { return store_; }
  VaultUnlocker& unlocker() { return unlocker_; }
  Result<std::unique_ptr<SqlcipherVault>> TryCreate();
  Result<std::unique_ptr<SqlcipherVault>> TryOpen(const char* passphrase = kPassphrase);
  // Abort the test where the two above fail.
  std::unique_ptr<SqlcipherVault> Create();
  std::unique_ptr<SqlcipherVault> Open();

  // Copies the vault's directory, as a backup would; and puts such a copy in its place.
  void CopyTo(const std::string& name) const;
  void RestoreFrom(const std::string& name) const;
  const std::string& root() const { return root_.path(); }

 private:
  TempDirectory root_;
  SystemRandom random_;
  FileDeviceKeyStore store_;
  VaultUnlocker unlocker_;
};

// "kAuthFailed: vault: wrong passphrase", or "ok": what a test compares.
template <typename T>
std::string Outcome(const Result<T>& result) {
  return result.ok() ? "ok"
                     : std::string(CodeName(result.error().code())) + ": " + result.error().where();
}

// Changes one byte of a file.
void FlipByte(const std::string& path, std::size_t at);
std::string ReadAll(const std::string& path);
void WriteAll(const std::string& path, std::string_view content);

}  // namespace renkei::client

#endif  // RENKEI_TESTS_CLIENT_VAULT_TEMP_VAULT_H_
