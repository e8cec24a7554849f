// Where the passphrase comes from: a file named by the person, or the terminal without echo.
#ifndef RENKEI_CLIENT_CLI_PASSPHRASE_H_
#define RENKEI_CLIENT_CLI_PASSPHRASE_H_

#include <string>
#include <string_view>

#include "crypto/base/result.h"
#include "crypto/base/secret.h"

namespace renkei::cli {

inline constexpr std::size_t kMinPassphraseBytes = 8;
inline constexpr std::size_t kMaxPassphraseBytes = 1024;

// The file's first line, without its line end. kNotFound: no such file or not readable;
// kMalformed: empty or longer than kMaxPassphraseBytes.
Result<SecretBytes> PassphraseFromFile(const std::string& path);

// Asks on the controlling terminal. kNotFound: there is none; kMalformed: as above.
Result<SecretBytes> PassphraseFromTerminal(std::string_view prompt);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_PASSPHRASE_H_
