#include "server/backup_manifest.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"

namespace renkei::server {
namespace {

// An older relay takes whole backups only, and tells an incremental one by its version.
constexpr int kWhole = 1;
constexpr int kIncremental = 2;
constexpr std::size_t kChunk = std::size_t{1} << 20U;
constexpr std::size_t kMaxManifest = 65536;
constexpr std::size_t kMaxName = 200;

bool IsHash(const std::string& text) {
  return text.size() == 2 * kHashBytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string TextIn(const nlohmann::json& json, const char* name) {
  const auto it = json.find(name);
  return it != json.end() && it->is_string() ? it->get<std::string>() : "";
}

bool HasNumbers(const nlohmann::json& json) {
  return json.contains("made_at") && json["made_at"].is_number_integer() &&
         json.contains("bytes") && json["bytes"].is_number_unsigned() && json.contains("version") &&
         json["version"].is_number_integer() && json.contains("schema_version") &&
         json["schema_version"].is_number_unsigned();
}

}  // namespace

std::filesystem::path WithoutSlash(const std::filesystem::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

bool IsBackupName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxName && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == '_';
         });
}

std::optional<BackupManifest> ReadManifest(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::file_size(folder / kBackupManifest, error) > kMaxManifest || error) {
    return std::nullopt;
  }
  const auto text = ReadText(folder / kBackupManifest);
  const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object() || !HasNumbers(json)) {
    return std::nullopt;
  }
  BackupManifest out;
  const auto version = json["version"].get<std::int64_t>();
  out.made_at = {json["made_at"].get<std::int64_t>()};
  out.schema_version = json["schema_version"].get<std::int64_t>();
  out.bytes = json["bytes"].get<std::uint64_t>();
  out.sha256 = TextIn(json, "sha256");
  out.pages_sha256 = TextIn(json, "pages_sha256");
  const bool is_whole = version == kWhole && !json.contains("since");
  if (!IsHash(out.sha256) || (!out.pages_sha256.empty() && !IsHash(out.pages_sha256)) ||
      (!is_whole && version != kIncremental)) {
    return std::nullopt;
  }
  if (is_whole) {
    return out;
  }
  if (!json.contains("since") || !json["since"].is_object()) {
    return std::nullopt;
  }
  out.since = {TextIn(json["since"], "folder"), TextIn(json["since"], "sha256")};
  out.changed_sha256 = TextIn(json, "changed_sha256");
  const bool is_good = IsBackupName(out.since->folder) && IsHash(out.since->sha256) &&
                       IsHash(out.changed_sha256) && !out.pages_sha256.empty();
  return is_good ? std::optional(out) : std::nullopt;
}

bool WriteManifest(const std::filesystem::path& folder, const BackupManifest& manifest) {
  nlohmann::json json = {{"version", manifest.since ? kIncremental : kWhole},
                         {"made_at", manifest.made_at.value},
                         {"schema_version", manifest.schema_version},
                         {"bytes", manifest.bytes},
                         {"sha256", manifest.sha256},
                         {"pages_sha256", manifest.pages_sha256}};
  if (manifest.since) {
    json["since"] = {{"folder", manifest.since->folder}, {"sha256", manifest.since->sha256}};
    json["changed_sha256"] = manifest.changed_sha256;
  }
  return WriteText(folder / kBackupManifest, json.dump(2) + "\n");
}

std::optional<std::string> ReadText(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return in ? std::optional(text.str()) : std::nullopt;
}

bool WriteText(const std::filesystem::path& file, std::string_view text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return false;
  }
  const bool written =
      write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fsync(descriptor) == 0;
  close(descriptor);
  return written;
}

std::string HashOfFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::string chunk(kChunk, '\0');
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    crypto_hash_sha256_update(&state, AsBytes(std::string_view(chunk).substr(0, got)).data(), got);
  }
  Hash32 hash{};
  crypto_hash_sha256_final(&state, hash.data());
  return in.eof() ? ToHex(hash) : "";
}

}  // namespace renkei::server
