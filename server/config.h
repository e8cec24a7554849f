// The relay's settings file (TOML; deploy/relay.toml explains each). Every setting has a default; a
// file is needed only to change one.
#ifndef RENKEI_SERVER_CONFIG_H_
#define RENKEI_SERVER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace renkei::server {

// Names, defaults and ranges as the file knows them: the tables in config.cc.
struct Settings {
  // [limits] of one device, an institution's devices together, one address without a certificate,
  // all of these together. Calls and KiB (asked and answered): on average, at once. 0 of KiB: 40
  // for each call, 128 of a burst; of an institution: ten times a device's.
  std::uint32_t calls_per_second = 200;
  std::uint32_t calls_burst = 2000;
  std::uint32_t kib_per_second = 0;
  std::uint32_t kib_burst = 0;
  std::uint32_t calls_under_way = 256;
  std::uint32_t streams = 4;
  std::uint32_t institution_calls_per_second = 0;
  std::uint32_t institution_calls_burst = 0;
  std::uint32_t institution_kib_per_second = 0;
  std::uint32_t institution_kib_burst = 0;
  std::uint32_t institution_calls_under_way = 0;
  std::uint32_t institution_streams = 10000;
  std::uint32_t address_calls_per_second = 5;
  std::uint32_t address_calls_burst = 50;
  std::uint32_t address_calls_under_way = 16;
  std::uint32_t strangers_calls_per_second = 200;
  std::uint32_t strangers_calls_burst = 1000;
  std::uint32_t strangers_calls_under_way = 128;
  // MiB in the store (core/usage.h).
  std::uint32_t stored_mib = 25'600;
  std::uint32_t institution_stored_mib = 102'400;
  // [store]
  std::uint32_t max_waiting = 8192;  // writes that wait for the disk
  std::uint32_t max_batch = 256;     // writes in one transaction
  std::uint32_t readers = 4;         // connections that read
  std::uint32_t scrub_days = 7;      // from one scrub to the next; 0: none
  // [server]
  std::string data = "/var/lib/renkei-relay";  // absolute
  std::string listen = "[::]:4711";            // IsListenAddress
  std::uint32_t drain_seconds = 10;            // for calls under way at shutdown
  std::uint32_t connections = 16384;           // open at once
  std::uint32_t connections_per_address = 512;
  std::uint32_t memory_mib = 1024;  // of gRPC, for what is on its way in and out
  std::uint32_t unread_mib = 256;   // of answers that were not taken yet (rpc/reader_budget.h)
  bool reflection = false;          // gRPC's reflection service
  // [tls]
  std::uint32_t reload_seconds = 60;  // between two looks at certificate and key; 0: on SIGHUP only
  // [health]
  std::uint32_t probe_seconds = 5;           // between two looks at the store
  std::uint32_t probe_timeout_seconds = 15;  // no answer for so long: not serving
  // [metrics]
  std::string metrics_listen = "off";  // IsMetricsAddress
  // [retention]
  std::uint32_t retention_years = 5;  // after a case's end; a notice may ask for more
  bool retention_deletes = true;      // when they are over
  // [log]
  std::string log_level = "info";
  std::string log_format = "text";
};

struct LoadedSettings {
  std::optional<Settings> settings;
  std::string problem;  // one sentence with file, line and setting, when there are none
};

// A setting that is unknown, of the wrong type or out of range is refused, not ignored.
LoadedSettings LoadSettings(const std::filesystem::path& file);
// The same for the file's text; `name` stands for the file in the sentence.
LoadedSettings ParseSettings(const std::string& text, const std::string& name);

// One that the code knows. For whoever documents or checks all of them.
struct KnownSetting {
  std::string name;     // "section.name"
  std::string value;    // the default as TOML writes it
  std::string allowed;  // "0..300", "true or false", "an absolute path", "one of "text", "json""
};
std::vector<KnownSetting> KnownSettings();

// "off", or ip:port, [ipv6]:port; port 0 takes any free one.
bool IsMetricsAddress(const std::string& address);

// host:port, [ipv6]:port; port 0..65535. For --listen.
bool IsListenAddress(const std::string& address);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CONFIG_H_
