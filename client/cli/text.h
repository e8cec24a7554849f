// The two languages of the command line. Forms and records are Japanese whatever is chosen.
#ifndef RENKEI_CLIENT_CLI_TEXT_H_
#define RENKEI_CLIENT_CLI_TEXT_H_

#include <string>
#include <string_view>

#include "crypto/base/clock.h"

namespace renkei::cli {

enum class Language : unsigned char { kJapanese, kEnglish };

// From LC_ALL, LC_MESSAGES, LANG: English if the first one set names an English locale, else
// Japanese, which is whom this is for. RENKEI_LANG=en|ja comes before them.
Language UserLanguage();

// Chooses between two literals.
std::string_view Say(std::string_view japanese, std::string_view english);

// "2026-11-21T09:30:00+09:00" (Japan has no summer time).
std::string IsoTime(Millis time);
// "11/21 09:30"
std::string ShortTime(Millis time);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_TEXT_H_
