#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>

#include "client/cli/commands.h"
#include "client/cli/errors.h"
#include "client/cli/usage.h"

namespace renkei::cli {
namespace {

// CLI11's own exit codes differ from ours. What it understood of --json before it met the problem
// is not to be relied on, so that word is looked for.
int Usage(const CLI::App& root, const CLI::ParseError& problem, bool json) {
  if (problem.get_exit_code() == 0) {
    return root.exit(problem);
  }
  Report(json, "kMalformed", UsageSentence(root, problem));
  return kExitUsage;
}

}  // namespace

std::optional<CommandLine> ParseCommandLine(int argc, const char* const* argv, int* exit_code) {
  CommandLine out;
  CLI::App root("Renkei: a secure messenger for home care", "renkei");
  root.require_subcommand(1);
  root.fallthrough();
  root.add_option("--vault", out.options.vault_path, "The vault's directory");
  root.add_option("--passphrase-file", out.options.passphrase_file,
                  "First line is the passphrase; else it is asked for");
  root.add_flag("--json", out.options.json, "One JSON object a line on stdout, nothing else");
  AddEnrolmentCommands(root, out.action);
  AddRevocationCommands(root, out.action);
  AddCaseCommands(root, out.action);
  AddRecordCommands(root, out.action);
  AddSyncCommands(root, out.action);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const bool json = std::any_of(
        argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
    *exit_code = Usage(root, problem, json);
    return std::nullopt;
  }
  return out;
}

}  // namespace renkei::cli
