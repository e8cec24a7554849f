#include "client/cli/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace renkei::cli {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Echo is back on whatever happens.
class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd) {
    if (tcgetattr(fd_, &before_) == 0) {
      termios silent = before_;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      changed_ = tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) {
      tcsetattr(fd_, TCSAFLUSH, &before_);
    }
  }

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

// Reads up to the first line end into memory that is wiped.
Result<SecretBytes> ReadLine(int fd) {
  SecretBytes buffer(kMaxPassphraseBytes + 1);
  const MutableByteView bytes = buffer.ExposeMutable();
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(fd, bytes.data() + size, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0 || bytes[size] == '\n') {
      break;
    }
    ++size;
  }
  if (size > 0 && bytes[size - 1] == '\r') {
    --size;
  }
  if (size == 0 || size > kMaxPassphraseBytes) {
    return Error(Code::kMalformed, "passphrase: empty or too long");
  }
  return SecretBytes::CopyOf(buffer.Expose().first(size));
}

}  // namespace

Result<SecretBytes> PassphraseFromFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return Error(Code::kNotFound, "passphrase: the file cannot be read");
  }
  return ReadLine(file.get());
}

Result<SecretBytes> PassphraseFromTerminal(std::string_view prompt) {
  const Descriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.get() < 0) {
    return Error(Code::kNotFound, "passphrase: no terminal to ask on");
  }
  const EchoOff silent(terminal.get());
  if (write(terminal.get(), prompt.data(), prompt.size()) < 0) {
    return Error(Code::kNotFound, "passphrase: no terminal to ask on");
  }
  auto line = ReadLine(terminal.get());
  if (write(terminal.get(), "\n", 1) < 0) {
    return Error(Code::kNotFound, "passphrase: no terminal to ask on");
  }
  return line;
}

}  // namespace renkei::cli
