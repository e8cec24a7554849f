// The few file operations a vault is made of, each durable when it returns (file and directory
// synced) and made for the owner alone: files 0600, directories 0700, no symbolic link followed at
// the last step. Functions; any thread.
#ifndef RENKEI_CLIENT_VAULT_FILES_H_
#define RENKEI_CLIENT_VAULT_FILES_H_

#include <string>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace renkei::client {

// An exclusive flock, held until destroyed or the process dies. Never inherited over exec.
class FileLock {
 public:
  // Creates the file if need be. kConflict: somebody holds it. kNotFound: no such directory.
  // kUnavailable: not writable, disk full.
  static Result<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;
};

// True if something of that name is there, whatever it is.
bool FileExists(const std::string& path);

// Reads the whole file into `out`; returns its size. kNotFound; kTooLarge: more than `out` holds;
// kUnavailable: cannot be read.
Result<std::size_t> ReadFile(const std::string& path, MutableByteView out);

// Writes a new file. kConflict: it is there already. kUnavailable: disk full, not writable; then
// there is no file.
Status CreateFile(const std::string& path, ByteView content);

// Puts `content` in the place of the file, whole or not at all. kUnavailable: the old one stands.
Status ReplaceFile(const std::string& path, ByteView content);

// Writes over the first bytes of a file that exists, without syncing unless `durable`. For contents
// under 512 bytes, which a disk writes whole. kNotFound, kUnavailable.
Status OverwriteFile(const std::string& path, ByteView content, bool durable);

// Ok also when there is none. kUnavailable.
Status RemoveFile(const std::string& path);

// Makes the directory and what is missing above it. Leaves an existing one as it is. kUnavailable.
Status MakeDirectories(const std::string& path);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_VAULT_FILES_H_
