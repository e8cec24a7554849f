// Errors in a person's words: what happened, what was kept, what to do. One table, two languages.
#ifndef RENKEI_CLIENT_CLI_ERRORS_H_
#define RENKEI_CLIENT_CLI_ERRORS_H_

#include <string>
#include <string_view>

#include "crypto/base/clock.h"
#include "crypto/base/result.h"

namespace renkei::cli {

// The sentence for an error: by its literal where the table has it, else by its code.
std::string Sentence(const Error& error);

// To be put behind the sentence for kThrottled: from when on the relay takes what waits.
std::string WaitUntilSentence(Millis moment);

// Writes the sentence to stderr and, with `json`, {"error":{"code","message"}} to stdout.
void Report(bool json, std::string_view code, std::string_view sentence);
void Report(bool json, const Error& error);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_ERRORS_H_
