// Whom an urgent record calls, as a person types it or writes it into a file.
#ifndef RENKEI_CLIENT_CLI_CALL_INPUT_H_
#define RENKEI_CLIENT_CLI_CALL_INPUT_H_

#include <optional>
#include <string>
#include <string_view>

#include "client/cli/app.h"
#include "client/core/call_list.h"

namespace renkei::cli {

inline constexpr std::uint32_t kDefaultRounds = 2;
inline constexpr Millis kDefaultCallWait = Minutes(5);

// "5" and "5m" are minutes, "90s" seconds. Empty: neither, or out of an alert plan's bounds.
std::optional<Millis> ParseWait(std::string_view text);

// --call PERSON[+PERSON...][:MINUTES],...: steps in order; names as Session::FindPerson takes them,
// or a profession. kMalformed: not that; kNotFound, kConflict: a name that nobody or several have.
Result<client::CallList> ParseCalls(client::Session& session, std::string_view text,
                                    std::uint32_t rounds);

// --plan FILE: {"rounds": 2, "steps": [{"call": ["NAME", ...], "minutes": 5}, ...]}, "seconds"
// instead of "minutes" where it must be short. Unknown keys are refused. Errors as ParseCalls.
Result<client::CallList> ParsePlan(client::Session& session, std::string_view text);

// The options of `post` about calls; neither call nor plan: the session's own list.
struct CallArguments {
  std::string call;
  std::string plan;  // a file
  std::uint32_t rounds = kDefaultRounds;
};

// Fills in whom an urgent record calls, if the person said so. Exit code; nothing was sent.
int ReadCallList(App& app, const CallArguments& arguments, client::PostOptions& options);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_CALL_INPUT_H_
