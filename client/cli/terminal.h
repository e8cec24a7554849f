// Asking the person in front of the terminal. One thread.
#ifndef RENKEI_CLIENT_CLI_TERMINAL_H_
#define RENKEI_CLIENT_CLI_TERMINAL_H_

#include <optional>
#include <string_view>

namespace renkei::cli {

// Writes `question` to stderr and reads a line from stdin: true for y, Y, yes and はい, false for
// anything else. Empty, and nothing is asked: standard input or error is no terminal.
std::optional<bool> AskOnTerminal(std::string_view question);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_TERMINAL_H_
