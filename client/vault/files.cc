#include "client/vault/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace renkei::client {
namespace {

constexpr ::mode_t kFileMode = 0600;
constexpr ::mode_t kDirectoryMode = 0700;
constexpr Error kNotWritable(Code::kUnavailable, "vault: cannot write (disk full or read-only)");

class Fd {
 public:
  Fd(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kFileMode)) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool WriteAll(int fd, ByteView content) {
  while (!content.empty()) {
    const ::ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool SyncDirectory(const std::string& path) {
  const Fd directory(path, O_RDONLY | O_DIRECTORY);
  return directory.ok() && ::fsync(directory.get()) == 0;
}

}  // namespace

Result<FileLock> FileLock::Acquire(const std::string& path) {
  Fd fd(path, O_RDWR | O_CREAT);
  if (!fd.ok()) {
    return errno == ENOENT ? Error(Code::kNotFound, "vault: no such directory") : kNotWritable;
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Error(Code::kConflict, "vault: open in another process")
                                : Error(Code::kUnavailable, "vault: cannot be locked");
  }
  return FileLock(fd.Release());
}

FileLock::~FileLock() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

bool FileExists(const std::string& path) {
  struct ::stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Result<std::size_t> ReadFile(const std::string& path, MutableByteView out) {
  const Fd fd(path, O_RDONLY);
  if (!fd.ok()) {
    return errno == ENOENT || errno == ENOTDIR ? Error(Code::kNotFound, "vault: no such file")
                                               : Error(Code::kUnavailable, "vault: cannot read");
  }
  std::size_t done = 0;
  while (true) {
    // One byte past the end of `out` tells a longer file from one that fits.
    std::uint8_t beyond = 0;
    const bool full = done == out.size();
    const ::ssize_t got =
        ::read(fd.get(), full ? &beyond : out.data() + done, full ? 1 : out.size() - done);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Error(Code::kUnavailable, "vault: cannot read");
    }
    if (got == 0) {
      return done;
    }
    if (full) {
      return Error(Code::kTooLarge, "vault: file too large");
    }
    done += static_cast<std::size_t>(got);
  }
}

Status CreateFile(const std::string& path, ByteView content) {
  {
    const Fd fd(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!fd.ok()) {
      return errno == EEXIST ? Error(Code::kConflict, "vault: file is there already")
                             : kNotWritable;
    }
    if (WriteAll(fd.get(), content) && ::fsync(fd.get()) == 0 && SyncDirectory(ParentOf(path))) {
      return Ok();
    }
  }
  ::unlink(path.c_str());
  return kNotWritable;
}

Status ReplaceFile(const std::string& path, ByteView content) {
  const std::string fresh = path + ".new";
  RENKEI_TRY(RemoveFile(fresh));
  RENKEI_TRY(CreateFile(fresh, content));
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    ::unlink(fresh.c_str());
    return kNotWritable;
  }
  // The new file stands now; a failing sync could only be told as a failure that changed it.
  SyncDirectory(ParentOf(path));
  return Ok();
}

Status OverwriteFile(const std::string& path, ByteView content, bool durable) {
  const Fd fd(path, O_WRONLY);
  if (!fd.ok()) {
    return errno == ENOENT ? Error(Code::kNotFound, "vault: no such file") : kNotWritable;
  }
  if (!WriteAll(fd.get(), content) || (durable && ::fdatasync(fd.get()) != 0)) {
    return kNotWritable;
  }
  return Ok();
}

Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return kNotWritable;
  }
  return Ok();
}

Status MakeDirectories(const std::string& path) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      return kNotWritable;
    }
  }
  struct ::stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return kNotWritable;
  }
  return Ok();
}

}  // namespace renkei::client
