#include "client/cli/text.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace renkei::cli {
namespace {

constexpr Millis kJapanOffset = Hours(9);

std::string Format(Millis time, const char* pattern) {
  const std::time_t seconds = static_cast<std::time_t>((time + kJapanOffset).value / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char out[40];
  const std::size_t size = std::strftime(out, sizeof(out), pattern, &parts);
  return {out, size};
}

}  // namespace

Language UserLanguage() {
  for (const char* name : {"RENKEI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value != nullptr && *value != '\0') {
      return std::string_view(value).substr(0, 2) == "en" ? Language::kEnglish
                                                          : Language::kJapanese;
    }
  }
  return Language::kJapanese;
}

std::string_view Say(std::string_view japanese, std::string_view english) {
  return UserLanguage() == Language::kEnglish ? english : japanese;
}

std::string IsoTime(Millis time) {
  return Format(time, "%Y-%m-%dT%H:%M:%S+09:00");
}

std::string ShortTime(Millis time) {
  return Format(time, "%m/%d %H:%M");
}

}  // namespace renkei::cli
