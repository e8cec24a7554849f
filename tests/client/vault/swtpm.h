// A TPM of its own for a test: swtpm, a process, with its state in a directory of the test's. And a
// wire to it that can be listened to and cut, as the bus between a processor and its TPM can.
#ifndef RENKEI_TESTS_CLIENT_VAULT_SWTPM_H_
#define RENKEI_TESTS_CLIENT_VAULT_SWTPM_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "crypto/base/bytes.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {

class Swtpm {
 public:
  Swtpm() { Start(); }
  ~Swtpm() { Stop(); }
  Swtpm(const Swtpm&) = delete;
  Swtpm& operator=(const Swtpm&) = delete;

  // Whether the program swtpm is installed. Where not, these tests cannot run.
  static bool Installed();

  void Stop();
  // Goes on with what it keeps over a loss of power; the port is another one.
  void Reboot();
  int port() const { return port_; }
  std::string tcti() const;

  // What its owner, or whoever sits at the machine, does to it.
  void SetOwnerPassword(const char* password);
  void Clear();
  // Objects and sessions that somebody left in it.
  std::size_t LeftInside();

 private:
  void Start();
  bool TryStart(int port);

  TempDirectory state_;
  int port_ = 0;
  ::pid_t child_ = -1;
};

// Between the library and a Swtpm. Hands on every command and answer and keeps a copy.
class TpmWire {
 public:
  // Gets the command's code and the true answer, and may alter it. Runs in a thread of the
  // wire's.
  using Meddler = std::function<void(std::uint32_t command, Bytes& answer)>;

  explicit TpmWire(const Swtpm& tpm, Meddler meddler = nullptr);
  ~TpmWire();
  TpmWire(const TpmWire&) = delete;
  TpmWire& operator=(const TpmWire&) = delete;

  std::string tcti() const;
  // All that went over it so far, both ways.
  Bytes Heard() const;
  std::size_t CommandsOf(std::uint32_t command) const;

 private:
  void Serve(int listener, void (TpmWire::*hand_on)(int client, int tpm), int tpm_port);
  void HandOnMessages(int client, int tpm);
  void HandOnBytes(int client, int tpm);

  int tpm_port_;
  Meddler meddler_;
  int listener_ = -1;
  int control_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  Bytes heard_;                          // guarded by mutex_
  std::vector<std::uint32_t> commands_;  // guarded by mutex_
  std::array<std::thread, 2> threads_;
};

// An answer of ten bytes that says `code`.
Bytes TpmRefusal(std::uint32_t code);

}  // namespace renkei::client

// For tests that need a TPM: says so where there is none, and ends the test.
#define RENKEI_NEEDS_SWTPM()                                               \
  if (!::renkei::client::Swtpm::Installed()) {                             \
    GTEST_SKIP() << "the program swtpm (Debian: swtpm) is not installed: " \
                    "nothing about the TPM was tested";                    \
  }                                                                        \
  static_assert(true)

#endif  // RENKEI_TESTS_CLIENT_VAULT_SWTPM_H_
