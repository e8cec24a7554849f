// What a person is told about an error, by the error's literal: what happened, what was kept, what
// to do. Tables only; errors.h chooses.
#ifndef RENKEI_CLIENT_CLI_SENTENCES_H_
#define RENKEI_CLIENT_CLI_SENTENCES_H_

#include <span>
#include <string_view>

namespace renkei::cli {

struct ErrorSentence {
  std::string_view where;  // Error::where()
  std::string_view japanese;
  std::string_view english;
};

// Of the relay, files and enrolment: said by verbs of which nothing waits.
std::span<const ErrorSentence> ErrorSentences();
// Of cases, records and people.
std::span<const ErrorSentence> CaseSentences();
// Of the vault, its passphrase and this process.
std::span<const ErrorSentence> VaultSentences();
// Instead of the first, by verbs that send what waits.
std::span<const ErrorSentence> OutboxSentences();

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_SENTENCES_H_
