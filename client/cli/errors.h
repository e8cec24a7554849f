// Errors in a person's words: what happened, what was kept, what to do. Two languages.
#ifndef RENKEI_CLIENT_CLI_ERRORS_H_
#define RENKEI_CLIENT_CLI_ERRORS_H_

#include <string>
#include <string_view>

#include "crypto/base/clock.h"
#include "crypto/base/result.h"

namespace renkei::cli {

// What a verb leaves behind when the relay cannot be reached: nothing (it was not done), or what
// waits in the outbox (sync, watch).
enum class Kept : unsigned char { kNothing, kOutbox };

// The sentence for an error: by its literal where a table has it (sentences.h), else by its code
// with the literal behind it.
std::string Sentence(const Error& error, Kept kept = Kept::kNothing);

// To be put behind the sentence for kThrottled: from when on the relay takes what waits.
std::string WaitUntilSentence(Millis moment);

// Writes the sentence to stderr and, with `json`, {"error":{"code","message"}} to stdout.
void Report(bool json, std::string_view code, std::string_view sentence);
void Report(bool json, const Error& error, Kept kept = Kept::kNothing);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_ERRORS_H_
