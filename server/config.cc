#include "server/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace renkei::server {
namespace {

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
    NumberSetting{"store", "max_waiting", &Settings::max_waiting, 16, 1000000},
    NumberSetting{"store", "max_batch", &Settings::max_batch, 1, 10000},
    NumberSetting{"store", "readers", &Settings::readers, 1, 64},
    NumberSetting{"server", "drain_seconds", &Settings::drain_seconds, 0, 300},
};
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};

std::string At(const std::string& file, const toml::source_region& source) {
  return file + " line " + std::to_string(source.begin.line) + ": ";
}

// Empty: taken over; else what is wrong with it.
std::string Apply(std::string_view section, std::string_view name, const toml::node& value,
                  Settings& settings) {
  const std::string full = std::string(section) + "." + std::string(name);
  if (full == "log.level") {
    const auto level = value.value_exact<std::string>();
    if (!level || std::find(kLevels.begin(), kLevels.end(), *level) == kLevels.end()) {
      return full + " must be one of \"debug\", \"info\", \"warn\", \"error\"";
    }
    settings.log_level = *level;
    return "";
  }
  for (const NumberSetting& known : kNumbers) {
    if (known.section != section || known.name != name) {
      continue;
    }
    const auto number = value.value_exact<std::int64_t>();
    if (!number || *number < known.least || *number > known.most) {
      return full + " must be a whole number from " + std::to_string(known.least) + " to " +
             std::to_string(known.most);
    }
    settings.*known.field = static_cast<std::uint32_t>(*number);
    return "";
  }
  return full + " is not a setting of the relay";
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
