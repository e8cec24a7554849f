#include "client/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/cli/errors.h"
#include "client/cli/text.h"

namespace renkei::cli {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
// Written last (server/region_files.h): the folder is complete then.
constexpr const char* kLastRelayFile = "region.json";
constexpr Error kNotWritten(Code::kUnavailable, "the relay's files cannot be written");

Result<Bytes> ReadAll(int fd) {
  Bytes out;
  for (;;) {
    const std::size_t size = out.size();
    out.resize(size + kChunkBytes);
    const ssize_t got = read(fd, out.data() + size, kChunkBytes);
    out.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Error(Code::kNotFound, "the file cannot be read");
    }
    if (got == 0) {
      return out;
    }
    if (out.size() > kMaxInputBytes) {
      return Error(Code::kTooLarge, "the file is larger than 4 MiB");
    }
  }
}

Status WriteAll(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      return kNotWritten;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return Ok();
}

std::string FreshName(const std::filesystem::path& path) {
  return path.string() + ".new";
}

// Root renews the files of a relay that runs as somebody else, who must be able to read them.
Status KeepOwner(const std::filesystem::path& old, int fresh) {
  struct stat info {};
  if (geteuid() == 0 && stat(old.c_str(), &info) == 0 &&
      fchown(fresh, info.st_uid, info.st_gid) != 0) {
    return kNotWritten;
  }
  return Ok();
}

// Beside `path`, on the disk when it returns.
Status WriteFresh(const std::filesystem::path& path, ByteView bytes) {
  const int fd =
      open(FreshName(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return kNotWritten;
  }
  Status written = KeepOwner(path, fd);
  if (written.ok()) {
    written = WriteAll(fd, bytes);
  }
  if (written.ok() && fsync(fd) != 0) {
    written = kNotWritten;
  }
  close(fd);
  return written;
}

// All of them beside what is there first: a disk that fills up must not leave a new key with an old
// certificate.
Status WriteTogether(const std::filesystem::path& folder,
                     const std::vector<client::RelayFile>& files) {
  Status written = Ok();
  for (const client::RelayFile& file : files) {
    if (written.ok()) {
      written = WriteFresh(folder / file.name, file.content.Expose());
    }
  }
  for (const client::RelayFile& file : files) {
    const std::filesystem::path path = folder / file.name;
    if (written.ok() && rename(FreshName(path).c_str(), path.c_str()) != 0) {
      written = kNotWritten;
    }
    if (!written.ok()) {
      unlink(FreshName(path).c_str());
    }
  }
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) != 0) {
    written = kNotWritten;
  }
  close(fd);
  return written;
}

}  // namespace

Result<Bytes> ReadInput(const std::string& path) {
  if (path == "-") {
    return ReadAll(STDIN_FILENO);
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Error(Code::kNotFound, "the file cannot be read");
  }
  auto bytes = ReadAll(fd);
  close(fd);
  return bytes;
}

int PrepareRelayFolder(App& app, const std::string& data,
                       const std::optional<client::Region>& unfinished) {
  const std::filesystem::path folder = std::filesystem::path(data) / "relay";
  std::error_code problem;
  const auto last = ReadInput(folder / kLastRelayFile);
  const bool ours = unfinished.has_value() &&
                    (!last.ok() || Equal(*last, unfinished->relay_files.back().content.Expose()));
  if (std::filesystem::exists(folder, problem) && !std::filesystem::is_empty(folder, problem) &&
      !ours) {
    Report(app.options().json, "kConflict",
           Say("その場所にはすでに別の地域の中継サーバーの鍵があります。何も変更していません。別の"
               "フォルダ"
               "を指定してください。",
               "That directory already holds a region's relay. Nothing was changed; name another "
               "one."));
    return kExitFailed;
  }
  std::filesystem::create_directories(folder, problem);
  if (problem || chmod(folder.c_str(), 0700) != 0) {
    return app.Fail(Error(Code::kUnavailable, "the directory cannot be made"));
  }
  return kExitDone;
}

int OpenRelayFolder(App& app, const std::string& data, const RegionId& region) {
  const std::filesystem::path folder = std::filesystem::path(data) / "relay";
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) {
    return app.Fail(Error(Code::kUnavailable, "the directory cannot be made"));
  }
  const auto text = ReadInput(folder / kLastRelayFile);
  if (!text.ok() && text.error().code() == Code::kNotFound &&
      !std::filesystem::exists(folder / kLastRelayFile, problem)) {
    return kExitDone;
  }
  const auto json = text.ok() ? nlohmann::json::parse(text->begin(), text->end(), nullptr, false)
                              : nlohmann::json();
  if (!json.is_object() || json.value("region", nlohmann::json()) != region.Text()) {
    Report(
        app.options().json, "kConflict",
        Say("その場所にあるのは、この地域の中継サーバーの鍵ではありません。何も変更していません。"
            "中継サーバーのデータのフォルダを確かめてください。",
            "That directory does not hold this region's relay. Nothing was changed; check the "
            "relay's data directory."));
    return kExitFailed;
  }
  return kExitDone;
}

int WriteRelayFiles(App& app, const std::string& data, const client::Region& region) {
  const Status written = WriteTogether(std::filesystem::path(data) / "relay", region.relay_files);
  return written.ok() ? kExitDone : app.Fail(written.error());
}

}  // namespace renkei::cli
