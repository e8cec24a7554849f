// The relay's settings file (TOML; server/README.md "Settings"). Every setting has a default; a
// file is needed only to change one.
#ifndef RENKEI_SERVER_CONFIG_H_
#define RENKEI_SERVER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace renkei::server {

struct Settings {
  // [limits]
  std::uint32_t calls_per_second = 200;  // of one device, on average; 1..100000
  std::uint32_t calls_burst = 2000;      // at once; 1..1000000
  // [store]
  std::uint32_t max_waiting = 8192;  // writes that wait for the disk; 16..1000000
  std::uint32_t max_batch = 256;     // writes in one transaction; 1..10000
  std::uint32_t readers = 4;         // connections that read; 1..64
  // [server]
  std::uint32_t drain_seconds = 10;  // for calls under way at shutdown; 0..300
  // [log]
  std::string log_level = "info";  // debug info warn error
};

struct LoadedSettings {
  std::optional<Settings> settings;
  std::string problem;  // one sentence with file, line and setting, when there are none
};

// A setting that is unknown, of the wrong type or out of range is refused, not ignored.
LoadedSettings LoadSettings(const std::filesystem::path& file);
// The same for the file's text; `name` stands for the file in the sentence.
LoadedSettings ParseSettings(const std::string& text, const std::string& name);

// host:port, [ipv6]:port; port 0..65535. For --listen.
bool IsListenAddress(const std::string& address);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CONFIG_H_
