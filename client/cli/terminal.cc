#include "client/cli/terminal.h"

#include <unistd.h>

#include <iostream>
#include <string>

namespace renkei::cli {

std::optional<bool> AskOnTerminal(std::string_view question) {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    return std::nullopt;
  }
  std::cerr << question << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "はい";
}

}  // namespace renkei::cli
