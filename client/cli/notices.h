// What core says in English (warnings, notices, why something waits), in the user's language. The
// table is keyed by core's own sentences; a test checks that none of them is missing.
#ifndef RENKEI_CLIENT_CLI_NOTICES_H_
#define RENKEI_CLIENT_CLI_NOTICES_H_

#include <string>
#include <string_view>

namespace renkei::cli {

// `english` itself where the user's language is English or the table does not know it.
std::string InUsersLanguage(std::string_view english);

// Whether a sync that said this left a case short of what it should hold: the relay or a member did
// wrong, or something is missing. False: told for information (removed, joined anew).
bool IsFault(std::string_view english);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_NOTICES_H_
