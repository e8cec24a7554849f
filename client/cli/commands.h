// The command families; each registers its verbs and says what to run. `selected` receives the
// action of the verb that was given.
#ifndef RENKEI_CLIENT_CLI_COMMANDS_H_
#define RENKEI_CLIENT_CLI_COMMANDS_H_

#include <string>
#include <string_view>

#include "client/cli/app.h"

namespace CLI {
class App;
}

namespace renkei::cli {

// region, institution, join, staff, approve, device, people
void AddEnrolmentCommands(CLI::App& root, Action& selected);
// device list|revoke, staff revoke, institution revoke; behind AddEnrolmentCommands
void AddRevocationCommands(CLI::App& root, Action& selected);
// case new|list|show|add|remove
void AddCaseCommands(CLI::App& root, Action& selected);
// post, read, ack, answer, respond, coverage, search, form
void AddRecordCommands(CLI::App& root, Action& selected);
// sync, watch, outbox, status
void AddSyncCommands(CLI::App& root, Action& selected);

// PERSON on the command line: an id or a name, in another spelling when nobody has it exactly.
// kNotFound; kConflict when several match.
Result<client::PersonView> FindPerson(App& app, const std::string& text);
// CASE on the command line: an id, the beginning of one (4 characters or more), or the patient's
// name when only one case has it (in another spelling, when no case has it exactly). kNotFound;
// kConflict when several match.
Result<CaseId> FindCase(client::Session& session, std::string_view text);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_COMMANDS_H_
