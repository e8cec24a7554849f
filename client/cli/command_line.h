// From argv to what is to be run: every verb and option of `renkei`. One thread.
#ifndef RENKEI_CLIENT_CLI_COMMAND_LINE_H_
#define RENKEI_CLIENT_CLI_COMMAND_LINE_H_

#include <optional>

#include "client/cli/app.h"

namespace renkei::cli {

struct CommandLine {
  GlobalOptions options;
  Action action;
};

// Empty: there is nothing to run, and *exit_code says how the process ends. That is kExitDone after
// --help, and kExitUsage after having said what is wrong (with --json also as an error object),
// with nothing opened or changed.
std::optional<CommandLine> ParseCommandLine(int argc, const char* const* argv, int* exit_code);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_COMMAND_LINE_H_
