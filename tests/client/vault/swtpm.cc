#include "tests/client/vault/swtpm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "client/vault/cursor.h"

namespace renkei::client {
namespace {

constexpr std::size_t kHeadBytes = 10;

::sockaddr_in Local(int port) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A listening socket, or -1. `port` 0: any; it then holds the one taken.
int Listen(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::sockaddr_in address = Local(port);
  ::socklen_t size = sizeof(address);
  if (::bind(fd, reinterpret_cast<::sockaddr*>(&address), size) != 0 || ::listen(fd, 8) != 0) {
    ::close(fd);
    return -1;
  }
  ::getsockname(fd, reinterpret_cast<::sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

int Connect(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const ::sockaddr_in address = Local(port);
  if (::connect(fd, reinterpret_cast<const ::sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

bool ReadExactly(int fd, MutableByteView out) {
  while (!out.empty()) {
    const ::ssize_t got = ::recv(fd, out.data(), out.size(), 0);
    if (got <= 0) {
      return false;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

// A command or an answer: a tag, its whole length, a code, the rest. Empty: the other side left.
Bytes ReadMessage(int fd) {
  Bytes message(kHeadBytes);
  if (!ReadExactly(fd, message)) {
    return {};
  }
  const std::uint64_t size = Cursor(ByteView(message).subspan(2)).Number(4);
  RENKEI_CHECK(size >= kHeadBytes && size <= 8192);
  message.resize(size);
  return ReadExactly(fd, MutableByteView(message).subspan(kHeadBytes)) ? message : Bytes();
}

void SendAll(int fd, ByteView bytes) {
  static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

// What a test does to the TPM beside the code it tests.
class Console {
 public:
  explicit Console(const std::string& tcti) {
    RENKEI_CHECK(Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_) == TSS2_RC_SUCCESS);
    RENKEI_CHECK(Esys_Initialize(&esys_, tcti_, nullptr) == TSS2_RC_SUCCESS);
  }
  ~Console() {
    Esys_Finalize(&esys_);
    Tss2_TctiLdr_Finalize(&tcti_);
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  ESYS_CONTEXT* get() { return esys_; }

  std::size_t HandlesFrom(TPM2_HANDLE first) {
    TPMI_YES_NO more = TPM2_NO;
    TPMS_CAPABILITY_DATA* data = nullptr;
    RENKEI_CHECK(Esys_GetCapability(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    TPM2_CAP_HANDLES, first, 64, &more, &data) == TSS2_RC_SUCCESS);
    const std::size_t count = data->data.handles.count;
    Esys_Free(data);
    return count;
  }

 private:
  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
};

std::string TctiOf(int port) {
  return "swtpm:host=127.0.0.1,port=" + std::to_string(port);
}

}  // namespace

bool Swtpm::Installed() {
  return std::system("swtpm --version >/dev/null 2>&1") == 0;
}

std::string Swtpm::tcti() const {
  return TctiOf(port_);
}

// The control port must be the one after it, and others take ports too: hence several tries.
void Swtpm::Start() {
  ::setenv("TSS2_LOG", "all+none", 1);
  for (int i = 0; i < 50; ++i) {
    int port = 0;
    ::close(Listen(port));
    if (port < 65535 && TryStart(port)) {
      return;
    }
  }
  CheckFailed("swtpm starts", __FILE__, __LINE__);
}

bool Swtpm::TryStart(int port) {
  const std::string number = std::to_string(port);
  const std::string state = "dir=" + state_.path();
  const std::string server = "type=tcp,bindaddr=127.0.0.1,port=" + number;
  const std::string control = "type=tcp,bindaddr=127.0.0.1,port=" + std::to_string(port + 1);
  const ::pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == parent) {
      ::execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
               server.c_str(), "--ctrl", control.c_str(), "--flags", "not-need-init,startup-clear",
               "--log", "file=/dev/null", nullptr);
    }
    ::_exit(127);
  }
  for (int i = 0; i < 2000; ++i) {
    const int fd = Connect(port + 1);
    if (fd >= 0) {
      ::close(fd);
      ::poll(nullptr, 0, 50);  // it may be a test beside this one that listens: then ours ends
    }
    if (::waitpid(child_, nullptr, WNOHANG) == child_) {
      child_ = -1;
      return false;
    }
    if (fd >= 0) {
      port_ = port;
      return true;
    }
    ::poll(nullptr, 0, 5);  // until it listens
  }
  Stop();
  return false;
}

void Swtpm::Stop() {
  if (child_ > 0) {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  child_ = -1;
}

void Swtpm::Reboot() {
  Stop();
  Start();
}

void Swtpm::SetOwnerPassword(const char* password) {
  Console console(tcti());
  TPM2B_AUTH auth{};
  auth.size = static_cast<UINT16>(std::strlen(password));
  std::memcpy(auth.buffer, password, auth.size);
  RENKEI_CHECK(Esys_HierarchyChangeAuth(console.get(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                        ESYS_TR_NONE, ESYS_TR_NONE, &auth) == TSS2_RC_SUCCESS);
}

void Swtpm::Clear() {
  Console console(tcti());
  RENKEI_CHECK(Esys_Clear(console.get(), ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                          ESYS_TR_NONE) == TSS2_RC_SUCCESS);
}

std::size_t Swtpm::LeftInside() {
  Console console(tcti());
  return console.HandlesFrom(TPM2_TRANSIENT_FIRST) +
         console.HandlesFrom(TPM2_LOADED_SESSION_FIRST) +
         console.HandlesFrom(TPM2_PERSISTENT_FIRST);
}

// The library speaks to the control port (the one after) only to greet.
TpmWire::TpmWire(const Swtpm& tpm, Meddler meddler)
    : tpm_port_(tpm.port()), meddler_(std::move(meddler)) {
  for (int i = 0; i < 50 && control_ < 0; ++i) {
    if (listener_ >= 0) {
      ::close(listener_);
    }
    port_ = 0;
    listener_ = Listen(port_);
    int next = port_ + 1;
    control_ = Listen(next);
  }
  RENKEI_CHECK(listener_ >= 0 && control_ >= 0);
  threads_[0] = std::thread([this] { Serve(listener_, &TpmWire::HandOnMessages, tpm_port_); });
  threads_[1] = std::thread([this] { Serve(control_, &TpmWire::HandOnBytes, tpm_port_ + 1); });
}

TpmWire::~TpmWire() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  ::shutdown(control_, SHUT_RDWR);
  for (std::thread& thread : threads_) {
    thread.join();
  }
  ::close(listener_);
  ::close(control_);
}

std::string TpmWire::tcti() const {
  return TctiOf(port_);
}

Bytes TpmWire::Heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

std::size_t TpmWire::CommandsOf(std::uint32_t command) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count(commands_.begin(), commands_.end(), command));
}

void TpmWire::Serve(int listener, void (TpmWire::*hand_on)(int client, int tpm), int tpm_port) {
  while (!stop_) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const int tpm = client < 0 ? -1 : Connect(tpm_port);
    if (tpm >= 0) {
      (this->*hand_on)(client, tpm);
      ::close(tpm);
    }
    if (client >= 0) {
      ::close(client);
    }
  }
}

void TpmWire::HandOnMessages(int client, int tpm) {
  for (Bytes command = ReadMessage(client); !command.empty(); command = ReadMessage(client)) {
    SendAll(tpm, command);
    Bytes answer = ReadMessage(tpm);
    const auto code = static_cast<std::uint32_t>(Cursor(ByteView(command).subspan(6)).Number(4));
    if (meddler_) {
      meddler_(code, answer);
    }
    {
      const std::lock_guard lock(mutex_);
      Append(heard_, command);
      Append(heard_, answer);
      commands_.push_back(code);
    }
    SendAll(client, answer);
  }
}

void TpmWire::HandOnBytes(int client, int tpm) {
  ::pollfd ends[] = {{client, POLLIN, 0}, {tpm, POLLIN, 0}};
  Bytes buffer(4096);
  while (::poll(ends, 2, -1) > 0) {
    for (const auto& [from, to] : {std::pair(0, 1), std::pair(1, 0)}) {
      if (ends[from].revents == 0) {
        continue;
      }
      const ::ssize_t got = ::recv(ends[from].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        return;
      }
      SendAll(ends[to].fd, ByteView(buffer).first(static_cast<std::size_t>(got)));
    }
  }
}

Bytes TpmRefusal(std::uint32_t code) {
  Bytes out;
  AppendNumber(out, TPM2_ST_NO_SESSIONS, 2);
  AppendNumber(out, kHeadBytes, 4);
  AppendNumber(out, code, 4);
  return out;
}

}  // namespace renkei::client
