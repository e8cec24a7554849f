#include "server/config.h"

#include <arpa/inet.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace renkei::server {
namespace {

// One table for each type of value. A new setting is one row here, one field in Settings, and its
// explanation in deploy/relay.toml.
struct NumberSetting {
  std::string_view section;
  std::string_view name;
  std::uint32_t Settings::*field;
  std::int64_t least;
  std::int64_t most;
};

constexpr std::array kNumbers = {
    NumberSetting{"limits", "calls_per_second", &Settings::calls_per_second, 1, 100000},
    NumberSetting{"limits", "calls_burst", &Settings::calls_burst, 1, 1000000},
    NumberSetting{"limits", "kib_per_second", &Settings::kib_per_second, 0, 10000000},
    NumberSetting{"limits", "kib_burst", &Settings::kib_burst, 0, 100000000},
    NumberSetting{"limits", "calls_under_way", &Settings::calls_under_way, 1, 1000000},
    NumberSetting{"limits", "streams", &Settings::streams, 1, 1000000},
    NumberSetting{"limits", "institution_calls_per_second", &Settings::institution_calls_per_second,
                  0, 1000000},
    NumberSetting{"limits", "institution_calls_burst", &Settings::institution_calls_burst, 0,
                  10000000},
    NumberSetting{"limits", "institution_kib_per_second", &Settings::institution_kib_per_second, 0,
                  10000000},
    NumberSetting{"limits", "institution_kib_burst", &Settings::institution_kib_burst, 0,
                  100000000},
    NumberSetting{"limits", "institution_calls_under_way", &Settings::institution_calls_under_way,
                  0, 1000000},
    NumberSetting{"limits", "institution_streams", &Settings::institution_streams, 1, 1000000},
    NumberSetting{"limits", "address_calls_per_second", &Settings::address_calls_per_second, 1,
                  100000},
    NumberSetting{"limits", "address_calls_burst", &Settings::address_calls_burst, 1, 1000000},
    NumberSetting{"limits", "address_calls_under_way", &Settings::address_calls_under_way, 1,
                  1000000},
    NumberSetting{"limits", "strangers_calls_per_second", &Settings::strangers_calls_per_second, 1,
                  100000},
    NumberSetting{"limits", "strangers_calls_burst", &Settings::strangers_calls_burst, 1, 1000000},
    NumberSetting{"limits", "strangers_calls_under_way", &Settings::strangers_calls_under_way, 1,
                  1000000},
    NumberSetting{"limits", "stored_mib", &Settings::stored_mib, 1, 1000000000},
    NumberSetting{"limits", "institution_stored_mib", &Settings::institution_stored_mib, 1,
                  1000000000},
    NumberSetting{"store", "max_waiting", &Settings::max_waiting, 16, 1000000},
    NumberSetting{"store", "max_batch", &Settings::max_batch, 1, 10000},
    NumberSetting{"store", "readers", &Settings::readers, 1, 64},
    NumberSetting{"store", "scrub_days", &Settings::scrub_days, 0, 365},
    NumberSetting{"server", "drain_seconds", &Settings::drain_seconds, 0, 300},
    NumberSetting{"server", "connections", &Settings::connections, 1, 1000000},
    NumberSetting{"server", "connections_per_address", &Settings::connections_per_address, 1,
                  1000000},
    NumberSetting{"server", "memory_mib", &Settings::memory_mib, 64, 1000000},
    NumberSetting{"server", "unread_mib", &Settings::unread_mib, 128, 1000000},
    NumberSetting{"tls", "reload_seconds", &Settings::reload_seconds, 0, 86400},
    NumberSetting{"health", "probe_seconds", &Settings::probe_seconds, 1, 60},
    NumberSetting{"health", "probe_timeout_seconds", &Settings::probe_timeout_seconds, 1, 300},
    NumberSetting{"retention", "years", &Settings::retention_years, 5, 100},
};

bool IsAbsoluteFolder(const std::string& text) {
  return std::filesystem::path(text).is_absolute();
}

bool IsLogLevel(const std::string& text) {
  constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
  return std::find(kLevels.begin(), kLevels.end(), text) != kLevels.end();
}

bool IsLogFormat(const std::string& text) {
  return text == "text" || text == "json";
}

struct FlagSetting {
  std::string_view section;
  std::string_view name;
  bool Settings::*field;
};

constexpr std::array kFlags = {
    FlagSetting{"server", "reflection", &Settings::reflection},
    FlagSetting{"retention", "deletes", &Settings::retention_deletes},
};

struct TextSetting {
  std::string_view section;
  std::string_view name;
  std::string Settings::*field;
  bool (*is_good)(const std::string&);
  std::string_view allowed;  // "must be ..."
};

constexpr std::array kTexts = {
    TextSetting{"server", "data", &Settings::data, IsAbsoluteFolder, "an absolute path"},
    TextSetting{"server", "listen", &Settings::listen, IsListenAddress, "HOST:PORT"},
    TextSetting{"metrics", "listen", &Settings::metrics_listen, IsMetricsAddress,
                "\"off\" or IP:PORT"},
    TextSetting{"log", "level", &Settings::log_level, IsLogLevel,
                "one of \"debug\", \"info\", \"warn\", \"error\""},
    TextSetting{"log", "format", &Settings::log_format, IsLogFormat, "one of \"text\", \"json\""},
};

std::string NameOf(std::string_view section, std::string_view name) {
  return std::string(section) + "." + std::string(name);
}

std::string At(const std::string& file, const toml::source_region& source) {
  return file + " line " + std::to_string(source.begin.line) + ": ";
}

std::string RangeOf(const NumberSetting& known, const char* between) {
  return std::to_string(known.least) + between + std::to_string(known.most);
}

// Each of these: empty, taken over; else what is wrong with the value.
std::string Take(const NumberSetting& known, const toml::node& value, Settings& settings) {
  const auto number = value.value_exact<std::int64_t>();
  if (!number || *number < known.least || *number > known.most) {
    return " must be a whole number from " + RangeOf(known, " to ");
  }
  settings.*known.field = static_cast<std::uint32_t>(*number);
  return "";
}

std::string Take(const FlagSetting& known, const toml::node& value, Settings& settings) {
  const auto flag = value.value_exact<bool>();
  if (!flag) {
    return " must be true or false";
  }
  settings.*known.field = *flag;
  return "";
}

std::string Take(const TextSetting& known, const toml::node& value, Settings& settings) {
  const auto text = value.value_exact<std::string>();
  if (!text || !known.is_good(*text)) {
    return " must be " + std::string(known.allowed);
  }
  settings.*known.field = *text;
  return "";
}

// Empty optional: no setting of this table.
template <typename Table>
std::optional<std::string> TakeFrom(const Table& table, std::string_view section,
                                    std::string_view name, const toml::node& value,
                                    Settings& settings) {
  for (const auto& known : table) {
    if (known.section == section && known.name == name) {
      return Take(known, value, settings);
    }
  }
  return std::nullopt;
}

std::string Apply(std::string_view section, std::string_view name, const toml::node& value,
                  Settings& settings) {
  std::optional<std::string> wrong = TakeFrom(kNumbers, section, name, value, settings);
  if (!wrong) {
    wrong = TakeFrom(kTexts, section, name, value, settings);
  }
  if (!wrong) {
    wrong = TakeFrom(kFlags, section, name, value, settings);
  }
  if (!wrong) {
    wrong = " is not a setting of the relay";
  }
  return wrong->empty() ? "" : NameOf(section, name) + *wrong;
}

LoadedSettings FromTable(const toml::table& table, const std::string& file) {
  Settings settings;
  for (const auto& [section, node] : table) {
    const toml::table* inner = node.as_table();
    if (inner == nullptr) {
      return {std::nullopt, At(file, node.source()) + std::string(section.str()) +
                                " stands outside of a [section]"};
    }
    for (const auto& [name, value] : *inner) {
      const std::string wrong = Apply(section.str(), name.str(), value, settings);
      if (!wrong.empty()) {
        return {std::nullopt, At(file, value.source()) + wrong};
      }
    }
  }
  return {settings, ""};
}

}  // namespace

LoadedSettings ParseSettings(const std::string& text, const std::string& name) {
  // toml++ throws; nothing of ours does.
  try {
    return FromTable(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    return {std::nullopt, At(name, error.source()) + std::string(error.description())};
  }
}

LoadedSettings LoadSettings(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return {std::nullopt, "the settings file " + file.string() + " cannot be read"};
  }
  return ParseSettings(text.str(), file.string());
}

std::vector<KnownSetting> KnownSettings() {
  const Settings defaults;
  std::vector<KnownSetting> out;
  out.reserve(kNumbers.size() + kFlags.size() + kTexts.size());
  for (const NumberSetting& known : kNumbers) {
    out.push_back({NameOf(known.section, known.name), std::to_string(defaults.*known.field),
                   RangeOf(known, "..")});
  }
  for (const FlagSetting& known : kFlags) {
    out.push_back({NameOf(known.section, known.name), defaults.*known.field ? "true" : "false",
                   "true or false"});
  }
  for (const TextSetting& known : kTexts) {
    out.push_back({NameOf(known.section, known.name), '"' + defaults.*known.field + '"',
                   std::string(known.allowed)});
  }
  return out;
}

bool IsMetricsAddress(const std::string& address) {
  if (address == "off") {
    return true;
  }
  if (!IsListenAddress(address)) {
    return false;
  }
  std::string host = address.substr(0, address.rfind(':'));
  in_addr four{};
  in6_addr six{};
  if (host.front() == '[' && host.back() == ']') {
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1;
  }
  return inet_pton(AF_INET, host.c_str(), &four) == 1;
}

bool IsListenAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return false;
  }
  std::uint32_t port = 0;
  const char* begin = address.data() + colon + 1;
  const char* end = address.data() + address.size();
  const auto [last, failure] = std::from_chars(begin, end, port);
  return failure == std::errc() && last == end && port <= 65535;
}

}  // namespace renkei::server
