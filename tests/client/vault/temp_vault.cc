#include "tests/client/vault/temp_vault.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace renkei::client {

namespace fs = std::filesystem;

// In memory where there is such a place: these tests sync thousands of times.
TempDirectory::TempDirectory()
    : folder_("renkei-vault",
              ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path()),
      path_(folder_.path()) {}

std::string TempVault::key_file(const std::string& ending) const {
  for (const auto& entry : fs::directory_iterator(key_directory())) {
    if (entry.path().extension() == ending) {
      return entry.path().string();
    }
  }
  return "";
}

Result<std::unique_ptr<SqlcipherVault>> TempVault::TryCreate() {
  return unlocker_.Create(directory(), AsBytes(kPassphrase));
}

Result<std::unique_ptr<SqlcipherVault>> TempVault::TryOpen(const char* passphrase) {
  return unlocker_.Open(directory(), AsBytes(passphrase));
}

std::unique_ptr<SqlcipherVault> TempVault::Create() {
  return TryCreate().value();
}

std::unique_ptr<SqlcipherVault> TempVault::Open() {
  return TryOpen().value();
}

void TempVault::CopyTo(const std::string& name) const {
  fs::remove_all(root() + "/" + name);
  fs::copy(directory(), root() + "/" + name, fs::copy_options::recursive);
}

void TempVault::RestoreFrom(const std::string& name) const {
  fs::remove_all(directory());
  fs::copy(root() + "/" + name, directory(), fs::copy_options::recursive);
}

void FlipByte(const std::string& path, std::size_t at) {
  std::string content = ReadAll(path);
  RENKEI_CHECK(at < content.size());
  content[at] = static_cast<char>(content[at] ^ 0x40);
  WriteAll(path, content);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteAll(const std::string& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  RENKEI_CHECK(out.flush().good());
}

}  // namespace renkei::client
