// What is wrong with a command line, in the user's language: the word that was not understood or is
// missing, and where the help is.
#ifndef RENKEI_CLIENT_CLI_USAGE_H_
#define RENKEI_CLIENT_CLI_USAGE_H_

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace renkei::cli {

// `root` as its parse() left it when it threw `problem`. CLI11's own English text is never shown.
std::string UsageSentence(const CLI::App& root, const CLI::ParseError& problem);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_USAGE_H_
